"""Slopes from values alone: the differences that gradients are checked against.

Three ways to a slope at w, with the rounding ε of the number type and a step h:

- central: (C(w+h) - C(w-h)) / 2h, off by h² C'''/6 + ε|C|/h, least at h ≈ ε^⅓;
- Richardson: (4 D(h/2) - D(h)) / 3 of two central ones, off by h⁴ and ε|C|/h, least at h ≈ ε^⅕;
- complex step: Im C(w + ih) / h, off by h² only, for nothing is subtracted; h can be 1e-20. Only for a C that is analytic.
"""

from __future__ import annotations

import math
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

Array = np.ndarray
Scheme = Literal["central", "richardson", "complex"]

METHODS = {"central": "central differences", "richardson": "Richardson's differences", "complex": "complex step"}


class Precision(NamedTuple):
    """Steps and tolerances for one number type. Steps are for arguments of order one."""

    eps: float
    step: Mapping[str, float]
    rtol: Mapping[str, float]
    probes: tuple[float, float]  # one-sided steps that tell a kink from a curve
    ladder: tuple[float, ...]  # steps at which a slope may be seen for what it is


FLOAT64 = Precision(
    eps=2.0**-52,
    step={"central": 2.0**-15, "richardson": 2.0**-9, "complex": 1e-20},
    rtol={"central": 1e-7, "richardson": 1e-7, "complex": 1e-10},
    probes=(2.0**-20, 2.0**-23),
    ladder=(2.0**-15, 2.0**-19, 2.0**-23, 2.0**-27, 2.0**-31),
)
FLOAT32 = Precision(
    eps=2.0**-23,
    step={"central": 2.0**-8, "richardson": 2.0**-5, "complex": 1e-10},
    rtol={"central": 1e-3, "richardson": 1e-3, "complex": 1e-4},
    probes=(2.0**-6, 2.0**-9),
    ladder=(2.0**-6, 2.0**-8, 2.0**-10, 2.0**-12),
)


def _precision(eps: float) -> Precision:
    """Steps and tolerances for values of any relative rounding, by the powers of it that are best for each scheme."""
    central, richardson = eps ** (1 / 3), eps ** (1 / 5)
    rtol = 40 * eps ** (2 / 3)
    return Precision(
        eps=eps,
        step={"central": central, "richardson": richardson, "complex": 1e-10},
        rtol={"central": rtol, "richardson": rtol, "complex": 1e3 * eps},
        probes=(4 * central, central / 2),
        ladder=(4 * central, central, central / 4),
    )


class Slopes(ABC):
    """How C depends on each entry of one array, and the differences that follow from that.

    A subclass says what C becomes when single entries move; entries are named by their flat index.

    Attributes
    ----------
    size : number of entries
    entries : which of them are looked at; all, unless it says so
    here : the array whose entries move
    base : C where nothing has moved
    unit : per entry, how far it must move to matter; the steps of `precision` are in this unit
    rounding : absolute rounding error of one value of C
    coarse : whether C is computed more coarsely than its argument is given
    analytic : whether C is known to be analytic but for kinks, so that a complex step needs no second witness
    rounds_over_kinks : whether the gradient under test was computed so coarsely that it may be of the far side of a kink
    """

    size: int
    here: Array
    base: float
    unit: Array
    rounding: float
    precision: Precision
    coarse: bool = False
    analytic: bool = False
    rounds_over_kinks: bool = False

    @abstractmethod
    def cost(self, entries: Array, t: Array) -> Array:
        """C after entry i alone has moved by t[i], for each i in `entries`; complex for complex t."""

    def exact(self, entries: Array, t: Array) -> Array:
        """The steps that the number type can take, next to t."""
        return t

    @cached_property
    def entries(self) -> Array:
        return np.arange(self.size)

    def _some(self) -> Array:
        """Up to 64 of the entries that are looked at, from all over."""
        return self.entries[np.unique(np.linspace(0, len(self.entries) - 1, 64).astype(int))]

    def moves(self, beyond: float = 0.0) -> bool:
        """Whether C changes by more than that when entries move, by a little or by as much as they are."""
        entries = self._some()
        steps = (2.0**-15, 2.0**-3, -(2.0**-3), 1.0, -1.0)
        return any((np.abs(self.cost(entries, step * self.unit[entries]) - self.base) > beyond).any() for step in steps)

    @abstractmethod
    def takes_complex(self) -> bool:
        """Whether C can be had at complex arguments, and stays C."""

    @cached_property
    def has_complex_step(self) -> bool:
        """Whether complex steps find the slopes that real differences find, on a sample of entries.

        That C takes complex numbers is not enough: |w| of a complex w is real, so its slope would be missing.
        """
        if not self.size or not self.takes_complex():
            return False
        if self.analytic:
            return True
        entries = self._some()
        refuted, by_real = self.refuted(entries, self.slope("complex", entries))
        return bool(np.isfinite(by_real).any() and not refuted.any())

    def refuted(self, entries: Array, slopes: Array) -> tuple[Array, Array]:
        """Where real differences refute these slopes, and what they find; nowhere at a kink or where they cannot be had."""
        by_real = self.slope("richardson", entries)
        usable = np.isfinite(by_real)  # a step may leave the domain of a logarithm
        scale = max(float(np.abs(by_real[usable]).max(initial=0.0)), float(np.abs(slopes).max(initial=0.0)))
        agree = np.abs(slopes - by_real) <= 10 * self.precision.rtol["richardson"] * scale + self.noise("richardson")
        agree |= self.confirmed(entries, slopes, scale)
        _, _, kink, _ = self.sides(entries)  # where there is no slope to agree on
        return ~(agree | kink | ~usable), by_real

    def check_analytic(self, name: str, instead: str) -> None:
        """Raise ValueError where complex steps find other slopes than real ones, at the first such entry of the array `name`.

        numpy's sign of a complex number is z/|z|, and vdot, vecdot, vecmat and correlate conjugate an argument: all take
        complex numbers, none is analytic.
        """
        if not self.size or self.analytic:
            return
        by_complex = self.slope("complex", self.entries)
        refuted, by_real = self.refuted(self.entries, by_complex)
        if refuted.any():
            first = int(np.argmax(refuted))
            place = ", ".join(map(str, np.unravel_index(self.entries[first], self.here.shape)))
            raise ValueError(
                f"C takes complex numbers but is not analytic: at {name}[{place}] the complex step finds {by_complex[first]:.4g}, "
                f"real differences {by_real[first]:.4g}; use scheme={instead!r}"
            )

    def confirmed(self, entries: Array, values: Array, scale: float) -> Array:
        """Whether a central difference finds these slopes, with a step of any size: beside a kink only a short one can.

        A step so short that rounding exceeds a hundredth of the scale confirms nothing.
        """
        found = np.zeros(len(entries), bool)
        for step in self.precision.ladder:
            t = step * self.unit[entries]
            doubt = 8 * self.rounding / t
            found |= (np.abs(self.central(entries, t) - values) <= doubt + 1e-6 * scale) & (doubt <= 0.01 * scale)
        return found

    def sides(self, entries: Array) -> tuple[Array, Array, Array, Array]:
        """The slopes to the left and to the right, whether there is a kink between them, and what rounding does to them.

        On a curve the gap between the two shrinks with the step; at a kink it stays.
        """
        far, near = self.precision.probes
        t = near * self.unit[entries]
        doubt = 8 * self.rounding / t
        left, right = self.one_sided(entries, t)
        wide_left, wide_right = self.one_sided(entries, far * self.unit[entries])
        kink = np.abs(right - left) > 1.5 * near / far * np.abs(wide_right - wide_left) + 2 * doubt
        return left, right, kink, doubt

    def slope(self, scheme: str, entries: Array, h: float | None = None) -> Array:
        """∂C/∂w of these entries by one scheme; `h` in place of the scheme's own step."""
        t = np.full(len(entries), float(h)) if h is not None else self.precision.step[scheme] * self.unit[entries]
        if scheme == "complex":
            return self.cost(entries, 1j * t).imag / t
        return self.central(entries, t) if scheme == "central" else self.richardson(entries, t)

    def richardson(self, entries: Array, t: Array) -> Array:
        return (4 * self.central(entries, t / 2) - self.central(entries, t)) / 3

    def central(self, entries: Array, t: Array) -> Array:
        up, down = self.exact(entries, t), self.exact(entries, -t)
        return (self.cost(entries, up) - self.cost(entries, down)) / (up - down)

    def one_sided(self, entries: Array, t: Array) -> tuple[Array, Array]:
        """The slopes to the left and to the right."""
        up, down = self.exact(entries, t), self.exact(entries, -t)
        return (self.cost(entries, down) - self.base) / down, (self.cost(entries, up) - self.base) / up

    def noise(self, scheme: str, h: float | None = None) -> float:
        """What rounding does to a slope, at most; absolute."""
        least = float(self.unit.min(initial=math.inf))
        if scheme == "complex":
            return 64 * self.rounding / least
        return 4 * self.rounding / (h or self.precision.step[scheme] * least)


class FunctionSlopes(Slopes):
    """Slopes of any function of an array, one call for each value."""

    def __init__(self, C: Callable[[Any], Any], w: Array, name: str, argument: Callable[[Array], Any] | None = None) -> None:
        self.C, self.w, self.here, self.name = C, w, w, name
        self.argument = argument or (lambda a: a)
        self.size = w.size
        self.precision = FLOAT32 if w.dtype == np.float32 else FLOAT64
        self.unit = np.maximum(1.0, np.abs(w).astype(np.float64)).ravel()
        self.base = self._value(w.copy())
        if not math.isfinite(self.base):
            raise ValueError(f"C is {self.base} at the given {name}, expected a finite number")
        again = self._value(w.copy())
        if again != self.base:
            raise ValueError(f"C is not repeatable: two calls with the same {name} gave {self.base:.17g} and {again:.17g}; fix its random numbers")
        self.rounding = max(self.precision.eps * abs(self.base), self._observed_rounding())
        if self.precision is FLOAT64 and (coarse := self._observed_precision()):
            (self.precision, error), self.coarse = coarse, True
            self.rounding = max(self.rounding, error)

    def _value(self, w: Array) -> float:
        return float(_scalar(self.C(self.argument(w)), "C"))

    def _observed_rounding(self) -> float:
        """The scatter of C along lines too short for it to curve: large numbers may have cancelled inside C.

        Third differences remove all but the scatter, and multiply its variance by 20; fifth ones by 252. The lines begin
        beside w, where a kink at w does not reach them. On the shortest one numbers inside C may not even change in their
        last place, and on the next not those in float32; on the longer ones there may be a kink, which moves three or five
        of its differences and not their median.
        """
        if self.precision is FLOAT32:  # such short steps are not to be had
            return 0.0
        direction = np.random.default_rng(0).choice([-1.0, 1.0], self.w.shape) * self.unit.reshape(self.w.shape)

        def differences(order: int, step: float, count: int) -> Array:
            with np.errstate(all="ignore"):
                values = np.array([self._value(np.asarray(self.w + k * step * direction)) for k in range(1, count + 1)])
            found = np.diff(values, order) / math.sqrt(math.comb(2 * order, order))
            return found if np.isfinite(found).all() else np.zeros(1)

        # no powers of two: a sum that is exact at each of these steps would hide how it rounds elsewhere
        short = differences(3, 0.77 * 2.0**-33, 8)
        longer = (np.median(np.abs(differences(*line))) for line in ((3, 0.77 * 2.0**-24, 14), (5, 0.77 * 2.0**-16, 18)))
        # the median of what is normal lies at 0.67 standard deviations
        scatter = max(math.sqrt(float((short**2).mean())), float(max(longer)) / 0.67)
        return 3 * scatter  # few values are further off

    def _observed_precision(self) -> tuple[Precision, float] | None:
        """What C is computed in, and how far that is off, where its values show that it is coarser than float64; None where they do not.

        Values that are all numbers of a narrower type are computed in it. Values that stay the same along a line, jump and
        stay the same again are rounded, to the size of the jump.
        """
        rng = np.random.default_rng(1)
        direction = rng.normal(size=self.w.shape) * self.unit.reshape(self.w.shape)

        def along(t: float) -> float:
            return self._value(np.asarray(self.w + t * direction))

        with np.errstate(all="ignore"):
            values = np.array([self.base, *(along(t) for t in rng.uniform(-(2.0**-6), 2.0**-6, 8))])
            if not np.isfinite(values).all():
                return None
            varied = len(np.unique(values)) > 2
            for narrow, eps in ((np.float16, 2.0**-10), (np.float32, FLOAT32.eps)):
                if varied and np.array_equal(values, values.astype(narrow)):
                    return FLOAT32 if narrow is np.float32 else _precision(eps), eps * abs(self.base)
            t = 2.0**-33 if varied else 2.0**-6
            while t < 1 and along(t) == self.base:
                t *= 2
            flat = 0.0
            for _ in range(10):  # the end of the flat piece, nearer
                middle = (flat + t) / 2
                flat, t = (middle, t) if along(middle) == self.base else (flat, middle)
            jump = abs(along(t) - self.base)
            # on a curve that has left a flat piece all of these differ
            levels = {along(t + k * (t - flat)) for k in range(9)}
        if jump > 64 * FLOAT64.eps * abs(self.base) and len(levels) <= 4:
            size = abs(self.base) or abs(along(1.0)) or jump
            return _precision(min(jump / size, 2.0**-4)), jump
        return None

    def exact(self, entries: Array, t: Array) -> Array:
        w = self.w.ravel()[entries]
        return (w + t).astype(w.dtype).astype(np.float64) - w

    def cost(self, entries: Array, t: Array) -> Array:
        dtype = np.result_type(self.w, np.complex64) if np.iscomplexobj(t) else self.w.dtype
        values = np.empty(len(entries), np.result_type(dtype, np.float64))
        moved = self.w.astype(dtype)
        flat = moved.reshape(-1)
        for n, (i, step) in enumerate(zip(entries, t, strict=True)):
            kept = flat[i]
            flat[i] = there = (self.w.flat[i] + step).astype(dtype)
            with np.errstate(all="ignore"):  # a step may leave the domain of C; the report says so
                values[n] = _scalar(self.C(self.argument(moved)), "C")
            if flat[i] != there:
                raise self._mutates()
            flat[i] = kept
        if not np.array_equal(moved, self.w):
            raise self._mutates()
        return values

    def _mutates(self) -> ValueError:
        return ValueError(f"C changes its argument {self.name} in place, expected it to be left alone; let C work on a copy")

    def takes_complex(self) -> bool:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                value = np.asarray(self.C(self.argument(self._with_imaginary_step(int(np.argmax(np.abs(self.w)))))))
        except Exception:  # whatever C raises for complex numbers, it does not take them
            return False
        if value.shape != () or value.dtype.kind != "c" or not np.isfinite(value):
            return False
        return bool(abs(value.real - self.base) <= 1e3 * self.precision.eps * abs(self.base) + 1e-30)

    def _with_imaginary_step(self, entry: int) -> Array:
        moved = self.w.astype(np.result_type(self.w, np.complex64))
        moved.flat[entry] += 1j * self.precision.step["complex"]
        return moved


def _scalar(value: Any, name: str) -> Any:
    """`value` as a number; an array is refused, for its gradient would be no gradient."""
    if isinstance(value, tuple | list):
        found = f"a {type(value).__name__} of {len(value)}"
        raise TypeError(f"{name} returned {found}, expected a number; if the first of them is the cost, check lambda W: {name}(W)[0]")
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{name} returned {type(value).__name__}, expected a number")
    if array.shape != ():
        remedy = f"{name}(W).item() is one" if array.size == 1 else "sum or average it, or use numerical_jacobian"
        raise ValueError(f"{name} returned an array of shape {array.shape}, expected a number; {remedy}")
    return array[()]


def parameter(value: Any, name: str) -> Array:
    """A private floating-point copy: float32 stays, integers become float64."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} is a ragged list, expected an array of numbers") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers")
    copy = np.array(array, dtype=np.float32 if array.dtype == np.float32 else np.float64, order="C")
    if np.count_nonzero(np.isfinite(copy)) < copy.size:  # sooner than all(), which is felt beside a small Jacobian
        place = np.argwhere(~np.isfinite(copy))[0].tolist()
        raise ValueError(f"{name}{place or ''} is {copy[tuple(place)]}, expected finite numbers")
    return copy


def checked_scheme(scheme: str, allowed: Iterable[str]) -> str:
    if scheme not in allowed:
        raise ValueError(f"scheme is {scheme!r}, expected one of {', '.join(map(repr, allowed))}")
    return scheme


def checked_step(h: float | None) -> float | None:
    if h is not None and not (np.ndim(h) == 0 and math.isfinite(h) and h > 0):
        raise ValueError(f"h is {h!r}, expected a finite step above 0")
    return h


def numerical_gradient(C: Callable[[Array], Any], W: Any, h: float | None = None, scheme: Scheme = "central") -> Array:
    """The gradient of a scalar function, from its values alone.

    Parameters
    ----------
    C : function
        Takes an array shaped like W and returns one number. It must not change its argument.
    W : array of any shape
        Where to differentiate; never changed. Integers are copied to float64, float32 stays float32 and gets steps that
        suit it.
    h : float, optional
        The step for every entry; chosen from the scheme, the number type and the entry's size if left out.
    scheme : "central", "richardson" or "complex"

    Returns
    -------
    float64 array of W's shape

    Raises
    ------
    ValueError, TypeError
        If C returns no single number, differs from call to call, changes its argument or, for "complex", does not take
        complex numbers or is not analytic; if W is not an array of finite real numbers.

    Warns
    -----
    UserWarning
        If C is the same wherever W stands, so that the gradient is zero.

    Source
    ------
    Lesson 03. Central differences and their best step: Press et al., Numerical Recipes (2007), §5.7. Complex step:
    Squire and Trapp, "Using complex variables to estimate derivatives of real functions" (1998).

    Examples
    --------
    >>> numerical_gradient(lambda w: (w**2).sum(), np.array([[1, 2], [3, 4]]), scheme="complex")
    array([[2., 4.],
           [6., 8.]])
    """
    checked_scheme(scheme, METHODS)
    w = parameter(W, "W")
    slopes = FunctionSlopes(C, w, "W")
    if scheme == "complex" and slopes.size and not slopes.takes_complex():
        raise ValueError("C does not take complex numbers or drops their imaginary part, as abs and float() do; use scheme='richardson'")
    if scheme == "complex":
        slopes.check_analytic("W", "richardson")
    found = slopes.slope(scheme, np.arange(w.size), checked_step(h)).reshape(w.shape)
    if found.size and not found.any() and not slopes.moves():
        warnings.warn(f"C is {slopes.base:.4g} wherever W stands: does it use its argument?", stacklevel=2)
    return found


def numerical_jacobian(
    f: Callable[[Array], Any],
    x: Any,
    h: float | None = None,
    scheme: Scheme = "central",
    columns: bool = False,
) -> Array:
    """The matrix ∂f_i/∂x_j, from values of f alone.

    Parameters
    ----------
    f : function
        Takes an array shaped like x and returns an array.
    x : array
        Where to differentiate; of any shape, counted row by row.
    h, scheme
        As for `numerical_gradient`.
    columns : bool
        Whether f works column by column on an (n, any) array, as activations do. Then all of it is a call or two.

    Returns
    -------
    (n_out, n_in)

    Raises
    ------
    ValueError, TypeError
        If, for "complex", f does not take complex numbers or is not analytic; if f or x cannot be used.

    Examples
    --------
    >>> from bpkit.core.functions import softmax
    >>> numerical_jacobian(softmax, np.zeros((2, 1)), columns=True).round(9)
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    checked_scheme(scheme, METHODS)
    checked_step(h)
    x = parameter(x, "x")
    precision = FLOAT32 if x.dtype == np.float32 else FLOAT64
    here, n = x.ravel(), x.size
    unit = np.maximum(np.abs(here), 1.0)
    t = np.full(n, h, x.dtype) if h is not None else precision.step[scheme] * unit

    def values(*places: Array) -> Array:
        """f with each entry alone moved to its first place, then to its second, …: one column each."""
        dtype, width = places[0].dtype, len(places) * n
        if not columns:
            found = []
            for k, i in np.ndindex(len(places), n):
                moved = x.astype(dtype)
                moved.flat[i] = places[k][i]
                found.append(np.ravel(f(moved)))
            return np.stack(found, axis=1)
        moved = np.empty((n, width), dtype)
        moved[:] = here[:, None]
        flat, start = moved.reshape(-1), 0
        for there in places:
            flat[start :: width + 1] = there
            start += n
        result = np.asarray(f(moved))
        if result.ndim != 2 or result.shape[1] != width:
            raise ValueError(f"f returned shape {result.shape} for {width} columns, expected (n, {width})")
        return result

    if not n:
        return np.zeros((np.size(f(x.copy())), 0))
    if scheme == "complex":
        result = values(here + 1j * t)
        if result.dtype.kind != "c":
            raise ValueError("f does not take complex numbers or drops their imaginary part, as abs and float() do; use scheme='richardson'")
        slopes = result.imag / t
        near = precision.probes[1] * unit
        below, there, above = np.split(values(here - near, here, here + near).astype(np.float64), 3, axis=1)
        left, right = (there - below) / near, (above - there) / near  # at a kink a complex step may find either
        doubt = 8 * precision.eps * np.abs(there) / near + 1e-4 * float(np.abs(slopes).max(initial=0.0))
        between = (slopes >= np.minimum(left, right) - doubt) & (slopes <= np.maximum(left, right) + doubt)
        if not (between | ~np.isfinite(left + right)).all():
            i, j = np.argwhere(~between)[0]
            raise ValueError(
                f"f takes complex numbers but is not analytic: for ∂f_{i}/∂x_{j} the complex step finds {slopes[i, j]:.4g}, "
                f"real differences {(left[i, j] + right[i, j]) / 2:.4g}; use scheme='richardson'"
            )
        return slopes

    def central(t: Array) -> Array:
        up, down = here + t, here - t
        found = values(up, down)
        slopes = np.subtract(found[:, :n], found[:, n:], dtype=np.float64)
        slopes *= 1 / np.subtract(up, down, dtype=np.float64)
        return slopes

    return central(t) if scheme == "central" else (4 * central(t / 2) - central(t)) / 3


def complex_step(f: Callable[[Any], Any], x: Any, h: float = 1e-20) -> Any:
    """The derivative Im f(x + ih) / h, exact to rounding, for it subtracts nothing.

    Parameters
    ----------
    f : function
        Analytic: made of + - × ÷, exp, log, sin, … but not abs, max, conj, or comparisons on the imaginary part.
    x : number or array
    h : float
        Any step small enough that h² vanishes beside 1.

    Returns
    -------
    float or array
        For a number x, the derivative. For an array x, the gradient in x's shape where f returns a number, and the
        (n_out, n_in) Jacobian where f returns an array.

    Raises
    ------
    ValueError
        If f drops the imaginary part.

    Source
    ------
    Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40 (1998).

    Examples
    --------
    >>> complex_step(np.exp, 0.0)
    1.0
    >>> complex_step(lambda w: (w**3).sum(), np.array([1.0, 2.0]))
    array([ 3., 12.])
    """
    checked_step(h)
    x = parameter(x, "x").astype(np.float64)
    found = []
    for i in range(x.size):
        moved = x.astype(np.complex128)
        moved.flat[i] += 1j * h
        value = np.asarray(f(moved if x.ndim else moved[()]))
        if value.dtype.kind != "c":
            raise ValueError("f does not take complex numbers or drops their imaginary part, as abs and float() do; use numerical_gradient")
        found.append(value.imag / h)
    if x.ndim == 0:
        return found[0].item() if found[0].ndim == 0 else found[0]
    if not found:
        return np.zeros(x.shape)
    if found[0].ndim == 0:
        return np.array(found).reshape(x.shape)
    return np.stack([v.ravel() for v in found], axis=1)
