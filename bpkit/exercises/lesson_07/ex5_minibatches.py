"""07.5: shuffled mini-batches, every example once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.lesson_07.shared import ALLOWS, Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Seed


def _cases_batches(rng: np.random.Generator) -> list[Case]:
    return [
        Case(f"m = {m}, size = {size}{note}", (Seed(int(rng.integers(1 << 30))), m, size))
        for m, size, note in ((23, 5, ""), (24, 6, ""), (31, 20, ""), (12, 1, ""), (11, 40, ""), (23, 5, ", another generator"))
    ]


def _minibatches(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    order = rng.permutation(m)
    return [order[start : start + size] for start in range(0, m, size)]


def _shuffled_in_place(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    order = np.arange(m)
    rng.shuffle(order)
    return np.split(order, range(size, m, size))


def _batches(value: Any) -> list[Array] | None:
    """An answer as a list of arrays of whole numbers, or None."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        value = list(value)
    if not isinstance(value, list):
        return None
    try:
        arrays = [np.asarray(batch) for batch in value]
    except ValueError:
        return None
    whole = all(array.ndim == 1 and (array.dtype.kind in "iu" or not array.size) for array in arrays)  # those of whole floats pick nothing
    return [array.astype(int) for array in arrays] if whole else None


def _all_there(batches: Sequence[Array], m: int) -> bool:
    return bool(batches) and np.array_equal(np.sort(np.concatenate(batches)), np.arange(m))


def _cut(m: int, size: int) -> list[int]:
    return [min(size, m - start) for start in range(0, m, size)]


def _sizes_fit(batches: Sequence[Array], m: int, size: int) -> bool:
    return [len(batch) for batch in batches] == _cut(m, size)


def _in_order(batches: Sequence[Array]) -> bool:
    joined = np.concatenate(batches)
    return bool(np.all(np.diff(joined) == 1))


def _from_the_back(batches: Sequence[Array]) -> bool:
    joined = np.concatenate(batches)
    return bool(np.all(np.diff(joined) == -1))


def _neighbours_together(batches: Sequence[Array]) -> bool:
    """Whether every batch holds neighbours of the old order, whatever their order within it; a batch of one or of all tells nothing."""
    return len(batches) > 1 and len(batches[0]) > 1 and all(np.ptp(batch) == len(batch) - 1 for batch in batches if len(batch))


def _hardly_shuffled(batches: Sequence[Array]) -> bool:
    """Whether much of the old order is left, as a shuffle of 16 or more leaves it once in a hundred thousand times at most."""
    joined = np.concatenate(batches)
    m, size = len(joined), len(batches[0])
    if m < 16:
        return False
    places = np.arange(m)
    if size > 1 and any(all(np.all(sign * np.diff(batch) > 0) for batch in batches) for sign in (1, -1)):
        # the batches are sorted: who is in which still tells, but not what follows what
        return len(batches) > 3 and bool(np.sum(joined // size == places // size) > 0.8 * m)
    steps = np.diff(joined)
    same_step = np.bincount(steps % m).max() >= 11  # as a row that was turned round or read in strides has it
    return bool(same_step or np.sum(steps == 1) >= 9 or np.sum(joined == places) >= 9 or np.corrcoef(joined, places)[0, 1] > 0.9)


def _remainder_stays(batches: Sequence[Array]) -> bool:
    """Whether the last batch holds the last examples of the old order, which chance makes once in ten million times at most."""
    m, count = sum(map(len, batches)), len(batches[-1])
    return math.comb(m, count) > 10_000_000 and bool(batches[-1].min() >= m - count)


def _old_batches(batches: Sequence[Array], m: int, size: int) -> bool:
    """Whether batch after batch holds what stood there before, whatever the order within it."""
    return _sizes_fit(batches, m, size) and all(set(batch) == set(range(k * size, k * size + len(batch))) for k, batch in enumerate(batches))


def _shuffled_pieces(batches: Sequence[Array], m: int, size: int) -> bool:
    """The old batches, mixed within; all of them turned round have not been mixed."""
    turned = 1 < size < m and all(np.all(np.diff(batch) == -1) for batch in batches)
    return _all_there(batches, m) and _old_batches(batches, m, size) and not turned


def _batches_hold(value: Any, rng: np.random.Generator, m: int, size: int) -> bool:
    batches = _batches(value)
    if batches is None or not _all_there(batches, m) or not _sizes_fit(batches, m, size):
        return False
    if len(batches) == 1:  # one step sees them all, in whatever order; other cases show whether there is shuffling
        return True
    unmixed = (_in_order, _from_the_back, _neighbours_together, _hardly_shuffled, _remainder_stays)
    return not any(is_left(batches) for is_left in unmixed)


def _explain_batches(value: Any, rng: np.random.Generator, m: int, size: int) -> str | None:
    batches = _batches(value)
    if batches is None:
        return "Return a list of arrays of indices, one array for each mini-batch; found something else."
    if not batches:
        return "The list is empty."
    joined = np.concatenate(batches)
    if joined.size and (joined.min() < 0 or joined.max() >= m):
        return f"Indices run from 0 to m - 1 = {m - 1}; found {joined.min()} to {joined.max()}."
    if not _all_there(batches, m):
        missing = m - len(np.unique(joined))
        return f"{missing} of {m} examples are in no batch, and {joined.size - len(np.unique(joined))} stand there more than once."
    if not _sizes_fit(batches, m, size):
        sizes = [len(batch) for batch in batches][:8]
        return f"Every example is there once, but the batches have sizes {sizes}; expected {size} each, and the rest in the last."
    if _neighbours_together(batches):
        return "Every batch holds neighbours of the old order. Shuffle all examples first, then cut."
    return None


def _recognised(test: Callable[[list[Array], int, int], bool]) -> Callable[..., bool]:
    def recognise(value: Any, rng: np.random.Generator, m: int, size: int) -> bool:
        batches = _batches(value)
        return batches is not None and test(batches, m, size)

    return recognise


def _remainder_dropped(batches: list[Array], m: int, size: int) -> bool:
    joined = np.concatenate([*batches, np.array([], int)])
    once = len(np.unique(joined)) == joined.size and set(joined) <= set(range(m))
    return once and all(len(batch) == size for batch in batches) and joined.size == m // size * size


def _repeats(batches: list[Array], m: int, size: int) -> bool:
    """As many indices as examples or nearly, all in range, in batches of the right size, yet not each once; within one batch each may be."""
    joined = np.concatenate([*batches, np.array([], int)])
    full = all(len(batch) in (size, min(size, m)) for batch in batches[:-1]) and joined.size >= m // size * size
    again = len(np.unique(joined)) < min(joined.size, m) or len(batches) == 1  # which tells nothing
    return full and again and set(joined) <= set(range(m))


def _counted_from_1(batches: list[Array], m: int, size: int) -> bool:
    return _all_there([batch - 1 for batch in batches], m) and _sizes_fit(batches, m, size)


def _filled_up(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    order = rng.permutation(m)
    return [order[np.arange(start, start + size) % m] for start in range(0, m, size)]


def _is_filled_up(batches: list[Array], m: int, size: int) -> bool:
    """Every example once, and after the last as many of the first as its batch still takes."""
    joined = np.concatenate([*batches, np.array([], int)])
    whole = [len(batch) for batch in batches] == [size] * -(-m // size)
    return whole and _all_there([joined[:m]], m) and np.array_equal(joined[m:], np.resize(joined[:m], joined.size - m))


def _empty_behind(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    order = rng.permutation(m)
    return [order[start : start + size] for start in range(0, m + 1, size)]


def _is_empty_behind(batches: list[Array], m: int, size: int) -> bool:
    """An empty one at the end, at least where the others are full."""
    if batches and not len(batches[-1]):
        batches = batches[:-1]
    elif m % size == 0:
        return False
    return _all_there(batches, m) and _sizes_fit(batches, m, size)


def _shuffled_within(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return [rng.permutation(np.arange(start, min(start + size, m))) for start in range(0, m, size)]


def _blocks_shuffled(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    blocks = [np.arange(start, min(start + size, m)) for start in range(0, m, size)]
    return [blocks[k] for k in rng.permutation(len(blocks))]


def _blocks_out_of_order(batches: list[Array], m: int, size: int) -> bool:
    """The old blocks, each in its old order, in any order but from the last to the first, which nobody draws."""
    if not batches or not all(len(batch) for batch in batches) or not _all_there(batches, m):
        return False
    if len(batches) > 5 and all(np.diff([batch[0] for batch in batches]) < 0):
        return False
    return _sizes_fit(sorted(batches, key=lambda batch: int(batch[0])), m, size) and all(np.all(np.diff(batch) == 1) for batch in batches)


def _remainder_unmixed(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    full = m // size * size
    return np.split(np.concatenate([rng.permutation(full), np.arange(full, m)]), range(size, m, size))


def _is_remainder_unmixed(batches: list[Array], m: int, size: int) -> bool:
    if not _all_there(batches, m) or not _sizes_fit(batches, m, size) or (len(batches) > 2 and size > 1 and _old_batches(batches, m, size)):
        return False
    return m % size == 0 or bool(batches[-1].min() >= m // size * size)


def _remainder_first(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return _minibatches(rng, m, size)[::-1]


def _remainder_joined(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    *rest, last = _minibatches(rng, m, size)
    return [*rest, last] if len(last) == size or not rest else [*rest[:-1], np.concatenate([rest[-1], last])]


def _remainder_is_joined(batches: list[Array], m: int, size: int) -> bool:
    *full, short = _cut(m, size)
    return [len(batch) for batch in batches] == [*full[:-1], full[-1] + short]


def _one_pair_changed(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    order = np.arange(m)
    pair = rng.choice(m, size=2, replace=False)
    order[pair] = order[pair[::-1]]
    return [order[start : start + size] for start in range(0, m, size)]


def _one_batch_only(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return [rng.permutation(m)[:size]]


def _draw_with_repeats(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return [rng.integers(0, m, size=min(size, m - start)) for start in range(0, m, size)]


def _size_batches(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return np.array_split(rng.permutation(m), size)


EXERCISE = Exercise(
    id="07.5",
    name="minibatches",
    title="Shuffled mini-batches, every example once",
    points=2,
    minutes=8,
    difficulty=2,
    allows=ALLOWS,
    cases=_cases_batches,
    reference=_minibatches,
    oracle=_shuffled_in_place,
    accepts=_batches_hold,
    explain=_explain_batches,
    hints=(
        "Shuffle the numbers 0 to m - 1 once, then cut the row into pieces.",
        "`rng.permutation(m)` shuffles. Pieces begin at 0, size, 2·size, … What happens to the last one when m is not a multiple of size?",
        "Slicing beyond the end of an array is allowed and gives what is left: the last batch comes out shorter by itself.",
    ),
    mistakes=(
        Mistake(
            "not shuffled",
            lambda rng, m, size: [np.arange(start, min(start + size, m)) for start in range(0, m, size)],
            "The examples stand in their old order. Data often comes sorted by class; then each batch would see one class.",
            recognise=_recognised(lambda batches, m, size: _all_there(batches, m) and _sizes_fit(batches, m, size) and _in_order(batches)),
        ),
        Mistake(
            "turned round for shuffled",
            lambda rng, m, size: np.split(np.arange(m)[::-1], range(size, m, size)),
            "The examples stand in their old order, from the back. Turning round is no shuffling: neighbours stay together, epoch after epoch.",
            recognise=_recognised(lambda batches, m, size: _all_there(batches, m) and _sizes_fit(batches, m, size) and _from_the_back(batches)),
        ),
        Mistake(
            "only the order of the batches shuffled",
            _blocks_shuffled,
            "You shuffle the batches, not the examples: neighbours of the old order stay together for ever. Shuffle first, then cut.",
            recognise=_recognised(_blocks_out_of_order),
        ),
        Mistake(
            "shuffled within the batches",
            _shuffled_within,
            "You cut first and shuffle each piece: the same examples always meet in one batch. Shuffle all of them, then cut.",
            recognise=_recognised(_shuffled_pieces),
        ),
        Mistake(
            "remainder in the first batch",
            _remainder_first,
            "Every example is there once, but the short batch stands first. Let it come last.",
            recognise=_recognised(lambda batches, m, size: bool(batches) and _all_there(batches, m) and _sizes_fit(batches[::-1], m, size)),
        ),
        Mistake(
            "remainder joined to the batch before",
            _remainder_joined,
            "You give the remainder to the batch before it, which gets longer than size. Let it be a short batch of its own.",
            recognise=_recognised(
                lambda batches, m, size: (
                    bool(batches)
                    and _all_there(batches, m)
                    and (_sizes_fit(batches, m, size) if m % size == 0 or m < size else _remainder_is_joined(batches, m, size))
                )
            ),
        ),
        Mistake(
            "one batch only",
            _one_batch_only,
            "You return one mini-batch. Asked are all of an epoch: go on until every example has been in one.",
            recognise=_recognised(lambda batches, m, size: len(batches) == 1 and len(np.unique(batches[0])) == len(batches[0]) == min(size, m)),
        ),
        Mistake(
            "counted from 1",
            lambda rng, m, size: [batch + 1 for batch in _minibatches(rng, m, size)],
            "Your indices run from 1 to m. Arrays count from 0: the first example would never be used, and m does not exist.",
            recognise=_recognised(_counted_from_1),
        ),
        Mistake(
            "remainder dropped",
            lambda rng, m, size: [batch for batch in _minibatches(rng, m, size) if len(batch) == size],
            "The last examples are in no batch when m is not a multiple of size. Let the last batch be shorter.",
            recognise=_recognised(_remainder_dropped),
        ),
        Mistake(
            "an empty batch behind the last",
            _empty_behind,
            "An empty batch stands behind the last one; the mean over its examples would be 0/0. Where does the last batch begin?",
            recognise=_recognised(_is_empty_behind),
        ),
        Mistake(
            "last batch filled up from the front",
            _filled_up,
            "You fill the last batch up with examples that were in the first: they count twice in this epoch. Let the last batch be shorter.",
            recognise=_recognised(_is_filled_up),
        ),
        Mistake(
            "number of batches for their size",
            _size_batches,
            "You make `size` batches. Asked are batches of `size` examples.",
            recognise=_recognised(lambda batches, m, size: len(batches) == size and len(np.unique(np.concatenate([*batches, [-1]]))) == m + 1),
        ),
        Mistake(
            "repeats",
            _draw_with_repeats,
            "Some examples come more than once and others never. Do you draw anew for each batch? In an epoch each example comes once.",
            recognise=_recognised(_repeats),
        ),
        Mistake(
            "hardly shuffled",
            _one_pair_changed,
            "Much of the old order is left. Shuffle all examples: each may come to any place, whatever stands beside it.",
            recognise=_recognised(
                lambda batches, m, size: _all_there(batches, m) and _sizes_fit(batches, m, size) and (m < 16 or _hardly_shuffled(batches))
            ),
        ),
        Mistake(
            "remainder not mixed in",
            _remainder_unmixed,
            "The last examples make the last batch, and never meet the others. Shuffle all of them, then cut.",
            recognise=_recognised(_is_remainder_unmixed),
        ),
    ),
)
