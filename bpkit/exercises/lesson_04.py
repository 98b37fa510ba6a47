"""The exercises of lesson 04, the output error (BP1), with the mistakes that they tell apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid

Array = np.ndarray


def _prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


def _softmax(z: Array) -> Array:
    """Column by column; complex steps pass through it."""
    e = np.exp(z - np.max(z.real, axis=0))
    return e / e.sum(axis=0)


def _one_hot(rng: np.random.Generator, n: int, m: int) -> Array:
    return np.eye(n)[:, rng.integers(0, n, size=m)]


def _shaped(returned: Any, shape: tuple[int, ...]) -> Array | None:
    """What was returned as finite numbers of that shape, or None."""
    try:
        array = np.asarray(returned)
    except ValueError:
        return None
    return array if array.shape == shape and array.dtype.kind in "biuf" and np.isfinite(array).all() else None


def _overflows(right: Callable[[Array], Array]) -> Callable[..., bool]:
    """Tells an answer that is right wherever it is a number, and elsewhere is nan or infinite, however it was written."""

    def recognised(returned: Any, z: Array) -> bool:
        try:
            found, wanted = np.asarray(returned, dtype=float), np.asarray(right(z))
        except (TypeError, ValueError):
            return False
        if found.shape != wanted.shape:
            return False
        finite = np.isfinite(found)
        return bool(np.allclose(found[finite], wanted[finite], rtol=1e-6, atol=1e-9))

    return recognised


def _columns_sum_to_zero(returned: Any, shape: tuple[int, ...], what: str) -> str | None:
    """The invariance under adding one number to a whole column of z, as a clue."""
    found = _shaped(returned, shape)
    if found is None or np.allclose(found.sum(axis=0), 0, atol=1e-6 * np.abs(found).max()):
        return None
    return (
        f"Add the same number to every z of an example: softmax stays as it is, and so does the cost. So each column of {what} has to sum to 0. "
        f"Your first column sums to {found[:, 0].sum():.2g}."
    )


# ---- 04.1 the slope ----------------------------------------------------------------------------------------------------


def _cases_slope(rng: np.random.Generator) -> list[Case]:
    far = np.array([[-1000.0, -40.0, 0.0], [40.0, 1000.0, rng.uniform(0.5, 1.5)]])
    return [
        Case("moderate z, shape (3, 4)", (2 * rng.normal(size=(3, 4)),)),
        Case("one number", (float(rng.uniform(0.3, 2)),)),
        Case("z up to ±1000, shape (2, 3)", (far,)),
    ]


def _slope(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def _slope_oracle(z: Array) -> Array:
    z = np.asarray(z, float)
    near = np.clip(z, -200, 200)  # beyond, the slope is below 1e-86 and the complex step would overflow first
    return np.imag(sigmoid(near + 1e-30j)) / 1e-30


def _explain_slope(returned: Any, z: Array | float) -> str | None:
    found = _shaped(returned, np.shape(z))
    if found is None:
        return None
    if np.any(found < 0):
        return "Somewhere your slope is negative. The sigmoid rises everywhere."
    if np.any(found > 0.25 + 1e-7):
        return f"Your slope reaches {found.max():.2g}. At its steepest, at z = 0, the sigmoid rises by no more than 0.25 per unit of z."
    return None


SIGMOID_PRIME = Exercise(
    id="04.1",
    name="sigmoid_prime",
    title="The slope of the sigmoid",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_slope,
    reference=_slope,
    oracle=_slope_oracle,
    explain=_explain_slope,
    hints=(
        "You know the sigmoid's value a at z. Its slope can be written with a alone.",
        "Differentiate 1 / (1 + exp(-z)) by the chain rule and look for a and 1 - a in what comes out.",
        "First compute the activation, then multiply it by what is missing to 1. `bp.sigmoid(z)` gives the activation, at any z.",
    ),
    mistakes=(
        Mistake(
            "z(1 - z)",
            lambda z: z * (1 - z),
            "You put z into the rule a(1 - a). The rule is about the activation: apply the sigmoid first.",
        ),
        Mistake(
            "σ'(σ(z))",
            lambda z: _prime(sigmoid(np.clip(z, -500, 500))),
            "You apply the sigmoid twice before the slope is taken. This function is given z, not a.",
        ),
        Mistake(
            "sigmoid itself",
            lambda z: sigmoid(np.clip(z, -500, 500)),
            "That is the activation. Asked is how fast it changes: at z = 1000 it hardly does.",
        ),
        Mistake(
            "overflow",
            lambda z: np.exp(-np.asarray(z)) / (1 + np.exp(-np.asarray(z))) ** 2,
            "Right for moderate z; far out your exponential is infinite above and below the fraction line, and that is not a number. "
            "Write the slope with the activation instead.",
            recognise=_overflows(_slope),
        ),
        Mistake(
            "sign",
            lambda z: -_slope(z),
            "Your slope is negative. The sigmoid rises everywhere. Which signs do the inner derivative of -z and the derivative of 1/u bring in?",
        ),
        Mistake("1 - a²", lambda z: 1 - sigmoid(np.clip(z, -500, 500)) ** 2, "1 - a² is the slope of tanh. The sigmoid has another."),
        Mistake(
            "1 - a",
            lambda z: 1 - sigmoid(np.clip(z, -500, 500)),
            "This is 1 - a: far to the left it is 1, where the sigmoid is flat. Was a square forgotten in the denominator, or a factor a?",
        ),
        Mistake(
            "inner derivative missing",
            lambda z: sigmoid(np.clip(z, -500, 500)) ** 2,
            "This is a². You differentiated 1/u; by the chain rule the derivative of u = 1 + exp(-z) has to follow as a factor.",
        ),
        Mistake(
            "z for one of the a",
            lambda z: z * (1 - sigmoid(np.clip(z, -500, 500))),
            "You mix z and a in one product. Both factors belong to the activation.",
        ),
        Mistake(
            "a(1 - z)",
            lambda z: sigmoid(np.clip(z, -500, 500)) * (1 - np.asarray(z)),
            "You mix a and z in one product. Both factors belong to the activation.",
        ),
    ),
)


# ---- 04.2 ∇_a C of the quadratic cost -------------------------------------------------------------------------------------


def _cases_outputs(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} outputs, m = {m}", (sigmoid(rng.normal(size=(n, m))), rng.uniform(size=(n, m)))) for n, m in ((3, 3), (2, 5), (4, 1))]


QUADRATIC_GRADIENT = Exercise(
    id="04.2",
    name="quadratic_gradient",
    title="How the quadratic cost moves with each output",
    points=1,
    minutes=4,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_outputs,
    reference=lambda a, y: a - y,
    oracle=lambda a, y: oracles.gradient(lambda moved: np.sum((moved - y) ** 2) / 2, a),
    hints=(
        "For one example the cost is half the sum of the squared differences. Which terms of that sum contain a_j?",
        "One term does. The 2 that comes down from the square meets the ½ in front.",
        "The result has a's shape: each output is compared with its own target. Which of the two carries the plus sign?",
    ),
    mistakes=(
        Mistake(
            "factor 2", lambda a, y: 2 * (a - y), "Every entry is twice as large as it should be. The cost has ½ in front, so that a 2 is cancelled."
        ),
        Mistake(
            "y - a",
            lambda a, y: y - a,
            "Every entry has the opposite sign. Raise an output that is too high: the cost must go up, so its slope is positive.",
        ),
        Mistake(
            "averaged over the examples",
            lambda a, y: (a - y) / a.shape[1],
            "You divide by the number of examples. Asked is the gradient of C_x, the cost of one example, column by column; "
            "the mean comes once, when gradients of weights are formed.",
        ),
        Mistake(
            "averaged over the outputs",
            lambda a, y: (a - y) / a.shape[0],
            "You divide by the number of outputs. The cost adds their squares up; it takes no mean over them.",
        ),
        Mistake("halved", lambda a, y: (a - y) / 2, "Every entry is half of what it should be. What comes down from the square?"),
        Mistake("absolute value", lambda a, y: np.abs(a - y), "You dropped the sign. It says whether an output is too high or too low."),
        Mistake("the cost, not its gradient", lambda a, y: (a - y) ** 2 / 2, "These are the terms of the cost. Differentiate them."),
        Mistake("squares", lambda a, y: (a - y) ** 2, "Your entries are squares, so none is negative. The derivative of a square is not a square."),
        Mistake(
            "averaged over all entries",
            lambda a, y: (a - y) / a.size,
            "You divide by the number of all entries. Asked is the gradient of one example's cost, which is a sum over its outputs: no mean.",
        ),
        Mistake(
            "gradient of np.mean",
            lambda a, y: 2 * (a - y) / a.size,
            "This is the gradient of the mean of all squares. Here the cost is half a sum, for each example by itself.",
        ),
        Mistake(
            "2/m",
            lambda a, y: 2 * (a - y) / a.shape[1],
            "A 2 is too many and a division by the number of examples too. Look at C_x, one example, with its ½.",
        ),
        Mistake(
            "2/n",
            lambda a, y: 2 * (a - y) / a.shape[0],
            "A 2 is too many and a division by the number of outputs too. Look at C_x again: half a sum.",
        ),
        Mistake(
            "σ' included",
            lambda a, y: (a - y) * a * (1 - a),
            "You went one step too far: the slope of the sigmoid leads on to z. Asked is the gradient with respect to a.",
        ),
        Mistake(
            "gradient of the distance",
            lambda a, y: (a - y) / np.linalg.norm(a - y, axis=0),
            "You divide each column by its length: the gradient of the distance itself. The cost is half the square of the distance.",
        ),
        Mistake(
            "gradient of absolute values", lambda a, y: np.sign(a - y), "Only signs are left. With squares, an output further off has a steeper cost."
        ),
        Mistake(
            "cross-entropy's",
            lambda a, y: (a - y) / (a * (1 - a)),
            "This is the gradient of another cost, the cross-entropy. The quadratic cost has no denominator.",
        ),
        Mistake("a + y", lambda a, y: a + y, "You add the target. What is inside the square?"),
    ),
)


# ---- 04.3 BP1 -----------------------------------------------------------------------------------------------------------------


def _cases_bp1(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (2, 5), (4, 1)):
        z = rng.normal(size=(n, m))
        cases.append(Case(f"{n} outputs, m = {m}", (sigmoid(z), rng.uniform(size=(n, m)), z)))
    return cases


def _explain_bp1(returned: Any, a: Array, y: Array, z: Array) -> str | None:
    found = _shaped(returned, a.shape)
    if found is None:
        return None
    against = np.argwhere(found * (a - y) < 0)
    if len(against) == a.size:
        return "Every entry has the wrong sign (an output that is too high has a positive error), and the sizes are not right either."
    if len(against):
        j, i = against[0]
        way = "higher" if a[j, i] > y[j, i] else "lower"
        return (
            f"In row {j}, column {i} (counting from 0) the output is {way} than its target, and your error has the wrong sign for that. "
            "A slope of the sigmoid is positive and changes no sign."
        )
    if np.any(np.abs(found) > np.abs(a - y) / 4 + 1e-9):
        return "The signs are right. But the sigmoid's slope is at most 0.25, and somewhere your error is more than that part of a - y."
    return None


OUTPUT_ERROR = Exercise(
    id="04.3",
    name="output_error",
    title="BP1 for sigmoid outputs and the quadratic cost",
    points=2,
    minutes=6,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_bp1,
    reference=lambda a, y, z: (a - y) * _prime(z),
    explain=_explain_bp1,
    oracle=lambda a, y, z: oracles.gradient(lambda moved: np.sum((sigmoid(moved) - y) ** 2) / 2, z),
    hints=(
        "From z_j to the cost there are two links: z_j moves a_j, and a_j moves the cost. You have the derivative of each.",
        "Neuron j's error is the product of two numbers that belong to neuron j. Nothing is summed.",
        "Multiply 04.2 and 04.1 entry by entry. The slope takes z.",
    ),
    mistakes=(
        Mistake(
            "σ' dropped",
            lambda a, y, z: a - y,
            "You stopped at the activation. δ is taken at z: how much does a_j give way when z_j is pushed?",
        ),
        Mistake(
            "σ'(a) for σ'(z)",
            lambda a, y, z: (a - y) * _prime(a),
            "The slope is taken at a, so the sigmoid is applied once too often. Its slope is needed where it was applied.",
        ),
        Mistake(
            "a for σ'",
            lambda a, y, z: (a - y) * a,
            "You multiply by the activation itself; asked is how fast it changes.",
        ),
        Mistake(
            "z(1 - z) for σ'",
            lambda a, y, z: (a - y) * z * (1 - z),
            "You use z(1 - z) as the slope. The rule holds with the activation in it.",
        ),
        Mistake("y - a", lambda a, y, z: (y - a) * _prime(z), "Every entry has the opposite sign. An output that is too high has a positive error."),
        Mistake(
            "matrix product",
            lambda a, y, z: (a - y) @ _prime(z).T,
            "Your product is a matrix product, which mixes neurons and examples. BP1 multiplies entry by entry.",
        ),
        Mistake(
            "averaged over the examples",
            lambda a, y, z: (a - y) * _prime(z) / z.shape[1],
            "You divide by the number of examples. Each column is the error of one example; the mean comes later.",
        ),
        Mistake("factor 2", lambda a, y, z: 2 * (a - y) * _prime(z), "Every entry is twice too large: the ½ of the cost cancels the 2."),
        Mistake(
            "brackets missing",
            lambda a, y, z: a - y * _prime(z),
            "The slope multiplies the target alone: a product binds closer than a minus. Where do brackets belong?",
        ),
        Mistake(
            "y - a, σ' dropped",
            lambda a, y, z: y - a,
            "Two things: the sign (an output that is too high has a positive error), and the slope between z and a is missing.",
        ),
        Mistake(
            "y - a, σ'(a)",
            lambda a, y, z: (y - a) * _prime(a),
            "Two things: the sign (an output that is too high has a positive error), and the slope is taken at a, where it belongs at z.",
        ),
        Mistake(
            "y - a, factor 2",
            lambda a, y, z: 2 * (y - a) * _prime(z),
            "Two things: the sign (an output that is too high has a positive error), and a 2 that the ½ of the cost cancels.",
        ),
        Mistake("slope at the target", lambda a, y, z: (a - y) * y * (1 - y), "You built the slope from the target y. It belongs to the activation."),
        Mistake("half of the slope", lambda a, y, z: (a - y) * (1 - a), "Of the slope a(1 - a) one factor is missing."),
        Mistake("a(1 - z)", lambda a, y, z: (a - y) * a * (1 - z), "You mix a and z in the slope. Both of its factors belong to the activation."),
        Mistake("slope of tanh", lambda a, y, z: (a - y) * (1 - a**2), "1 - a² is the slope of tanh. These outputs are sigmoids."),
        Mistake(
            "slope squared", lambda a, y, z: (a - y) * _prime(z) ** 2, "The slope is in it twice. Between z and the cost the sigmoid is passed once."
        ),
        Mistake("slope alone", lambda a, y, z: _prime(z), "That is the slope of the activation only. How the cost moves with a is missing."),
        Mistake("divided by the slope", lambda a, y, z: (a - y) / _prime(z), "You divide by the slope. Links of a chain are multiplied."),
        Mistake("added", lambda a, y, z: a - y + _prime(z), "You add the two derivatives. One link after the other: they are multiplied."),
        Mistake("z for a", lambda a, y, z: (z - y) * _prime(z), "You compare z with the target. What the net says is a."),
        Mistake("z for σ'", lambda a, y, z: (a - y) * z, "You multiply by z. Asked is how fast a rises there."),
        Mistake(
            "the cost, not its gradient",
            lambda a, y, z: (a - y) ** 2 / 2 * _prime(z),
            "Your first factor is a term of the cost. What belongs there is its derivative with respect to a.",
        ),
        Mistake("absolute value", lambda a, y, z: np.abs(a - y) * _prime(z), "You dropped the sign of a - y, and with it which way z has to go."),
        Mistake(
            "averaged over the outputs",
            lambda a, y, z: (a - y) * _prime(z) / len(a),
            "You divide by the number of outputs. The cost of one example is half a sum over them, no mean.",
        ),
    ),
)


# ---- 04.4 softmax ----------------------------------------------------------------------------------------------------------------


def _cases_softmax(rng: np.random.Generator) -> list[Case]:
    return [
        Case("3 outputs, m = 3", (rng.normal(size=(3, 3)),)),
        Case("2 outputs, m = 4", (rng.normal(size=(2, 4)),)),
        Case("4 outputs, m = 1", (rng.normal(size=(4, 1)),)),
        Case("z around 1000, 3 outputs, m = 2", (1000 + rng.normal(size=(3, 2)),)),
    ]


def _explain_softmax(returned: Any, z: Array) -> str | None:
    found = _shaped(returned, z.shape)
    if found is None:
        return None
    if np.any(found < 0):
        return "Some of your probabilities are negative. Softmax is made of exponentials, which are positive."
    sums = found.sum(axis=0)
    if not np.allclose(sums, 1, rtol=1e-6):
        return f"Each column has to sum to 1, for its outputs share one probability. Yours sum to {', '.join(f'{each:.4g}' for each in sums)}."
    if np.any(np.argsort(found, axis=0) != np.argsort(z, axis=0)):
        return "Each column sums to 1, but the largest entry of z does not get the largest share everywhere."
    return "Each column sums to 1 and the order is right, the shares are not. An output that is larger by 1 in z gets how many times the share?"


SOFTMAX = Exercise(
    id="04.4",
    name="softmax",
    title="Softmax by columns, without overflow",
    points=2,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_softmax,
    reference=_softmax,
    # the only positive columns with sum 1 whose logarithms differ as z does: solved for the logarithm of the sum
    oracle=lambda z: np.exp(z - z[:1]) * (1 / np.sum(np.exp(z - z[:1]), axis=0)),
    explain=_explain_softmax,
    hints=(
        "Each column is one example and has to sum to 1 by itself. Along which axis do you add?",
        "exp(1000) is too large for a float. Softmax does not change when you subtract the same number from a whole column. Try it on paper.",
        "Subtract each column's largest entry, take exponentials, divide by each column's sum.",
    ),
    mistakes=(
        Mistake(
            "wrong axis",
            lambda z: _softmax(z.T).T,
            "Each row sums to 1. An example is a column: its outputs share one probability.",
        ),
        Mistake(
            "overflow",
            lambda z: np.exp(z) / np.exp(z).sum(axis=0),
            "Right for moderate z, but exp(1000) is infinite, and infinite over infinite is not a number. "
            "What may you subtract from a column without changing the result?",
            recognise=_overflows(_softmax),
        ),
        Mistake(
            "one sum for all examples",
            lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
            "All entries together sum to 1. Each example has outputs of its own, which sum to 1.",
        ),
        Mistake(
            "sigmoid",
            lambda z: 1 / (1 + np.exp(-z)),
            "You applied the sigmoid, each neuron for itself. The outputs of softmax compete: each column sums to 1.",
        ),
        Mistake("not divided", lambda z: np.exp(z - z.max(axis=0)), "The exponentials still have to be divided by their sum, column by column."),
        Mistake(
            "no exponential", lambda z: z / z.sum(axis=0), "You divide z itself by its sum. Negative entries stay negative; exponentials come first."
        ),
        Mistake("sign", lambda z: _softmax(-z), "Your largest probability stands where z is smallest. Check the sign in the exponent."),
        Mistake(
            "nan replaced",
            lambda z: np.nan_to_num(np.exp(z) / np.exp(z).sum(axis=0)),
            "Where the exponentials are infinite you turn nan into 0: nothing complains any more, and the column sums to 0. Keep it from happening.",
        ),
        Mistake(
            "clipped",
            lambda z: _softmax(np.clip(z, -500, 500)),
            "You cut z off. Beyond the limit all outputs become equal, although only the differences within a column count.",
        ),
        Mistake(
            "divided by the largest",
            lambda z: _softmax(z / np.max(z, axis=0)),
            "You divide z by its largest entry. That changes the result; subtracting does not. Try both on paper with two outputs.",
        ),
        Mistake(
            "largest of each row",
            lambda z: (lambda e: e / e.sum(axis=0))(np.exp(z - z.max(axis=1, keepdims=True))),
            "You subtract another number in each row. Within one column it has to be the same number, or the shares change.",
        ),
        Mistake(
            "logarithms",
            lambda z: z - np.max(z, axis=0) - np.log(np.exp(z - np.max(z, axis=0)).sum(axis=0)),
            "These are the logarithms of the probabilities. Asked are the probabilities.",
        ),
        Mistake(
            "winner takes all",
            lambda z: (z == z.max(axis=0)).astype(float),
            "You give all to the largest output. Softmax is soft: every output gets a share.",
        ),
        Mistake(
            "sigmoid, then divided",
            lambda z: (lambda s: s / s.sum(axis=0))(np.exp(-np.logaddexp(0, -z))),
            "You divide sigmoids by their sum. The columns sum to 1, but the shares are those of exponentials.",
        ),
        Mistake("base 2", lambda z: _softmax(z * np.log(2)), "You take powers of 2. Softmax takes powers of e."),
        Mistake(
            "divided by the length",
            lambda z: (lambda e: e / np.linalg.norm(e, axis=0))(np.exp(z - z.max(axis=0))),
            "You divide by the root of the sum of squares. Probabilities have to sum to 1, their squares need not.",
        ),
    ),
)


# ---- 04.5 its Jacobian ----------------------------------------------------------------------------------------------------------


def _cases_column(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} outputs", (rng.normal(size=(n, 1)),)) for n in (3, 2, 5)]


def _softmax_jacobian(z: Array) -> Array:
    a = _softmax(z)
    return np.diag(a.ravel()) - a @ a.T


def _explain_jacobian(returned: Any, z: Array) -> str | None:
    found = _shaped(returned, (len(z), len(z)))
    if found is None or np.allclose(found.sum(axis=0), 0, atol=1e-6):
        return None
    return (
        "The outputs always sum to 1: whatever one of them gains, the others lose. So each column of the Jacobian has to sum to 0. "
        f"Your first column sums to {found[:, 0].sum():.2g}."
    )


SOFTMAX_JACOBIAN = Exercise(
    id="04.5",
    name="softmax_jacobian",
    title="The Jacobian of softmax",
    points=2,
    minutes=10,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_column,
    reference=_softmax_jacobian,
    oracle=lambda z: oracles.jacobian(_softmax, z)[:, 0, :, 0],
    explain=_explain_jacobian,
    hints=(
        "Row i, column j: how does a_i move with z_j? Differentiate a fraction. Two cases: i = j and i ≠ j.",
        "With i ≠ j only the denominator contains z_j. With i = j the numerator contains it too, and one more term appears.",
        "Off the diagonal stands minus a product of two activations; on the diagonal an activation is added to that. Write it as a diagonal matrix "
        "and an outer product.",
    ),
    mistakes=(
        Mistake(
            "diagonal only",
            lambda z: np.diag((_softmax(z) * (1 - _softmax(z))).ravel()),
            "Your diagonal is right, and everything beside it is zero, as for a sigmoid. But raising one z takes probability from all other outputs.",
        ),
        Mistake(
            "sign off the diagonal",
            lambda z: 2 * np.diag((_softmax(z) * (1 - _softmax(z))).ravel()) - _softmax_jacobian(z),
            "Off the diagonal every sign is wrong. When one z rises, what happens to the other outputs? Each column of the Jacobian sums to 0.",
        ),
        Mistake(
            "a aᵀ alone",
            lambda z: _softmax(z) @ _softmax(z).T,
            "You have the outer product of the activations, without the diagonal part and with its sign turned.",
        ),
        Mistake(
            "minus a aᵀ alone",
            lambda z: -_softmax(z) @ _softmax(z).T,
            "Off the diagonal this is right. On the diagonal the numerator contains z_j as well: one term is missing.",
        ),
        Mistake("diag(a) alone", lambda z: np.diag(_softmax(z).ravel()), "That is the numerator's part. The denominator contains every z as well."),
        Mistake("negated", lambda z: -_softmax_jacobian(z), "Every sign is wrong. Raising z_j raises a_j: the diagonal is positive."),
        Mistake(
            "row of slopes",
            lambda z: _softmax(z) * (1 - _softmax(z)),
            "You return one number for each output. A Jacobian has one for each pair of an output and an input.",
        ),
        Mistake(
            "np.diag of a column",
            lambda z: np.diag(_softmax(z)) - _softmax(z) @ _softmax(z).T,
            "Look at what `np.diag` makes of an array of shape (n, 1): it takes one number out. It builds a matrix from a flat array only.",
        ),
        Mistake(
            "inner product",
            lambda z: np.diag(_softmax(z).ravel()) - _softmax(z).T @ _softmax(z),
            "Behind the minus stands one number, a row times a column. The outer product, a column times a row, has an entry for each pair.",
        ),
        Mistake(
            "plus a aᵀ",
            lambda z: np.diag(_softmax(z).ravel()) + _softmax(z) @ _softmax(z).T,
            "The second part has the wrong sign. When one z rises, what happens to the other outputs?",
        ),
        Mistake(
            "I - a aᵀ",
            lambda z: np.eye(len(z)) - _softmax(z) @ _softmax(z).T,
            "Beside the diagonal this is right. On it stands a 1, where the derivative of the numerator belongs.",
        ),
        Mistake(
            "a² subtracted twice",
            lambda z: np.diag((_softmax(z) * (1 - _softmax(z))).ravel()) - _softmax(z) @ _softmax(z).T,
            "Beside the diagonal this is right. On it the square of the activation is subtracted twice: a(1 - a) contains it already.",
        ),
        Mistake(
            "sigmoid for softmax",
            lambda z: np.diag(sigmoid(z).ravel()) - sigmoid(z) @ sigmoid(z).T,
            "The form is right, with sigmoids in it. The activations here are softmax's, and sum to 1.",
        ),
        Mistake(
            "Jacobian of sigmoid",
            lambda z: np.diag(_prime(z).ravel()),
            "This is the Jacobian of sigmoid outputs, which do not feel each other. Softmax outputs do.",
        ),
        Mistake(
            "z for a",
            lambda z: np.diag(z.ravel()) - z @ z.T,
            "The form is right, with z in it. Compute the activations first.",
        ),
        Mistake(
            "not divided by the sum",
            lambda z: np.diag(np.exp(z).ravel()) - np.exp(z) @ np.exp(z).T,
            "The form is right, with plain exponentials in it. Softmax divides them by their sum first.",
        ),
        Mistake(
            "a(1 - a) beside the diagonal",
            lambda z: np.diag(_softmax(z).ravel()) - _softmax(z) @ (1 - _softmax(z)).T,
            "Beside the diagonal only the denominator contains z_j, and its derivative brings in an activation, not 1 minus one.",
        ),
    ),
)


# ---- 04.6 the product without the matrix ---------------------------------------------------------------------------------------


def _cases_vjp(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} outputs, m = {m}", (_softmax(rng.normal(size=(n, m))), rng.normal(size=(n, m)))) for n, m in ((3, 3), (2, 5), (4, 1))]


def _softmax_vjp(a: Array, g: Array) -> Array:
    return a * (g - np.sum(a * g, axis=0))


SOFTMAX_VJP = Exercise(
    id="04.6",
    name="softmax_vjp",
    title="Jᵀg for softmax, without building J",
    points=2,
    minutes=10,
    difficulty=3,
    allows=("sigmoid",),
    cases=_cases_vjp,
    reference=_softmax_vjp,
    # log a is one z with softmax(z) = a; Σ g ∘ softmax moves with z as Jᵀg says
    oracle=lambda a, g: oracles.gradient(lambda moved: np.sum(g * _softmax(moved)), np.log(a)),
    explain=lambda returned, a, g: _columns_sum_to_zero(returned, a.shape, "Jᵀg"),
    hints=(
        "Write (diag(a) - a aᵀ) g out for one column. Which part of it is a single number?",
        "aᵀg is one number for each example: the mean of g, weighted with the activations.",
        "Subtract that weighted mean from g, column by column, and multiply by a entry by entry.",
    ),
    mistakes=(
        Mistake(
            "plain mean of g",
            lambda a, g: a * (g - g.mean(axis=0)),
            "You subtract the plain mean of g. The Jacobian weighs each entry of g with its activation.",
        ),
        Mistake(
            "elementwise",
            lambda a, g: a * (1 - a) * g,
            "You use the diagonal of the Jacobian alone, as if each output depended on its own z only.",
        ),
        Mistake(
            "zeros",
            lambda a, g: np.zeros_like(a),
            "All zeros. That is the right answer for one kind of g only: when all its entries are equal. These are not.",
        ),
        Mistake("the sum left out", lambda a, g: a * g, "That is diag(a) g. The second part of the Jacobian, a aᵀ, is missing."),
        Mistake(
            "one mean for all examples",
            lambda a, g: a * (g - np.sum(a * g)),
            "Your weighted mean runs over all examples at once. Each column has its own.",
        ),
        Mistake(
            "sum not weighted",
            lambda a, g: a * (g - g.sum(axis=0)),
            "You subtract the plain sum of g. In a aᵀ g each entry of g meets its activation before the sum.",
        ),
        Mistake(
            "sign of the sum",
            lambda a, g: a * (g + np.sum(a * g, axis=0)),
            "The second part has the wrong sign: the outputs compete.",
        ),
        Mistake("a left out", lambda a, g: g - np.sum(a * g, axis=0), "One factor is missing: in row j of the Jacobian every entry contains a_j."),
        Mistake(
            "a left out once",
            lambda a, g: a * g - np.sum(a * g, axis=0),
            "The first part is right. In the second, a aᵀ g, the number aᵀg still has to meet the column a.",
        ),
        Mistake(
            "examples mixed",
            lambda a, g: a * g - a @ a.T @ g,
            "Right for one example. With several, your matrix products mix them: each column has a Jacobian of its own.",
        ),
        Mistake(
            "examples mixed, the other way",
            lambda a, g: a * g - a @ (a.T @ g).T,
            "Right for one example. With several, your matrix products mix them: each column has a Jacobian of its own.",
        ),
        Mistake(
            "wrong axis",
            lambda a, g: a * (g - np.sum(a * g, axis=1, keepdims=True)),
            "You sum along the rows, over the examples. The weighted mean runs over the outputs of one example.",
        ),
        Mistake(
            "one Jacobian for all",
            lambda a, g: (np.diag(a[:, 0]) - np.outer(a[:, 0], a[:, 0])) @ g,
            "Only the first column is right: you use the first example's Jacobian for all. Each column has activations of its own.",
        ),
        Mistake(
            "np.mean for a weighted mean",
            lambda a, g: a * (g - np.mean(a * g, axis=0)),
            "You divide the weighted sum by the number of outputs. The weights sum to 1 already.",
        ),
        Mistake("negated", lambda a, g: -_softmax_vjp(a, g), "Every sign is wrong. Which of the two parts is subtracted?"),
        Mistake(
            "softmax once more",
            lambda a, g: _softmax_vjp(_softmax(a), g),
            "You apply softmax to what is a softmax output already. The function is given a, not z.",
        ),
        Mistake("a and g swapped", lambda a, g: _softmax_vjp(g, a), "a and g have changed places. The Jacobian is made of a."),
        Mistake(
            "averaged over the examples",
            lambda a, g: _softmax_vjp(a, g) / a.shape[1],
            "You divide by the number of examples. Each column belongs to one example.",
        ),
        Mistake("diag(a) missing", lambda a, g: -a * np.sum(a * g, axis=0), "Only the second part, a aᵀ g, is there. What is it subtracted from?"),
        Mistake("1 - a", lambda a, g: (1 - a) * g, "You multiply by 1 - a. Write the product of one row of the Jacobian with g out."),
    ),
)


# ---- 04.7, 04.8 output errors of softmax ------------------------------------------------------------------------------------------


def _cases_softmax_quadratic(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} outputs, m = {m}", (_softmax(rng.normal(size=(n, m))), rng.uniform(size=(n, m)))) for n, m in ((3, 3), (2, 5), (4, 1))]


SOFTMAX_QUADRATIC_ERROR = Exercise(
    id="04.7",
    name="softmax_quadratic_error",
    title="The output error of softmax with the quadratic cost",
    points=2,
    minutes=6,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_softmax_quadratic,
    reference=lambda a, y: _softmax_vjp(a, a - y),
    oracle=lambda a, y: oracles.gradient(lambda moved: np.sum((_softmax(moved) - y) ** 2) / 2, np.log(a)),
    explain=lambda returned, a, y: _columns_sum_to_zero(returned, a.shape, "δ"),
    hints=(
        "BP1 as you used it in 04.3 multiplies entry by entry. That needs each output to depend on its own z alone. Is it so here?",
        "Where the activation mixes neurons, δ is the transposed Jacobian times the gradient with respect to a.",
        "You have both parts: the gradient from 04.2, and 04.6 applies the Jacobian.",
    ),
    mistakes=(
        Mistake(
            "elementwise",
            lambda a, y: (a - y) * a * (1 - a),
            "You multiply by a(1 - a) entry by entry, the rule for sigmoid outputs. Softmax mixes the neurons: the whole Jacobian is needed.",
        ),
        Mistake(
            "no Jacobian", lambda a, y: a - y, "That is the gradient with respect to the outputs a. It is the error itself for another cost only."
        ),
        Mistake("y - a", lambda a, y: _softmax_vjp(a, y - a), "Every entry has the opposite sign. Look at the gradient with respect to a."),
        Mistake(
            "averaged over the examples",
            lambda a, y: _softmax_vjp(a, a - y) / a.shape[1],
            "You divide by the number of examples. Each column is the error of one example.",
        ),
        Mistake("diag(a) alone", lambda a, y: a * (a - y), "You multiply by a: the diagonal part of the Jacobian. The part -a aᵀ is missing."),
        Mistake(
            "plain mean",
            lambda a, y: a * ((a - y) - (a - y).mean(axis=0)),
            "You subtract the plain mean of a - y. The Jacobian weighs with the activations.",
        ),
        Mistake(
            "sum not weighted",
            lambda a, y: a * ((a - y) - (a - y).sum(axis=0)),
            "You subtract the plain sum of a - y. The Jacobian weighs with the activations.",
        ),
        Mistake("factor 2", lambda a, y: 2 * _softmax_vjp(a, a - y), "Every entry is twice too large: the ½ of the cost cancels the 2."),
        Mistake(
            "σ'(a)",
            lambda a, y: (a - y) * _prime(a),
            "You multiply by the sigmoid's slope at a. There is no sigmoid here: softmax mixes the neurons and needs its whole Jacobian.",
        ),
        Mistake(
            "cross-entropy's gradient",
            lambda a, y: _softmax_vjp(a, -y / a),
            "The Jacobian is right, the cost is another: -y/a is the gradient of cross-entropy. Here the cost is the quadratic one.",
        ),
        Mistake(
            "examples mixed",
            lambda a, y: a * (a - y) - a @ a.T @ (a - y),
            "Right for one example. With several, your matrix products mix them: each column has a Jacobian of its own.",
        ),
        Mistake(
            "wrong axis",
            lambda a, y: a * ((a - y) - np.sum(a * (a - y), axis=1, keepdims=True)),
            "You sum along the rows, over the examples. The weighted mean runs over the outputs of one example.",
        ),
        Mistake(
            "one mean for all examples",
            lambda a, y: a * ((a - y) - np.sum(a * (a - y))),
            "Your weighted mean runs over all examples at once. Each column has its own.",
        ),
        Mistake(
            "sign of the sum",
            lambda a, y: a * ((a - y) + np.sum(a * (a - y), axis=0)),
            "The second part has the wrong sign: the outputs compete.",
        ),
        Mistake(
            "a left out",
            lambda a, y: (a - y) - np.sum(a * (a - y), axis=0),
            "One factor is missing: in row j of the Jacobian every entry contains a_j.",
        ),
        Mistake(
            "Jacobian twice",
            lambda a, y: _softmax_vjp(a, _softmax_vjp(a, a - y)),
            "The Jacobian is applied twice. Between z and a softmax is passed once.",
        ),
        Mistake(
            "targets for the gradient",
            lambda a, y: _softmax_vjp(a, y),
            "You send the targets through the Jacobian. What goes through it is the gradient at a.",
        ),
        Mistake(
            "the cost, not its gradient",
            lambda a, y: _softmax_vjp(a, (a - y) ** 2 / 2),
            "You send the terms of the cost through the Jacobian. What goes through it is their derivative.",
        ),
        Mistake(
            "softmax once more",
            lambda a, y: _softmax_vjp(_softmax(a), _softmax(a) - y),
            "You apply softmax to what is a softmax output already. The function is given a, not z.",
        ),
    ),
)


def _cases_classes(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} classes, m = {m}", (_softmax(rng.normal(size=(n, m))), _one_hot(rng, n, m))) for n, m in ((3, 3), (2, 5), (4, 1))]


SOFTMAX_CROSS_ENTROPY_ERROR = Exercise(
    id="04.8",
    name="softmax_cross_entropy_error",
    title="The output error of softmax with cross-entropy",
    points=2,
    minutes=6,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_classes,
    reference=lambda a, y: a - y,
    explain=lambda returned, a, y: _columns_sum_to_zero(returned, a.shape, "δ"),
    oracle=lambda a, y: oracles.gradient(lambda moved: -np.sum(y * np.log(_softmax(moved))), np.log(a)),
    hints=(
        "Write the cost of one example with z instead of a: the logarithm undoes the exponential. What is left to differentiate?",
        "Or use 04.6 with the gradient of cross-entropy, -y/a. The sum of a times it is a single number that you know, because y sums to 1.",
        "Almost everything cancels. What remains compares the outputs with the targets, and nothing else.",
    ),
    mistakes=(
        Mistake(
            "elementwise",
            lambda a, y: -y * (1 - a),
            "You multiply -y/a by a(1 - a) entry by entry. Softmax mixes the neurons: outputs whose target is 0 have an error too.",
        ),
        Mistake(
            "extra σ'",
            lambda a, y: (a - y) * a * (1 - a),
            "You multiply by a slope once more. In this pairing the slope has cancelled already: that is what makes it learn fast.",
        ),
        Mistake(
            "averaged over the examples",
            lambda a, y: (a - y) / a.shape[1],
            "You divide by the number of examples. Each column is the error of one example; 1/m comes once, later.",
        ),
        Mistake("y - a", lambda a, y: y - a, "Every entry has the opposite sign: a class that is given too much probability has a positive error."),
        Mistake(
            "gradient at a",
            lambda a, y: -y / a,
            "That is the gradient of the cost with respect to a. δ is taken at z, behind the Jacobian of softmax.",
        ),
        Mistake(
            "softmax once more",
            lambda a, y: _softmax(a) - y,
            "You apply softmax to what is a softmax output already. The function is given a, not z.",
        ),
        Mistake("absolute value", lambda a, y: np.abs(a - y), "You dropped the sign, and with it the direction in which z has to move."),
        Mistake(
            "quadratic cost",
            lambda a, y: _softmax_vjp(a, a - y),
            "This is the error of softmax with the quadratic cost, as in 04.7. With another cost, something else goes through the Jacobian.",
        ),
        Mistake(
            "binary cross-entropy's gradient",
            lambda a, y: (1 - y) / (1 - a) - y / a,
            "This is the gradient at a of the binary cross-entropy. Here the classes share one probability, and δ is taken at z.",
        ),
        Mistake("factor 2", lambda a, y: 2 * (a - y), "Every entry is twice too large. No square is differentiated here."),
        Mistake("halved", lambda a, y: (a - y) / 2, "Every entry is half of what it should be. This cost has no ½ in front."),
        Mistake("averaged over the classes", lambda a, y: (a - y) / len(a), "You divide by the number of classes. The cost adds them up."),
        Mistake("targets left out", lambda a, y: +a, "This is the output itself. The error has to know which class was wanted."),
        Mistake("1 for every class", lambda a, y: a - 1, "You treat every class as the wanted one. The targets say which it is."),
        Mistake(
            "wanted class left out",
            lambda a, y: a * (1 - y),
            "The other classes are right; the wanted class has no error here. It gets too little probability: which sign must its error have?",
        ),
        Mistake("terms of the cost", lambda a, y: -y * np.log(a), "These are the terms of the cost. Differentiate them, with respect to z."),
        Mistake("log a", lambda a, y: np.log(a) - y, "You compare logarithms with the targets. The logarithm disappears when you differentiate."),
        Mistake(
            "rounded outputs",
            lambda a, y: a - (a == a.max(axis=0)),
            "You compare with the class that the net thinks most likely. The targets y say which class was wanted.",
        ),
    ),
)


# ---- 04.9 cross-entropy ------------------------------------------------------------------------------------------------------------


def _cases_probabilities(rng: np.random.Generator) -> list[Case]:
    certain = np.array([[0.0, 1.0, rng.uniform(0.2, 0.8)], [1.0, 0.0, rng.uniform(0.2, 0.8)]])
    return [
        Case("3 outputs, m = 3", (sigmoid(rng.normal(size=(3, 3))), rng.integers(0, 2, size=(3, 3)).astype(float))),
        Case("2 outputs, m = 5, targets between 0 and 1", (sigmoid(rng.normal(size=(2, 5))), rng.uniform(size=(2, 5)))),
        Case("4 outputs, m = 1", (sigmoid(rng.normal(size=(4, 1))), rng.uniform(size=(4, 1)))),
        Case("2 outputs, m = 3, some certain and right", (certain, np.round(certain))),
    ]


def _terms(p: Array, q: Array) -> Array:
    """-p log q, with 0 log 0 = 0."""
    return -np.where(p > 0, p * np.log(np.where(p > 0, q, 1)), 0)


def _cross_entropy(a: Array, y: Array) -> float:
    return float(np.sum(_terms(y, a) + _terms(1 - y, 1 - a)) / a.shape[1])


def _cross_entropy_oracle(a: Array, y: Array) -> float:
    """One entry at a time, each weight's limit taken where the weight is 0."""
    total = 0.0
    for q, p in zip(a.ravel(), y.ravel(), strict=True):
        total += 0.0 if p == 0 else float(np.log(np.power(q, -p)))
        total += 0.0 if p == 1 else float(np.log(np.power(1 - q, p - 1)))
    return total / a.shape[1]


def _binary(
    first: Callable[[Array, Array], Array], second: Callable[[Array, Array], Array], log: Callable[..., Array] = np.log
) -> Callable[..., float]:
    """A cross-entropy whose two terms are -first · log a and -second · log(1 - a); 0 log 0 counts as 0."""

    def cost(a: Array, y: Array) -> float:
        with np.errstate(all="ignore"):
            terms = np.nan_to_num(first(a, y) * log(a)) + np.nan_to_num(second(a, y) * log(1 - a))
        return float(-np.sum(terms) / a.shape[1])

    return cost


def _or_nan(wrong: Callable[[Array, Array], float]) -> Callable[..., bool]:
    """Tells that wrong cost also where its writer did not take care of 0 · log 0: nan where an output is exactly 0 or 1."""

    def recognised(returned: Any, a: Array, y: Array) -> bool:
        if np.size(returned) != 1 or np.asarray(returned).dtype.kind != "f":
            return False
        found = float(np.ravel(returned)[0])
        if np.isnan(found):
            return bool(np.any((a == 0) | (a == 1)))
        return bool(np.isclose(found, wrong(a, y), rtol=1e-7, atol=0))

    return recognised


def _explain_cost(returned: Any, a: Array, y: Array) -> str | None:
    found = _shaped(returned, ())
    if found is None:
        return None
    with np.errstate(all="ignore"):
        wanted = _cross_entropy(a, y)
    if abs(found / wanted - 1) < 0.03:
        return "Close, but not right to the last digits. How far do you keep the outputs away from 0 and 1? So far that it shows."
    if found < 0:
        return "Your cost is negative. Logarithms of probabilities are negative, a cost is not."
    return (
        "It gives another number. Write it out for one output and one example: what does it cost when the target is 1, when it is 0, when it is "
        "between? Then sum over the outputs, and take the mean over the examples."
    )


def _naive_cross_entropy(a: Array, y: Array) -> float:
    return float(-np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / a.shape[1])


CROSS_ENTROPY = Exercise(
    id="04.9",
    name="cross_entropy",
    title="Binary cross-entropy, mean over the examples",
    points=2,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_probabilities,
    reference=_cross_entropy,
    oracle=_cross_entropy_oracle,
    explain=_explain_cost,
    hints=(
        "Each output adds two terms, one for target 1 and one for target 0. Sum over the outputs, mean over the examples.",
        "An output that is exactly 0 where the target is 0 costs nothing: 0 · log 0 counts as 0. numpy says nan. Which entries may you take the "
        "logarithm of?",
        "Take logarithms only where their weight is not 0 (`np.where`, or `np.log(..., where=...)`), or keep a a tiny step away from 0 and 1.",
    ),
    mistakes=(
        Mistake(
            "log 0",
            _naive_cross_entropy,
            "Right, until an output is exactly 0 or 1: then 0 · log 0 is not a number in numpy. A certain and right output costs nothing.",
        ),
        *(
            Mistake(name, wrong, hint, recognise=_or_nan(wrong))
            for name, wrong, hint in (
                (
                    "sum for mean",
                    lambda a, y: _cross_entropy(a, y) * a.shape[1],
                    "You sum over the examples. The cost is their mean: it must not grow when the same examples are given twice.",
                ),
                (
                    "(1 - y) term missing",
                    _binary(lambda a, y: y, lambda a, y: 0 * y),
                    "Only the terms with y are there. An output of 0.9 with target 0 would cost nothing.",
                ),
                (
                    "y term missing",
                    _binary(lambda a, y: 0 * y, lambda a, y: 1 - y),
                    "Only the terms with 1 - y are there. An output of 0.1 with target 1 would cost nothing.",
                ),
                (
                    "sign",
                    lambda a, y: -_cross_entropy(a, y),
                    "Your cost is negative. Logarithms of probabilities are negative, a cost is not.",
                ),
                (
                    "mean over outputs too",
                    lambda a, y: _cross_entropy(a, y) / a.shape[0],
                    "You average over the outputs as well (`np.mean` over everything does). Outputs are summed, examples are averaged.",
                ),
                (
                    "mean over the outputs, sum over the examples",
                    lambda a, y: _cross_entropy(a, y) * a.shape[1] / a.shape[0],
                    "You sum over the examples and average over the outputs. Which of the two axes holds the examples?",
                ),
                (
                    "categorical, averaged over everything",
                    lambda a, y: _binary(lambda a, y: y, lambda a, y: 0 * y)(a, y) / a.shape[0],
                    "Two things: the terms with 1 - y are missing, and you average over the outputs, which are summed.",
                ),
                (
                    "a and y swapped",
                    lambda a, y: float(
                        np.sum(_terms(a, np.clip(y, 1e-12, 1 - 1e-12)) + _terms(1 - a, 1 - np.clip(y, 1e-12, 1 - 1e-12))) / a.shape[1]
                    ),
                    "Outputs and targets are swapped: the logarithm is taken of the outputs, weighted with the targets.",
                ),
                (
                    "log base 2",
                    lambda a, y: _cross_entropy(a, y) / np.log(2),
                    "You took logarithms to base 2. Here they are natural.",
                ),
                (
                    "log base 10",
                    lambda a, y: _cross_entropy(a, y) / np.log(10),
                    "You took logarithms to base 10. Here they are natural.",
                ),
                (
                    "second term subtracted",
                    _binary(lambda a, y: y, lambda a, y: y - 1),
                    "The minus in front belongs to both terms. Your second one has the opposite sign; where do the brackets end?",
                ),
                (
                    "y in the second term",
                    _binary(lambda a, y: y, lambda a, y: y),
                    "Your second logarithm is weighted with y. It is for targets near 0: which weight is large there?",
                ),
                (
                    "weights left out",
                    _binary(lambda a, y: np.ones_like(y), lambda a, y: np.ones_like(y)),
                    "Both logarithms count fully, whatever the target is. Each has a weight that the target gives it.",
                ),
                (
                    "targets rounded",
                    _binary(lambda a, y: np.round(y), lambda a, y: 1 - np.round(y)),
                    "You use each target as if it were 0 or 1. One in between weighs both logarithms.",
                ),
                (
                    "quadratic cost",
                    lambda a, y: float(np.sum((a - y) ** 2) / 2 / a.shape[1]),
                    "That is the quadratic cost. Cross-entropy is made of logarithms.",
                ),
                (
                    "halved",
                    lambda a, y: _cross_entropy(a, y) / 2,
                    "Half of what it should be. The ½ belongs to the quadratic cost.",
                ),
            )
        ),
    ),
)


EXERCISES = (
    SIGMOID_PRIME,
    QUADRATIC_GRADIENT,
    OUTPUT_ERROR,
    SOFTMAX,
    SOFTMAX_JACOBIAN,
    SOFTMAX_VJP,
    SOFTMAX_QUADRATIC_ERROR,
    SOFTMAX_CROSS_ENTROPY_ERROR,
    CROSS_ENTROPY,
)
