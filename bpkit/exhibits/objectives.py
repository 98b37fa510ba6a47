"""Functions of matrices drawn as nets of arrays: every value on the way forward, and what each use of an array sends back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from bpkit.exhibits import nets

Array = np.ndarray
Back = tuple[str, Callable[..., Array]]


@dataclass(frozen=True)
class Node:
    """One array of a net.

    Parameters
    ----------
    key
        Its name in the net. A given array that is drawn at each of its uses has a key for each, such as "x′".
    label
        What is written, such as "z = A s".
    value
        From the forward pass.
    gradient
        ∂F/∂value, the sum over its uses; None for what is given and does not move.
    spot
        Column and row where it is drawn.
    """

    key: str
    label: str
    value: Array
    gradient: Array | None
    spot: tuple[int, int]


@dataclass(frozen=True)
class Use:
    """One use of an array by a later one: an edge of the net.

    Parameters
    ----------
    start, end
        The keys of the array and of the one that is made of it.
    back
        What the edge sends back, such as "Aᵀ δz"; empty where nothing has to.
    share
        The same in numbers, of the shape of `start`'s array.
    """

    start: str
    end: str
    back: str
    share: Array | None


@dataclass(frozen=True)
class Objective:
    """A function of matrices as a net; the last node is its value.

    Parameters
    ----------
    name, formula
        What it is called, and the function in one line.
    nodes
        In the order of the forward pass.
    uses
        In the order of the nodes that they end in.
    """

    name: str
    formula: str
    nodes: tuple[Node, ...]
    uses: tuple[Use, ...]

    def __getitem__(self, key: str) -> Node:
        for node in self.nodes:
            if node.key == key:
                return node
        raise KeyError(f"no array {key!r} in the net of {self.name}; there are {', '.join(node.key for node in self.nodes)}")

    def uses_of(self, key: str) -> tuple[Use, ...]:
        """The places where an array is used."""
        return tuple(use for use in self.uses if use.start == key)

    @property
    def value(self) -> float:
        """The value of the function."""
        return self.nodes[-1].value.item()

    @property
    def backward(self) -> tuple[Node, ...]:
        """The nodes that have a gradient, in the order in which the backward pass finds them."""
        return tuple(node for node in reversed(self.nodes) if node.gradient is not None)


class _Given(NamedTuple):
    """An array that the function is given; `moves` if its gradient is asked."""

    value: Array
    spot: tuple[int, int]
    moves: bool = False


class _Made(NamedTuple):
    """An array made of others. `back` has for each of them the words and the function of (its δ, *inputs); None where nothing moves."""

    rule: str
    inputs: tuple[str, ...]
    make: Callable[..., Array]
    back: tuple[Back | None, ...]
    spot: tuple[int, int]


def _net(name: str, formula: str, parts: dict[str, _Given | _Made]) -> Objective:
    """Run the parts forward, then backward."""
    values: dict[str, Array] = {}
    for key, part in parts.items():
        values[key] = part.value if isinstance(part, _Given) else part.make(*(values[i] for i in part.inputs))
    last = list(parts)[-1]
    gradients: dict[str, Array] = {last: np.ones((1, 1))}
    uses: list[Use] = []
    for key, part in reversed(list(parts.items())):
        if isinstance(part, _Given):
            continue
        inputs = [values[i] for i in part.inputs]
        found = []
        for start, back in zip(part.inputs, part.back, strict=True):
            share = None if back is None else back[1](gradients[key], *inputs)
            if share is not None:
                gradients[start] = gradients.get(start, 0) + share
            found.append(Use(start, key, back[0] if back else "", share))
        uses[:0] = found
    nodes = []
    for key, part in parts.items():
        label = key.rstrip("′") if isinstance(part, _Given) else f"{key} = {part.rule}"
        moves = isinstance(part, _Made) or part.moves
        nodes.append(Node(key, label, values[key], gradients[key] if moves else None, part.spot))
    return Objective(name, formula, tuple(nodes), tuple(uses))


def _matrix(values: ArrayLike, name: str) -> Array:
    array = np.array(values, dtype=float, ndmin=2)
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}, expected a matrix")
    return array


def _fits(name: str, found: tuple[int, ...], expected: tuple[int | str, ...], why: str) -> None:
    if len(found) != len(expected) or any(isinstance(want, int) and have != want for have, want in zip(found, expected, strict=True)):
        raise ValueError(f"{name} has shape {found}, expected ({', '.join(map(str, expected))}): {why}")


def _sum(*terms: Array) -> Array:
    return np.array([[sum(term.sum() for term in terms)]])


def _ones_like_first(d: Array, v: Array, *others: Array) -> Array:
    return d * np.ones_like(v)


# ---- parts that several nets have ------------------------------------------------------------------------------------


def _squared(of: str, name: str, spot: tuple[int, int]) -> _Made:
    return _Made(f"{of} ⊙ {of}", (of,), lambda v: v * v, ((f"2 {of} ⊙ δ{name}", lambda d, v: 2 * v * d),), spot)


def _residual(of: str, given: str, name: str, spot: tuple[int, int]) -> _Made:
    """What is made less what is given; the given one may be a later copy of it, such as "x′"."""
    return _Made(f"{of} − {given.rstrip('′')}", (of, given), np.subtract, ((f"δ{name}", lambda d, *_: d), None), spot)


def _total(of: str, spot: tuple[int, int]) -> _Made:
    return _Made(f"Σ{of}", (of,), _sum, (("1", _ones_like_first),), spot)


# ---- the nets --------------------------------------------------------------------------------------------------------


def sparse_coding(A: ArrayLike, s: ArrayLike, x: ArrayLike, gamma: float) -> Objective:
    """‖As − x‖² + γ‖A‖², the cost of explaining x by a dictionary A and a code s; sums over all examples.

    Parameters
    ----------
    A : (n, k)
    s : (k, m)
    x : (n, m)
    gamma : float

    Returns
    -------
    Objective

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Source
    ------
    Lesson 09; UFLDL, 用反向传导思想求导, example 1, corrected.

    Examples
    --------
    >>> net = sparse_coding(**example("sparse coding"))
    >>> net.value, net["s"].gradient.ravel()
    (21.25, array([-16.,  16.,  14.]))
    """
    A, s, x = _matrix(A, "A"), _matrix(s, "s"), _matrix(x, "x")
    _fits("s", s.shape, (A.shape[1], "m"), "a row for each column of A")
    _fits("x", x.shape, (A.shape[0], s.shape[1]), "as A s")
    return _net(
        "sparse coding",
        "‖A s − x‖² + γ‖A‖²",
        {
            "A": _Given(A, (0, 0), moves=True),
            "s": _Given(s, (0, 1), moves=True),
            "x": _Given(x, (1, 2)),
            "P": _squared("A", "P", (2, 0)),
            "z": _Made("A s", ("A", "s"), np.matmul, (("δz sᵀ", lambda d, A, s: d @ s.T), ("Aᵀ δz", lambda d, A, s: A.T @ d)), (1, 1)),
            "r": _residual("z", "x", "r", (2, 1)),
            "q": _squared("r", "q", (3, 1)),
            "F": _Made(
                "Σq + γΣP",
                ("q", "P"),
                lambda q, P: _sum(q, gamma * P),
                (("1", _ones_like_first), ("γ", lambda d, q, P: gamma * d * np.ones_like(P))),
                (4, 1),
            ),
        },
    )


def topographic(V: ArrayLike, s: ArrayLike, eps: float) -> Objective:
    """Σ√(V(s⊙s) + ε), a penalty that switches whole groups of s off; sums over all examples.

    Parameters
    ----------
    V : (g, n)
        A row for each group, no entry negative.
    s : (n, m)
    eps : float
        Above 0, so that every root has a slope.

    Returns
    -------
    Objective

    Raises
    ------
    ValueError
        If the shapes do not fit together, or a number under a root is not above 0.

    Source
    ------
    Lesson 09; UFLDL, 用反向传导思想求导, example 2, corrected.

    Examples
    --------
    >>> net = topographic(**example("topographic penalty"))
    >>> round(net.value, 4), net["u"].value.ravel()
    (3.2476, array([1.25, 4.25]))
    """
    V, s = _matrix(V, "V"), _matrix(s, "s")
    _fits("s", s.shape, (V.shape[1], "m"), "a row for each column of V")
    if not np.all(V @ (s * s) + eps > 0):
        raise ValueError(f"the smallest number under a root is {np.min(V @ (s * s) + eps):g}, expected all above 0: V ≥ 0 and eps > 0")
    return _net(
        "topographic penalty",
        "Σ √(V(s ⊙ s) + ε)",
        {
            "V": _Given(V, (1, 1)),
            "s": _Given(s, (0, 0), moves=True),
            "q": _squared("s", "q", (1, 0)),
            "u": _Made("V q", ("V", "q"), np.matmul, (None, ("Vᵀ δu", lambda d, V, q: V.T @ d)), (2, 0)),
            "p": _Made("u + ε", ("u",), lambda u: u + eps, (("δp", lambda d, u: d),), (3, 0)),
            "t": _Made("√p", ("p",), np.sqrt, (("δt/(2√p)", lambda d, p: d / (2 * np.sqrt(p))),), (4, 0)),
            "F": _total("t", (5, 0)),
        },
    )


def ica(W: ArrayLike, x: ArrayLike) -> Objective:
    """‖WᵀWx − x‖², how badly W and its transpose rebuild x; sums over all examples. W is used twice.

    Parameters
    ----------
    W : (k, n)
    x : (n, m)

    Returns
    -------
    Objective

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Source
    ------
    Lesson 09; UFLDL, 用反向传导思想求导, example 3, corrected.

    Examples
    --------
    >>> net = ica(**example("ICA reconstruction"))
    >>> net.value, [use.end for use in net.uses_of("W")]
    (46.5625, ['h', 'y'])
    """
    W, x = _matrix(W, "W"), _matrix(x, "x")
    _fits("x", x.shape, (W.shape[1], "m"), "a row for each column of W")
    return _net(
        "ICA reconstruction",
        "‖WᵀW x − x‖²",
        {
            "W": _Given(W, (0, 0), moves=True),
            "x": _Given(x, (0, 1)),
            "x′": _Given(x, (2, 2)),
            "h": _Made("W x", ("W", "x"), np.matmul, (("δh xᵀ", lambda d, W, x: d @ x.T), None), (1, 1)),
            "y": _Made("Wᵀ h", ("W", "h"), lambda W, h: W.T @ h, (("h δyᵀ", lambda d, W, h: h @ d.T), ("W δy", lambda d, W, h: W @ d)), (2, 1)),
            "r": _residual("y", "x′", "r", (3, 1)),
            "q": _squared("r", "q", (4, 1)),
            "F": _total("q", (5, 1)),
        },
    )


def quadratic_form(X: ArrayLike, A: ArrayLike) -> Objective:
    """tr(XᵀAX) = Σ X⊙(AX). X is used twice, and A need not be symmetric.

    Parameters
    ----------
    X : (n, p)
    A : (n, n)

    Returns
    -------
    Objective

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Source
    ------
    Lesson 09.

    Examples
    --------
    >>> net = quadratic_form(**example("quadratic form"))
    >>> np.array_equal(net["X"].gradient, (example("quadratic form")["A"] + example("quadratic form")["A"].T) @ net["X"].value)
    True
    """
    X, A = _matrix(X, "X"), _matrix(A, "A")
    _fits("A", A.shape, (X.shape[0], X.shape[0]), "a row and a column for each row of X")
    return _net(
        "quadratic form",
        "tr(XᵀA X)",
        {
            "X": _Given(X, (0, 0), moves=True),
            "A": _Given(A, (0, 1)),
            "Y": _Made("A X", ("A", "X"), np.matmul, (None, ("Aᵀ δY", lambda d, A, X: A.T @ d)), (1, 1)),
            "Q": _Made("X ⊙ Y", ("X", "Y"), np.multiply, (("Y ⊙ δQ", lambda d, X, Y: Y * d), ("X ⊙ δQ", lambda d, X, Y: X * d)), (2, 1)),
            "F": _total("Q", (3, 1)),
        },
    )


def example(name: str) -> dict[str, Any]:
    """The numbers with which lesson 09 fills an objective: the matrices are those of the course's 2-3-2 net where they fit.

    Examples
    --------
    >>> example("ICA reconstruction")["x"].ravel()
    array([1., 2.])
    """
    net, x, _ = nets.two_three_two()
    W1, W2 = net.W[1], net.W[2]
    assert W1 is not None and W2 is not None
    z1 = np.array([[-1.0], [0.5], [2.0]])  # the weighted inputs of its hidden layer
    numbers: dict[str, dict[str, Any]] = {
        "sparse coding": {"A": W2, "s": z1, "x": x, "gamma": 0.1},
        "topographic penalty": {"V": np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]), "s": z1, "eps": 0.1},
        "ICA reconstruction": {"W": W1, "x": x},
        "quadratic form": {"X": W1, "A": np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0], [1.0, 0.0, 2.0]])},
    }
    if name not in numbers:
        raise ValueError(f"no objective is called {name!r}; expected one of: {', '.join(numbers)}")
    return numbers[name]


def all_four() -> tuple[Objective, ...]:
    """The objectives of lesson 09 with their numbers.

    Examples
    --------
    >>> [net.name for net in all_four()]
    ['sparse coding', 'topographic penalty', 'ICA reconstruction', 'quadratic form']
    """
    return (
        sparse_coding(**example("sparse coding")),
        topographic(**example("topographic penalty")),
        ica(**example("ICA reconstruction")),
        quadratic_form(**example("quadratic form")),
    )
