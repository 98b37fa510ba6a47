"""11.18: the gradient of a table that is read by token."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_embedding(rng: np.random.Generator) -> list[Case]:
    cases = []
    # the first names its words 3, 1, 0 and 2 times; the second never its first word; the last is one token
    for words, tokens, d in ((4, [3, 0, 1, 0, 3, 0], 4), (5, [4, 2, 1, 4, 2, 2, 3], 3), (3, [1], 1)):
        cases.append(Case(f"{words} words, tokens {tokens}, d = {d}", (np.array(tokens), rng.normal(size=(len(tokens), d)), words)))
    return cases


def _repair_embedding(t: Array, G: Array, words: int) -> Array:
    dE = np.zeros((words, G.shape[1]))
    for i, token in enumerate(t):
        dE[token] += G[i]
    return dE


def _in_parts(
    row: Callable[[Array], Array] = lambda rows: rows.sum(axis=0),
    factor: Callable[[Array, int], float] = lambda t, words: 1.0,
) -> Answer:
    """`row` makes a word's gradient of the rows of G that belong to it."""

    def answer(t: Array, G: Array, words: int) -> Array:
        dE = np.zeros((words, G.shape[1]))
        for word in set(t.tolist()):
            dE[word] = factor(t, words) * row(G[t == word])
        return dE

    return answer


EXERCISE = Exercise(
    id="11.18",
    name="repair_embedding",
    title="A table read by token: its gradient",
    points=1,
    minutes=3,
    difficulty=1,
    cases=_cases_embedding,
    allows=ALLOWED,
    reference=_repair_embedding,
    oracle=lambda t, G, words: oracles.gradient(lambda E: np.sum(G * E[t]), np.zeros((words, G.shape[1]))),
    hints=(
        "Start with zeros, a row for each word of the table, and go through the tokens.",
        "A row of the table is a parameter that is used once for each token that names it. What is the gradient of a parameter that is used again?",
        "Add row i of G to the row of the table's gradient that token i names: in a loop, or as a matrix product with the ones and zeros of line 2.",
    ),
    mistakes=(
        Mistake(
            "rows moved by one",
            lambda t, G, words: _repair_embedding(t - 1, G, words),
            "Each row stands one place too high. Words are counted from 0, as rows are.",
        ),
        Mistake(
            "no rows behind the last word named",
            lambda t, G, words: _repair_embedding(t, G, int(t.max()) + 1),
            "Your table ends with the largest number that is named. It has a row for every word, named or not.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "row",
                    lambda rows: rows[-1],
                    "last token only",
                    "A word that is named more than once keeps what its last token brought. With a list of indices, numpy reads every row before it "
                    "writes any, also for `+=`.",
                ),
                Slip(
                    "row",
                    lambda rows: rows[0],
                    "first token only",
                    "A word that is named more than once keeps what its first token brought. Every token that names it has its share.",
                ),
                Slip(
                    "row",
                    lambda rows: rows.mean(axis=0),
                    "mean over a word's tokens",
                    "You average over the tokens that name a word. A nudge of its row moves the cost through all of them, and these moves add up.",
                ),
                Slip(
                    "row",
                    lambda rows: rows.sum(),
                    "one number for a row",
                    "Each row of yours holds one number again and again, the sum of its entries. Rows of G are added entry by entry.",
                    alone=True,
                ),
                Slip(
                    "row",
                    lambda rows: len(rows) * rows[-1],
                    "last token times the count",
                    "You count how often a word is named, and take one token's row that many times. Each token brings a row of its own.",
                    alone=True,
                ),
                Slip(
                    "row",
                    lambda rows: len(rows) * rows.sum(axis=0),
                    "sum times the count",
                    "You add up a word's rows and multiply by how many there are. Each comes in once.",
                    alone=True,
                ),
                Slip(
                    "factor",
                    lambda t, words: 1.0 / len(t),
                    "averaged over the tokens",
                    "You divide by the number of tokens. If the cost has a mean in it, G has it already.",
                ),
                Slip(
                    "factor",
                    lambda t, words: 1.0 / words,
                    "averaged over the words",
                    "You divide by the number of words. There is no mean over the table in the cost.",
                    alone=True,
                ),
                Slip(
                    "factor",
                    lambda t, words: -1.0,
                    "sign",
                    "Every entry has the opposite sign. A gradient points uphill; the minus belongs to the step.",
                ),
            ),
        ),
        Mistake(
            "tokens sorted, G not",
            lambda t, G, words: _repair_embedding(np.sort(t), G, words),
            "You sort the tokens and leave the rows of G as they were. Row i of G belongs to token i.",
        ),
        Mistake(
            "numbered by the words that are named",
            lambda t, G, words: _repair_embedding(np.unique(t, return_inverse=True)[1], G, words),
            "You number the words that are named from 0 and write into those rows. A token is the number of its row in the table.",
        ),
    ),
)
