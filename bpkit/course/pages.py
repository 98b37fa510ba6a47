"""Pieces of Markdown that a notebook renders, each with a twin in plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A piece of Markdown that a notebook renders, with the same in plain text."""

    markdown: str
    text: str

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        return self.text


# fmt: off
_LETTERS = {
    "delta": "δ", "theta": "θ", "sigma": "σ", "eta": "η", "alpha": "α", "epsilon": "ε", "omega": "ω", "partial": "∂", "nabla": "∇",
    "odot": "⊙", "bullet": "•", "sum": "Σ", "Sigma": "Σ", "top": "ᵀ", "cdot": "·", "cdots": "⋯", "dots": "…", "circ": "∘",
    "leftarrow": "←", "to": "→", "lVert": "‖", "rVert": "‖", "le": "≤", "displaystyle": "", "left": "", "right": "", "qquad": "", "quad": "",
    "beta": "β", "gamma": "γ", "lambda": "λ", "mu": "μ", "Delta": "Δ", "approx": "≈", "sqrt": "√",
    "varepsilon": "ε", "big": "", "Big": "", "langle": "⟨", "rangle": "⟩",
    "tau": "τ", "ell": "ℓ", "in": "∈", "ge": "≥", "vert": "|", "lfloor": "⌊", "rfloor": "⌋",
}
# fmt: on


def plain(latex: str) -> str:
    """A formula in plain Unicode, for where LaTeX cannot be drawn.

    Examples
    --------
    >>> plain(r"\\delta^l = \\frac{1}{m}\\, \\sigma'(z^l)")
    "δ^l = 1/m σ'(z^l)"
    >>> plain(r"\\frac1s \\big( z - \\overline{z \\odot \\tilde a} \\big)")
    '1/s (z - mean(z ⊙ a\N{COMBINING TILDE}))'
    """
    braced = r"\{((?:[^{}]|\{[^{}]*\}|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
    text = re.sub(r"\\(?:mathrm|mathbf|mathbb|text)(?:\{([^{}]*)\}|\s(\w))", lambda found: found[1] or found[2], latex)
    text = re.sub(r"\\frac(\w)(\w)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\\(hat|tilde) (\w)", r"\\\1{\2}", text)
    for accent, mark in (("hat", "\N{COMBINING CIRCUMFLEX ACCENT}"), ("tilde", "\N{COMBINING TILDE}")):
        text = re.sub(rf"\\{accent}\{{(\w)\}}", rf"\1{mark}", text)
    text = re.sub(r"\\overline" + braced, r"mean(\1)", text)
    while (shorter := re.sub(r"\\frac" + braced + braced, lambda found: f"{_bracketed(found[1])}/{_bracketed(found[2])} ", text)) != text:
        text = shorter
    text = re.sub(r"\\lvert\s*|\s*\\rvert", "|", text)
    text = re.sub(r"\\bar\{(\w)\}", "\\1\N{COMBINING MACRON}", text)
    text = re.sub(r"\\dot (\w)", "\\1\N{COMBINING DOT ABOVE}", text)
    above = {"bar": "\N{COMBINING MACRON}", "dot": "\N{COMBINING DOT ABOVE}"}
    text = re.sub(r"\\(bar|dot) \\([A-Za-z]+)", lambda found: _LETTERS[found[2]] + above[found[1]], text)
    text = re.sub(r"\\[,!; ]", lambda found: "" if found[0] == r"\!" else " ", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda found: _LETTERS.get(found[1], found[1]), text)
    text = re.sub(r"\^\{?(?:ᵀ|T)\}?", "ᵀ", text)
    text = re.sub(r"([∂∇ΣΔ]|\bd) (?=[A-Za-zα-ωΑ-Ω])", r"\1", text)
    text = re.sub(r" +", " ", text)
    return re.sub(r"(?<=[(\[⟨⌊]) | (?=[)\],⟩⌋])", "", text).strip()


def _bracketed(part: str) -> str:
    """One side of a fraction bar, in brackets where a sum stands there that has none."""
    outside, before = part, ""
    while outside != before:
        outside, before = re.sub(r"\([^()]*\)|\{[^{}]*\}", "", outside), outside
    return f"({part})" if re.search(r" [+-] ", outside) else part


def plain_words(words: str) -> str:
    """Words with formulas between dollar signs, in plain Unicode."""
    return re.sub(r"\$([^$]*)\$", lambda formula: plain(formula[1]), words)
