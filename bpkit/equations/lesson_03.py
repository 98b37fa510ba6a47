"""The named equations of lesson 03, each with both sides as they are written."""

from __future__ import annotations

import numpy as np

from bpkit.equations.model import Array, Form, Sides, equation
from bpkit.equations.worlds import slope_of


def _polynomial(rng: np.random.Generator, degree: int) -> tuple[np.polynomial.Polynomial, float, float]:
    """A polynomial, a place of order one and a step."""
    return np.polynomial.Polynomial(rng.normal(size=degree + 1)), float(rng.normal()), float(rng.uniform(0.1, 0.5))


def _one_sided(rng: np.random.Generator) -> tuple[Array, Array]:
    C, w, h = _polynomial(rng, 2)
    return np.array([(C(w + h) - C(w)) / h]), np.array([C.deriv()(w) + h / 2 * C.deriv(2)(w)])


def _central(rng: np.random.Generator) -> tuple[Array, Array]:
    C, w, h = _polynomial(rng, 4)
    return np.array([(C(w + h) - C(w - h)) / (2 * h)]), np.array([C.deriv()(w) + h**2 / 6 * C.deriv(3)(w)])


def _complex_step(rng: np.random.Generator) -> tuple[Array, Array]:
    C, w, h = _polynomial(rng, 4)
    return np.array([C(w + 1j * h).imag / h]), np.array([C.deriv()(w) - h**2 / 6 * C.deriv(3)(w)])


def _best_step(rng: np.random.Generator) -> tuple[Array, Array]:
    """The step at which the sum of both errors is flat, by halving, beside the formula."""
    C, slope, third, epsilon = rng.uniform(0.1, 10), rng.uniform(0.1, 10), rng.uniform(0.1, 10), 2.0**-52
    w = rng.uniform(0.1, 10)
    rounding = epsilon * (C + w * slope) / 2

    def steepness(h: float) -> float:
        return float(slope_of(lambda at: at[0] ** 2 / 6 * third + rounding / at[0], np.array([h]))[0])

    low, high = 1e-8, 1e-2
    for _ in range(100):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if steepness(middle) < 0 else (low, middle)
    return np.array([low]), np.array([(3 * epsilon * (C + w * slope) / (2 * third)) ** (1 / 3)])


def _entry_by_entry(rng: np.random.Generator) -> tuple[Array, Array]:
    """Moving one weight alone, beside the slope by complex step; the cost is quadratic in W, so that no h is too large."""
    W, x, y = rng.normal(size=(3, 2)), rng.normal(size=(2, 4)), rng.normal(size=(3, 4))

    def cost(W: Array) -> complex:
        return 0.5 * ((W @ x - y) ** 2).sum()

    left = np.zeros(W.shape)
    for j, k in np.ndindex(W.shape):
        E = np.zeros(W.shape)
        E[j, k] = 0.25
        left[j, k] = (cost(W + E) - cost(W - E)).real / 0.5
    return slope_of(cost, W), left


def _relative_error(rng: np.random.Generator) -> tuple[Array, Array]:
    """The least E within which every entry is, of g, of n or of the floor, beside the formula."""
    g = rng.normal(size=(3, 4)) * 10.0 ** rng.integers(-6, 1, size=(3, 4))
    n = g + 1e-5 * rng.normal(size=g.shape)
    low, high = 0.0, 2.0
    for _ in range(100):
        E = (low + high) / 2
        within = np.all((abs(g - n) <= E * abs(g)) | (abs(g - n) <= E * abs(n)) | (abs(g - n) <= E * 1e-4))
        low, high = (low, E) if within else (E, high)
    return np.array([high]), np.array([(abs(g - n) / np.maximum(np.maximum(abs(g), abs(n)), 1e-4)).max()])


def _in_letters(latex: str, sides: Sides) -> dict[str, Form]:
    """One formula in every text's letters: our C and w, spelt @C and @w. None of the texts states it."""
    letters = {"ours": "Cw", "N": "Cw", "R": ("L", r"\omega"), "U": "JW", "P": "Jw"}
    return {
        convention: Form(latex.replace("@C", cost).replace("@w", weight), sides, stated=convention == "ours")
        for convention, (cost, weight) in letters.items()
    }


EQUATIONS = (
    equation(
        "one-sided difference",
        "One step to one side: the error is half the step times the bend.",
        "every symbol is a number",
        "lesson 03; Press et al., Numerical Recipes, section 5.7",
        **_in_letters(r"\frac{@C(@w + h) - @C(@w)}{h} = @C'(@w) + \frac{h}{2}\, @C''(@w) + O(h^2)", _one_sided),
    ),
    equation(
        "central difference",
        "One step to either side: the bend cancels, and the error falls with the square of the step.",
        "every symbol is a number",
        "lesson 03; Press et al., Numerical Recipes, section 5.7",
        **_in_letters(r"\frac{@C(@w + h) - @C(@w - h)}{2h} = @C'(@w) + \frac{h^2}{6}\, @C'''(@w) + O(h^4)", _central),
    ),
    equation(
        "best step",
        "Where the bounds on the curve's error and on the rounding's together are least: near the cube root of ε.",
        "every symbol is a number",
        "lesson 03; Press et al., Numerical Recipes, section 5.7",
        **_in_letters(
            r"h^* = \left( \frac{3\, \epsilon\, (\lvert @C \rvert + \lvert @w\, @C' \rvert)}{2\, \lvert @C''' \rvert} \right)^{1/3}",
            _best_step,
        ),
    ),
    equation(
        "complex step",
        "A step along the imaginary axis: the slope stands in the imaginary part, and nothing is subtracted.",
        "every symbol is a number",
        "lesson 03; Squire and Trapp, SIAM Review 40 (1998)",
        **_in_letters(r"\frac{\mathrm{Im}\, @C(@w + ih)}{h} = @C'(@w) - \frac{h^2}{6}\, @C'''(@w) + O(h^4)", _complex_step),
    ),
    equation(
        "numerical gradient",
        "Nudge one weight up and down and leave all others; then the next one.",
        "$W, E_{jk}$: $(n_l, n_{l-1})$; $E_{jk}$ has a 1 at row $j$, column $k$, and 0 elsewhere",
        "lesson 03; UFLDL, Gradient checking",
        **_in_letters(
            r"\frac{\partial @C}{\partial @w_{jk}} \approx \frac{@C(W + h E_{jk}) - @C(W - h E_{jk})}{2h}",
            _entry_by_entry,
        ),
    ),
    equation(
        "relative error",
        "The worst entry of two gradients g and n: how far apart, as a part of the larger, or of the floor where both are tiny.",
        "$g, n$: the shape of the parameter; $E$: a number",
        "lesson 03; CS231n, Neural Networks Part 3, Gradient checks",
        **_in_letters(
            r"E = \max_{jk} \frac{\lvert g_{jk} - n_{jk} \rvert}{\max(\lvert g_{jk} \rvert,\, \lvert n_{jk} \rvert,\, 10^{-4})}",
            _relative_error,
        ),
    ),
)
