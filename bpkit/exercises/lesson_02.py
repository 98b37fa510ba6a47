"""The exercises of lesson 02, the multivariable chain rule and Jacobians, with the mistakes that they tell apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid

Array = np.ndarray


def _prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


def _away_from_zero(rng: np.random.Generator, low: float, high: float) -> float:
    """A number of either sign: inputs near 0 or 1 would hide a factor that is left out."""
    return float(rng.choice([-1, 1]) * rng.uniform(low, high))


def _same_numbers(value: Any, numbers: Array) -> bool:
    """Whether a returned value holds these numbers, as a column, a row or a flat list."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    return found.size == numbers.size and bool(np.allclose(found.ravel(), numbers.ravel(), rtol=1e-9, atol=0))


# ---- 02.1 a circuit with forks -------------------------------------------------------------------------------------


def _cases_fork(rng: np.random.Generator) -> list[Case]:
    points = [(_away_from_zero(rng, 1.2, 1.8), _away_from_zero(rng, 0.4, 0.9)) for _ in range(3)]
    return [Case(f"x = {x:.3f}, y = {y:.3f}", (x, y)) for x, y in points]


def _circuit(inputs: Array) -> Any:
    x, y = inputs
    return x * y * np.sin(x + y**2)


def _paths(combine: Callable[[Array, Array], Any]) -> Callable[[float, float], tuple[Any, ...]]:
    """An answer made of outer slopes ∂z/∂(u, v) and, for each input, inner slopes ∂(u, v)/∂x or ∂(u, v)/∂y."""

    def answer(x: float, y: float) -> tuple[Any, ...]:
        u, v = x * y, x + y**2
        outer = np.array([np.sin(v), u * np.cos(v)])
        return tuple(float(combine(outer, np.array(inner))) for inner in ((y, 1.0), (x, 2 * y)))

    return answer


def _with_outer(outer_slopes: Callable[[float, float], tuple[float, float]]) -> Callable[[float, float], tuple[Any, ...]]:
    """The right sum over paths, with other slopes of z."""

    def answer(x: float, y: float) -> tuple[Any, ...]:
        to_u, to_v = outer_slopes(x * y, x + y**2)
        return to_u * y + to_v, to_u * x + to_v * 2 * y

    return answer


FORK_GRADIENT = Exercise(
    id="02.1",
    name="fork_gradient",
    title="Both derivatives of a circuit in which every input forks",
    points=2,
    minutes=7,
    difficulty=2,
    allows=("sigmoid",),
    part=("∂z/∂x", "∂z/∂y"),
    cases=_cases_fork,
    reference=_paths(lambda outer, inner: outer @ inner),
    oracle=lambda x, y: tuple(float(slope) for slope in oracles.gradient(_circuit, np.array([x, y]))),
    hints=(
        "Draw the circuit. How many ways lead from x to z, and how many from y?",
        "A way is worth the product of the slopes along it. First find the slope of z at u and at v, then the four slopes of u and v at x and y.",
        "For each input: slope of z at u times slope of u at the input, plus the same through v. Remember that v holds the square of y.",
    ),
    mistakes=(
        Mistake(
            "one path only",
            _paths(lambda outer, inner: outer[1] * inner[1]),
            "Only the path through v is counted. If you wrote `=` twice, the second one overwrote the first: "
            "what arrives along several paths adds up.",
        ),
        Mistake(
            "path through v left out",
            _paths(lambda outer, inner: outer[0] * inner[0]),
            "Only the path through u is counted. The input also moves v, and v moves z.",
        ),
        Mistake(
            "product of paths",
            _paths(lambda outer, inner: np.prod(outer * inner)),
            "You multiply the two paths. Along a path slopes are multiplied; what arrives on different paths is joined in another way.",
        ),
        Mistake(
            "mean of paths",
            _paths(lambda outer, inner: outer @ inner / 2),
            "You average over the two paths. Each of them carries its whole share of the change.",
        ),
        Mistake(
            "sign of the path through v",
            _paths(lambda outer, inner: outer[0] * inner[0] - outer[1] * inner[1]),
            "The path through v comes with the opposite sign. Paths are added, whatever their sign; or is it the derivative of the sine?",
        ),
        Mistake(
            "inner slopes alone",
            _paths(lambda outer, inner: np.sum(inner)),
            "You add up how u and v move with the input. How strongly does z follow each of them?",
        ),
        Mistake(
            "outer slopes alone",
            _paths(lambda outer, inner: np.sum(outer)),
            "You add up how z moves with u and with v. How fast do u and v themselves move with the input?",
        ),
        Mistake(
            "outer slopes swapped",
            _paths(lambda outer, inner: outer[::-1] @ inner),
            "Each inner slope meets the outer slope of the other path. All factors of a path have to lie on that path.",
        ),
        Mistake(
            "factor u left out",
            _with_outer(lambda u, v: (float(np.sin(v)), float(np.cos(v)))),
            "The path through u is right. On the path through v look again at how z depends on v: what stands in front of the sine while v moves?",
        ),
        Mistake(
            "sine not differentiated",
            _with_outer(lambda u, v: (float(np.sin(v)), float(u * np.sin(v)))),
            "On the path through v the sine itself stands where its derivative belongs.",
        ),
        Mistake(
            "slope taken at u",
            _with_outer(lambda u, v: (float(np.sin(v)), float(u * np.cos(u)))),
            "The sine's slope is taken at u. Which number went into the sine?",
        ),
        Mistake(
            "y² differentiated as y",
            lambda x, y: (_paths(np.dot)(x, y)[0], float(np.sin(x + y**2) * x + x * y * np.cos(x + y**2))),
            "∂z/∂x is right. On the way from y to z through v: how fast does the square of y move?",
        ),
        Mistake(
            "x and y in the wrong order",
            lambda x, y: _paths(np.dot)(x, y)[::-1],
            "Both numbers are right and stand in the wrong order: first comes the derivative with respect to x.",
        ),
    ),
)


# ---- 02.2 a linear map -----------------------------------------------------------------------------------------------


def _cases_linear(rng: np.random.Generator) -> list[Case]:
    return [Case(f"W {n}×{n_prev}", (rng.normal(size=(n, n_prev)),)) for n, n_prev in ((3, 3), (2, 4), (4, 3))]


LINEAR_JACOBIAN = Exercise(
    id="02.2",
    name="linear_jacobian",
    title="The Jacobian of y = Wx",
    points=1,
    minutes=3,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_linear,
    reference=lambda W: W.copy(),
    oracle=lambda W: oracles.jacobian(lambda x: W @ x, np.linspace(-1.0, 2.0, W.shape[1])[:, None])[:, 0, :, 0],
    hints=(
        "Write out entry j of Wx as a sum. Which of its terms contain one particular entry of x?",
        "The derivative of that term with respect to the entry of x is one weight. Which row and which column of W does it stand in?",
        "The Jacobian has a row for each output and a column for each input. Compare with the shape of W before you turn anything round.",
    ),
    mistakes=(
        Mistake(
            "Wᵀ",
            lambda W: W.T.copy(),
            "Rows and columns are exchanged. In a Jacobian the row says which output moves and the column which input is nudged; compare with "
            "the indices of a weight.",
        ),
        Mistake(
            "column sums",
            lambda W: W.sum(axis=0),
            "You add over the outputs, so one number is left for each input. A Jacobian keeps every pair of output and input apart.",
        ),
        Mistake(
            "row sums",
            lambda W: W.sum(axis=1, keepdims=True),
            "You add over the inputs: that is how y changes when all entries of x rise together. A Jacobian nudges one at a time.",
        ),
        Mistake(
            "diagonal only",
            lambda W: W * np.eye(*W.shape),
            "You kept the diagonal. That would be right if each output followed one input alone; here each follows all of them.",
        ),
        Mistake(
            "transpose times itself",
            lambda W: W.T @ W,
            "W enters twice. The map is linear in x, so how often can a weight stand in its derivative?",
        ),
        Mistake(
            "inverse",
            np.linalg.pinv,
            "That matrix leads from y back to x. Asked is how y moves when x is nudged.",
        ),
        Mistake(
            "identity",
            lambda W: np.eye(*W.shape),
            "That is the Jacobian of a map that passes x on as it is. How strongly does entry j of y follow entry i of x here?",
        ),
    ),
)


# ---- 02.3 an elementwise function ------------------------------------------------------------------------------------


def _cases_elementwise(rng: np.random.Generator) -> list[Case]:
    return [Case(f"n = {n}", (rng.normal(size=(n, 1)),)) for n in (3, 2, 5)]


ELEMENTWISE_JACOBIAN = Exercise(
    id="02.3",
    name="elementwise_jacobian",
    title="The Jacobian of a = σ(z), entry by entry",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_elementwise,
    reference=lambda z: np.diagflat(_prime(z)),
    oracle=lambda z: oracles.jacobian(sigmoid, z)[:, 0, :, 0],
    hints=(
        "n numbers go in and n come out. What shape must the Jacobian have?",
        "Nudge the second entry of z alone. Which entries of a move? Where in column 2 can there be anything but 0?",
        "The slopes stand on the diagonal, each at its own z, with zeros elsewhere. `np.diag` builds such a matrix from a flat array of n numbers.",
    ),
    mistakes=(
        Mistake(
            "vector, not matrix",
            _prime,
            "These are the n slopes that are not 0. A Jacobian has an entry for every pair of an output and an input: place them in a matrix.",
            recognise=lambda value, z: _same_numbers(value, _prime(z)),
        ),
        Mistake(
            "σ'(a)",
            lambda z: np.diagflat(_prime(sigmoid(z))),
            "The slopes are taken at the activations. σ was applied to z: that is where its slope is needed.",
        ),
        Mistake(
            "a on the diagonal",
            lambda z: np.diagflat(sigmoid(z)),
            "The values of σ stand on the diagonal. A Jacobian holds derivatives: how fast does each value move?",
        ),
        Mistake(
            "z(1 - z)",
            lambda z: np.diagflat(z * (1 - z)),
            "You use z(1 - z). The rule a(1 - a) for the sigmoid's slope is right with the activation a in it; with z it is another function.",
        ),
        Mistake(
            "np.diag of a column",
            lambda z: np.diag(_prime(z)),
            "`np.diag` does two things: from a flat array it makes a matrix, out of a two-dimensional one it reads the diagonal. "
            "z is a column and has two dimensions.",
        ),
        Mistake(
            "every pair filled, by rows",
            lambda z: _prime(z) + np.zeros((1, z.size)),
            "Each row repeats one slope, as if every output followed every input. Which entries of a move when only one entry of z is nudged?",
        ),
        Mistake(
            "every pair filled, by columns",
            lambda z: _prime(z).T + np.zeros((z.size, 1)),
            "Each column repeats one slope, as if every output followed every input. Which entries of a move when only one entry of z is nudged?",
        ),
        Mistake(
            "σ' of a diagonal matrix",
            lambda z: _prime(np.diagflat(z)),
            "The diagonal is right. Beside it you took the slope at 0, which is not 0: first the slopes, then the matrix.",
        ),
        Mistake(
            "outer product of slopes",
            lambda z: _prime(z) @ _prime(z).T,
            "You multiply every slope with every slope. Output j passes through one activation function only, its own.",
        ),
        Mistake(
            "identity",
            lambda z: np.eye(z.size),
            "The places are right, the slopes are missing: that is the Jacobian of passing z on as it is.",
        ),
    ),
)


# ---- 02.4 the Jacobian of a composition ------------------------------------------------------------------------------


def _cases_chain(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_z, n_y, n_x in ((3, 3, 3), (2, 4, 3), (1, 3, 2), (3, 2, 3)):
        args = (rng.normal(size=(n_z, n_y)), rng.normal(size=(n_y, n_x)))
        cases.append(Case(f"J_outer {n_z}×{n_y}, J_inner {n_y}×{n_x}", args))
    return cases


def _chain_oracle(J_outer: Array, J_inner: Array) -> Array:
    # two maps, neither of them linear, whose Jacobians at 0 are the given ones
    def composed(x: Array) -> Array:
        y = J_inner @ np.sin(x)
        return J_outer @ np.expm1(y)

    return oracles.jacobian(composed, np.zeros((J_inner.shape[1], 1)))[:, 0, :, 0]


CHAIN = Exercise(
    id="02.4",
    name="chain",
    title="The Jacobian of a composition",
    points=1,
    minutes=3,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_chain,
    reference=lambda J_outer, J_inner: J_outer @ J_inner,
    oracle=_chain_oracle,
    hints=(
        "The result has a row for each entry of z and a column for each entry of x. Which shape is that?",
        "Entry (k, i) is a sum over all y_j between them: the slope of z_k at y_j times the slope of y_j at x_i. "
        "Which product of matrices is this sum?",
        "The index that is summed over has to stand in the middle, last in the left factor and first in the right one.",
    ),
    mistakes=(
        Mistake(
            "reversed",
            lambda J_outer, J_inner: J_inner @ J_outer,
            "The factors stand in the order in which the functions are applied. Read the sum over j: which matrix has j as its column index?",
        ),
        Mistake(
            "transposed",
            lambda J_outer, J_inner: (J_outer @ J_inner).T,
            "The numbers are right, with rows and columns exchanged. Rows belong to the outputs z, columns to the inputs x.",
        ),
        Mistake(
            "elementwise",
            lambda J_outer, J_inner: J_outer * J_inner,
            "You multiply entry by entry. From x_i to z_k there is a path through every y_j: what has to be summed?",
        ),
        Mistake(
            "outer transposed",
            lambda J_outer, J_inner: J_outer.T @ J_inner,
            "You turned J_outer round first. Both matrices have the form outputs by inputs already.",
        ),
        Mistake(
            "inner transposed",
            lambda J_outer, J_inner: J_outer @ J_inner.T,
            "You turned J_inner round first. Both matrices have the form outputs by inputs already.",
        ),
        Mistake(
            "both transposed",
            lambda J_outer, J_inner: J_outer.T @ J_inner.T,
            "You turned both matrices round first. They have the form outputs by inputs already.",
        ),
        Mistake(
            "sum for product",
            lambda J_outer, J_inner: J_outer + J_inner,
            "You add the two Jacobians. Slopes along one path are multiplied.",
        ),
        Mistake(
            "outer alone",
            lambda J_outer, J_inner: J_outer.copy(),
            "That is how z moves with y. One step further back lies x.",
        ),
    ),
)


# ---- 02.5 polar coordinates ------------------------------------------------------------------------------------------


def _cases_polar(rng: np.random.Generator) -> list[Case]:
    points = [(float(rng.uniform(1.3, 2.5)), quarter * np.pi / 2 + float(rng.uniform(0.3, 0.6))) for quarter in (0, 1, 2)]
    return [Case(f"r = {r:.3f}, t = {t:.3f}", (r, t)) for r, t in points]


def _polar(rows: Callable[[float, float, float], list[list[float]]]) -> Callable[[float, float], Array]:
    return lambda r, t: np.array(rows(r, float(np.cos(t)), float(np.sin(t))))


_polar_jacobian = _polar(lambda r, cos, sin: [[cos, -r * sin], [sin, r * cos]])


POLAR_JACOBIAN = Exercise(
    id="02.5",
    name="polar_jacobian",
    title="The Jacobian of polar coordinates",
    points=2,
    minutes=7,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_polar,
    reference=_polar_jacobian,
    oracle=lambda r, t: oracles.jacobian(lambda p: np.array([p[0] * np.cos(p[1]), p[0] * np.sin(p[1])]), np.array([r, t])),
    hints=(
        "Two outputs, x and y, and two inputs, r and t. Draw an empty 2×2 matrix and write at its rows and columns what they stand for.",
        "Row 1 is about x: its first entry nudges r while t stands still, its second nudges t while r stands still. Row 2 does the same for y.",
        "The column of r has no r in it any more. In the column of t the factor r stays, the cosine becomes minus the sine, "
        "the sine becomes the cosine.",
    ),
    mistakes=(
        Mistake(
            "sign",
            _polar(lambda r, cos, sin: [[cos, r * sin], [sin, r * cos]]),
            "One entry has the wrong sign. For a small positive angle, does x grow or shrink when the angle grows?",
        ),
        Mistake(
            "sign on the sine's derivative",
            _polar(lambda r, cos, sin: [[cos, r * sin], [sin, -r * cos]]),
            "The column of t has both signs exchanged. Which of sine and cosine has a derivative with a minus sign?",
        ),
        Mistake(
            "rows and columns swapped",
            lambda r, t: _polar_jacobian(r, t).T,
            "The four numbers are right and stand in the wrong places: a row belongs to one output, x or y, a column to one input, r or t.",
        ),
        Mistake(
            "columns swapped",
            lambda r, t: _polar_jacobian(r, t)[:, ::-1],
            "The columns are exchanged: r is the first input, t the second.",
        ),
        Mistake(
            "rows in the wrong order",
            lambda r, t: _polar_jacobian(r, t)[::-1],
            "The rows are exchanged: x is the first output, y the second. Or have sine and cosine changed places? "
            "At the angle 0 the point lies on the x axis.",
        ),
        Mistake(
            "r left out",
            _polar(lambda r, cos, sin: [[cos, -sin], [sin, cos]]),
            "The column of t has no r in it. On a circle twice as large, does the same angle move the point further?",
        ),
        Mistake(
            "r in both columns",
            lambda r, t: r * _polar(lambda _, cos, sin: [[cos, -sin], [sin, cos]])(r, t),
            "In the column of r the factor r is still there. That factor is what you differentiate by.",
        ),
        Mistake(
            "functions not differentiated",
            _polar(lambda r, cos, sin: [[cos, r * cos], [sin, r * sin]]),
            "The column of r is right. In the column of t cosine and sine stand as they were, where their derivatives belong.",
        ),
        Mistake(
            "angle in degrees",
            lambda r, t: _polar_jacobian(r, float(np.deg2rad(t))),
            "The angle is in radians already. Did you convert it?",
        ),
        Mistake(
            "inverse",
            lambda r, t: np.linalg.inv(_polar_jacobian(r, t)),
            "That is how r and t move with x and y. Asked is the other direction.",
        ),
        Mistake(
            "determinant",
            lambda r, t: r,
            "That is the determinant. Asked is the whole matrix of partial derivatives.",
        ),
    ),
)


# ---- 02.6 a differential through an intermediate variable --------------------------------------------------------------

_X0 = np.array([[1.0], [2.0]])
_Y0 = np.array([[5.0], [2.0]])
_F_PRIME = np.array([[2.0, 5.0]])
_G_PRIME = np.array([[1.0, 4.0], [2.0, 1.0]])


def _composed(x: Array) -> Any:
    y_1, y_2 = x[0, 0] + x[1, 0] ** 2, x[0, 0] * x[1, 0]
    return y_1 * y_2


def _cases_differential(rng: np.random.Generator) -> list[Case]:
    steps = [rng.normal(size=(2, 1)), rng.normal(size=(2, 1)), 0.01 * rng.normal(size=(2, 1))]
    return [Case(f"dx = ({dx[0, 0]:.4f}, {dx[1, 0]:.4f})", (dx,)) for dx in steps]


def _linear_in_the_step(row: Array) -> Callable[[Array], float]:
    return lambda dx: float((row @ dx)[0, 0])


DIFFERENTIAL = Exercise(
    id="02.6",
    name="differential",
    title="The first-order change of z, through an intermediate variable",
    points=2,
    minutes=7,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_differential,
    reference=_linear_in_the_step(_F_PRIME @ _G_PRIME),
    oracle=lambda dx: float(oracles.gradient(lambda t: _composed(_X0 + t[0] * dx), np.zeros(1))[0]),
    hints=(
        "Go in two steps: from dx to dy, and from dy to dz. What are the shapes of the two matrices that you need?",
        "First find y at the point. Then the 2×2 matrix of partial derivatives of y at x⁰, and the row of partial derivatives of f at y, not at x.",
        "dy is the 2×2 matrix times dx. Then dz is the row times dy: f is a product, so each factor's slope is the other factor, at the point.",
    ),
    mistakes=(
        Mistake(
            "inner factor missing",
            _linear_in_the_step(_F_PRIME),
            "You multiply the slopes of f at y by the step of x, as if y were x itself. How far does y move when x moves by dx? "
            "Both have two entries here, so the shapes do not warn you.",
        ),
        Mistake(
            "outer factor missing",
            _linear_in_the_step(np.ones((1, 2)) @ _G_PRIME),
            "You add up how far the entries of y move. How strongly does z follow each of them?",
        ),
        Mistake(
            "slope of f taken at x",
            _linear_in_the_step(_X0[::-1].T @ _G_PRIME),
            "The slopes of f are taken at x⁰. f is applied to y: which point is that?",
        ),
        Mistake(
            "slopes of f swapped",
            _linear_in_the_step(_Y0.T @ _G_PRIME),
            "The two slopes of f have changed places. In a product, what is the slope with respect to the first factor?",
        ),
        Mistake(
            "inner matrix transposed",
            _linear_in_the_step(_F_PRIME @ _G_PRIME.T),
            "The matrix of partial derivatives of y is turned round: a row belongs to one entry of y, a column to one entry of x.",
        ),
        Mistake(
            "2 of the square left out",
            _linear_in_the_step(_F_PRIME @ np.array([[1.0, 2.0], [2.0, 1.0]])),
            "One entry of the inner matrix is not right: look at the square again.",
        ),
        Mistake(
            "one path only",
            _linear_in_the_step(_F_PRIME[:, 1:] @ _G_PRIME[1:]),
            "Only the way through the second entry of y is counted. z follows both.",
        ),
        Mistake(
            "path through the second entry left out",
            _linear_in_the_step(_F_PRIME[:, :1] @ _G_PRIME[:1]),
            "Only the way through the first entry of y is counted. z follows both.",
        ),
        Mistake(
            "difference, not differential",
            lambda dx: float(_composed(_X0 + dx) - _composed(_X0)),
            "That is the change of z itself. The differential is its linear part: for twice the step it is exactly twice as large.",
        ),
        Mistake(
            "gradient without the step",
            lambda dx: _F_PRIME @ _G_PRIME,
            "These are the slopes of z. What remains is to take the step dx along them.",
        ),
        Mistake(
            "stopped at dy",
            lambda dx: _G_PRIME @ dx,
            "That is how y moves, two numbers. Asked is how z moves, one number.",
        ),
        Mistake(
            "product for sum",
            lambda dx: float(np.prod(_F_PRIME.T * (_G_PRIME @ dx))),
            "You multiply what arrives through the two entries of y. Shares of a change add up.",
        ),
    ),
)


# ---- 02.7 what an order of multiplication costs ------------------------------------------------------------------------


def _cases_multiplications(rng: np.random.Generator) -> list[Case]:
    cases = []
    for length in (4, 5):
        sizes = [int(n) for n in rng.permutation(np.arange(2, 10))[:length]]
        cases += [Case(f"sizes {'-'.join(map(str, sizes))}, {mode}", (sizes, mode)) for mode in ("forward", "reverse")]
    sizes = [int(n) for n in rng.permutation(np.arange(2, 10))[:4]] + [1]
    return [*cases, *(Case(f"sizes {'-'.join(map(str, sizes))}, {mode}", (sizes, mode)) for mode in ("forward", "reverse"))]


def _each_product(sizes: Sequence[int], mode: str, price: Callable[[int, int, int], float]) -> float:
    """The sum over the products of `price(rows, between, columns)`."""
    if mode == "forward":
        return sum(price(n, n_prev, sizes[0]) for n_prev, n in itertools.pairwise(sizes[1:]))
    return sum(price(sizes[-1], n, n_prev) for n_prev, n in itertools.pairwise(sizes[:-1]))


def _multiplications(sizes: Sequence[int], mode: str) -> int:
    return int(_each_product(sizes, mode, lambda rows, between, columns: rows * between * columns))


def _other(mode: str) -> str:
    return "reverse" if mode == "forward" else "forward"


def _counted(sizes: Sequence[int], mode: str) -> int:
    """Multiply the Jacobians out by the definition of the product and count on the way."""
    jacobians = [np.arange(n * n_prev).reshape(n, n_prev) for n_prev, n in itertools.pairwise(sizes)]
    count = 0

    def product(left: Array, right: Array) -> Array:
        nonlocal count
        out = np.zeros((left.shape[0], right.shape[1]))
        for i, k, j in itertools.product(range(left.shape[0]), range(right.shape[1]), range(left.shape[1])):
            out[i, k] += left[i, j] * right[j, k]
            count += 1
        return out

    if mode == "forward":
        so_far = jacobians[0]
        for J in jacobians[1:]:
            so_far = product(J, so_far)
    else:
        so_far = jacobians[-1]
        for J in jacobians[-2::-1]:
            so_far = product(so_far, J)
    return count


MULTIPLICATIONS = Exercise(
    id="02.7",
    name="multiplications",
    title="What forward and reverse order cost",
    points=2,
    minutes=9,
    difficulty=3,
    allows=("sigmoid",),
    cases=_cases_multiplications,
    reference=_multiplications,
    oracle=_counted,
    hints=(
        "How many multiplications does a product of a p×q matrix with a q×r matrix take? Each of its entries is a sum of how many products?",
        "Forward: what has been multiplied so far always has as many columns as there are inputs. Write its shape after each product. "
        "Reverse: which of its two sides stays the same there?",
        "L Jacobians need L - 1 products. Forward, product number l joins layer l + 1, layer l and the inputs; in reverse, the outputs and two "
        "neighbouring layers. Multiply three sizes for each product, and add.",
    ),
    mistakes=(
        Mistake(
            "orders swapped",
            lambda sizes, mode: _multiplications(sizes, _other(mode)),
            "Your two counts have changed places. Forward starts at the inputs, so the number of inputs stays in every product.",
        ),
        Mistake(
            "sum for product",
            lambda sizes, mode: _each_product(sizes, mode, lambda rows, between, columns: rows + between + columns),
            "For each product you add the three sizes. How many entries does the result have, and what does each of them cost?",
        ),
        Mistake(
            "always forward",
            lambda sizes, mode: _multiplications(sizes, "forward"),
            "Forward is right. In reverse the product starts at the other end: which size stays in every product there?",
        ),
        Mistake(
            "always reverse",
            lambda sizes, mode: _multiplications(sizes, "reverse"),
            "Reverse is right. Forward the product starts at the other end: which size stays in every product there?",
        ),
        Mistake(
            "neighbours only",
            lambda sizes, mode: sum(a * b * c for a, b, c in zip(sizes, sizes[1:], sizes[2:], strict=False)),
            "You multiply the sizes of three neighbouring layers. After the first product one factor is a result, and its outer side is "
            "not the neighbouring layer's.",
        ),
        Mistake(
            "a product too many",
            lambda sizes, mode: (
                _multiplications(sizes, mode) + (sizes[1] * sizes[0] * sizes[0] if mode == "forward" else sizes[-1] * sizes[-1] * sizes[-2])
            ),
            "You count one product for each Jacobian. Two matrices need one product, three need two: with what would the first one be multiplied?",
        ),
        Mistake(
            "matrix with a vector",
            lambda sizes, mode: _each_product(sizes, mode, lambda rows, between, columns: rows * between if mode == "forward" else between * columns),
            "You count as if a single column (or row) were carried along. Here whole Jacobians are multiplied: how many columns, or rows, does the "
            "result so far have?",
        ),
        Mistake(
            "entries of the Jacobians",
            lambda sizes, mode: sum(n * n_prev for n_prev, n in itertools.pairwise(sizes)),
            "You count the entries of the Jacobians. Asked are the multiplications in their product.",
        ),
        Mistake(
            "product of all sizes",
            lambda sizes, mode: int(np.prod(sizes)),
            "You multiply all sizes with each other: that is the number of paths. Matrix products are done one after the other, and their costs add.",
        ),
        Mistake(
            "additions counted too",
            lambda sizes, mode: _each_product(sizes, mode, lambda rows, between, columns: rows * columns * (2 * between - 1)),
            "You count additions as well. Asked are the multiplications alone.",
        ),
        Mistake(
            "first product only",
            lambda sizes, mode: sizes[2] * sizes[1] * sizes[0] if mode == "forward" else sizes[-1] * sizes[-2] * sizes[-3],
            "That is the cost of the first product. Go on until all Jacobians are multiplied, and add the costs.",
        ),
        Mistake(
            "first product left out",
            lambda sizes, mode: (
                _multiplications(sizes, mode) - (sizes[2] * sizes[1] * sizes[0] if mode == "forward" else sizes[-1] * sizes[-2] * sizes[-3])
            ),
            "The first product is missing from your sum. Where does your loop start?",
        ),
    ),
)


# ---- 02.8 a vector through a chain, from the right end -----------------------------------------------------------------


def _cases_vjp(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes in ((3, 3, 3, 3), (4, 2, 5, 3), (2, 4, 3, 1), (3, 2, 3)):
        jacobians = [rng.normal(size=(n, n_prev)) for n_prev, n in itertools.pairwise(sizes)]
        cases.append(Case(f"sizes {'-'.join(map(str, sizes))}", (jacobians, rng.normal(size=(sizes[-1], 1)))))
    return cases


def _through(jacobians: Sequence[Array], v: Array) -> Array:
    for J in jacobians:
        v = J @ v
    return v


def _vjp_chain(jacobians: Sequence[Array], v: Array) -> Array:
    return _through([J.T for J in jacobians[::-1]], v)


VJP_CHAIN = Exercise(
    id="02.8",
    name="vjp_chain",
    title="Carry a vector back through a chain of Jacobians",
    points=3,
    minutes=9,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_vjp,
    reference=_vjp_chain,
    # Σ v ∘ output is a scalar whose gradient at the input is asked
    oracle=lambda jacobians, v: oracles.gradient(lambda x: np.sum(v * _through(jacobians, np.sin(x))), np.zeros((jacobians[0].shape[1], 1))),
    hints=(
        "v has an entry for each output of the whole chain. Which of the Jacobians is the only one that has a row for each of them?",
        "Transposing a product turns its order round. Which transposed matrix then stands next to v?",
        "Go through the list from its end. Each time multiply what you have, from the left, by the transposed Jacobian; it never becomes larger "
        "than a column.",
    ),
    mistakes=(
        Mistake(
            "wrong end first",
            lambda jacobians, v: _through([J.T for J in jacobians], v),
            "You start with the first Jacobian, which belongs to the inputs. v belongs to the outputs. Where all layers have one size the shapes "
            "do not tell.",
        ),
        Mistake(
            "transpose forgotten",
            lambda jacobians, v: _through(jacobians[::-1], v),
            "You go from the last Jacobian to the first, and multiply by each as it stands. As it stands it carries changes forward.",
        ),
        Mistake(
            "forward, not back",
            _through,
            "You carry v forward, as if it were a step of the inputs. v weighs the outputs; asked is what that means for the inputs.",
        ),
        Mistake(
            "last Jacobian only",
            lambda jacobians, v: jacobians[-1].T @ v,
            "You stop one step back, at the inputs of the last function. Go on to the inputs of the first.",
        ),
        Mistake(
            "first Jacobian left out",
            lambda jacobians, v: _vjp_chain(jacobians[1:], v),
            "You stop before the first Jacobian. Its columns are the inputs that you want to reach.",
        ),
        Mistake(
            "last Jacobian left out",
            lambda jacobians, v: _vjp_chain(jacobians[:-1], v),
            "The last Jacobian is missing. It is the first one that v has to pass.",
        ),
        Mistake(
            "elementwise",
            lambda jacobians, v: np.sum(_through(jacobians, np.eye(jacobians[0].shape[1])) * v, axis=1, keepdims=True),
            "You weigh the rows by v and then add up along each row, over the inputs. Which index has to remain at the end?",
        ),
        Mistake(
            "Jacobian of the chain",
            lambda jacobians, v: _through(jacobians, np.eye(jacobians[0].shape[1])),
            "That is the whole Jacobian of the chain. v has not been used; and with it the whole matrix is never needed.",
        ),
        Mistake(
            "v left out",
            lambda jacobians, v: np.sum(_through(jacobians, np.eye(jacobians[0].shape[1])), axis=0)[:, None],
            "You add up all outputs with equal weight. v says how much each of them counts.",
        ),
        Mistake(
            "row, not column",
            lambda jacobians, v: _vjp_chain(jacobians, v).T,
            "The numbers are right and stand in a row. In this course a vector is a column: one entry for each input, below each other.",
        ),
    ),
)


EXERCISES = (
    FORK_GRADIENT,
    LINEAR_JACOBIAN,
    ELEMENTWISE_JACOBIAN,
    CHAIN,
    POLAR_JACOBIAN,
    DIFFERENTIAL,
    MULTIPLICATIONS,
    VJP_CHAIN,
)
