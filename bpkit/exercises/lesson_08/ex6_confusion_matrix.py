"""08.6: What is taken for what."""

from __future__ import annotations

import numpy as np

from bpkit.exercises.lesson_08.shared import ALLOWED, Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_confusion(rng: np.random.Generator) -> list[Case]:
    cases = []
    for K, m in ((3, 20), (12, 200), (4, 1), (3, 1200)):
        true = rng.integers(0, K, size=m)
        predicted = np.where(rng.random(m) < 0.5, true, (true + rng.integers(1, 3, size=m)) % K)
        if m > 1:
            true[:3], predicted[:3] = 0, 1  # one kind of mistake more often than once, and more often than its mirror image
            predicted[(true == 1) & (predicted == 0)] = 1
            if K < 10:
                true[true == K - 1], predicted[predicted == K - 1] = K - 2, K - 2  # the last class does not occur
            true[-1], predicted[-1] = 1, 1  # another kind of example than the first
        else:
            true = rng.integers(1, K - 1, size=m)  # the first class does not occur
            predicted = (true + 1) % K
        # of the machine's own size, or np.bincount refuses them where that has 32 bits, as in a browser
        cases.append(Case(f"K = {K}, m = {m}", (true.astype(int), predicted.astype(int), K)))
    return cases


def _confusion(true: Array, predicted: Array, K: int) -> Array:
    counts = np.zeros((K, K), dtype=int)
    np.add.at(counts, (true, predicted), 1)
    return counts


def _confusion_oracle(true: Array, predicted: Array, K: int) -> Array:
    """Entry i, j answers a question: how many examples of class i were called j?"""
    return np.array([[np.sum((true == i) & (predicted == j)) for j in range(K)] for i in range(K)])


def _confusion_once(true: Array, predicted: Array, K: int) -> Array:
    counts = np.zeros((K, K), dtype=int)
    counts[true, predicted] += 1
    return counts


def _share(counts: Array, total: Array) -> Array:
    return counts / total


def _occurring(true: Array, predicted: Array, K: int) -> Array:
    n = max(true.max(), predicted.max()) + 1
    return _confusion(true, predicted, n)


EXERCISE = Exercise(
    id="08.6",
    name="confusion_matrix",
    title="What is taken for what",
    points=1,
    minutes=6,
    difficulty=2,
    allows=ALLOWED,
    cases=_cases_confusion,
    reference=_confusion,
    oracle=_confusion_oracle,
    hints=(
        "Start with K × K zeros. Every example adds 1 to one entry.",
        "The row is what the example shows, the column is what the net says it shows.",
        "In a loop over examples this is one line. If you index with whole arrays, try your line on two equal examples first: does it count both?",
    ),
    mistakes=(
        Mistake(
            "transposed",
            lambda true, predicted, K: _confusion(predicted, true, K),
            "Rows and columns are swapped. A row is what the example shows, a column what the net says.",
        ),
        Mistake(
            "normalised by row",
            lambda true, predicted, K: _share(_confusion(true, predicted, K), np.maximum(np.bincount(true, minlength=K), 1)[:, None]),
            "You give shares of each row. Asked are counts.",
        ),
        Mistake(
            "normalised by row, empty rows divided by 0",
            lambda true, predicted, K: _share(_confusion(true, predicted, K), np.bincount(true, minlength=K)[:, None]),
            "You divide each row by its sum; a class that does not occur has none. Asked are counts.",
        ),
        Mistake(
            "normalised by column",
            lambda true, predicted, K: _share(_confusion(true, predicted, K), np.maximum(np.bincount(predicted, minlength=K), 1)),
            "You give shares of each column. Asked are counts.",
        ),
        Mistake(
            "normalised",
            lambda true, predicted, K: _share(_confusion(true, predicted, K), np.array(len(true))),
            "You give shares of all examples. Asked are counts.",
        ),
        Mistake(
            "repeats counted once",
            _confusion_once,
            "No entry of yours is larger than 1, and here some pairs come more often. Try the line that counts on two equal examples.",
        ),
        Mistake(
            "only the mistakes",
            lambda true, predicted, K: _confusion(true, predicted, K) * (1 - np.eye(K, dtype=int)),
            "The diagonal is 0. What is recognised counts too.",
        ),
        Mistake(
            "only what is right",
            lambda true, predicted, K: _confusion(true, predicted, K) * np.eye(K, dtype=int),
            "Only the diagonal is filled. The examples that are taken for something else are missing.",
        ),
        Mistake(
            "as many rows as classes that occur",
            _occurring,
            "A class that does not occur among these examples has no row and no column in yours. K says how many classes there are.",
        ),
        Mistake(
            "one count for each class",
            lambda true, predicted, K: np.bincount(true[true == predicted], minlength=K),
            "You count the hits of each class. Asked is a matrix that also says what the others were taken for.",
        ),
        Mistake(
            "bins over the labels that occur",
            lambda true, predicted, K: np.histogram2d(true, predicted, bins=K)[0],
            "Your K bins are spread over the labels that occur, from the lowest to the highest. A class that does not occur has a row too: row k "
            "belongs to class k.",
        ),
        Mistake(
            "counts multiplied",
            lambda true, predicted, K: np.outer(np.bincount(true, minlength=K), np.bincount(predicted, minlength=K)),
            "You multiply how often class i is shown by how often class j is said. Count the examples in which both happen at once.",
        ),
        Mistake(
            "8 bits",
            lambda true, predicted, K: _confusion(true, predicted, K).astype(np.uint8),
            "Small counts are right. Yours are kept in 8 bits, and after 255 they begin again at 0.",
        ),
        Mistake(
            "last example left out",
            lambda true, predicted, K: _confusion(true[:-1], predicted[:-1], K),
            "The last example is not counted. `range(m - 1)` ends one early.",
        ),
        Mistake(
            "first example left out",
            lambda true, predicted, K: _confusion(true[1:], predicted[1:], K),
            "The first example is not counted. Python counts from 0.",
        ),
        Mistake(
            "counts multiplied, over m",
            lambda true, predicted, K: np.outer(np.bincount(true, minlength=K), np.bincount(predicted, minlength=K)) / len(true),
            "You multiply how often class i is shown by how often class j is said, and divide by m: that is how often both would meet by chance. "
            "Count the examples in which both happen at once.",
        ),
        Mistake(
            "mistakes entered both ways",
            lambda true, predicted, K: (C := _confusion(true, predicted, K)) + C.T - np.diag(np.diag(C)),
            "The diagonal is right, and each mistake stands in two places. A 3 that is called a 5 is no 5 that is called a 3.",
        ),
        Mistake(
            "each sorted by itself",
            lambda true, predicted, K: _confusion(np.sort(true), np.sort(predicted), K),
            "You sort the labels and what is said, each by itself. Then no example meets its own label any more.",
        ),
    ),
)
