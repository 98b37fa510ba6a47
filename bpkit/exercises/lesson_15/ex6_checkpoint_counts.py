"""15.6: what checkpoints cost and save."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases(rng: np.random.Generator) -> list[Case]:
    k = int(rng.integers(4, 9))
    n = k * int(rng.integers(6, 12)) + int(rng.integers(2, k - 1))  # one layer over has no step to do again
    drawn = [(100, 10), (100, 20), (n, k), (10, 3), (201, 200), (8, 1), (9, 9), (1, 1)]
    return [Case(f"n = {n}, k = {k}", (n, k)) for n, k in drawn]


def _checkpoint_counts(n: int, k: int) -> list[int]:
    segments = -(-n // k)
    last = n - (segments - 1) * k
    return [segments + max(last, k - 1), n - segments]


def _by_doing_it(n: int, k: int) -> list[int]:
    """Hold and drop the numbers of the layers as the text says, and look how many are held."""
    held = {l for l in range(n + 1) if l % k == 0 or l == n}
    most, steps = len(held), 0
    while len(held) > 1:
        end = max(held)
        start = max(held - {end})
        for l in range(start + 1, end):
            held.add(l)
            steps += 1
        most = max(most, len(held))
        held -= set(range(start + 1, end + 1))
    return [most, steps]


def _in_parts(
    segments: Callable[[int, int], float] = lambda n, k: math.ceil(n / k),
    inner: Callable[[int, int, int], float] = lambda n, k, last: max(last, k - 1),
    steps: Callable[[int, float], float] = lambda n, segments: n - segments,
) -> Answer:
    def answer(n: int, k: int) -> list[float]:
        count = segments(n, k)
        return [count + inner(n, k, n - (math.ceil(n / k) - 1) * k), steps(n, count)]

    return answer


EXERCISE = Exercise(
    id="15.6",
    name="checkpoint_counts",
    title="What checkpoints cost and save",
    points=2,
    minutes=8,
    difficulty=2,
    part=("activations held", "steps recomputed"),
    cases=_cases,
    reference=_checkpoint_counts,
    oracle=_by_doing_it,
    hints=(
        "Do n = 10, k = 3 on paper: write down which activations are held after the first pass, and then after each step.",
        "A segment of r layers has r - 1 activations inside, and these are the steps that are done again. Into how many segments do n layers fall, "
        "and how long is the last?",
        "The most are held either in the last segment, when every checkpoint is still there, or in the one before it, which is longer where k does "
        "not divide n, but then the last checkpoint is gone. Take the larger count.",
    ),
    mistakes=(
        Mistake(
            "formula where k divides n",
            lambda n, k: [n // k + k, n - n // k],
            "The first count is right, the second is not where k does not divide n: there is one segment more, and it is shorter. "
            "Do n = 10, k = 3 on paper.",
        ),
        Mistake(
            "formula where k divides n, not rounded",
            lambda n, k: [n / k + k, n - n / k],
            "That is the formula for a k that divides n; elsewhere it gives no whole numbers. There the last segment is shorter. Do n = 10, k = 3 "
            "on paper.",
        ),
        Mistake(
            "every segment taken for full",
            lambda n, k: [_checkpoint_counts(n, k)[0], math.ceil(n / k) * (k - 1)],
            "Your second count takes the last segment for a full one. Where k does not divide n it is shorter.",
        ),
        Mistake(
            "every segment taken for full, in both counts",
            lambda n, k: [math.ceil(n / k) + k, math.ceil(n / k) * (k - 1)],
            "Both counts take the last segment for a full one. Where k does not divide n it is shorter. Do n = 10, k = 3 on paper.",
        ),
        Mistake(
            "steps of the shorter segment left out",
            lambda n, k: [_checkpoint_counts(n, k)[0], n // k * (k - 1)],
            "The first count is right. The second leaves out the shorter segment at the end: what lies inside it is computed again too.",
        ),
        Mistake(
            "nothing saved",
            lambda n, k: [n + 1, 0],
            "That is plain backpropagation, which holds every activation and recomputes none. Where do the checkpoints enter?",
        ),
        Mistake(
            "swapped",
            lambda n, k: _checkpoint_counts(n, k)[::-1],
            "Both counts are right, in the other order: first what is held, then what is recomputed.",
        ),
        Mistake(
            "from the beginning each time",
            lambda n, k: [_checkpoint_counts(n, k)[0], n * (n - 1) // 2],
            "Your second count starts from the input each time. A segment starts from its own checkpoint.",
        ),
        Mistake(
            "checkpoints alone",
            lambda n, k: [math.ceil(n / k) + 1, n - math.ceil(n / k)],
            "You count what is held after the first pass. Going back through a segment, its inner activations are held as well.",
        ),
        Mistake(
            "every activation held",
            lambda n, k: [n + 1, n - math.ceil(n / k)],
            "Your first count is that of plain backpropagation. With checkpoints, what lies inside a segment is held only while that segment has its "
            "turn.",
        ),
        Mistake(
            "one too few",
            lambda n, k: [_checkpoint_counts(n, k)[0] - 1, n - math.ceil(n / k)],
            "Your first count is one too few for every n and k. Both ends of the net are held too, the input and the output.",
        ),
        Mistake(
            "one segment alone",
            lambda n, k: [k, n - math.ceil(n / k)],
            "You count what one segment holds. The checkpoints before it are held too.",
        ),
        Mistake(
            "checkpoints times inner",
            lambda n, k: [math.ceil(n / k) * k, n - math.ceil(n / k)],
            "You multiply. The checkpoints of all segments are held beside the inner activations of one.",
        ),
        Mistake(
            "first pass counted too",
            lambda n, k: [_checkpoint_counts(n, k)[0], 2 * n - math.ceil(n / k)],
            "Your second count contains the first pass. Asked are the steps that are done again.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "segments",
                    lambda n, k: n // k,
                    "rounded down",
                    "Where k does not divide n, a shorter segment is left over at the end. It counts too.",
                ),
                Slip(
                    "segments",
                    lambda n, k: n / k,
                    "not rounded",
                    "A count that is no whole number: where k does not divide n, a shorter segment is left over at the end.",
                ),
                Slip(
                    "inner",
                    lambda n, k, last: k,
                    "last segment taken for full",
                    "Right where k divides n. Otherwise the last segment is shorter, and when a full one has its turn the last checkpoint is gone.",
                ),
                Slip(
                    "inner",
                    lambda n, k, last: last,
                    "only the last segment looked at",
                    "You count what is held in the last segment. The one before may hold more, though one checkpoint fewer is left.",
                ),
                Slip(
                    "inner",
                    lambda n, k, last: k - 1,
                    "output not held",
                    "One short where k divides n: in the last segment its two ends are both held.",
                ),
                Slip(
                    "inner",
                    lambda n, k, last: k + 1,
                    "one too many",
                    "A segment of k layers has two ends, which are counted as checkpoints. How many activations lie between?",
                ),
                Slip(
                    "steps",
                    lambda n, segments: n,
                    "every layer again",
                    "Your second count does every layer again. The activation at the end of a segment is held already.",
                ),
                Slip(
                    "steps",
                    lambda n, segments: n - segments - 1,
                    "input counted as a layer",
                    "One step too few. The first checkpoint is the input, which no layer computes.",
                ),
            ),
            told=(
                frozenset({"rounded down", "last segment taken for full"}),
                frozenset({"not rounded", "last segment taken for full"}),
            ),
        ),
    ),
)
