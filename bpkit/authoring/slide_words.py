"""What the cells of a deck say with the numbers that they computed: text, tables, numbers and matrices in formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
from IPython.display import Markdown, display
from numpy.typing import ArrayLike

from bpkit.language import translated


def say(text: str) -> None:
    """Put Markdown on the slide."""
    display(Markdown(text))


def rows(*lines: Any) -> None:
    """Put a Markdown table on the slide; the first line is its head. What bpkit names is in the reader's language."""
    head, *body = ("| " + " | ".join(translated(str(cell)) for cell in line) + " |" for line in lines)
    say("\n".join([head, "|:--" * len(lines[0]) + "|", *body]))


def label(word: str) -> str:
    """A single word of a slide, which translators find by this."""
    return word


def digits(values: ArrayLike, count: int = 4) -> str:
    """Numbers to so many decimal places, with a real minus sign.

    Examples
    --------
    >>> digits(-0.25), digits([1, -2], 1)
    ('−0.2500', '1.0, −2.0')
    """
    return ", ".join(f"{value:.{count}f}".replace("-", "−") for value in np.ravel(values))


def power(value: float, digits: int = 1) -> str:
    """A number as a power of ten, for a formula.

    Examples
    --------
    >>> print(power(1.13e-12))
    1.1 \\times 10^{-12}
    """
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}"


def matrix(array: ArrayLike, form: str = "{:g}") -> str:
    """An array, for a formula.

    Examples
    --------
    >>> print(matrix([[1.0, -2.5]]))
    \\begin{pmatrix} 1 & -2.5 \\end{pmatrix}
    """
    body = r" \\ ".join(" & ".join(form.format(value) for value in row) for row in np.atleast_2d(array))
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"
