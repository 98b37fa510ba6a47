"""The named equations of lesson 13, each with both sides as they are written.

No source text has them. Their forms are ours with the texts' examples: R has a place in each row, as the literature on attention does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bpkit.equations.model import Array, Equation, Form, Sides, equation
from bpkit.equations.worlds import entries, slope_of

_D, _ROWS, _N = 3, 2, 4  # rows of queries and keys, rows of values, places


@dataclass(frozen=True)
class _Heads:
    """One head's queries, keys, values and the gradient of its result, with a place in each column."""

    Q: Array
    K: Array
    V: Array
    G: Array

    @property
    def S(self) -> Array:
        return entries((_N, _N), lambda j, i: sum(self.K[r, j] * self.Q[r, i] for r in range(_D)) / np.sqrt(_D))

    @property
    def A(self) -> Array:
        S = self.S
        return entries((_N, _N), lambda j, i: np.exp(S[j, i]) / sum(np.exp(S[p, i]) for p in range(_N)))

    def back_to(self, what: str) -> Array:
        """The gradient of Σ G ∘ O by Q, K, V, A or S, by complex step."""

        def cost(moved: Array) -> complex:
            given = {"Q": self.Q, "K": self.K, "V": self.V, what: moved}
            S = given.get("S", given["K"].T @ given["Q"] / np.sqrt(_D))
            A = given.get("A", np.exp(S) / np.exp(S).sum(axis=0))
            return (self.G * (given["V"] @ A)).sum()

        return slope_of(cost, np.asarray({"A": self.A, "S": self.S}[what] if what in "AS" else getattr(self, what)))


def _heads(rng: np.random.Generator) -> _Heads:
    return _Heads(*(rng.normal(size=(rows, _N)) for rows in (_D, _D, _ROWS, _ROWS)))


def _in(row: bool, *parts: Array) -> Array:
    """Several arrays end to end, each turned round where a place is a row."""
    return np.concatenate([(part.T if row else part).ravel() for part in parts])


def _both(row: bool, left: Callable[[_Heads], Sequence[Array]], right: Callable[[_Heads, bool], Sequence[Array]]) -> Sides:
    """Left by components or by complex step, right by the formula in its own orientation."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        heads = _heads(rng)
        return _in(row, *left(heads)), np.concatenate([part.ravel() for part in right(heads, row)])

    return sides


def _softmax(S: Array, axis: int) -> Array:
    e = np.exp(S)
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _attention_left(h: _Heads) -> Sequence[Array]:
    A = h.A
    return [entries((_ROWS, _N), lambda r, i: sum(A[j, i] * h.V[r, j] for j in range(_N)))]


def _attention_right(h: _Heads, row: bool) -> Sequence[Array]:
    if row:
        return [_softmax(h.Q.T @ h.K / np.sqrt(_D), 1) @ h.V.T]
    return [h.V @ _softmax(h.K.T @ h.Q / np.sqrt(_D), 0)]


def _values_right(h: _Heads, row: bool) -> Sequence[Array]:
    if row:
        A, V, G = h.A.T, h.V.T, h.G.T
        return [A.T @ G, G @ V.T]
    return [h.G @ h.A.T, h.V.T @ h.G]


def _scores_right(h: _Heads, row: bool) -> Sequence[Array]:
    ones = np.ones((_N, 1))
    if row:
        A, dA = h.A.T, (h.V.T @ h.G).T
        return [A * (dA - (A * dA) @ ones @ ones.T)]
    A, dA = h.A, h.V.T @ h.G
    return [A * (dA - ones @ ones.T @ (A * dA))]


def _pairs_right(h: _Heads, row: bool) -> Sequence[Array]:
    dS = h.back_to("S")
    if row:
        return [dS.T @ h.K.T / np.sqrt(_D), dS @ h.Q.T / np.sqrt(_D)]
    return [h.K @ dS / np.sqrt(_D), h.Q @ dS.T / np.sqrt(_D)]


def _streaming_back(row: bool) -> Sides:
    def right(h: _Heads, row: bool) -> Sequence[Array]:
        S, O = h.S, h.V @ h.A
        lse = np.log(np.exp(S).sum(axis=0))
        found = entries((_N, _N), lambda j, i: np.exp(S[j, i] - lse[i]) * (h.V[:, j] @ h.G[:, i] - O[:, i] @ h.G[:, i]))
        return [found.T if row else found]

    return _both(row, lambda h: [h.back_to("S")], right)


def _streaming_on(rng: np.random.Generator) -> tuple[Array, Array]:
    """l and o of one query over all keys, and by two blocks."""
    s, V = 3 * rng.normal(size=6), rng.normal(size=(_ROWS, 6))

    def over(keys: slice) -> tuple[float, float, Array]:
        m = float(s[keys].max())
        return m, np.exp(s[keys] - m).sum(), V[:, keys] @ np.exp(s[keys] - m)

    m, l, o = over(slice(0, 2))
    block = slice(2, 6)
    larger = max(m, s[block].max())
    e = np.exp(s[block] - larger)
    found = (np.exp(m - larger) * l + e.sum(), np.exp(m - larger) * o + V[:, block] @ e)
    return np.hstack(over(slice(0, 6))[1:]), np.hstack(found)


def _embedding(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        tokens, g = np.array([2, 0, 2, 3, 2]), rng.normal(size=(3, 5))
        by_step = slope_of(lambda E: (g * E[:, tokens]).sum(), rng.normal(size=(3, 4)))
        columns = [sum((g[:, t] for t in range(5) if tokens[t] == w), np.zeros(3)) for w in range(4)]
        found = np.stack(columns, axis=0 if row else 1)
        return by_step.T if row else by_step, found

    return sides


def _alike(name: str, says: str, shapes: str, columns: str, rows: str, sides: Callable[[bool], Sides]) -> Equation:
    """An equation that stands the same wherever a place is a column."""
    translated = Form(columns, sides(False), stated=False)
    return equation(
        name,
        says,
        shapes,
        "lesson 13",
        ours=Form(columns, sides(False)),
        N=translated,
        R=Form(rows, sides(True), stated=False),
        U=translated,
        P=translated,
    )


EQUATIONS = (
    _alike(
        "embedding, backward",
        "A word of the table collects what comes back to the places where it stands.",
        r"$E$: $(d, \text{words})$; $\delta_x$: $(d, n)$; $\tau_t$: the token at place $t$",
        r"\frac{\partial C}{\partial E_{:w}} = \sum_{t \,:\, \tau_t = w} (\delta_x)_{:t}",
        r"\frac{\partial C}{\partial E_{w:}} = \sum_{t \,:\, \tau_t = w} (\delta_x)_{t:}",
        _embedding,
    ),
    _alike(
        "attention",
        "Each result is a mean of the values, weighted by a softmax of the scaled dot products of its query with all keys.",
        r"$Q, K$: $(d, n)$; $V, O$: $(d_v, n)$; $A$: $(n, n)$, softmax down each column",
        r"O = V A, \qquad A = \mathrm{softmax}\!\left( \frac{K^\top Q}{\sqrt d} \right)",
        r"O = A V, \qquad A = \mathrm{softmax}\!\left( \frac{Q K^\top}{\sqrt d} \right)",
        lambda row: _both(row, _attention_left, _attention_right),
    ),
    _alike(
        "attention, values",
        "A value gets the gradients of all results, each times the weight with which it went there; a weight its value times that of its result.",
        r"$\delta_V, \delta_O$: $(d_v, n)$; $\delta_A, A$: $(n, n)$",
        r"\delta_V = \delta_O A^\top, \qquad \delta_A = V^\top \delta_O",
        r"\delta_V = A^\top \delta_O, \qquad \delta_A = \delta_O V^\top",
        lambda row: _both(row, lambda h: [h.back_to("V"), h.back_to("A")], _values_right),
    ),
    _alike(
        "attention, scores",
        "Back through softmax, query by query: from each weight's gradient subtract their weighted mean, then multiply by the weight.",
        r"all: $(n, n)$; $\mathbf{1}$: $(n, 1)$",
        r"\delta_S = A \odot \left( \delta_A - \mathbf{1}\, \mathbf{1}^\top (A \odot \delta_A) \right)",
        r"\delta_S = A \odot \left( \delta_A - (A \odot \delta_A)\, \mathbf{1}\, \mathbf{1}^\top \right)",
        lambda row: _both(row, lambda h: [h.back_to("S")], _scores_right),
    ),
    _alike(
        "attention, queries and keys",
        "A query collects the keys, a key the queries, each times the gradient of their score and the scale.",
        r"$\delta_Q, \delta_K$: $(d, n)$; $\delta_S$: $(n, n)$",
        r"\delta_Q = \frac{1}{\sqrt d}\, K \delta_S, \qquad \delta_K = \frac{1}{\sqrt d}\, Q\, \delta_S^\top",
        r"\delta_Q = \frac{1}{\sqrt d}\, \delta_S K, \qquad \delta_K = \frac{1}{\sqrt d}\, \delta_S^\top Q",
        lambda row: _both(row, lambda h: [h.back_to("Q"), h.back_to("K")], _pairs_right),
    ),
    _alike(
        "streaming, forward",
        "With a block of keys more, the old sums are rescaled to the largest score so far, and the block's terms are added.",
        r"one query: $m, m', l$: numbers, $m'$ the largest score with block $B$; $o, v_j$: $(d_v, 1)$",
        r"l' = e^{m - m'}\, l + \sum_{j \in B} e^{s_j - m'}, \quad o' = e^{m - m'}\, o + \sum_{j \in B} e^{s_j - m'}\, v_j",
        r"l' = e^{m - m'}\, l + \sum_{j \in B} e^{s_j - m'}, \quad o' = e^{m - m'}\, o + \sum_{j \in B} e^{s_j - m'}\, v_j",
        lambda row: _streaming_on,
    ),
    _alike(
        "streaming, backward",
        "A score's gradient needs its own weight, its own value, and two numbers of its query: the log-sum-exp and the row constant.",
        r"one query: $s_j, \ell$: numbers; $v_j, o, \delta_o$: $(d_v, 1)$",
        r"\delta_{s_j} = e^{s_j - \ell} \left( v_j^\top \delta_o - o^\top \delta_o \right)",
        r"\delta_{s_j} = e^{s_j - \ell} \left( \delta_o v_j^\top - \delta_o o^\top \right)",
        _streaming_back,
    ),
)
