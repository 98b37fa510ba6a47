"""The named equations of lesson 09, each with both sides as they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bpkit.equations.model import Array, Form, Sides, equation
from bpkit.equations.worlds import slope_of


def _shared(rng: np.random.Generator) -> tuple[Array, Array]:
    """F(W) = ‖WᵀWx - x‖², which uses W twice; W neither square nor symmetric."""
    W, x = rng.normal(size=(2, 4)), rng.normal(size=(4, 1))

    def F(outer: Array, inner: Array) -> complex:
        return ((outer.T @ inner @ x - x) ** 2).sum()

    return slope_of(lambda V: F(V, V), W), slope_of(lambda V: F(V, W), W) + slope_of(lambda V: F(W, V), W)


def _objective(row: bool, draw: Mapping[str, tuple[int, int]], by: str, F: Callable[..., complex], gradient: Callable[..., Array]) -> Sides:
    """A function of matrices: its slope by one of them, against a formula. In rows every matrix is given transposed."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        given = {name: rng.uniform(0.2, 1.2, size=shape[::-1] if row else shape) for name, shape in draw.items()}
        return slope_of(lambda v: F(**{**given, by: v}), given[by]), gradient(**given)

    return sides


def _sparse(row: bool, by: str) -> Sides:
    def F(A: Array, s: Array, x: Array) -> complex:
        return (((s @ A if row else A @ s) - x) ** 2).sum() + 0.7 * (A**2).sum()

    def gradient(A: Array, s: Array, x: Array) -> Array:
        r = (s @ A if row else A @ s) - x
        if by == "s":
            return 2 * r @ A.T if row else 2 * A.T @ r
        return (2 * s.T @ r if row else 2 * r @ s.T) + 2 * 0.7 * A

    return _objective(row, {"A": (2, 3), "s": (3, 4), "x": (2, 4)}, by, F, gradient)


def _topographic(row: bool) -> Sides:
    def roots(V: Array, s: Array) -> Array:
        return ((s * s) @ V if row else V @ (s * s)) + 0.3

    def gradient(V: Array, s: Array) -> Array:
        back = roots(V, s) ** -0.5
        return (back @ V.T if row else V.T @ back) * s

    return _objective(row, {"V": (2, 3), "s": (3, 4)}, "s", lambda V, s: (roots(V, s) ** 0.5).sum(), gradient)


def _reconstruction(row: bool) -> Sides:
    def residual(W: Array, x: Array) -> Array:
        return (x @ W @ W.T if row else W.T @ W @ x) - x

    def gradient(W: Array, x: Array) -> Array:
        r = residual(W, x)
        return 2 * x.T @ r @ W + 2 * r.T @ x @ W if row else 2 * W @ r @ x.T + 2 * (W @ x) @ r.T

    return _objective(row, {"W": (2, 3), "x": (3, 4)}, "W", lambda W, x: (residual(W, x) ** 2).sum(), gradient)


def _quadratic_form(row: bool) -> Sides:
    return _objective(
        row,
        {"X": (3, 2), "A": (3, 3)},
        "X",
        lambda X, A: np.trace(X @ A @ X.T if row else X.T @ A @ X),
        lambda X, A: X @ (A + A.T) if row else (A + A.T) @ X,
    )


def _transposed_use(rng: np.random.Generator) -> tuple[Array, Array]:
    """A function of Wᵀ, by W and by the transpose itself."""
    W, v = rng.normal(size=(2, 4)), rng.normal(size=(4, 3))

    def F(M: Array) -> complex:
        return np.exp(M.T @ v / 3).sum()

    return slope_of(lambda moved: F(moved.T), W), slope_of(F, W.T).T


EQUATIONS = (
    equation(
        "shared parameter",
        "The gradient of a parameter that is used several times is the sum of the gradients at its uses.",
        r"every term: the shape of $W$",
        "lesson 09; UFLDL, example 3",
        ours=Form(r"\frac{\partial F}{\partial W} = \sum_{u} \frac{\partial F}{\partial W_{[u]}}", _shared),
        N=Form(r"\frac{\partial C}{\partial w} = \sum_{u} \frac{\partial C}{\partial w_{[u]}}", _shared, stated=False),
        R=Form(r"\mathrm{d}\omega = \sum_{u} \mathrm{d}\omega_{[u]}", _shared, stated=False),
        U=Form(r"\nabla_W F = \sum_{u} \nabla_{W_{[u]}} F", _shared, note="stated in words, without proof"),
        P=Form(r"\frac{\partial J}{\partial w} = \sum_{u} \frac{\partial J}{\partial w_{[u]}}", _shared, stated=False),
    ),
    equation(
        "transposed use",
        "Where a parameter is used transposed, the gradient of that use is turned back into the parameter's own shape.",
        r"$W_{[u]}$: the shape of $W$; $W_{[u]}^\top$: that of $W^\top$",
        "lesson 09",
        ours=Form(
            r"\frac{\partial F}{\partial W_{[u]}} = \left( \frac{\partial F}{\partial W_{[u]}^\top} \right)^\top",
            _transposed_use,
        ),
        N=Form(
            r"\frac{\partial C}{\partial w_{[u]}} = \left( \frac{\partial C}{\partial w_{[u]}^T} \right)^T",
            _transposed_use,
            stated=False,
        ),
        R=Form(r"\mathrm{d}\omega_{[u]} = \left( \mathrm{d}\omega_{[u]}^T \right)^T", _transposed_use, stated=False),
        U=Form(r"\nabla_{W_{[u]}} F = \left( \nabla_{W_{[u]}^T} F \right)^T", _transposed_use, note="said in words, in example 3"),
        P=Form(
            r"\frac{\partial J}{\partial w_{[u]}} = \left( \frac{\partial J}{\partial w_{[u]}^T} \right)^T",
            _transposed_use,
            stated=False,
        ),
    ),
    equation(
        "sparse coding, s",
        "Sparse coding by its code: twice the residual, carried back through the transposed dictionary.",
        r"of $\lVert As - x \rVert^2 + \gamma \lVert A \rVert^2$; $s$: $(k, m)$; $A$: $(n, k)$; $x$: $(n, m)$",
        "lesson 09; UFLDL, example 1",
        ours=Form(r"\frac{\partial F}{\partial s} = 2 A^\top (A s - x)", _sparse(False, "s")),
        N=Form(r"\frac{\partial F}{\partial s} = 2 A^T (A s - x)", _sparse(False, "s"), stated=False),
        R=Form(r"\mathrm{d}s = 2 (s A - x) \cdot A^T", _sparse(True, "s"), stated=False),
        U=Form(r"\nabla_s F = A^T\, 2 (A s - x)", _sparse(False, "s"), note=r"printed as $\nabla_X F$; announced as $\nabla_A F$"),
        P=Form(r"\frac{\partial F}{\partial s} = 2 A^T (A s - x)", _sparse(False, "s"), stated=False),
    ),
    equation(
        "sparse coding, A",
        "Sparse coding by its dictionary: twice the residual times what came in, plus the penalty's own slope.",
        r"of $\lVert As - x \rVert^2 + \gamma \lVert A \rVert^2$; $A$: $(n, k)$; $As - x$: $(n, m)$; $s$: $(k, m)$",
        "lesson 09; UFLDL, example 1",
        ours=Form(r"\frac{\partial F}{\partial A} = 2 (A s - x)\, s^\top + 2 \gamma A", _sparse(False, "A")),
        N=Form(r"\frac{\partial F}{\partial A} = 2 (A s - x)\, s^T + 2 \gamma A", _sparse(False, "A"), stated=False),
        R=Form(r"\mathrm{d}A = 2 s^T \cdot (s A - x) + 2 \gamma A", _sparse(True, "A"), stated=False),
        U=Form(r"\nabla_A F = 2 (A s - x) s^T + 2 \gamma A", _sparse(False, "A"), stated=False, note="announced, not derived"),
        P=Form(r"\frac{\partial F}{\partial A} = 2 (A s - x)\, s^T + 2 \gamma A", _sparse(False, "A"), stated=False),
    ),
    equation(
        "topographic penalty",
        "The penalty on groups: the reciprocal roots, carried back from groups to entries, times the entries.",
        r"of $\sum \sqrt{V(s \odot s) + \epsilon}$; $s$: $(n, m)$; $V$: $(g, n)$; the root: $(g, m)$, entry by entry",
        "lesson 09; UFLDL, example 2",
        ours=Form(
            r"\frac{\partial F}{\partial s} = \left( V^\top \left( V (s \odot s) + \epsilon \right)^{-1/2} \right) \odot s",
            _topographic(False),
        ),
        N=Form(
            r"\frac{\partial F}{\partial s} = \left( V^T \left( V (s \odot s) + \epsilon \right)^{-1/2} \right) \odot s",
            _topographic(False),
            stated=False,
        ),
        R=Form(
            r"\mathrm{d}s = \left( \left( (s \odot s) \cdot V + \epsilon \right)^{-1/2} \cdot V^T \right) \odot s",
            _topographic(True),
            stated=False,
        ),
        U=Form(
            r"\nabla_s F = \left( V^T \left( V (s \bullet s) + \epsilon \right)^{-1/2} \right) \bullet s",
            _topographic(False),
            note=r"printed with $s s^T$ for $s \bullet s$",
        ),
        P=Form(
            r"\frac{\partial F}{\partial s} = \left( V^T \left( V (s \odot s) + \epsilon \right)^{-1/2} \right) \odot s",
            _topographic(False),
            stated=False,
        ),
    ),
    equation(
        "ICA reconstruction",
        "The reconstruction by its matrix: a part for each of its two uses.",
        r"of $\lVert W^\top W x - x \rVert^2$; $W$: $(k, n)$; $x$, $r$: $(n, m)$",
        "lesson 09; UFLDL, example 3",
        ours=Form(
            r"\frac{\partial F}{\partial W} = 2\, W r\, x^\top + 2\, (W x)\, r^\top, \qquad r = W^\top W x - x",
            _reconstruction(False),
        ),
        N=Form(
            r"\frac{\partial F}{\partial W} = 2\, W r\, x^T + 2\, (W x)\, r^T, \quad r = W^T W x - x",
            _reconstruction(False),
            stated=False,
        ),
        R=Form(
            r"\mathrm{d}W = 2 x^T \cdot r \cdot W + 2 r^T \cdot (x \cdot W), \quad r = x \cdot W \cdot W^T - x",
            _reconstruction(True),
            stated=False,
        ),
        U=Form(
            r"\nabla_W F = W\, 2 (W^T W x - x) x^T + 2 (W x) (W^T W x - x)^T",
            _reconstruction(False),
            note=r"printed with $W^T$ for the first $W$",
        ),
        P=Form(
            r"\frac{\partial F}{\partial W} = 2\, W r\, x^T + 2\, (W x)\, r^T, \quad r = W^T W x - x",
            _reconstruction(False),
            stated=False,
        ),
    ),
    equation(
        "quadratic form",
        "A part for each use of the matrix; the two agree only where the form is symmetric.",
        r"of $\mathrm{tr}(X^\top A X)$; $X$: $(n, p)$; $A$: $(n, n)$",
        "lesson 09",
        ours=Form(r"\frac{\partial F}{\partial X} = (A + A^\top)\, X", _quadratic_form(False)),
        N=Form(r"\frac{\partial F}{\partial X} = (A + A^T)\, X", _quadratic_form(False), stated=False),
        R=Form(r"\mathrm{d}X = X \cdot (A + A^T)", _quadratic_form(True), stated=False),
        U=Form(r"\nabla_X F = (A + A^T) X", _quadratic_form(False), stated=False),
        P=Form(r"\frac{\partial F}{\partial X} = (A + A^T)\, X", _quadratic_form(False), stated=False),
    ),
)
