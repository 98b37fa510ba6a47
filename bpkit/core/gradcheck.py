"""Check gradients against differences of the cost, and say where and how a wrong one is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from time import perf_counter
from typing import Any, Literal, NamedTuple

import numpy as np

from bpkit.core.describe import Difference, describe_difference
from bpkit.core.differences import (
    FLOAT32,
    FLOAT64,
    METHODS,
    FunctionSlopes,
    Slopes,
    checked_scheme,
    checked_step,
    complex_step,
    numerical_gradient,
    numerical_jacobian,
    parameter,
)
from bpkit.core.functions import in_place, values_in_place
from bpkit.core.gradreport import GradReport, ParameterReport, Place
from bpkit.core.network import Network, backward, check_data, forward

__all__ = ["GradReport", "ParameterReport", "Place", "check_grad", "check_network", "complex_step", "numerical_gradient", "numerical_jacobian"]

Array = np.ndarray
Scheme = Literal["auto", "central", "richardson", "complex"]

# A float32 gradient of a float64 cost carries its own rounding, summed over many terms.
_RTOL_OF_FLOAT32_GRADIENTS = 1e-5
# glibc hands freed memory back to the system, which then gives it anew, page after page, to every chunk: until it has seen a block come and
# go that was larger than all that a chunk makes.
_BLOCK = 1 << 24
# Rounding moves a float32 network's z by some 1e-7, and so over a kink that is nearer than that.
_FLOAT32_PROBES = (2.0**-17, 2.0**-20)


class NetworkSlopes(Slopes):
    """Slopes of a network's cost with respect to W[l] or b[l], many at a time.

    Moving W[l][j, k] by t moves z[l][j, x] by t·a[l-1][k, x] in each example x and no other z of layer l. So the forward
    pass starts there, and for an elementwise activation z[l+1] moves by the column W[l+1][:, j] times what a[l][j] moved:
    a rank-one shift in place of a matrix product. Only the layers after that are run in full, and only for examples in
    which anything moves: not where the input is 0, or a relu stays 0. What moves are pairs of a parameter and an example;
    they stand in the last axis, where they lie next to each other in memory, and are taken in chunks that fit a cache.

    An imaginary step does even less. What it does to C_x is proportional to it, to rounding: so z[l][j, x] is moved once,
    in all examples at a time, and the answer times a[l-1][k, x] holds for every k. Real differences move every weight in
    truth; the complex step is held against them before it is believed of activations and costs that are not bpkit's own.
    """

    chunk = 1 << 17  # entries of the largest array that is made at a time: fewer calls, and still in a cache

    def __init__(self, net: Network, z: Sequence[Array], a: Sequence[Array], y: Array, l: int, bias: bool, working: Any = np.float64) -> None:
        self.net, self.z, self.a, self.y, self.l = net, z, a, y, l
        self.here = net.b[l] if bias else net.W[l]
        self.inputs = np.ones((1, y.shape[1])) if bias else a[l - 1]
        self.size = z[l].shape[0] * self.inputs.shape[0]
        self.analytic = all(type(part).__module__ == "bpkit.core.functions" for part in (*net.activations[1:], net.cost))
        self.rounds_over_kinks = working == np.float32
        self.precision = FLOAT64._replace(probes=_FLOAT32_PROBES) if self.rounds_over_kinks else FLOAT64
        self._few: tuple[Any, ...] = (None,)  # what `_changes` looked up last: it is often the same for the next neurons
        self.costs = net.cost.output_values(z[-1], a[-1], y, net.activations[-1])
        self.base = float(self.costs.mean())
        self.rounding = self.precision.eps * float(np.abs(self.costs).mean())
        # A step is measured in z, which must move by the same amount whether the inputs are grey values or millivolts.
        reach = np.abs(self.inputs).max(axis=1)
        stretch = np.maximum(1.0, np.abs(z[l]).max(axis=1) / 32)
        self.unit = (stretch[:, None] / np.where(reach > 0, reach, 1.0)).ravel()

    def takes_complex(self) -> bool:
        try:
            slopes = self._example_slopes
        except (TypeError, ValueError):  # an activation or cost that does not take complex numbers
            return False
        return slopes is not None and bool(np.isfinite(slopes).all())

    @cached_property
    def _example_slopes(self) -> Array | None:
        """∂C_x/∂z[l][j, x] by complex step, (n_l, m); None if the imaginary part gets lost."""
        t = self.precision.step["complex"]
        neurons, m = self.z[self.l].shape
        found = self._by_chunk(neurons, 1, lambda j, _: self._changes(j, np.full((m, len(j), 1), 1j * t)))[:, :, 0]
        return found.imag.T / t if found.dtype.kind == "c" else None

    def slope(self, scheme: str, entries: Array, h: float | None = None) -> Array:
        if scheme != "complex":
            return super().slope(scheme, entries, h)
        per_example = self._example_slopes
        if per_example is None:
            raise ValueError("an activation or the cost drops the imaginary part; use scheme='richardson'")
        if len(entries) == self.size:
            return (per_example @ self.inputs.T).ravel()[entries] / self.inputs.shape[1]
        j, k = np.divmod(entries, self.inputs.shape[0])
        return (per_example[j] * self.inputs[k]).mean(axis=1)

    def cost(self, entries: Array, t: Array) -> Array:
        inputs = np.ascontiguousarray(self.inputs.T)
        if len(entries) == self.size:  # each neuron with each of its inputs: there is nothing to look up
            t = t.reshape(-1, inputs.shape[1])
            found = self._by_chunk(*t.shape, lambda j, k: self._changes(j, inputs[:, None, k] * t[j, k]).mean(axis=0))
        else:
            neurons, k = np.divmod(entries, inputs.shape[1])

            def mean_changes(part: Array, _: slice) -> Array:
                return self._changes(neurons[part], (inputs.take(k[part], axis=1) * t[part])[:, :, None]).mean(axis=0)

            found = self._by_chunk(len(entries), 1, mean_changes)
        return self.base + found.ravel()

    def _by_chunk(self, rows: int, columns: int, values: Callable[[Array, slice], Array]) -> Array:
        """`values` of all rows and columns, in the last two axes, so many at a time that memory stays bounded."""
        # of layer l itself only one neuron moves, unless its activation mixes them
        first = self.l + (self.l < self.net.L and self.net.activations[self.l].elementwise)
        size = max(1, self.chunk // (self.y.shape[1] * max(self.net.sizes[first:])))
        height, width = max(1, round(size / columns)), min(size, columns)
        across = [slice(k, k + width) for k in range(0, columns, width)]
        down = [np.arange(j, min(j + height, rows)) for j in range(0, rows, height)]
        return np.concatenate([np.concatenate([values(j, k) for k in across], axis=-1) for j in down], axis=-2)

    def _changes(self, j: Array, shift: Array) -> Array:
        """By how much the cost of each example changes, (m, J, K), after z[l][j, x] alone has moved by shift[x, j, k], for each j and k.

        `shift` is overwritten, as all is here that is large: memory that lies in the cache already is the quickest.
        """
        net, l, z, a = self.net, self.l, self.z, self.a
        sigma = net.activations
        spread = l < net.L and sigma[l].elementwise
        moved = shift
        if spread:  # take, and not [:, j], which would leave the examples next to each other in memory
            shift += z[l].T.take(j, axis=1)[:, :, None]
            moved = in_place(sigma[l], shift) - a[l].T.take(j, axis=1)[:, :, None]
        l += spread
        pairs = np.flatnonzero(moved != 0)
        if not len(pairs):
            return np.zeros_like(moved)
        few = len(pairs) < 0.7 * moved.size
        still, y, before = z[l][:, :, None, None], self.y[:, :, None, None], self.costs[:, None, None]
        if few:  # all of them as of one example, and each as of a neuron of its own
            if moved.shape != self._few[0] or not np.array_equal(pairs, self._few[1]):
                x = pairs // moved[0].size
                taken = (values.take(x, axis=-1)[..., None, :, None] for values in (z[l], self.y, self.costs))
                self._few = (moved.shape, pairs, pairs // moved.shape[2] - x * len(j), *taken)
            _, _, rows, still, y, before = self._few
            j, moved = j.take(rows), moved.take(pairs)[None, :, None]
        if spread:
            here = net.W[l].take(j, axis=1)[:, None, :, None] * moved  # (n_l, m, J, K)
            here += still
        else:
            here = np.broadcast_to(still, (len(still), *moved.shape)).astype(moved.dtype)
            here[j, :, np.arange(len(j))] += moved.swapaxes(0, 1)
        for above in range(l + 1, net.L + 1):
            here = np.tensordot(net.W[above], in_place(sigma[above - 1], here), axes=1)
            here += net.b[above][:, :, None, None]
        found = values_in_place(net.cost, here, y, sigma[net.L])
        found -= before
        if not few:
            return found
        changes = np.zeros(shift.shape, found.dtype)
        changes.ravel()[pairs] = found.ravel()
        return changes


# ── Verdicts ────────────────────────────────────────────────────────────────────────────────────────────────────


# Patterns over all entries. A kink in one entry does not make them, so a sample of entries is asked for kinks.
_WHOLE = {"sign", "factor", "transposed", "rows reversed", "columns reversed", "permuted rows", "permuted columns", "row factors", "column factors"}
_SAMPLE = 64


def _verdict(
    slopes: Slopes,
    shape: tuple[int, ...],
    name: str,
    analytic: Any,
    scheme: str,
    h: float | None,
    rtol: float | None,
    factors: Mapping[str, float],
    given_noise: float = 0.0,
) -> ParameterReport:
    """Find the slopes, compare, and ask again wherever the two disagree before the gradient is blamed."""
    if scheme == "complex":
        slopes.check_analytic(name, "auto")
    used = ("complex" if slopes.has_complex_step else "richardson") if scheme == "auto" else scheme
    numerical = np.zeros(slopes.size)
    numerical[slopes.entries] = slopes.slope(used, slopes.entries, h)
    sampled = len(slopes.entries) < slopes.size
    looked_at = np.ones(shape, bool)
    if sampled and _shape(analytic) == shape:  # what is not looked at is zero on both sides
        looked_at = np.isin(np.arange(slopes.size), slopes.entries).reshape(shape)
        analytic = np.where(looked_at, analytic, 0)
    noise = slopes.noise(used, h) + given_noise
    tolerance = slopes.precision.rtol[used] if rtol is None else rtol
    if rtol is None and _in_float32(analytic):
        tolerance = max(tolerance, _RTOL_OF_FLOAT32_GRADIENTS)
    numerical = numerical.reshape(shape)

    def report(status: Any, kind: str | None, message: str, d: Difference | None = None, kinks: Array | None = None) -> ParameterReport:
        if slopes.coarse and status != "not checked":
            shown = f"the cost is computed to some {max(1, round(-np.log10(slopes.precision.eps)))} digits: errors below {tolerance:.0e} do not show"
            message = f"{message}; {shown}" if message else shown
        if sampled:
            message = f"of {len(slopes.entries):,} of its {slopes.size:,} entries: {message or 'all are right'}"
        return ParameterReport(
            name,
            shape,
            status,
            kind,
            message,
            d.relative_error if d else 0.0,
            d.worst if d else None,
            used,
            d.factor if d else None,
            np.where(looked_at, numerical, np.nan),
            d.wrong if d else np.zeros(shape, bool),
            np.zeros(shape, bool) if kinks is None else kinks,
        )

    if slopes.size and not numerical.any() and not slopes.moves():
        given_array = np.asarray(analytic)
        if given_array.shape == shape and given_array.dtype.kind in "biuf" and not (np.abs(given_array) <= noise).all():
            return report("not checked", "nothing moved", f"the cost is {slopes.base:.4g} wherever {name} stands: does it use its argument?")

    if not np.isfinite(numerical).all():
        place = Place(name, tuple(int(i) for i in np.argwhere(~np.isfinite(numerical))[0]))
        return report("not checked", "cost not finite", f"the cost is not finite next to {place}")

    def compare() -> Difference:
        return describe_difference(analytic, numerical, rtol=tolerance, atol=noise, factors=factors)

    difference = compare()
    at_kink, finer, straddling = (np.zeros(shape, bool) for _ in range(3))
    comparable = difference.kind not in ("shape", "not numbers", "complex", "not finite") and difference.wrong.shape == shape
    if not difference.ok and comparable:
        flat = np.asarray(analytic).real.astype(np.float64).ravel()
        allowed = tolerance * float(np.abs(numerical).max(initial=0.0)) + noise

        def look_again(entries: Array) -> _Second:
            return _second_opinion(slopes, entries, flat[entries], numerical.ravel()[entries], used, h, allowed)

        suspects = np.flatnonzero(difference.wrong)
        if difference.kind in _WHOLE and len(suspects) > _SAMPLE:
            few = suspects[np.linspace(0, len(suspects) - 1, _SAMPLE).astype(int)]
            sample = look_again(few)
            if not (sample.at_kink | sample.finer).any():
                suspects = few
        second = look_again(suspects)
        if used == "complex" and second.finer.any():
            # Nothing is straddled by an imaginary step: it is the step that real differences refute.
            return _verdict(slopes, shape, name, analytic, "richardson", h, rtol, factors, given_noise)
        numerical = numerical.copy()
        numerical.flat[suspects] = np.where(second.at_kink | second.finer, flat[suspects], second.slopes)
        for mask, marked in ((at_kink, second.at_kink), (finer, second.finer), (straddling, second.straddling)):
            mask.flat[suspects] = marked
        difference = compare()

    kinks = at_kink | straddling
    if not difference.ok:
        if difference.kind is None and (strength := _multiple_of(slopes.here, np.asarray(analytic) - numerical, tolerance, noise)) is not None:
            words = f"it differs from the slopes by {strength:.3g} × {name}: a penalty on the weights is in one of the two and not in the other"
            return report("wrong", "penalty", words, difference, kinks)
        note = f"; {_entries(kinks, 'stands')} at a kink or beside one and did not count" if kinks.any() else ""
        return report("wrong", difference.kind, difference.words + note, difference, kinks)
    if not slopes.size:
        return report("not checked", "zero on both sides", "it has no entries")
    largest, given_largest = (float(np.abs(a).max()) for a in (numerical, np.asarray(analytic)))
    if not kinks.any() and largest == given_largest == 0:
        return report("not checked", "zero on both sides", "both are zero: nothing was checked", difference)
    if not kinks.any() and (noise > 0.01 * largest or (rtol is None and tolerance > 0.3)):
        # by construction, as a bias before batch normalisation is: where the cost stays what it is, however far an entry moves
        still = used == "complex" or (slopes.precision.eps == FLOAT64.eps and not slopes.moves(beyond=4 * slopes.rounding))
        kind = "zero on both sides" if given_largest <= noise and still else "too small"
        return report("not checked", kind, "it is too small to be seen beside rounding: nothing was checked", difference)
    notes = (
        (at_kink, "stands", " at a kink, and it is one of the slopes there"),
        (straddling, "stands", " so near a kink that the difference straddles it; a shorter step agrees"),
        (finer & ~straddling, "needed", " a shorter step"),
    )
    message = "; ".join(_entries(mask, verb) + text for mask, verb, text in notes if mask.any())
    return report("right", "kink" if kinks.any() else None, message, difference, kinks)


def _shape(values: Any) -> tuple[int, ...] | None:
    try:
        return np.shape(values)
    except ValueError:  # ragged
        return None


def _in_float32(analytic: Any) -> bool:
    """Whether a gradient holds float32 numbers, in whatever type: no sum of float64 products ends on one in every entry."""
    try:
        values = np.asarray(analytic)
    except ValueError:
        return False
    if values.dtype.kind != "f" or not np.isfinite(values).all():
        return False
    with np.errstate(over="ignore"):
        return values.dtype.itemsize <= 4 or bool(values.any() and np.array_equal(values, values.astype(np.float32)))


def _multiple_of(w: Array, left: Array, tolerance: float, noise: float) -> float | None:
    """The number that, times w, is what a gradient has too much or too little; None where there is none."""
    if w.shape != left.shape or w.size < 4 or not np.isfinite(left).all() or np.ptp(w) == 0:
        return None
    strength = float(np.vdot(w, left) / np.vdot(w, w))
    size = float(np.abs(strength * w).max())
    close = np.abs(left - strength * w).max() <= 1e-3 * size
    return strength if close and size > 10 * noise else None


def _entries(mask: Array, verb: str) -> str:
    n = int(mask.sum())
    plural = {"stands": "stand"}.get(verb, verb)
    return f"{n} {'entry ' + verb if n == 1 else 'entries ' + plural}"


class _Second(NamedTuple):
    """A second opinion on entries where a gradient and the differences disagree."""

    at_kink: Array  # there is a kink, and the gradient is one of the slopes there
    finer: Array  # a finer look finds what the gradient says
    straddling: Array  # of the finer ones, those where a kink within the first step explains it
    slopes: Array  # the best that is known


def _second_opinion(slopes: Slopes, entries: Array, given: Array, found: Array, used: str, h: float | None, tolerance: float) -> _Second:
    """Look again, before the gradient is blamed.

    Beside a kink a step that straddles it misleads and a shorter one does not. On a sharp curve the first step may be too
    long. Where several kinks meet, the slopes of the pieces need not lie between those to the left and to the right; the
    complex step finds the slope of one piece.
    """
    left, right, kink, doubt = slopes.sides(entries)
    middle = (left + right) / 2
    # A kink within the step, and not at w, hides some of the gap: the rounding of float32 decides on which side w is.
    hidden = np.abs(right - left) if slopes.rounds_over_kinks else 0.0
    slack = doubt + 1e-6 * np.maximum(np.abs(left), np.abs(right)) + hidden
    at_kink = kink & (given >= np.minimum(left, right) - slack) & (given <= np.maximum(left, right) + slack)
    none = np.zeros(len(entries), bool)

    if used == "complex":
        refuted = ~kink & (np.abs(given - middle) <= doubt) & (np.abs(found - middle) > doubt)
        return _Second(at_kink, refuted, none, found)

    if slopes.has_complex_step:
        best, unsure = slopes.slope("complex", entries), np.full(len(entries), slopes.noise("complex"))
    else:
        best, unsure = _ladder(slopes, entries)
    if slopes.has_complex_step:
        at_kink |= kink & (np.abs(given - best) <= tolerance)
    # Real differences must not contradict it.
    scale = float(max(np.abs(values).max(initial=0.0) for values in (given, found, best)))
    known = ~kink & ((np.abs(best - middle) <= doubt + slack + unsure) | slopes.confirmed(entries, best, scale))
    miss = np.abs(given - best)
    finer = known & (miss <= tolerance + 2 * unsure) & (miss <= np.abs(found - given) / 2)

    straddling = finer.copy()
    if finer.any():
        step = np.full(len(entries), h) if h is not None else slopes.precision.step[used] * slopes.unit[entries]
        straddling[finer] = _kink_within(slopes, entries[finer], step[finer])
    return _Second(at_kink, finer, straddling, np.where(known, best, found))


def _ladder(slopes: Slopes, entries: Array) -> tuple[Array, Array]:
    """The steadiest of Richardson's estimates from a long step to short ones, and how steady it is."""
    first = slopes.precision.step["richardson"] * slopes.unit[entries]
    steps = [first * 4.0**-i for i in range(-1, 6)]
    rungs = np.array([slopes.richardson(entries, t) for t in steps])
    noise = np.array([8 * slopes.rounding / t for t in steps])
    unsure = np.abs(np.diff(rungs, axis=0)) + noise[1:]
    best = np.argmin(np.where(np.isfinite(unsure), unsure, np.inf), axis=0)[None, :]
    return np.take_along_axis(rungs[1:], best, axis=0)[0], np.take_along_axis(unsure, best, axis=0)[0]


def _kink_within(slopes: Slopes, entries: Array, step: Array) -> Array:
    """Whether C has a kink within the step; found by halving where C bends most.

    The second difference over a length d is of order d at a kink and of order d² on a curve. The three halves overlap,
    so that a kink lies well inside one of them.
    """
    start, length = -1.1 * step, 2.3 * step
    least = np.minimum(slopes.precision.probes[0] * slopes.unit[entries], length / 64)
    bend = most = np.zeros(len(entries))
    kept = np.array([slopes.cost(entries, start + q * length / 2) for q in range(3)])
    while (length > least).any():
        first, third = (slopes.cost(entries, start + q * length / 4) for q in (1, 3))
        values = np.array([kept[0], first, kept[1], third, kept[2]])
        bends = np.abs(values[:3] - 2 * values[1:4] + values[2:])
        half = np.argmax(bends, axis=0)
        start, length = start + half * length / 4, length / 2
        kept = np.take_along_axis(values, half + np.arange(3)[:, None], axis=0)
        bend = bends.max(axis=0) / length
        most = np.maximum(most, bend)
    return (bend > most / 10) & (bend > 16 * slopes.rounding / length)


class Bar:
    """Counts values of C, and shows a bar as soon as they have taken longer than two seconds, where tqdm is installed."""

    patience = 2.0

    def __init__(self, total: int, wanted: bool) -> None:
        self.total, self.wanted, self.count, self.start = total, wanted, 0, perf_counter()
        self.shown: Any = None

    def advance(self) -> None:
        self.count += 1
        if self.shown is not None:
            self.shown.update()
        elif self.wanted and perf_counter() - self.start > self.patience:
            try:
                from tqdm.auto import tqdm  # here, because it takes time to import
            except ModuleNotFoundError:
                self.wanted = False
            else:
                self.shown = tqdm(total=self.total, initial=self.count, unit=" values of C", leave=False)

    def close(self) -> None:
        if self.shown is not None:
            self.shown.close()


# ── The two checks ────────────────────────────────────────────────────────────────────────────────────────────────────


def check_grad(
    C: Callable[[Any], Any],
    W: Any,
    analytic: Any,
    *,
    scheme: Scheme = "auto",
    h: float | None = None,
    rtol: float | None = None,
    factors: Mapping[str, float] | None = None,
    entries: int | None = None,
    progress: bool = True,
) -> GradReport:
    """Check a gradient of any scalar function, parameter by parameter.

    Where the two disagree, the report says where and how: a constant factor, the sign, a transpose, one row, … Entries at
    a kink, as relu has one at 0, are named as that and not blamed on the gradient.

    Parameters
    ----------
    C : function
        Takes what W is and returns one number; it must be repeatable and must not change its argument. Where it computes
        more coarsely than W is given, as in float32, that shows in its values: steps and tolerances follow, and the report
        says so.
    W : array, or a list, tuple or dict of arrays (nested if need be; None stands for nothing)
        Where to check. Never changed; integers are taken as float64.
    analytic : as W, or a function of W that returns it
        The gradient under test.
    scheme : "auto", "central", "richardson" or "complex"
        "auto" takes the complex step where C takes complex numbers and agrees with real differences on them, and
        Richardson's differences otherwise.
    h : float, optional
        The step, in place of the scheme's own.
    rtol : float, optional
        What part of a parameter's largest entry an entry may be off by.
    factors : dict, optional
        Numbers with a meaning, e.g. ``{"m": 10}``; the report names them if the gradient is off by one of them.
    entries : int, optional
        How many entries of each parameter to check, always the same at random, where C is too slow for all of them. A fault in
        one entry is then missed unless it is drawn; `numerical` is nan where nobody looked.
    progress : bool
        Show a bar where it takes longer than two seconds, if tqdm is installed.

    Returns
    -------
    GradReport
        ``.ok``, ``.worst``, ``.relative_error``; prints as a table.

    Raises
    ------
    ValueError, TypeError
        If C, W or the arguments cannot be used. A gradient that cannot be used is wrong, and the report says why.

    Source
    ------
    Lesson 03.

    Examples
    --------
    >>> A = np.array([[2.0, 1.0], [0.0, 3.0]])
    >>> report = check_grad(lambda w: w @ A @ w / 2, np.array([1.0, 2.0]), A @ np.array([1.0, 2.0]))
    >>> report.ok, report["W"].message
    (False, 'every entry is wrong; no simple pattern fits')
    >>> print(check_grad(lambda w: np.exp(w).sum(), np.zeros(3), -np.ones(3)))
    Gradient check by complex step: the gradient is wrong in W
    parameter  shape    error  verdict
    W          3      2.0e+00  wrong: every entry is -1 × what it should be
    """
    checked_scheme(scheme, ("auto", *METHODS))
    checked_step(h)
    if callable(analytic):
        analytic = analytic(_map(W, "W", lambda value, name: parameter(value, name)))
    leaves = dict(_leaves(W, ""))
    arrays = {path: parameter(value, path or "W") for path, value in leaves.items()}
    given = _matched(W, analytic, "")
    if entries is not None and (not isinstance(entries, (int, np.integer)) or entries < 1):
        raise ValueError(f"entries is {entries!r}, expected a whole number above 0")
    # how often C is called is known in about
    bar = Bar(sum(100 + 4 * min(w.size, entries or w.size) for w in arrays.values()), progress)

    def counted(argument: Any) -> Any:
        bar.advance()
        return C(argument)

    reports = []
    for path, w in arrays.items():

        def argument(moved: Array, path: str = path) -> Any:
            return _map(W, "", lambda _, here: moved if here == path else arrays[here])

        name = path or "W"
        slopes = FunctionSlopes(counted, w, name, argument)
        if entries is not None and entries < w.size:
            slopes.entries = np.sort(np.random.default_rng(0).choice(w.size, entries, replace=False))
        if scheme == "complex" and slopes.size and not slopes.takes_complex():
            raise ValueError("C does not take complex numbers or drops their imaginary part, as abs and float() do; use scheme='auto'")
        kept = {other: array.copy() for other, array in arrays.items()}
        reports.append(_verdict(slopes, w.shape, name, given[path], scheme, h, rtol, factors or {}))
        for other, array in arrays.items():
            if not np.array_equal(array, kept[other]):
                raise ValueError(f"C changes its argument {other} in place, expected it to be left alone; let C work on a copy")
    bar.close()
    return GradReport(tuple(reports))


def check_network(
    net: Network,
    x: Any,
    y: Any,
    grads: Any = None,
    *,
    scheme: Scheme = "auto",
    rtol: float | None = None,
    thorough: bool = False,
) -> GradReport:
    """Check every weight and bias of a network, using that a weight moves one z alone.

    That a weight acts through z = W a + b, with the a that the forward pass kept, is what all its slopes are derived from;
    the report says so. `thorough` puts that to the test as well.

    Parameters
    ----------
    net : Network
        A float32 network is checked in float64 at the very same parameters.
    x, y : (n_0, m), (n_L, m)
        Examples and targets, one per column.
    grads : Gradients, or anything with W and b, optional
        The gradient under test, of the mean cost; `bpkit.backward`'s if left out.
    scheme : "auto", "central", "richardson" or "complex"
        "auto" takes the complex step, and Richardson's differences for activations or costs of your own on which the two
        disagree: those are not analytic.
    rtol : float, optional
        What part of a parameter's largest entry an entry may be off by.
    thorough : bool
        Whether to move a sample of the weights and biases themselves too, always the same 64 of each array, with a forward
        pass of the whole network for each, and to hold the derived slopes against that.

    Returns
    -------
    GradReport
        One row for each of W[1], b[1], …, W[L], b[L].

    Raises
    ------
    ValueError, TypeError
        If x or y do not fit the network, or grads are not lists by layer.

    Source
    ------
    Lesson 06, "Is it right? Check the whole net".

    Examples
    --------
    >>> from bpkit.core.network import init
    >>> rng = np.random.default_rng(0)
    >>> net = init([3, 4, 2], rng=rng)
    >>> check_network(net, rng.normal(size=(3, 5)), rng.uniform(size=(2, 5))).ok
    True
    """
    checked_scheme(scheme, ("auto", *METHODS))
    np.empty(_BLOCK, np.uint8)
    x, y = check_data(net, x, y)
    if grads is None:
        grads = backward(net, forward(net, x), y)
    L, m = net.L, x.shape[1]
    dW, db = (_by_layer(grads, part, L) for part in ("W", "b"))
    # float32 numbers are float64 numbers: this is the same network, computed more finely.
    fine = Network((None, *(W.astype(np.float64) for W in net.W[1:])), (None, *(b.astype(np.float64) for b in net.b[1:])), net.activations, net.cost)
    x, y = x.astype(np.float64), y.astype(np.float64)
    cache = forward(fine, x)
    if rtol is None and net.dtype == np.float32:
        rtol = FLOAT32.rtol["complex"]
    noise = _float32_noise(fine, cache.a, y) if net.dtype == np.float32 else None
    factors = {"m": m} if m > 1 else {}
    reports = []
    for l in range(1, L + 1):
        for part, values, given in (("W", fine.W[l], dW[l]), ("b", fine.b[l], db[l])):
            slopes = NetworkSlopes(fine, cache.z, cache.a, y, l, bias=part == "b", working=net.dtype)
            report = _verdict(slopes, values.shape, f"{part}[{l}]", given, scheme, None, rtol, factors, noise[part][l] if noise else 0.0)
            reports.append(_moved_themselves(fine, x, y, part, l, given, report) if thorough else report)
    return GradReport(tuple(reports), _how(reports, thorough))


def _how(reports: Sequence[ParameterReport], thorough: bool) -> str:
    """What was moved in a network, and what was derived."""
    derived = {p.scheme == "complex" for p in reports}
    said = ["moved: each z[l] of each example; derived: ∂C/∂W[l], as the slopes in z[l] times a[l-1]"] if True in derived else []
    said += ["moved: z[l], for each weight and bias by what a step of it adds"] if False in derived else []
    sampled = f"{sum(min(_SAMPLE, p.numerical.size) for p in reports)} of {sum(p.numerical.size for p in reports):,}"
    again = f"; moved themselves, with a whole forward pass: {sampled} weights and biases" if thorough else ""
    return "; ".join(said) + again


def _moved_themselves(net: Network, x: Array, y: Array, part: str, l: int, given: Any, report: ParameterReport) -> ParameterReport:
    """The verdict once a sample of W[l] or b[l] has been moved, with nothing derived: neither z = W a + b, nor what was kept as a."""

    def C(values: Array) -> Any:
        parts = {"W": list(net.W), "b": list(net.b)}
        parts[part][l] = values
        cache = forward(Network(tuple(parts["W"]), tuple(parts["b"]), net.activations, net.cost), x)
        return net.cost.output_value(cache.z[-1], cache.output, y, net.activations[-1])

    here = getattr(net, part)[l]
    if _shape(given) != here.shape or not np.isfinite(report.numerical).all() or not np.isfinite(np.asarray(given, float)).all():
        return report  # there is nothing to hold against
    sample = np.sort(np.random.default_rng(0).choice(here.size, min(_SAMPLE, here.size), replace=False))
    slopes = FunctionSlopes(C, here, report.name)
    refuted, moved = slopes.refuted(sample, report.numerical.ravel()[sample])
    refuted &= ~report.kinks.ravel()[sample]
    if not refuted.any():
        return report
    claimed = np.asarray(given, float).ravel()[sample]
    wrong, _ = slopes.refuted(sample, claimed)
    mask = np.zeros(here.size, bool)
    mask[sample] = wrong
    worst = int(np.argmax(np.where(wrong, np.abs(claimed - moved), -1.0)))
    first = Place(report.name, tuple(int(i) for i in np.unravel_index(sample[np.argmax(refuted)], here.shape)))
    message = f"{refuted.sum()} of {len(sample)} entries moved have another slope, first {first}: z = W a + b with the a that was kept does not hold"
    return replace(
        report,
        status="wrong" if wrong.any() else "not checked",
        kind="moved itself",
        message=message,
        relative_error=float(np.abs(claimed - moved)[worst] / (np.abs(moved).max() or 1.0)),
        worst=tuple(int(i) for i in np.unravel_index(sample[worst], here.shape)),
        wrong=mask.reshape(here.shape),
        factor=None,
    )


def _float32_noise(net: Network, a: Sequence[Array], y: Array) -> dict[str, list[float]]:
    """What rounding does, at most, to the gradients that a backward pass in float32 finds; absolute.

    The backward pass once more with absolute values in place of what may cancel, and slopes of at most 1.
    """
    m, L = y.shape[1], net.L
    noise: dict[str, list[float]] = {"W": [0.0] * (L + 1), "b": [0.0] * (L + 1)}
    size = np.abs(a[L]) + np.abs(y)
    for l in range(L, 0, -1):
        noise["W"][l] = 4 * FLOAT32.eps * float((size @ np.abs(a[l - 1]).T).max()) / m
        noise["b"][l] = 4 * FLOAT32.eps * float(size.sum(axis=1).max()) / m
        size = np.abs(net.W[l]).T @ size
    return noise


def _by_layer(grads: Any, part: str, L: int) -> Sequence[Any]:
    """grads.W or grads["W"], one for each layer, with None for layer 0."""
    layers = grads.get(part) if isinstance(grads, Mapping) else getattr(grads, part, None)
    if not isinstance(layers, (list, tuple)):
        raise TypeError(f"grads has no list {part} by layer (found {type(layers).__name__}), expected what bpkit.backward returns")
    if len(layers) != L + 1:
        raise ValueError(f"grads.{part} has {len(layers)} layers, expected {L + 1}: None for the input, then one for each layer")
    return layers


# ── Trees of parameters ───────────────────────────────────────────────────────────────────────────────────────────────


def _children(tree: Any, path: str) -> Iterator[tuple[Any, str, Any]] | None:
    """(key, path, child) of a list, tuple or dict; None for a leaf."""
    if isinstance(tree, Mapping):
        return ((key, f"{path}.{key}" if path else str(key), child) for key, child in tree.items())
    if isinstance(tree, (list, tuple)) and not all(isinstance(child, (int, float, list)) and _is_numbers(child) for child in tree):
        return ((i, f"{path or 'W'}[{i}]", child) for i, child in enumerate(tree))
    return None


def _is_numbers(value: Any) -> bool:
    """Whether it is a number or a list of numbers, so that a list of them is one array written out."""
    return isinstance(value, (int, float)) or (isinstance(value, list) and all(_is_numbers(v) for v in value))


def _leaves(tree: Any, path: str) -> Iterator[tuple[str, Any]]:
    children = _children(tree, path)
    if children is None:
        if tree is None:
            return
        yield path, tree
        return
    for _, below, child in children:
        yield from _leaves(child, below)


def _map(tree: Any, path: str, leaf: Callable[[Any, str], Any]) -> Any:
    """The same lists, tuples and dicts with other leaves."""
    children = _children(tree, path)
    if children is None:
        return None if tree is None else leaf(tree, path)
    mapped = [(key, _map(child, below, leaf)) for key, below, child in children]
    if isinstance(tree, Mapping):
        return dict(mapped)
    values = [value for _, value in mapped]
    return values if isinstance(tree, list) else type(tree)(*values) if hasattr(tree, "_fields") else tuple(values)


def _matched(W: Any, analytic: Any, path: str) -> dict[str, Any]:
    """The gradient for the path of each parameter."""
    children = _children(W, path)
    if children is None:
        return {} if W is None else {path: analytic}
    name = f"analytic{path.removeprefix('W')}" if path else "analytic"
    found: dict[str, Any] = {}
    for key, below, child in children:
        try:
            part = analytic[key]
        except (KeyError, IndexError, TypeError):
            if child is None:
                continue
            raise ValueError(f"{name} is {_described(analytic)}, expected one with {key!r}, for W has that") from None
        found |= _matched(child, part, below)
    return found


def _described(tree: Any) -> str:
    if isinstance(tree, Mapping):
        return f"a dict with {', '.join(map(repr, tree))}"
    if isinstance(tree, (list, tuple)):
        return f"a {type(tree).__name__} of {len(tree)}"
    return f"of type {type(tree).__name__}"
