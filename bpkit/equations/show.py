"""Shows named equations: the card of a recap, the Rosetta page; and holds what is displayed elsewhere to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bpkit.course.pages import Page, plain, plain_words
from bpkit.equations.model import Equation
from bpkit.equations.registry import EQUATIONS, named
from bpkit.language import columns, in_formula, padded, translated

# what → (Chinese, then the symbol in each convention); "–": the text has no symbol for it
SYMBOLS: Mapping[str, tuple[str, ...]] = {
    "layers": ("层", r"$0 \dots L$", r"$1 \dots L$", r"$0 \dots D$", r"$1 \dots n_l$", r"$0 \dots L$"),
    "input": ("输入", r"$x = a^0$", r"$x = a^1$", r"$X = y^0$", r"$x = a^{(1)}$", r"$x = a^{(0)}$"),
    "weights into layer l": ("权重", r"$W^l$", r"$w^l$", r"$\omega^l$", r"$W^{(l-1)}$", r"$W^{(l)}$"),
    "one weight: from neuron k, to neuron j": ("", r"$w_{jk}^l$", r"$w_{jk}^l$", r"$\omega_{kj}^l$", r"$W_{jk}^{(l-1)}$", r"$w_{jk}^{(l)}$"),
    "bias": ("偏置", r"$b^l$", r"$b^l$", r"$b^l$", r"$b^{(l-1)}$", r"$b^{(l)}$"),
    "weighted input": ("带权输入", r"$z^l$", r"$z^l$", r"$\epsilon^l$", r"$z^{(l)}$", r"$z^{(l)}$"),
    "activation": ("激活值", r"$a^l$", r"$a^l$", r"$y^l$", r"$a^{(l)}$", r"$a^{(l)}$"),
    "activation function": ("激活函数", r"$\sigma$", r"$\sigma$", r"$\mathrm{Act}_l$", r"$f^{(l)}$", r"$f$"),
    "cost": ("代价函数", r"$C$", r"$C$", r"$L$", r"$J$", r"$J(W,b)$"),
    "error": (
        "误差",
        r"$\delta^l$",
        r"$\delta^l$",
        r"$\frac{\partial L}{\partial \epsilon^l}$",
        r"$\delta^{(l)}$",
        r"$\delta^{(l)}$",
    ),
    "elementwise product": ("逐元素乘积", r"$\odot$", r"$\odot$", r"$\odot$", r"$\bullet$", "–"),
    "learning rate": ("学习率", r"$\eta$", r"$\eta$", r"$\alpha$", "–", r"$\alpha$"),
    "one example is": ("", "a column", "a column", "a row", "a column", "a column"),
}


def card(*names: str) -> Page:
    """The equations of a recap: formula, words, shapes.

    Examples
    --------
    >>> print(card("BP2"))
    BP2
        δ^l = ((W^{l+1})ᵀ δ^{l+1}) ⊙ σ'(z^l)
        Carry the errors back through the transposed weights, then multiply each by its own neuron's slope.
        δ^l, z^l: (n_l, m); W^{l+1}: (n_{l+1}, n_l); δ^{l+1}: (n_{l+1}, m)
    """
    chosen = [named(name) for name in names]
    rows = [f"| **{e.name}** | $\\displaystyle {in_formula(e.latex)}$ | {translated(e.says)}<br>{translated(e.shapes)} |" for e in chosen]
    text = [f"{e.name}\n    {plain(in_formula(e.latex))}\n    {translated(e.says)}\n    {plain_words(translated(e.shapes))}" for e in chosen]
    return Page("\n".join(["| | | |", "|:--|:--|:--|", *rows]), "\n".join(text))


def rosetta(*names: str) -> Page:
    """How the source texts write what we write: the symbols, or the named equations.

    Examples
    --------
    >>> print(rosetta("BP4"))
    BP4: A weight's gradient is the error it leads to times the activation it comes from, averaged over the examples.
        ours  ∂C/∂W^l = 1/m δ^l (a^{l-1})ᵀ
        N     ∂C/∂w_{jk}^l = a_k^{l-1} δ_j^l   (our translation; A's formula was a picture and is lost)
        R     dω^m = (y^{m-1})ᵀ ∂L/∂ε^m
        U     ∇_{W^{(l)}} J = δ^{(l+1)} (a^{(l)})ᵀ
        P     ∂J(W,b)/∂w_{ji}^{(l)} = δ_j^{(l)} a_i^{(l-1)}   (for the last layer printed with a_p, the neuron's own index)
    """
    return _rosetta_equations([named(name) for name in names]) if names else _rosetta_symbols()


def _rosetta_symbols() -> Page:
    rows = [
        ["", "中文", translated("ours"), "N, A", "R", "U", "P"],
        *([translated(what), *map(translated, symbols)] for what, symbols in SYMBOLS.items()),
    ]
    markdown = ["| " + " | ".join(row) + " |" for row in rows]
    markdown.insert(1, "|:--|" + ":-:|" * 6)
    # the Chinese words go last: not every font makes them two columns wide
    plain_rows = [[plain(cell.strip("$")) for cell in (row[0], *row[2:], row[1])] for row in rows]
    widths = [max(columns(row[i]) for row in plain_rows) for i in range(6)]
    text = ["  ".join([*(padded(cell, width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in plain_rows]
    return Page("\n".join(markdown), "\n".join(text))


def _rosetta_equations(equations: Iterable[Equation]) -> Page:
    markdown, text, wide = [], [], max(5, columns(translated("ours")))
    for e in equations:
        markdown += [f"**{e.name}**{translated(': ')}{translated(e.says)}", "", "| | |", "|:--|:--|"]
        text.append(f"{e.name}{translated(': ')}{translated(e.says)}")
        for convention, form in e.forms.items():
            remarks = [translated(form.note)] if form.note else []
            if not form.stated:
                remarks.insert(0, translated("our translation"))
            remark = f"   ({translated('; ').join(remarks)})" if remarks else ""
            whose, latex = translated(convention), in_formula(form.latex)
            markdown.append(f"| {'N, A' if convention == 'N' else whose} | $\\displaystyle {latex}$ {remark} |")
            text.append(f"    {padded(whose, wide)} {plain(latex)}{plain_words(remark)}")
        markdown.append("")
    return Page("\n".join(markdown), "\n".join(text))


_DISPLAYED = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)


_TAG = re.compile(r"\\tag\{([^}]*)\}")
# a formula that would be wider than its column stands on two lines
_BROKEN = re.compile(r"\\begin\{aligned\}\s*&(.*)\\end\{aligned\}", re.DOTALL)
_BREAK = re.compile(r"\\\\ ?&")
_SPACE = re.compile(r"\\q?quad\b")


def differences(markdown: str) -> list[str]:
    """One line for each tagged display formula that is not the named equation, word for word (spacing and breaks between lines aside).

    Examples
    --------
    >>> differences(r"$$\\delta^l = W^{l+1} \\delta^{l+1} \\tag{BP2}$$")[0][:35]
    'BP2: found \\\\delta^l = W^{l+1} \\\\delt'
    """
    found = []
    for displayed in _DISPLAYED.findall(markdown):
        tag, formula = "".join(_TAG.findall(displayed)), _joined(_squeezed(_TAG.sub("", displayed)))
        if not tag:
            continue
        if tag not in EQUATIONS:
            found.append(f"{tag}: no equation has this name")
        elif formula != _squeezed(EQUATIONS[tag].latex):
            found.append(f"{tag}: found {formula}, expected {_squeezed(EQUATIONS[tag].latex)}")
    return found


def _joined(latex: str) -> str:
    broken = _BROKEN.fullmatch(latex)
    return _squeezed(_BREAK.sub(" ", broken[1])) if broken else latex


def _squeezed(latex: str) -> str:
    return " ".join(_SPACE.sub(" ", latex).split())
