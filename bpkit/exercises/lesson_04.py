"""The exercises of lesson 04, the output error (BP1), with the mistakes that they tell apart."""

from __future__ import annotations

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
        ),
        Mistake(
            "sign",
            lambda z: -_slope(z),
            "Your slope is negative. The sigmoid rises everywhere. Which signs do the inner derivative of -z and the derivative of 1/u bring in?",
        ),
        Mistake("1 - a²", lambda z: 1 - sigmoid(np.clip(z, -500, 500)) ** 2, "1 - a² is the slope of tanh. The sigmoid has another."),
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
    ),
)


# ---- 04.3 BP1 -----------------------------------------------------------------------------------------------------------------


def _cases_bp1(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (2, 5), (4, 1)):
        z = rng.normal(size=(n, m))
        cases.append(Case(f"{n} outputs, m = {m}", (sigmoid(z), rng.uniform(size=(n, m)), z)))
    return cases


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


SOFTMAX = Exercise(
    id="04.4",
    name="softmax",
    title="Softmax by columns, without overflow",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases_softmax,
    reference=_softmax,
    # the only positive columns with sum 1 whose logarithms differ as z does: solved for the logarithm of the sum
    oracle=lambda z: np.exp(z - z[:1]) * (1 / np.sum(np.exp(z - z[:1]), axis=0)),
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
    ),
)


# ---- 04.5 its Jacobian ----------------------------------------------------------------------------------------------------------


def _cases_column(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} outputs", (rng.normal(size=(n, 1)),)) for n in (3, 2, 5)]


def _softmax_jacobian(z: Array) -> Array:
    a = _softmax(z)
    return np.diag(a.ravel()) - a @ a.T


SOFTMAX_JACOBIAN = Exercise(
    id="04.5",
    name="softmax_jacobian",
    title="The Jacobian of softmax",
    points=2,
    minutes=10,
    difficulty=2,
    cases=_cases_column,
    reference=_softmax_jacobian,
    oracle=lambda z: oracles.jacobian(_softmax, z)[:, 0, :, 0],
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
    cases=_cases_vjp,
    reference=_softmax_vjp,
    # log a is one z with softmax(z) = a; Σ g ∘ softmax moves with z as Jᵀg says
    oracle=lambda a, g: oracles.gradient(lambda moved: np.sum(g * _softmax(moved)), np.log(a)),
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
    cases=_cases_softmax_quadratic,
    reference=lambda a, y: _softmax_vjp(a, a - y),
    oracle=lambda a, y: oracles.gradient(lambda moved: np.sum((_softmax(moved) - y) ** 2) / 2, np.log(a)),
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
    cases=_cases_classes,
    reference=lambda a, y: a - y,
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


def _naive_cross_entropy(a: Array, y: Array) -> float:
    return float(-np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / a.shape[1])


CROSS_ENTROPY = Exercise(
    id="04.9",
    name="cross_entropy",
    title="Binary cross-entropy, mean over the examples",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases_probabilities,
    reference=_cross_entropy,
    oracle=_cross_entropy_oracle,
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
        Mistake(
            "sum for mean",
            lambda a, y: _cross_entropy(a, y) * a.shape[1],
            "You sum over the examples. The cost is their mean: it must not grow when the same examples are given twice.",
        ),
        Mistake(
            "(1 - y) term missing",
            lambda a, y: float(np.sum(_terms(y, a)) / a.shape[1]),
            "Only the terms with y are there. An output of 0.9 with target 0 would cost nothing.",
        ),
        Mistake("sign", lambda a, y: -_cross_entropy(a, y), "Your cost is negative. Logarithms of probabilities are negative, a cost is not."),
        Mistake(
            "mean over outputs too",
            lambda a, y: _cross_entropy(a, y) / a.shape[0],
            "You average over the outputs as well (`np.mean` over everything does). Outputs are summed, examples are averaged.",
        ),
        Mistake(
            "a and y swapped",
            lambda a, y: float(np.sum(_terms(a, np.clip(y, 1e-12, 1 - 1e-12)) + _terms(1 - a, 1 - np.clip(y, 1e-12, 1 - 1e-12))) / a.shape[1]),
            "Outputs and targets are swapped: the logarithm is taken of the outputs, weighted with the targets.",
        ),
        Mistake("log base 2", lambda a, y: _cross_entropy(a, y) / np.log(2), "You took logarithms to base 2. Here they are natural."),
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
