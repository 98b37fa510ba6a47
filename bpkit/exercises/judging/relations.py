"""By what an input stands between two results, entry by entry, or as a whole."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

Array = np.ndarray

_CLOSE = 1e-8  # of a number's logarithm; the caller compares the numbers once more
_LEAST = 3  # so many sizes has a factor to have, or it may be any number


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


# what a factor may be of an input `{}`
FACTORS: dict[str, Callable[[Array], Array]] = {
    "{}": lambda x: x,
    "σ({})": _sigmoid,
    "σ'({})": lambda x: _sigmoid(x) * _sigmoid(-x),
    "1 - σ({})": lambda x: _sigmoid(-x),
    "tanh({})": np.tanh,
    "1 - tanh({})²": lambda x: 1 - np.tanh(x) ** 2,
    "1 - {}": lambda x: 1 - x,
    "1 + {}": lambda x: 1 + x,
    "{}(1 - {})": lambda x: x * (1 - x),
    "1 - {}²": lambda x: 1 - x**2,
    "1 + {}²": lambda x: 1 + x**2,
    "exp({})": np.exp,
    "|{}|": np.abs,
}
_POWERS = {
    "multiplied by `{factor}`": 1.0,
    "divided by `{factor}`": -1.0,
    "multiplied by `{factor}` squared": 2.0,
    "divided by `{factor}` squared": -2.0,
    "multiplied by the root of `{factor}`": 0.5,
    "divided by the root of `{factor}`": -0.5,
}
_CONSTANTS = {1.0: "", 2.0: " and by 2", 0.5: " and by ½"}


def factor_words(name: str, ratio: Array, value: Array) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """Factors made of an input by which one case's ratios are explained, in words and as a function of the input; the simplest first.

    Parameters
    ----------
    name
        Of the input.
    ratio
        Of what came back to what is wanted, entry by entry; finite, and nowhere 0.
    value
        The input, in the same shape.
    """
    size = np.log(np.abs(ratio)).ravel()
    with np.errstate(all="ignore"):
        made = {words: function(value) for words, function in FACTORS.items()}
        sizes = {words: np.log(np.abs(array)).ravel() for words, array in made.items()}
    kept = {words: logs for words, logs in sizes.items() if np.isfinite(logs).all()}
    signs = {words: np.sign(made[words]) for words in kept}
    turned = np.sign(ratio)
    for words, logs in kept.items():
        if np.ptp(logs) == 0:
            continue
        for way, power in _POWERS.items():
            if np.abs(size - power * logs).max() > _CLOSE:
                continue
            sign = signs[words] if power in (1.0, -1.0) else np.ones_like(turned)
            if np.array_equal(turned, sign):
                yield way.format(factor=_of(words, name)), _power(words, power)
            elif np.array_equal(turned, -sign):
                yield f"{way.format(factor=_of(words, name))}, and with the other sign", _power(words, power, -1.0)
    for one, other in itertools.permutations(kept, 2):
        off = size - kept[one] + kept[other]
        if np.ptp(off) > _CLOSE or np.ptp(kept[one] - kept[other]) < _CLOSE:
            continue
        for constant, more in _CONSTANTS.items():
            if abs(off[0] - np.log(constant)) < _CLOSE and np.array_equal(turned, signs[one] * signs[other]):
                words = f"multiplied by `{_of(one, name)}` and divided by `{_of(other, name)}`"
                yield f"{words}{more and f', times {constant:g}'}", _quotient(one, other, constant)


def _of(words: str, name: str) -> str:
    return words.replace("{}", name)


def _power(words: str, power: float, sign: float = 1.0) -> Callable[[Array], Array]:
    function = FACTORS[words]
    if power in (1.0, -1.0):
        return lambda x: sign * function(x) ** power
    return lambda x: sign * np.abs(function(x)) ** power


def _quotient(one: str, other: str, constant: float) -> Callable[[Array], Array]:
    return lambda x: constant * FACTORS[one](x) / FACTORS[other](x)


def explains(
    names: Sequence[str], inputs: Sequence[Sequence[object]], pairs: Sequence[tuple[Array, Array]], same: Callable[[Array, Array], bool]
) -> str:
    """In words the factor, made of one input, that stands between what came back and what is wanted in every case; empty if there is none.

    A few numbers may agree by chance: the factor has to have several sizes, in two cases at least.

    Parameters
    ----------
    names
        Of the inputs.
    inputs
        Of each case.
    pairs
        Of each case what came back and what is wanted, of one shape.
    same
        Whether two arrays are the same but for rounding.
    """
    if len(pairs) < 2 or any(mine.shape != want.shape or not np.all(want) or not np.all(mine) or not mine.size for mine, want in pairs):
        return ""
    ratio = pairs[0][0] / pairs[0][1]
    if not np.isfinite(ratio).all():
        return ""
    for place, name in enumerate(names[: len(inputs[0])]):
        given = [_beside(args[place], want.shape) for args, (_, want) in zip(inputs, pairs, strict=True)]
        if any(value is None for value in given):
            continue
        values = [value for value in given if value is not None]
        if len({float(number) for value in values for number in value.flat}) < _LEAST:
            continue
        for words, factor in factor_words(name, ratio, values[0]):
            if all(same(mine, want * factor(value)) for value, (mine, want) in zip(values, pairs, strict=True)):
                return words
    return ""


def _beside(value: object, shape: tuple[int, ...]) -> Array | None:
    """An input's real numbers in a shape, entry by entry or a row or column for all; turned over where it only fits so; None where it does not."""
    if isinstance(value, float):
        return np.full(shape, value)
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or not value.size or not np.isfinite(value).all():
        return None
    for array in (value, value.T):
        try:
            if np.broadcast_shapes(array.shape, shape) == shape:
                return np.broadcast_to(array, shape)
        except ValueError:
            continue
    return None


def product_with(
    names: Sequence[str], inputs: Sequence[Sequence[object]], pairs: Sequence[tuple[Array, Array]], same: Callable[[Array, Array], bool]
) -> str:
    """In words the matrix by which the right numbers are multiplied once more, or once too little, in every case; empty if by none."""
    if len(pairs) < 2 or any(mine.ndim != 2 or mine.shape != want.shape or not np.any(want) for mine, want in pairs):
        return ""
    for place, name in enumerate(names[: len(inputs[0])]):
        given = [args[place] for args in inputs]
        matrices = [value for value in given if isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind == "f"]
        if len(matrices) < len(given) or all(value.size == 1 for value in matrices):
            continue
        for words, made in _PRODUCTS.items():
            factors = [made(value) for value in matrices]
            for side, product in (("from the left", lambda factor, array: factor @ array), ("from the right", lambda factor, array: array @ factor)):
                if any(
                    factor.shape[-1 if side == "from the left" else 0] != want.shape[0 if side == "from the left" else 1]
                    or factor.shape[0] != factor.shape[1]
                    for factor, (_, want) in zip(factors, pairs, strict=True)
                ):
                    continue
                if all(same(mine, product(factor, want)) for factor, (mine, want) in zip(factors, pairs, strict=True)):
                    return f"multiplied by `{_of(words, name)}` {side}"
                if all(same(want, product(factor, mine)) for factor, (mine, want) in zip(factors, pairs, strict=True)):
                    return f"before a product with `{_of(words, name)}` {side}"
    return ""


_PRODUCTS: dict[str, Callable[[Array], Array]] = {
    "{}": lambda matrix: matrix,
    "{}ᵀ": lambda matrix: matrix.T,
    "{} {}ᵀ": lambda matrix: matrix @ matrix.T,
    "{}ᵀ {}": lambda matrix: matrix.T @ matrix,
}
