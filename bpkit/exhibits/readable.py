"""Numbers, layers and neurons as a reader wants them: the pictures and the widgets word them alike."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def number(value: Any, digits: int = 3) -> str:
    """A number to some significant digits, with a real minus sign; very small and very large ones as powers of ten.

    Examples
    --------
    >>> number(-0.06821), number(0.5, 4), number(0), number(3.14159e-6), number(123456.0)
    ('−0.0682', '0.5000', '0', '3.14·10⁻⁶', '1.23·10⁵')
    >>> number(0.3125), number(0.9996), number(1234.0)
    ('0.313', '1.00', '1234')
    """
    value = float(value)
    if value == 0 or not np.isfinite(value):
        return f"{value:.0f}".replace("-0", "0").replace("-", "−")
    # halves away from zero, as at school and in browsers; formatting alone would round them to even
    exact = Decimal(abs(value))
    rounded = exact.quantize(Decimal(1).scaleb(exact.adjusted() + 1 - digits), ROUND_HALF_UP)
    power = rounded.adjusted()
    if -4 < power < max(digits, 4):
        places = max(digits - 1 - power, 0)
        text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    else:
        text = f"{rounded.scaleb(-power):.{digits - 1}f}·10{superscript(power)}"
    return f"−{text}" if value < 0 else text


def superscript(whole: int) -> str:
    """
    >>> superscript(-12)
    '⁻¹²'
    """
    return str(whole).translate(_SUPERSCRIPTS)


def subscript(*wholes: int) -> str:
    """
    >>> subscript(1, 2), subscript(10, 2)
    ('₁₂', '₁₀,₂')
    """
    texts = [str(whole).translate(_SUBSCRIPTS) for whole in wholes]
    return ("," if any(whole > 9 for whole in wholes) else "").join(texts)


def symbol(letter: str, layer: int, *indices: int) -> str:
    """A letter with its layer above and its neurons below, counted from 1 as on paper.

    Examples
    --------
    >>> symbol("δ", 2, 1), symbol("w", 2, 1, 3)
    ('δ²₁', 'w²₁₃')
    """
    return f"{letter}{superscript(layer)}{subscript(*indices)}"


def shape_of(sizes: Iterable[int]) -> str:
    """
    >>> shape_of([2, 3, 2])
    '2-3-2'
    """
    return "-".join(str(size) for size in sizes)


def shape_words(shape: Iterable[int]) -> str:
    """
    >>> shape_words((3, 2))
    '3 × 2'
    """
    return " × ".join(str(size) for size in shape)


def compact(value: Any) -> str:
    """A number for a narrow cell: three digits, without zeros at its end.

    Examples
    --------
    >>> compact(-16.0), compact(0.5), compact(46.5625), compact(-0.43033), compact(0.0)
    ('−16', '0.5', '46.6', '−0.43', '0')
    """
    text = number(value)
    return text.rstrip("0").rstrip(".") if "." in text and "·" not in text else text
