"""Activations and costs: each value stands beside its derivative, so that neither can change alone.

Columns are examples. Every formula here is analytic where the function is, so it accepts complex arrays
and can be differentiated by complex step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


# ── Activations ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, repr=False)
class Activation(ABC):
    """What a layer does to its weighted input: a = σ(z), together with its derivative.

    A new elementwise activation is a subclass with `__call__` and `prime`; the Jacobian and the backward pass
    follow. One that mixes neurons, as softmax does, overrides `jacobian` and `vjp` as well.

    Attributes
    ----------
    name : what reprs and messages call it
    elementwise : whether a[j] depends on z[j] alone, so that the Jacobian is diagonal
    reach : between which two values every output lies; None where that is not known
    gain : the factor on 1/n_in that `init` uses as the variance of the weights, so that signals keep their size
    """

    __slots__ = ()  # nobody changes what all share; a subclass of yours may have attributes, and be a dataclass
    name: ClassVar[str] = "activation"
    elementwise: ClassVar[bool] = True
    reach: ClassVar[tuple[float, float] | None] = None

    @property
    def gain(self) -> float:
        return 1.0

    @abstractmethod
    def __call__(self, z: ArrayLike) -> Array:
        """The activation a = σ(z); same shape as z."""

    @abstractmethod
    def prime(self, z: ArrayLike) -> Array:
        """The derivative σ'(z), entry by entry; same shape as z."""

    def jacobian(self, z: ArrayLike) -> Array:
        """The (n, n) matrix ∂a_i/∂z_j of one column z.

        Examples
        --------
        >>> sigmoid.jacobian([0.0, 0.0])
        array([[0.25, 0.  ],
               [0.  , 0.25]])
        """
        return np.diag(self.prime(_one_column(z)))

    def vjp(self, z: ArrayLike, a: ArrayLike, g: ArrayLike) -> Array:
        """The vector-Jacobian product Jᵀg, column by column: turns ∂C/∂a into ∂C/∂z.

        Parameters
        ----------
        z, a : (n, m)
            Weighted inputs and the activations σ(z) that the forward pass kept.
        g : (n, m)
            ∂C/∂a, one example per column.

        Returns
        -------
        (n, m)
            For an elementwise activation this is σ'(z) ⊙ g.
        """
        return self.prime(z) * g

    def __repr__(self) -> str:
        return self.name


class Identity(Activation):
    """a = z."""

    __slots__ = ()
    name = "identity"
    reach = (-np.inf, np.inf)

    def __call__(self, z: ArrayLike) -> Array:
        return +_numbers(z)

    def prime(self, z: ArrayLike) -> Array:
        return np.ones_like(_numbers(z))


class Sigmoid(Activation):
    """a = 1 / (1 + e⁻ᶻ), and a' = a (1 - a).

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    >>> sigmoid.prime(np.array([-1000.0, 0.0, 1000.0]))
    array([0.  , 0.25, 0.  ])
    """

    __slots__ = ()
    name = "sigmoid"
    reach = (0.0, 1.0)

    def __call__(self, z: ArrayLike) -> Array:
        z = _numbers(z)
        if z.dtype.kind == "c":
            e = np.exp(_minus_abs(z))
            return np.where(z.real > 0, 1, e) / (1 + e)  # e is never above 1: no infinite parts
        return _sigmoid_of_minus(np.asarray(-z))[()]

    def prime(self, z: ArrayLike) -> Array:
        a = self(z)
        return a * (1 - a)

    def vjp(self, z: ArrayLike, a: ArrayLike, g: ArrayLike) -> Array:
        a = np.asarray(a)  # the forward pass has paid for the exponential already
        return a * (1 - a) * g


class Tanh(Activation):
    """a = tanh z, and a' = 1 - a²."""

    __slots__ = ()
    name = "tanh"
    reach = (-1.0, 1.0)

    def __call__(self, z: ArrayLike) -> Array:
        return np.tanh(_numbers(z))

    def prime(self, z: ArrayLike) -> Array:
        a = self(z)
        return 1 - a * a

    def vjp(self, z: ArrayLike, a: ArrayLike, g: ArrayLike) -> Array:
        a = np.asarray(a)
        return (1 - a * a) * g


@dataclass(frozen=True, repr=False)
class LeakyReLU(Activation):
    """a = z where z > 0, and slope · z elsewhere; a'(0) = slope.

    Examples
    --------
    >>> leaky_relu(np.array([-2.0, 0.0, 2.0]))
    array([-0.02,  0.  ,  2.  ])
    >>> leaky_relu.with_slope(0.1).prime(np.array([-2.0, 0.0, 2.0]))
    array([0.1, 0.1, 1. ])
    """

    slope: float = 0.01
    name = "leaky_relu"
    reach = (-np.inf, np.inf)

    def __post_init__(self) -> None:
        if not 0 <= self.slope < 1:
            raise ValueError(f"leaky_relu: slope is {self.slope}, expected 0 ≤ slope < 1")

    @property
    def gain(self) -> float:
        return 2 / (1 + self.slope**2)

    def __call__(self, z: ArrayLike) -> Array:
        z = _numbers(z)
        return z * self.prime(z)

    def prime(self, z: ArrayLike) -> Array:
        z = _numbers(z)
        return np.where(z.real > 0, 1, self.slope).astype(z.real.dtype)[()]

    def with_slope(self, slope: float) -> LeakyReLU:
        """The same activation with another slope for z ≤ 0."""
        return replace(self, slope=slope)

    def __repr__(self) -> str:
        return self.name if self.slope == LeakyReLU.slope else f"{self.name}(slope={self.slope})"


class ReLU(Activation):
    """a = max(z, 0), and a'(0) = 0.

    Examples
    --------
    >>> relu.prime(np.array([-2.0, 0.0, 2.0]))
    array([0., 0., 1.])
    """

    __slots__ = ()
    name = "relu"
    reach = (0.0, np.inf)

    @property
    def gain(self) -> float:
        return 2.0  # half of the inputs are cut off, and half of the variance with them

    def __call__(self, z: ArrayLike) -> Array:
        z = _numbers(z)
        return np.where(z.real > 0, z, 0) if z.dtype.kind == "c" else np.maximum(z, 0)  # NaN stays NaN

    def prime(self, z: ArrayLike) -> Array:
        z = _numbers(z)
        return np.asarray(z.real > 0).astype(z.real.dtype)[()]


class Softplus(Activation):
    """a = log(1 + eᶻ), a smooth relu; a' is the sigmoid.

    Examples
    --------
    >>> softplus(np.array([-1000.0, 0.0]))
    array([0.        , 0.69314718])
    >>> softplus(np.array([1000.0]))
    array([1000.])
    """

    __slots__ = ()
    name = "softplus"
    reach = (0.0, np.inf)

    def __call__(self, z: ArrayLike) -> Array:
        z = _numbers(z)
        return relu(z) + np.log1p(np.exp(_minus_abs(z)))

    def prime(self, z: ArrayLike) -> Array:
        return sigmoid(z)


class Softmax(Activation):
    """a_i = e^(z_i) / Σ_k e^(z_k) in each column: positive, and each column sums to 1.

    Every a_i depends on every z_j, so the derivative is a full matrix, diag(a) - a aᵀ.

    Examples
    --------
    >>> softmax(np.array([[0.0, 1000.0], [0.0, 0.0]]))
    array([[0.5, 1. ],
           [0.5, 0. ]])
    >>> softmax.jacobian([0.0, 0.0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """

    __slots__ = ()
    name = "softmax"
    reach = (0.0, 1.0)
    elementwise = False

    def __call__(self, z: ArrayLike) -> Array:
        e = np.exp(_below_zero(z))
        return e / e.sum(axis=0)

    def prime(self, z: ArrayLike) -> Array:
        raise TypeError("softmax mixes neurons, so it has no elementwise σ'(z); use softmax.jacobian(z), or softmax.vjp(z, a, g) for Jᵀg")

    def jacobian(self, z: ArrayLike) -> Array:
        a = self(_one_column(z))
        return np.diag(a) - np.outer(a, a)

    def vjp(self, z: ArrayLike, a: ArrayLike, g: ArrayLike) -> Array:
        a, g = np.asarray(a), np.asarray(g)
        return a * (g - (a * g).sum(axis=0))  # (diag(a) - a aᵀ) g without the matrix


identity = Identity()
sigmoid = Sigmoid()
tanh = Tanh()
relu = ReLU()
leaky_relu = LeakyReLU()
softplus = Softplus()
softmax = Softmax()


def in_place(activation: Activation, z: Array) -> Array:
    """activation(z), in the place of z where that is quicker, so that z must be the caller's own."""
    # by type, for a subclass may compute something else
    if z.dtype.kind == "c" or type(activation) not in (Sigmoid, ReLU):
        return activation(z)
    if type(activation) is ReLU:
        return np.maximum(z, 0, out=z)
    return _sigmoid_of_minus(np.negative(z, z))


# ── Costs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, repr=False)
class Cost(ABC):
    """How wrong an output a is against its target y: a mean over the examples, with its gradient for each of them.

    A cost owns its output error, because only the pair (cost, last activation) knows what cancels.
    A new cost is a subclass with `per_example` and `gradient`.
    """

    __slots__ = ()
    name: ClassVar[str] = "cost"

    @abstractmethod
    def per_example(self, a: ArrayLike, y: ArrayLike) -> Array:
        """The cost C_x of each example: (m,) for (n, m) arrays, a number for one 1-D example."""

    @abstractmethod
    def gradient(self, a: ArrayLike, y: ArrayLike) -> Array:
        """∇_a C_x, one example per column; no 1/m."""

    def __call__(self, a: ArrayLike, y: ArrayLike) -> Any:
        """The mean cost over the examples.

        Parameters
        ----------
        a, y : (n, m)
            Outputs and targets, one example per column; 1-D arrays are one example.

        Returns
        -------
        float
            (1/m) Σ_x C_x; complex for complex a.
        """
        return np.mean(self.per_example(a, y)).item()

    def output_values(self, z: Array, a: Array, y: Array, activation: Activation) -> Array:
        """The cost C_x of each example for outputs a = activation(z), from z where that loses nothing to rounding."""
        return self.per_example(a, y)

    def output_value(self, z: Array, a: Array, y: Array, activation: Activation) -> Any:
        """The mean of `output_values`."""
        return np.mean(self.output_values(z, a, y, activation)).item()

    def output_error(self, z: Array, a: Array, y: Array, activation: Activation) -> Array:
        """The output error δ^L = ∂C_x/∂z^L, one example per column (BP1).

        Parameters
        ----------
        z, a, y : (n, m)
            Weighted inputs of the last layer, its activations, and the targets.
        activation : Activation
            The last layer's: a = activation(z).

        Returns
        -------
        (n, m)
            Jᵀ ∇_a C: σ'(z) ⊙ ∇_a C for an elementwise activation, the full Jacobian for one that mixes neurons.

        Examples
        --------
        >>> z, y = np.array([[0.0]]), np.array([[1.0]])
        >>> quadratic.output_error(z, sigmoid(z), y, sigmoid)
        array([[-0.125]])
        >>> binary_cross_entropy.output_error(z, sigmoid(z), y, sigmoid)
        array([[-0.5]])
        """
        return activation.vjp(z, a, self.gradient(a, y))

    def check_targets(self, y: ArrayLike) -> None:
        """Raise ValueError, in one line, where y cannot be a target of this cost; any number can, unless it says so."""
        _within(self.name, "y", np.asarray(y), -np.inf, np.inf)

    def check_outputs(self, activation: Activation, n: int) -> None:
        """Raise ValueError, in one line, where n outputs of that activation can never be what this cost is made for."""
        if activation == softmax and n == 1:
            raise ValueError("a single softmax output is always 1; use output=sigmoid with cost=binary_cross_entropy, or one output for each class")

    def __repr__(self) -> str:
        return self.name


class Quadratic(Cost):
    """C_x = ½ ‖a - y‖².

    Examples
    --------
    >>> quadratic(np.array([[1.0, 0.0], [0.0, 2.0]]), np.zeros((2, 2)))
    1.25
    """

    __slots__ = ()
    name = "quadratic"

    def per_example(self, a: ArrayLike, y: ArrayLike) -> Array:
        return _half_square(self.gradient(a, y))

    def gradient(self, a: ArrayLike, y: ArrayLike) -> Array:
        a, y = _pair(a, y)
        return a - y


class BinaryCrossEntropy(Cost):
    """C_x = -Σ_j [y_j log a_j + (1 - y_j) log(1 - a_j)], for outputs that are each a probability.

    From a alone, a certain output (0 or 1) that is right costs 0 and one that is wrong costs inf. With the sigmoid
    `output_value` works from z and stays finite there, and δ^L is exactly a - y.

    Examples
    --------
    >>> binary_cross_entropy(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]]))
    0.0
    >>> binary_cross_entropy(np.array([[0.0]]), np.array([[1.0]]))
    inf
    >>> z = np.array([[-1000.0]])
    >>> binary_cross_entropy.output_value(z, sigmoid(z), np.array([[1.0]]), sigmoid)
    1000.0
    """

    __slots__ = ()
    name = "binary_cross_entropy"

    def per_example(self, a: ArrayLike, y: ArrayLike) -> Array:
        a, y = self._checked(a, y)
        return (_surprise(y, a) + _surprise(1 - y, 1 - a)).sum(axis=0)

    def gradient(self, a: ArrayLike, y: ArrayLike) -> Array:
        a, y = self._checked(a, y)
        return _ratio(1 - y, 1 - a) - _ratio(y, a)

    def output_values(self, z: Array, a: Array, y: Array, activation: Activation) -> Array:
        if activation != sigmoid:
            return super().output_values(z, a, y, activation)
        z, y = _pair(z, y)
        self.check_targets(y)
        # -y log a - (1 - y) log(1 - a) = softplus(z) - y z, added up so that the small term survives
        return ((relu(z) - y * z) + np.log1p(np.exp(_minus_abs(z)))).sum(axis=0)

    def output_error(self, z: Array, a: Array, y: Array, activation: Activation) -> Array:
        if activation != sigmoid:
            return super().output_error(z, a, y, activation)
        a, y = self._checked(a, y)
        return a - y  # σ'(z) = a (1 - a) cancels the denominator of the gradient

    def check_targets(self, y: ArrayLike) -> None:
        _within(self.name, "y", np.asarray(y), 0, 1)

    def check_outputs(self, activation: Activation, n: int) -> None:
        super().check_outputs(activation, n)
        if activation.reach is not None and not (activation.reach[0] >= 0 and activation.reach[1] <= 1):
            raise ValueError(f"{_reaching(activation)}, and {self.name} takes probabilities, from 0 to 1; use output=sigmoid")

    def _checked(self, a: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
        a, y = _pair(a, y)
        self.check_targets(y)
        _within(self.name, "a", a, 0, 1)
        return a, y


class CrossEntropy(Cost):
    """C_x = -Σ_j y_j log a_j, for outputs that share one probability among the classes.

    y is one-hot or any non-negative weighting of the classes. From a alone, a_j = 0 where y_j > 0 costs inf. With
    softmax `output_value` works from z and stays finite there, and δ^L is exactly a Σ_j y_j - y: a - y for a
    distribution.

    Examples
    --------
    >>> round(cross_entropy(np.array([[0.5], [0.5]]), np.array([[1.0], [0.0]])), 6)
    0.693147
    >>> z = np.array([[-1000.0], [0.0]])
    >>> cross_entropy.output_value(z, softmax(z), np.array([[1.0], [0.0]]), softmax)
    1000.0
    """

    __slots__ = ()
    name = "cross_entropy"

    def per_example(self, a: ArrayLike, y: ArrayLike) -> Array:
        a, y = self._checked(a, y)
        return _surprise(y, a).sum(axis=0)

    def gradient(self, a: ArrayLike, y: ArrayLike) -> Array:
        a, y = self._checked(a, y)
        return -_ratio(y, a)

    def output_values(self, z: Array, a: Array, y: Array, activation: Activation) -> Array:
        if activation != softmax:
            return super().output_values(z, a, y, activation)
        z, y = _pair(z, y)
        self.check_targets(y)
        shifted = _below_zero(z)
        log_a = shifted - np.log(np.exp(shifted).sum(axis=0))
        return -(y * log_a).sum(axis=0)

    def output_error(self, z: Array, a: Array, y: Array, activation: Activation) -> Array:
        if activation != softmax:
            return super().output_error(z, a, y, activation)
        a, y = self._checked(a, y)
        return a * y.sum(axis=0) - y  # Jᵀ(-y/a) = a Σy - y: the a in J cancels the denominator

    def check_targets(self, y: ArrayLike) -> None:
        _within(self.name, "y", np.asarray(y), 0, np.inf)

    def check_outputs(self, activation: Activation, n: int) -> None:
        super().check_outputs(activation, n)
        shared = f"{self.name} takes outputs that share one probability among the classes"
        if activation == sigmoid:
            raise ValueError(f"each sigmoid output is a probability of its own, and {shared}; use output=softmax, or cost=binary_cross_entropy")
        if activation.reach is not None and activation != softmax:
            raise ValueError(f"{_reaching(activation)}, and {shared}; use output=softmax")

    def _checked(self, a: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
        a, y = _pair(a, y)
        self.check_targets(y)
        _within(self.name, "a", a, 0, np.inf)
        return a, y


quadratic = Quadratic()
binary_cross_entropy = BinaryCrossEntropy()
cross_entropy = CrossEntropy()


def values_in_place(cost: Cost, z: Array, y: Array, activation: Activation) -> Array:
    """cost.output_values of activation(z), in the place of z where that is quicker; y broadcasts, and z must be the caller's own."""
    if type(cost) is not Quadratic:
        a = activation(z)
        return cost.output_values(z, a, np.broadcast_to(y, a.shape), activation)
    return _half_square(np.subtract(in_place(activation, z), y, out=z))


# ── What they share ───────────────────────────────────────────────────────────────────────────────────────────────────


def _numbers(z: ArrayLike) -> Array:
    """z as an array of real or complex floats; whole numbers become float64."""
    z = np.asarray(z)
    if z.dtype.kind in "fc":
        return z
    if z.dtype.kind in "iub":
        return z.astype(np.float64)
    raise TypeError(f"found an array of dtype {z.dtype}, expected numbers")


def _one_column(z: ArrayLike) -> Array:
    """One example as a 1-D array, given as (n,) or (n, 1)."""
    z = _numbers(z)
    if z.ndim == 1 or (z.ndim == 2 and z.shape[1] == 1):
        return z.reshape(-1)
    raise ValueError(f"jacobian: z has shape {z.shape}, expected one column, (n,) or (n, 1); take z[:, [i]] for example i")


def _pair(a: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Outputs and targets of one shape, so that nothing broadcasts unseen."""
    a, y = _numbers(a), _numbers(y)
    if a.shape != y.shape:
        hint = labels_hint(y, *a.shape) if a.ndim == 2 else ""
        raise ValueError(f"y has shape {y.shape}, expected {a.shape}, the shape of the output a{hint}")
    return a, y


def labels_hint(y: Array, n: int, m: int | None) -> str:
    """What to do where y is one class label for each of m examples, in place of a column of n with a 1 at the class; else nothing."""
    if n == 1 or not y.size or y.shape not in ((m,), (1, m), (m, 1)) or y.dtype.kind not in "iuf" or not (y == np.round(y)).all():
        return ""
    first = 1 if y.max() == n else 0
    if y.min() < first or y.max() >= n + first:
        return ""
    return f"; it looks like class labels from {first} on: np.eye({n})[:, {f'labels - {first}' if first else 'labels'}] has their one-hot columns"


def _reaching(activation: Activation) -> str:
    low, high = activation.reach or (-np.inf, np.inf)
    return f"{activation.name} outputs reach from {low:g} to {high:g}"


def _within(where: str, what: str, values: Array, low: float, high: float) -> None:
    """Raise ValueError where a value lies outside; NaN passes, and makes the result NaN."""
    outside = (values.real < low) | (values.real > high)
    if outside.any():
        value = values.real[outside].flat[0]
        wanted = f"values in [{low}, {high}]" if high < np.inf else f"values ≥ {low}"
        raise ValueError(f"{where}: {what} contains {value:g}, expected {wanted}")


def _sigmoid_of_minus(z: Array) -> Array:
    """1 / (1 + eᶻ) in the place of z: memory that is there already is the quickest."""
    with np.errstate(over="ignore"):  # 1/inf is the right 0
        np.exp(z, z)
    z += 1
    return np.reciprocal(z, z)


def _minus_abs(z: Array) -> Array:
    """-|z| for real z; for complex z, ±z with the sign that makes the real part ≤ 0, which is analytic."""
    return np.where(z.real > 0, -z, z) if z.dtype.kind == "c" else -np.abs(z)


def _below_zero(z: ArrayLike) -> Array:
    """z less the largest real part of its column, which softmax does not feel."""
    z = _numbers(z)
    return z - z.real.max(axis=0)


def _half_square(error: Array) -> Array:
    """½ Σ_j of the squares; for complex ones without a conjugate."""
    return np.einsum("j...,j...->...", error, error) / 2


def _surprise(y: Array, a: Array) -> Array:
    """-y log a, with 0 log 0 = 0."""
    with np.errstate(divide="ignore"):
        return 0 - y * np.log(a, out=np.zeros_like(a), where=y != 0)


def _ratio(y: Array, a: Array) -> Array:
    """y / a, with 0 / 0 = 0."""
    with np.errstate(divide="ignore"):
        return np.divide(y, a, out=np.zeros(y.shape, np.result_type(y, a)), where=y != 0)
