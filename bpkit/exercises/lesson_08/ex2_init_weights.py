"""08.2: Weights to begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from bpkit.exercises.lesson_08.shared import ALLOWED, Array, Layers, he_weights
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Seed


def _cases_sizes(rng: np.random.Generator) -> list[Case]:
    # so many weights in a layer that their spread can be measured to a percent; two neurons before, so that one more or less shows
    return [
        Case(f"sizes {list(sizes)}{note}", (Seed(int(rng.integers(1 << 30))), list(sizes)))
        for sizes, note in (
            ((300, 60, 150, 40), ""),
            ((2, 2500, 2), ""),
            ((120, 120, 50), ""),
            ((400, 100), ""),
            ((120, 120, 50), ", another generator"),
        )
    ]


def _uniform_weights(rng: np.random.Generator, sizes: list[int]) -> Layers:
    """The same spread from another distribution: uniform on ±r has variance r²/3."""
    return [None, *(rng.uniform(-1, 1, size=(n, n_prev)) * np.sqrt(6 / n_prev) for n_prev, n in pairwise(sizes))]


def _scaled_weights(scale: Callable[[int, int], float]) -> Callable[..., Layers]:
    """Normal weights whose spread follows from the sizes before and behind them."""
    return lambda rng, sizes: [None, *(rng.normal(size=(n, n_prev)) * scale(n_prev, n) for n_prev, n in pairwise(sizes))]


def _as_layers(value: Any, sizes: list[int]) -> list[Array] | None:
    """W[1] … W[L] of an answer as real arrays, or None where it is no such list."""
    if not isinstance(value, list) or len(value) != len(sizes) or value[0] is not None:
        return None
    try:
        layers = [np.asarray(W) for W in value[1:]]
    except ValueError:
        return None
    return layers if all(W.ndim == 2 and W.dtype.kind in "iuf" and np.all(np.isfinite(W)) for W in layers) else None


def _fitting(value: Any, sizes: list[int]) -> list[Array] | None:
    layers = _as_layers(value, sizes)
    fits = layers is not None and all(W.shape == (n, n_prev) for W, (n_prev, n) in zip(layers, pairwise(sizes), strict=True))
    return layers if fits else None


_FEW = 20

# Of N independent draws the standard deviation is known to about 1/√2N of itself, so 1 % where there are 6,000; fat tails need more room.
_NEAR = 0.06
_AS_NEAR = 0.045  # to be told that a spread is another one by name


def _near(found: float, wanted: float, by: float = _NEAR) -> bool:
    return abs(found / wanted - 1) < by


def _spreads_hold(layers: Sequence[Array], sizes: list[int], scale: Callable[[int, int], float], by: float = _NEAR) -> bool:
    return all(_near(float(W.std()), scale(n_prev, n), by) for W, (n_prev, n) in zip(layers, pairwise(sizes), strict=True))


def _centred(W: Array) -> bool:
    """Whether the mean is what chance leaves of 0: within five of its standard errors."""
    return abs(float(W.mean())) <= 5 * float(W.std()) / np.sqrt(W.size)


def _rows_differ(W: Array) -> bool:
    """Whether no two neurons, before or behind, have the same weights; of two weights each there are few, and some may be alike by chance."""
    if min(W.shape) < _FEW:
        return True
    return len(np.unique(W, axis=0)) == len(W) and len(np.unique(W, axis=1).T) == W.shape[1]


def _alike(layers: Sequence[Array]) -> bool:
    """Whether two layers hold the same draws, scaled: in the corner that both have, or at the beginning of their numbers."""
    for one, other in combinations(layers, 2):
        rows, columns = np.minimum(one.shape, other.shape)
        corners = one[:rows, :columns].ravel(), other[:rows, :columns].ravel()
        count = min(one.size, other.size)
        beginnings = one.ravel()[:count], other.ravel()[:count]
        if any(len(mine) >= _MANY and _correlated(mine, theirs) for mine, theirs in (corners, beginnings)):
            return True
    return False


_MANY = 400


def _correlated(mine: Array, theirs: Array) -> bool:
    """Whether numbers go together more than those of independent draws ever do; equal numbers have no correlation."""
    return bool(np.ptp(mine) > 0 and np.ptp(theirs) > 0 and abs(np.corrcoef(mine, theirs)[0, 1]) > 0.5)


def _he(n_prev: int, n: int) -> float:
    return float(np.sqrt(2 / n_prev))


def _weights_hold(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
    layers = _fitting(value, sizes)
    if layers is None or not _spreads_hold(layers, sizes, _he) or _alike(layers):
        return False
    return all(map(_centred, layers)) and all(map(_rows_differ, layers))


def _explain_weights(value: Any, rng: np.random.Generator, sizes: list[int]) -> str | None:
    L = len(sizes) - 1
    if not isinstance(value, list) or len(value) != L + 1:
        found = f"a list of {len(value)} items" if isinstance(value, list) else "something else"
        return f"Return a list of {L + 1} items for sizes {sizes}: None for layer 0, then W[1] to W[{L}]; found {found}."
    if value[0] is not None:
        return "Item 0 of the list has to be None, so that W[l] belongs to layer l: the input layer has no weights."
    layers = _as_layers(value, sizes)
    if layers is None:
        return "Every item but the first has to be a matrix of finite real numbers; one of yours is not."
    for l, (W, (n_prev, n)) in enumerate(zip(layers, pairwise(sizes), strict=True), start=1):
        if W.shape != (n, n_prev):
            return f"W[{l}] has shape {W.shape}, expected {(n, n_prev)} for sizes {sizes}."
        if not _centred(W):
            return f"The weights of W[{l}] have mean {W.mean():.3g}; they should scatter around 0, to both sides."
        if not _near(float(W.std()), _he(n_prev, n)):
            times = W.std() / _he(n_prev, n)
            return f"For sizes {sizes}: the weights of W[{l}] have {times:.3g} times the standard deviation that is asked."
        if _alike(layers):
            return "Two layers begin with the same draws, scaled. Draw for every layer anew."
        if not _rows_differ(W):
            return f"Some neurons of layer {l} begin with equal weights. They will stay equal for ever: each weight needs a draw of its own."
    return None


def _spread_of(scale: Callable[[int, int], float]) -> Callable[..., bool]:
    """Recognises independent, centred weights of another spread."""

    def recognise(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
        layers = _fitting(value, sizes)
        return layers is not None and all(map(_centred, layers)) and _spreads_hold(layers, sizes, scale, _AS_NEAR)

    return recognise


def _all_layers(test: Callable[[Array], bool]) -> Callable[..., bool]:
    def recognise(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
        layers = _fitting(value, sizes)
        return layers is not None and all(map(test, layers))

    return recognise


def _clipped(W: Array) -> bool:
    """Whether many weights stand at the two ends and the others between them, each somewhere else."""
    size = np.abs(W)
    inside = size[size < size.max()]
    ends = 1 - inside.size / W.size
    return 0.02 < ends < 0.9 and len(np.unique(inside)) > 0.9 * inside.size and W.min() == -W.max()


def _share_draws(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
    layers = _fitting(value, sizes)
    return layers is not None and (len(layers) < 2 or min(sizes) < _FEW or _alike(layers))


def _from_one_draw(rng: np.random.Generator, sizes: list[int]) -> Layers:
    draws = rng.normal(size=(max(sizes), max(sizes)))
    return [None, *(draws[:n, :n_prev] * np.sqrt(2 / n_prev) for n_prev, n in pairwise(sizes))]


def _turned(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
    layers = _as_layers(value, sizes)
    return layers is not None and all(W.shape == pair for W, pair in zip(layers, pairwise(sizes), strict=True))


def _no_none(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
    return isinstance(value, list) and len(value) == len(sizes) - 1 and _fitting([None, *value], sizes) is not None


def _evenly_up_to(limit: Callable[[int], float]) -> Callable[..., bool]:
    """Recognises draws that fill plus and minus the limit evenly."""
    spread = _spread_of(lambda k, n: limit(k) / np.sqrt(3))

    def recognise(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
        return spread(value, rng, sizes) and all(np.abs(W).max() <= limit(W.shape[1]) for W in _as_layers(value, sizes) or ())

    return recognise


EXERCISE = Exercise(
    id="08.2",
    name="init_weights",
    title="Weights to begin with",
    points=2,
    minutes=10,
    difficulty=2,
    allows=ALLOWED,
    cases=_cases_sizes,
    reference=he_weights,
    oracle=_uniform_weights,
    accepts=_weights_hold,
    explain=_explain_weights,
    hints=(
        "Three things are asked of each layer: the shape, the mean 0, and a spread that depends on one of its two sizes.",
        "`rng.normal(size=shape)` draws with standard deviation 1. What factor makes the variance 2 over the number of neurons before?",
        "The variance is the square of the standard deviation, so take a root. `sizes[l - 1]` is the number of neurons before layer l.",
    ),
    mistakes=(
        Mistake(
            "zeros",
            lambda rng, sizes: [None, *(np.zeros((n, k)) for k, n in pairwise(sizes))],
            "All weights are 0. Then every neuron of a layer computes the same and gets the same gradient: they stay equal for ever.",
            recognise=_all_layers(lambda W: not np.any(W)),
        ),
        Mistake(
            "all equal",
            lambda rng, sizes: [None, *(np.full((n, k), np.sqrt(2 / k)) for k, n in pairwise(sizes))],
            "All weights of a layer are equal. Then every neuron computes the same and gets the same gradient: they stay equal for ever.",
            recognise=_all_layers(lambda W: bool(np.any(W)) and np.ptp(W) == 0),
        ),
        Mistake(
            "equal neurons",
            lambda rng, sizes: [None, *(np.repeat(rng.normal(size=(1, k)) * np.sqrt(2 / k), n, axis=0) for k, n in pairwise(sizes))],
            "All neurons of a layer begin with the same weights. They get the same gradient and stay equal for ever: draw for every neuron anew.",
            recognise=_all_layers(lambda W: np.ptp(W) > 0 and len(np.unique(W, axis=0)) == 1),
        ),
        Mistake(
            "unscaled",
            _scaled_weights(lambda k, n: 1.0),
            "The spread is 1 in every layer. A neuron with many inputs then gets a large z: it adds up many products.",
            recognise=_spread_of(lambda k, n: 1.0),
        ),
        Mistake(
            "clipped",
            lambda rng, sizes: [None, *(np.clip(rng.normal(size=(n, k)), -1, 1) * np.sqrt(2 / k) for k, n in pairwise(sizes))],
            "Many of your weights have one and the same largest size, as `np.clip` leaves them. To cut draws off makes their spread smaller.",
            recognise=_all_layers(_clipped),
        ),
        Mistake(
            "the same draws in two layers",
            _from_one_draw,
            "The layers do not have draws of their own: one begins with the numbers of another, scaled. Draw for every layer anew.",
            recognise=_share_draws,
        ),
        Mistake(
            "2 left out",
            _scaled_weights(lambda k, n: np.sqrt(1 / k)),
            "Your variance is 1 over the neurons before: right for tanh. Relu lets half of them through, so the activations shrink layer by layer.",
            recognise=_spread_of(lambda k, n: np.sqrt(1 / k)),
        ),
        Mistake(
            "wrong fan",
            _scaled_weights(lambda k, n: np.sqrt(2 / n)),
            "You divide by the neurons of the layer itself. A neuron adds up as many products as there are neurons before it.",
            recognise=_spread_of(lambda k, n: np.sqrt(2 / n)),
        ),
        Mistake(
            "one more than the neurons before",
            _scaled_weights(lambda k, n: np.sqrt(2 / (k + 1))),
            "You divide by one more than the neurons before. The bias is added and brings no product: `sizes[l - 1]` products are added up.",
            recognise=_spread_of(lambda k, n: np.sqrt(2 / (k + 1))),
        ),
        Mistake(
            "one less than the neurons before",
            _scaled_weights(lambda k, n: np.sqrt(2 / (k - 1))),
            "You divide by one less than the neurons before. All of them send something on.",
            recognise=_spread_of(lambda k, n: np.sqrt(2 / (k - 1))),
        ),
        Mistake(
            "both fans",
            _scaled_weights(lambda k, n: np.sqrt(2 / (k + n))),
            "You divide by the neurons before plus those of the layer, a rule made for tanh. Here the forward pass alone decides: what is added up?",
            recognise=_spread_of(lambda k, n: np.sqrt(2 / (k + n))),
        ),
        Mistake(
            "variance for standard deviation",
            _scaled_weights(lambda k, n: 2 / k),
            "You scale by the variance. What multiplies the draws, or stands as `scale`, is the standard deviation.",
            recognise=_spread_of(lambda k, n: 2 / k),
        ),
        Mistake(
            "root of the factor left out",
            _scaled_weights(lambda k, n: 2 / np.sqrt(k)),
            "The root is taken of the neurons before, but not of the 2.",
            recognise=_spread_of(lambda k, n: 2 / np.sqrt(k)),
        ),
        Mistake(
            "multiplied",
            _scaled_weights(lambda k, n: np.sqrt(k / 2)),
            "The more neurons there are before, the larger your weights. It has to be the other way round.",
            recognise=_spread_of(lambda k, n: np.sqrt(k / 2)),
        ),
        Mistake(
            "the input's size in every layer",
            lambda rng, sizes: [None, *(rng.normal(size=(n, k)) * np.sqrt(2 / sizes[0]) for k, n in pairwise(sizes))],
            "Every layer of yours is scaled by the size of the input. What counts is the layer before.",
            recognise=lambda value, rng, sizes: _spread_of(lambda k, n: np.sqrt(2 / sizes[0]))(value, rng, sizes),
        ),
        Mistake(
            "not centred",
            lambda rng, sizes: [None, *(rng.uniform(size=(n, k)) * np.sqrt(2 / k) for k, n in pairwise(sizes))],
            "None of your weights is negative. `rng.uniform` and `rng.random` draw between 0 and 1; the weights have to scatter around 0.",
            recognise=_all_layers(lambda W: np.ptp(W) > 0 and W.min() >= 0),
        ),
        Mistake(
            "transposed",
            lambda rng, sizes: [None, *(rng.normal(size=(k, n)) * np.sqrt(2 / k) for k, n in pairwise(sizes))],
            "Your shapes are turned. In this course W leads to its row's neuron from its column's neuron.",
            recognise=_turned,
        ),
        Mistake(
            "no None for layer 0",
            lambda rng, sizes: he_weights(rng, sizes)[1:],
            "Your list begins with the weights of layer 1. Item 0 has to be None, so that W[l] belongs to layer l.",
            recognise=_no_none,
        ),
        Mistake(
            "root of 2/n as the limit of a uniform draw",
            lambda rng, sizes: [None, *(rng.uniform(-1, 1, size=(n, k)) * np.sqrt(2 / k) for k, n in pairwise(sizes))],
            "You draw evenly between plus and minus what is asked as the standard deviation. Even draws up to r have a smaller one than r: the mean "
            "of their squares is a third of the square of r.",
            recognise=_evenly_up_to(lambda k: np.sqrt(2 / k)),
        ),
    ),
)
