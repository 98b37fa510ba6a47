"""13.6: one block of keys more, without the weights of the others."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from bpkit.exercises.lesson_13.shared import Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

State = tuple[Array, Array, Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for label, d_v, b, n in (
        ("a block of 4 keys, 3 queries", 2, 4, 3),
        ("a block of 3 keys, 3 queries", 3, 3, 3),
        ("a block of 1 key, 1 query", 2, 1, 1),
    ):
        m = rng.normal(size=n) + np.array([0.0, 3.0, -3.0])[:n]  # the largest score so far stands near, above and below those of the block
        lower = -10.0 if d_v == 3 else 0.0  # where all scores are negative, too, the largest may rise
        sums = rng.uniform(1.2, 3.0, size=n), rng.normal(size=(d_v, n))
        cases.append(Case(label, (m + lower, *sums, rng.normal(size=(b, n)) + lower, rng.normal(size=(d_v, b)))))
    fresh = np.array([1.0, 0.0])  # query 1 has seen no key yet
    start = (np.array([-4.0, -np.inf]), fresh * rng.uniform(1.2, 3.0), fresh * rng.normal(size=(3, 2)))
    below = rng.normal(size=(4, 2))
    # all of the first scores of query 1 lie below any number that may stand for minus infinity, and are the same in float32
    below[:, 1] = np.round(256 * below[:, 1]) / 256 - 2.0**15 + 8
    below[0, 1] = -np.inf
    S = rng.normal(size=(2, 4)) + np.array([0.0, 900.0, -900.0, 0.0])
    S[:, 3] = S[0, 2] = -np.inf  # one query sees no key of the block, another a part of them
    far = (np.array([0.4, 0.0, -900.0, -1.3]), rng.uniform(1.2, 3.0, size=4), rng.normal(size=(3, 4)), S, rng.normal(size=(3, 2)))
    first = Case("a query that has seen no key yet: m is minus infinity, l and o are 0", (*start, below, rng.normal(size=(3, 4))))
    return [*cases, first, Case("scores up to 900, and a query that may see no key of the block", far)]


def _stream_step(m: Array, l: Array, o: Array, S: Array, V: Array) -> State:
    new = np.maximum(m, S.max(axis=0))
    kept, e = np.exp(m - new), np.exp(S - new)
    return new, kept * l + e.sum(axis=0), kept * o + V @ e


def _oracle(m: Array, l: Array, o: Array, S: Array, V: Array) -> State:
    """With as many digits as it takes, l eᵐ and o eᵐ are plain sums over all keys so far: no shift is needed."""
    new = np.maximum(m, S.max(axis=0))

    def summed(before: float, t: int, factors: Array) -> float:
        terms = [Decimal(before) * Decimal(m[t]).exp(), *(Decimal(f) * Decimal(s).exp() for f, s in zip(factors, S[:, t], strict=True))]
        return float(sum(terms, Decimal(0)) / Decimal(new[t]).exp())

    queries = range(len(m))
    sums = np.array([summed(l[t], t, np.ones(len(S))) for t in queries])
    return new, sums, np.array([[summed(row[t], t, values) for t in queries] for row, values in zip(o, V, strict=True)])


def _mean_kept(m: Array, l: Array, o: Array, S: Array, V: Array) -> State:
    new, total, sums = _stream_step(m, l, l * o, S, V)
    return new, total, sums / total


def _floored(value: Any, m: Array, l: Array, o: Array, S: Array, V: Array) -> bool:
    """Whether this is the step from the same state with some number, below all of the other scores, for minus infinity."""
    if not isinstance(value, list | tuple) or [isinstance(part, np.ndarray) and part.shape for part in value] != [m.shape, l.shape, o.shape]:
        return False
    fresh = np.isinf(m)
    low = np.max(value[0][fresh]) if fresh.any() else -np.inf
    there = _stream_step(np.where(fresh, low, m), l, o, S, V)
    return all(np.allclose(mine, part, rtol=1e-6, atol=1e-9) for mine, part in zip(value, there, strict=True))


def _block_rescaled(m: Array, l: Array, o: Array, S: Array, V: Array) -> State:
    new = np.maximum(m, S.max(axis=0))
    kept, e = np.exp(m - new), np.exp(S - new)
    return new, kept * (l + e.sum(axis=0)), kept * (o + V @ e)


def _logged(m: Array, l: Array, o: Array, S: Array, V: Array) -> State:
    new, total, sums = _stream_step(m, l, o, S, V)
    return new, new + np.log(total), sums


def _in_parts(
    largest: Callable[[Array, Array], Array] = lambda m, S: np.maximum(m, S.max(axis=0)),
    kept: Callable[[Array, Array], tuple[Any, Any]] = lambda m, new: (np.exp(m - new),) * 2,
    shift: Callable[[Array, Array, Array], Any] = lambda m, S, new: new,
    total: Callable[[Array], Array] = lambda e: e.sum(axis=0),
    values: Callable[[Array, Array], Array] = lambda V, e: V @ e,
    then: Callable[[Array, Array], Array] = lambda o, l: o,
) -> Answer:
    def answer(m: Array, l: Array, o: Array, S: Array, V: Array) -> State:
        new = largest(m, S)
        (for_l, for_o), e = kept(m, new), np.exp(S - shift(m, S, new))
        l = for_l * l + total(e)
        return new, l, then(for_o * o + values(V, e), l)

    return answer


_SLIPS = (
    Slip(
        "kept",
        lambda m, new: (1.0, 1.0),
        "old sums not rescaled",
        "You add the block to sums that were taken with another shift. When the largest score rises, by which factor is everything old too large?",
    ),
    Slip(
        "kept",
        lambda m, new: (np.exp(m - new), 1.0),
        "o not rescaled",
        "l is right, and o still carries the old shift. Both are sums of the same exponentials.",
    ),
    Slip(
        "kept",
        lambda m, new: (1.0, np.exp(m - new)),
        "l not rescaled",
        "o is right, and l still carries the old shift. Both are sums of the same exponentials.",
    ),
    Slip(
        "kept",
        lambda m, new: (np.exp(new - m), np.exp(new - m)),
        "rescaled the wrong way",
        "Your old sums grow when the largest score rises. With a larger shift each exponential is smaller.",
    ),
    Slip(
        "kept",
        lambda m, new: (m - new, m - new),
        "rescaled without the exponential",
        "You multiply the old sums by the difference of the two largest scores. The sums are made of exponentials: by which factor do these change?",
        alone=True,
    ),
    Slip(
        "kept",
        lambda m, new: (0.0, 0.0),
        "old sums dropped",
        "Your sums know this block alone. What about all keys before it?",
    ),
    Slip(
        "shift",
        lambda m, S, new: S.max(axis=0),
        "block shifted by its own largest score",
        "The block's exponentials are taken with the block's own largest score, the old sums with the largest of all. One sum needs one shift.",
    ),
    Slip(
        "shift",
        lambda m, S, new: m,
        "block shifted by the old largest score",
        "The block's exponentials are taken with the largest score of the blocks before. At the first block that is minus infinity.",
    ),
    Slip(
        "shift",
        lambda m, S, new: 0.0,
        "block not shifted",
        "The block's exponentials are taken as they stand, the old sums with a shift. One sum needs one shift.",
    ),
    Slip(
        "values",
        lambda V, e: V @ (e / e.sum(axis=0)),
        "block's weights divided by their sum",
        "You divide by the block's sum before you add to o. The division comes once, after the last block, by the sum over all keys.",
    ),
    Slip(
        "values",
        lambda V, e: V.T @ e,
        "values turned round",
        "You multiply by the values turned round. A column of V is the value of one key.",
        alone=True,
    ),
    Slip(
        "total",
        lambda e: e.mean(axis=0),
        "mean for the sum",
        "You add the block's mean exponential to l. l is a sum over keys.",
        alone=True,
    ),
    Slip(
        "total",
        lambda e: e.sum(),
        "one sum for all queries",
        "You add the exponentials of all queries up. Each query is a column with a sum of its own.",
        alone=True,
    ),
    Slip(
        "then",
        lambda o, l: o / l,
        "divided at once",
        "m and l are right, and o is divided by l. Then the next block would be added to a mean instead of a sum: divide after the last one.",
        alone=True,
    ),
)


EXERCISE = Exercise(
    id="13.6",
    name="stream_step",
    title="Take one block of keys more",
    points=3,
    minutes=10,
    difficulty=3,
    cases=_cases,
    reference=_stream_step,
    plain=(0, 1),
    oracle=_oracle,
    part=("m", "l", "o"),
    hints=(
        "Find the new largest score of each query first. Everything else is measured from it.",
        "l is a sum of exp(s - m) over the keys so far. Put another number in the place of m: by which factor does every term change?",
        "Multiply l and o by that factor, then add what the block brings, with its exponentials measured from the new largest score.",
    ),
    mistakes=(
        *mistakes_of(_in_parts, _SLIPS),
        Mistake(
            "largest of the block alone",
            _in_parts(largest=lambda m, S: S.max(axis=0)),
            "Your m is the largest score of this block. Where an earlier block had a larger one, the old sums are blown up, and in the end overflow.",
        ),
        Mistake(
            "minus infinity taken for 0",
            lambda m, l, o, S, V: _stream_step(np.where(np.isinf(m), 0.0, m), l, o, S, V),
            "A query that has seen no key begins at 0 with you. Its first scores may all be negative: minus infinity is below every one of them.",
        ),
        Mistake(
            "a number for minus infinity",
            lambda m, l, o, S, V: _stream_step(np.maximum(m, -1e4), l, o, S, V),
            "A query that has seen no key begins at some low number with you. Its first scores may lie lower still, and all their exponentials are "
            "lost: only minus infinity is below every score.",
            _floored,
        ),
        Mistake(
            "o kept as a mean",
            _mean_kept,
            "You treat o as a mean: multiply it by l, add, divide by the new l. That could be kept, too. Asked is the sum, as it was handed in.",
        ),
        Mistake(
            "block rescaled too",
            _block_rescaled,
            "You rescale after the block is in. Its exponentials are measured from the new largest score already: only what is old takes the factor.",
        ),
        Mistake(
            "block rescaled too, but for a first one",
            lambda m, l, o, S, V: tuple(
                np.where(np.isinf(m), first, later) for first, later in zip(_stream_step(m, l, o, S, V), _block_rescaled(m, l, o, S, V), strict=True)
            ),
            "You rescale after the block is in, wherever there was one before. Its exponentials are measured from the new largest score already: "
            "only what is old takes the factor.",
        ),
        Mistake(
            "log of the sum",
            lambda m, l, o, S, V: [(r := _stream_step(m, l, o, S, V))[0], np.log(r[1]), r[2]],
            "m and o are right, and you return the logarithm of l. The next block adds to the sum itself.",
        ),
        Mistake(
            "o multiplied by l",
            lambda m, l, o, S, V: _stream_step(m, l, l * o, S, V),
            "You multiply the old o by l. It came in as a sum, measured from m; one factor brings it to the new m.",
        ),
        Mistake(
            "largest of all queries",
            _in_parts(largest=lambda m, S: np.full_like(m, max(m.max(), S.max()))),
            "Your m is one number for all queries. A query whose scores lie far below it loses all its exponentials.",
        ),
        Mistake(
            "block's largest score of all queries",
            _in_parts(largest=lambda m, S: np.maximum(m, S.max())),
            "The block's largest score is one number for all queries. Each query is a column of scores with a largest one of its own.",
        ),
        Mistake(
            "scores for their exponentials in o",
            lambda m, l, o, S, V: (*_stream_step(m, l, o, S, V)[:2], np.exp(m - np.maximum(m, S.max(axis=0))) * o + V @ S),
            "m and l are right. In o the values are weighted by the scores themselves; l adds up exponentials, and o is weighted by the same ones.",
        ),
        Mistake(
            "m not renewed",
            lambda m, l, o, S, V: (m, *_stream_step(m, l, o, S, V)[1:]),
            "The sums are right and m is still the old one. The next block would be shifted wrongly.",
        ),
        Mistake(
            "m added to",
            lambda m, l, o, S, V: (m + S.max(axis=0), *_stream_step(m, l, o, S, V)[1:]),
            "You add the block's largest score to m. Of two largest scores the larger one stays.",
        ),
        Mistake(
            "state as it was",
            lambda m, l, o, S, V: (m, l, o),
            "You return what came in: the block is not in it.",
        ),
        Mistake(
            "l and o swapped",
            lambda m, l, o, S, V: [_stream_step(m, l, o, S, V)[k] for k in (0, 2, 1)],
            "l and o have changed places: the order is m, l, o.",
        ),
        Mistake(
            "log for the sum",
            _logged,
            "You return the log-sum-exp in the place of l. It is made after the last block; here the plain sum is asked.",
        ),
    ),
)
