"""What a named equation is: written once, in our notation and in each source text's, with a numeric check of both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


Sides = Callable[[np.random.Generator], tuple[Array, Array]]


CONVENTIONS = {
    "ours": "this course",
    "N": "N, A: after Nielsen (反向传播公式推导; 读懂反向传播算法)",
    "R": "R: rows (bp神经网络反向传播)",
    "U": "U: weights lead away from layer l (UFLDL, 用反向传导思想求导)",
    "P": "P: Ge Li, Peking University (Deep Learning Technology and Application)",
}


@dataclass(frozen=True)
class Form:
    """An equation as one text writes it.

    Parameters
    ----------
    latex
        The formula, without dollar signs.
    sides
        Draws a random net in this text's convention and evaluates both sides as they are written.
    stated
        Whether the text itself states it; if not, it is our translation into the text's letters.
    note
        What was put right, where the printed formula has a slip; formulas in it stand between dollar signs.
    """

    latex: str
    sides: Sides
    stated: bool = True
    note: str = ""


@dataclass(frozen=True)
class Equation:
    """A named equation.

    Parameters
    ----------
    name
        What ``\\tag{…}`` says.
    says
        The equation in words.
    shapes
        The shapes in our notation, m examples as columns; formulas in it stand between dollar signs.
    source
        Where it comes from: the lesson that derives it, and the literature.
    forms
        Convention ("ours", "N", "R", "U", "P") → `Form`.
    """

    name: str
    says: str
    shapes: str
    source: str
    forms: Mapping[str, Form]

    @property
    def latex(self) -> str:
        """The formula in our notation, without dollar signs."""
        return self.forms["ours"].latex

    def check(self, rng: np.random.Generator, convention: str = "ours") -> float:
        """Evaluate both sides on a random net; return their relative difference in the 2-norm.

        Examples
        --------
        >>> from bpkit.equations import EQUATIONS
        >>> EQUATIONS["BP2"].check(np.random.default_rng(0)) < 1e-12
        True
        """
        left, right = self.forms[convention].sides(rng)
        if left.shape != right.shape:
            raise ValueError(f"{self.name} ({convention}): the left side has shape {left.shape}, the right side {right.shape}")
        return float(np.linalg.norm(left - right) / max(np.linalg.norm(left), np.linalg.norm(right)))


def equation(name: str, says: str, shapes: str, source: str, **forms: Form) -> Equation:
    """An equation whose forms stand in the order of `CONVENTIONS`, and are all there."""
    return Equation(name, says, shapes, source, {convention: forms[convention] for convention in CONVENTIONS})
