"""13.1: what a look-up in a table of columns sends back to the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Answer, Case, Exercise, Mistake

Array = np.ndarray

# words, rows, tokens: repeats beside each other and apart, the first and the last word, words that nobody uses
_TOKENS = ((3, 3, [2, 0, 2]), (6, 2, [4, 4, 1, 5, 1, 4, 2]), (4, 3, [1, 3]), (5, 1, [3]))


def _cases(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{words} words, tokens {', '.join(map(str, t))}", (words, np.array(t), rng.normal(size=(d, len(t))))) for words, d, t in _TOKENS]


def _embedding_grad(words: int, tokens: Array, g: Array) -> Array:
    dE = np.zeros((len(g), words))
    for t, token in enumerate(tokens):
        dE[:, token] += g[:, t]
    return dE


def _scattered(put: Callable[[Array, int, Array], Any], then: Callable[[Array, Array], Array] = lambda dE, uses: dE) -> Answer:
    """The loop with another step in it, and something done at the end with what came out and how often each word stands there."""

    def answer(words: int, tokens: Array, g: Array) -> Array:
        dE = np.zeros((len(g), words))
        for t, token in enumerate(tokens):
            put(dE, token, g[:, t])
        return then(dE, np.bincount(tokens, minlength=words))

    return answer


def _add(dE: Array, token: int, column: Array) -> None:
    dE[:, token] += column


def _last(dE: Array, token: int, column: Array) -> None:
    dE[:, token] = column


def _first(dE: Array, token: int, column: Array) -> None:
    dE[:, token] = np.where(dE[:, token] == 0, column, dE[:, token])


def _neighbour(dE: Array, token: int, column: Array) -> None:
    dE[:, (token + 1) % dE.shape[1]] += column


def _before(dE: Array, token: int, column: Array) -> None:
    dE[:, token - 1] += column


def _by_place(words: int, tokens: Array, g: Array) -> Array:
    dE = np.zeros((len(g), words))
    for t in range(min(len(tokens), words)):
        dE[:, t] += g[:, t]
    return dE


def _mean_of_each(words: int, tokens: Array, g: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return _embedding_grad(words, tokens, g) / np.bincount(tokens, minlength=words)


EXERCISE = Exercise(
    id="13.1",
    name="embedding_grad",
    title="Scatter the gradient back into the table",
    points=1,
    minutes=5,
    difficulty=1,
    cases=_cases,
    reference=_embedding_grad,
    oracle=lambda words, tokens, g: oracles.gradient(lambda E: np.sum(g * E[:, tokens]), np.zeros((len(g), words))),
    hints=(
        "The table has a column for each word. Start with zeros: which words stay at zero?",
        "Column t of g belongs to place t of the text, where the word tokens[t] was copied to. To which column does it go back?",
        "Walk along the text. A word that stands there three times was used three times, and lesson 09 says what to do with uses.",
    ),
    mistakes=(
        Mistake(
            "the last use alone",
            _scattered(_last),
            "A word that is used twice keeps one gradient only: the later one overwrites the earlier. What does lesson 09 do with several uses?",
        ),
        Mistake(
            "the first use alone",
            _scattered(_first),
            "A word that is used twice keeps its first gradient only. Every use of the word moves the cost.",
        ),
        Mistake(
            "mean over the uses",
            _scattered(_add, lambda dE, uses: dE / np.maximum(uses, 1)),
            "You divide by how often a word is used. A nudge of the word reaches all its places at once, so their gradients add up.",
        ),
        Mistake(
            "mean over the places",
            lambda words, tokens, g: _embedding_grad(words, tokens, g) / len(tokens),
            "You divide by the length of the text. There is no mean in a look-up: what it sends back has no factor.",
        ),
        Mistake(
            "times the uses",
            _scattered(_add, lambda dE, uses: dE * np.maximum(uses, 1)),
            "You add the uses up, and then count them once more. The sum over the places is all there is.",
        ),
        Mistake(
            "gathered",
            lambda words, tokens, g: g[:, tokens % g.shape[1]],
            "You look up in g, which is the forward direction once more. Back at the table each column of g is put where its word is.",
        ),
        Mistake(
            "columns up to the last word of the text",
            lambda words, tokens, g: _embedding_grad(words, tokens, g)[:, : max(tokens) + 1],
            "Your table ends with the largest token of the text. `words` says how many columns it has; a word that is not in the text gets 0.",
        ),
        Mistake(
            "words of the text alone",
            lambda words, tokens, g: _embedding_grad(words, tokens, g)[:, np.unique(tokens)],
            "The columns are right, and those of the other words are missing. A word that is not in the text gets 0.",
        ),
        Mistake(
            "the last use, over the length",
            lambda words, tokens, g: _scattered(_last)(words, tokens, g) / len(tokens),
            "Two things: a word that is used twice keeps one gradient only; and you divide by the length of the text.",
        ),
        Mistake(
            "mean over the uses, 0 over 0",
            _mean_of_each,
            "You take the mean over a word's places: for a word that is not in the text it is 0 over 0. Uses add up; a sum over no place is 0.",
        ),
        Mistake(
            "by place in the text",
            _by_place,
            "Column t of g went into column t of the table. Place t of the text holds another word: which?",
        ),
        Mistake(
            "one word further",
            _scattered(_neighbour),
            "Every gradient lies one word too far to the right. Tokens count from 0, as numpy does.",
        ),
        Mistake(
            "one word before",
            _scattered(_before),
            "Every gradient lies one word too far to the left. Tokens count from 0, as numpy does.",
        ),
        Mistake(
            "transposed",
            lambda words, tokens, g: _embedding_grad(words, tokens, g).T,
            "Rows and columns are swapped: this table has a word in each column, and its gradient has its shape.",
        ),
        Mistake(
            "words in reverse",
            lambda words, tokens, g: _embedding_grad(words, tokens, g)[:, ::-1],
            "The numbers are right and the words stand in reverse order.",
        ),
        Mistake(
            "places in reverse",
            lambda words, tokens, g: _embedding_grad(words, tokens, g[:, ::-1]),
            "You walk along the text in one direction and along the columns of g in the other.",
        ),
        Mistake("sign", lambda words, tokens, g: -_embedding_grad(words, tokens, g), "Every sign is wrong. A copy has slope 1."),
        Mistake(
            "one for each use",
            lambda words, tokens, g: _embedding_grad(words, tokens, np.ones_like(g)),
            "You counted the uses. What comes back along each use is a column of g.",
        ),
        Mistake(
            "spread over all words",
            lambda words, tokens, g: np.repeat(g.sum(axis=1, keepdims=True), words, axis=1),
            "Every word gets the same gradient in your answer. A word that is not in the text moves nothing.",
        ),
        Mistake(
            "rows added up",
            lambda words, tokens, g: np.repeat(_embedding_grad(words, tokens, g).sum(axis=0, keepdims=True), len(g), axis=0),
            "You add the rows of g up. Each row of the table is copied by itself, and goes back by itself.",
        ),
        Mistake(
            "tokens sorted, g not",
            lambda words, tokens, g: _embedding_grad(words, np.sort(tokens), g),
            "You sort the tokens and leave the columns of g as they were. Column t of g belongs to place t of the text.",
        ),
        Mistake(
            "numbered by the words of the text",
            lambda words, tokens, g: _embedding_grad(words, np.unique(tokens, return_inverse=True)[1], g),
            "You number the words of the text from 0 and write into those columns. A token is the number of its column in the table.",
        ),
    ),
)
