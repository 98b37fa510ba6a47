"""04.4: softmax by columns, without overflow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_04.shared import Array, overflows, shaped, softmax_columns
from bpkit.exercises.model import Case, Exercise, Mistake

_LEVELS = np.array([50.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0])  # where somebody might start to subtract
# an ordinary column stands beside, and columns of which each shift but the right one spares some and overflows in others
_WIDE = np.array([[0, 1500, 0, -1500], [0, 0, 0, 0], [900, 0, 0, 0], [0, 0, 0, 900], [-900, 0, 0, 0]], dtype=float).T
_EDGE = np.array([708.9, 709.5, 709.9])  # around the largest exponent that `np.exp` takes, which several together exceed before


def _oracle(z: Array) -> Array:
    """Each share from the differences within its column: 1 / Σ_k exp(z_k - z_j)."""
    with np.errstate(over="ignore"):
        return np.array(1 / np.sum(np.exp(z[:, None, :] - z[None, :, :]), axis=0))


def _shifted(by: Callable[[Array], Any]) -> Callable[[Array], Array]:
    """Softmax after subtracting `by(z)`, whatever that does to the exponentials."""

    def answer(z: Array) -> Array:
        with np.errstate(all="ignore"):
            e = np.exp(z - by(z))
            return np.array(e / e.sum(axis=0))

    return answer


def _only_large_fail(returned: Any, z: Array) -> bool:
    """Whether what is a number is right, and what is none stands in columns that exp alone cannot take."""
    return _fails_only(returned, z, beyond=(z.max(axis=0) > 710) | (z.max(axis=0) < -740))


def _only_far_below_fail(returned: Any, z: Array) -> bool:
    """Whether it is right, but where all entries of a column are so far below 0 that `np.exp` makes 0 of each."""
    return _fails_only(returned, z, beyond=z.max(axis=0) < -740)


def _fails_only(returned: Any, z: Array, beyond: Array) -> bool:
    """Whether it is no number in the columns `beyond`, all of them, and right elsewhere; near the edge of overflow it may be anything."""
    edge = (z.max(axis=0) > 708) & (z.max(axis=0) <= 710)
    try:
        found = np.asarray(returned, dtype=float)
    except (TypeError, ValueError):
        return False
    if found.shape != z.shape:
        return False
    sure = ~beyond & ~(edge & ~np.isclose(found, softmax_columns(z)).all(axis=0))
    return overflows(softmax_columns)(found[:, sure | beyond], z[:, sure | beyond]) and bool(
        np.isfinite(found[:, sure]).all() and not np.isfinite(found[:, beyond]).all(axis=0).any()
    )


def _cases_softmax(rng: np.random.Generator) -> list[Case]:
    alike = rng.normal(size=(4, 1))
    alike[3] = alike[1]
    cases = [
        Case("3 outputs, m = 3", (rng.normal(size=(3, 3)),)),
        Case("1 output, m = 4", (rng.normal(size=(1, 4)),)),
        Case("4 outputs, m = 1", (alike,)),
        Case("z around 1000, 3 outputs, m = 2", (1000 + rng.normal(size=(3, 2)),)),
        Case("z around 0, 1000 and -1000, 3 outputs, m = 3", (rng.permutation([0.0, 1000.0, -1000.0]) + rng.normal(size=(3, 3)),)),
        Case(
            "z around 50, 100 and so on to 700, 3 outputs, m = 8",
            (_LEVELS + rng.permutation([-1.0, 0.3, 1.4])[:, None] * rng.uniform(0.8, 1.2, size=8),),
        ),
        Case(
            "z around 708.9, 709.5 and 709.9, 3 outputs, m = 3",
            (_EDGE + 0.04 * rng.permutation([-1.0, 0.3, 1.4])[:, None] * rng.uniform(0.8, 1.2, size=3),),
        ),
        Case("z around -1000, 2 outputs, m = 2", (rng.normal(size=(2, 2)) - 1000,)),
        Case("z around 800 and -800, 2 outputs, m = 2", (rng.normal(size=(2, 2)) + rng.permutation([800.0, -800.0]),)),
        Case("entries of one column 1500 or 900 apart, 4 outputs, m = 5", (rng.normal(size=(4, 5)) + _WIDE,)),
    ]
    # numbers that float32 holds, also near 1500: whoever computes in it has the same inputs
    return [Case(case.label, (np.round(2**12 * case.args[0]) / 2**12,)) for case in cases]


def _rate(found: Array, z: Array) -> float | None:
    """By how much the logarithm of a share grows with z in the first column, where that is one number that is not 1."""
    if len(z) < 3 or np.any(found[:, 0] <= 0):
        return None
    logs, order = np.log(found[:, 0]), np.argsort(z[:, 0])
    rates = np.diff(logs[order]) / np.diff(z[order, 0])
    return float(rates[0]) if rates[0] > 0.01 and np.allclose(rates, rates[0], rtol=1e-6) and not np.isclose(rates[0], 1, rtol=1e-6) else None


def _explain_softmax(returned: Any, z: Array) -> str | None:
    found = shaped(returned, z.shape)
    if found is None:
        return None
    if np.any(found < 0):
        return "Some of your probabilities are negative. Softmax is made of exponentials, which are positive."
    sums = found.sum(axis=0)
    if not np.allclose(sums, 1, rtol=1e-6):
        if np.all((sums > 0.9) & (sums < 1)) and np.ptp(sums) > 1e-9:  # short of it by more where the exponentials are smaller
            return (
                f"Each column has to sum to 1, and yours come short of it: {', '.join(f'{each:.4g}' for each in sums)}. Is something added to what "
                "you divide by?"
            )
        return f"Each column has to sum to 1, for its outputs share one probability. Yours sum to {', '.join(f'{each:.4g}' for each in sums)}."
    if np.any((found[:, None, :] - found[None, :, :]) * (z[:, None, :] - z[None, :, :]) < 0):
        return "Each column sums to 1, but the largest entry of z does not get the largest share everywhere."
    if (rate := _rate(found, z)) is not None:
        return (
            f"Each column sums to 1 and the order is right. But in column 0 an output that is larger by 1 in z has {math.exp(rate):.4g} times the "
            f"share. "
            "Softmax is made of plain exponentials of z: is z divided or multiplied by something first?"
        )
    return "Each column sums to 1 and the order is right, the shares are not. An output that is larger by 1 in z gets how many times the share?"


EXERCISE = Exercise(
    id="04.4",
    name="softmax",
    title="Softmax by columns, without overflow",
    points=2,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_softmax,
    reference=softmax_columns,
    oracle=_oracle,
    explain=_explain_softmax,
    hints=(
        "Each column is one example and has to sum to 1 by itself. Along which axis do you add?",
        "exp(1000) is too large for a float. Softmax does not change when you subtract the same number from a whole column. Try it on paper.",
        "Subtract each column's largest entry, take exponentials, divide by each column's sum.",
    ),
    mistakes=(
        Mistake(
            "wrong axis",
            lambda z: softmax_columns(z.T).T,
            "Each row sums to 1. An example is a column: its outputs share one probability.",
        ),
        *(
            Mistake(
                f"shifted by the {what} of all examples",
                _shifted(by),
                "You subtract one number from the whole batch. A column far away from it still has exponentials that are too large, or that are "
                "all 0. Which columns have to know of each other?",
            )
            for what, by in (("largest entry", np.max), ("smallest entry", np.min), ("mean", np.mean))
        ),
        *(
            Mistake(
                f"shifted by each column's {what}",
                _shifted(by),
                "Within a column you may subtract any number, and yours leaves entries far above 0 where the column is widely spread. After the "
                "right one no exponential is larger than 1.",
            )
            for what, by in (
                ("smallest entry", lambda z: z.min(axis=0)),
                ("mean", lambda z: z.mean(axis=0)),
                ("median", lambda z: np.median(z, axis=0)),
                ("first entry", lambda z: z[0]),
                ("last entry", lambda z: z[-1]),
            )
        ),
        Mistake(
            "a fixed shift",
            _shifted(lambda z: 1000),
            "You subtract one fixed number from any z. Where z lies far below it all exponentials are 0. What to subtract depends on the column.",
        ),
        Mistake(
            "overflow",
            lambda z: np.exp(z) / np.exp(z).sum(axis=0),
            "Right for moderate z, but exp(1000) is infinite, and infinite over infinite is not a number. "
            "What may you subtract from a column without changing the result?",
            recognise=_only_large_fail,
        ),
        Mistake(
            "all exponentials 0",
            _shifted(lambda z: np.maximum(z.max(axis=0), 0)),
            "Right for large z too, but where all entries of a column are far below 0, all its exponentials are 0, and 0 over 0 is not a number. "
            "What do you subtract there?",
            recognise=_only_far_below_fail,
        ),
        Mistake(
            "largest entry subtracted from 709 on",
            lambda z: softmax_columns(z) if z.max() > 709 else _shifted(lambda z: 0)(z),
            "You subtract each column's largest entry only if some entry is large. A batch far below 0 needs it too, and it never does harm.",
        ),
        Mistake(
            "clipped at 700",
            lambda z: softmax_columns(np.clip(z, -700, 700)),
            "You cut z off. Beyond the limit all outputs become equal, although only the differences within a column count.",
        ),
        Mistake(
            "cut off above 700",
            lambda z: _shifted(lambda z: 0)(np.minimum(z, 700)),
            "You cut off what is large. Beyond the limit all outputs become equal, although only the differences within a column count.",
        ),
        *(
            Mistake(
                f"divided by {number}",
                lambda z, number=number: softmax_columns(z / number),
                f"You divide z by {number}, so that no exponential is too large. That changes the result; subtracting does not.",
            )
            for number in (100, 1000)
        ),
        Mistake(
            "standardised",
            lambda z: softmax_columns((z - z.mean(axis=0)) / z.std(axis=0)),
            "You divide each column by its spread. That changes the result; subtracting does not.",
        ),
        Mistake("base 10", lambda z: softmax_columns(z * np.log(10)), "You take powers of 10. Softmax takes powers of e."),
        Mistake("twice z", lambda z: softmax_columns(2 * z), "Your exponents are twice as far apart as z. What stands in the exponent?"),
        Mistake("half of z", lambda z: softmax_columns(z / 2), "Your exponents are half as far apart as z. What stands in the exponent?"),
        Mistake(
            "mean for sum",
            lambda z: softmax_columns(z) * len(z),
            "You divide by the mean of the exponentials. With their sum the column sums to 1.",
        ),
        Mistake("transposed", lambda z: softmax_columns(z).T, "The numbers are right, rows and columns are swapped: an example is a column."),
        Mistake(
            "squares",
            lambda z: z**2 / (z**2).sum(axis=0),
            "You divide squares by their sum. They make no difference between z and -z; exponentials come first.",
        ),
        Mistake(
            "sizes",
            lambda z: np.abs(z) / np.abs(z).sum(axis=0),
            "You divide sizes by their sum. They make no difference between z and -z; exponentials come first.",
        ),
        Mistake(
            "one sum for all examples",
            lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
            "All entries together sum to 1. Each example has outputs of its own, which sum to 1.",
        ),
        Mistake(
            "sigmoid",
            lambda z: 1 / (1 + np.exp(-z)),
            "You applied the sigmoid, each neuron for itself. The outputs of softmax compete: each column sums to 1.",
        ),
        Mistake("not divided", lambda z: np.exp(z - z.max(axis=0)), "The exponentials still have to be divided by their sum, column by column."),
        Mistake(
            "no exponential", lambda z: z / z.sum(axis=0), "You divide z itself by its sum. Negative entries stay negative; exponentials come first."
        ),
        Mistake("sign", lambda z: softmax_columns(-z), "Your largest probability stands where z is smallest. Check the sign in the exponent."),
        Mistake(
            "nan replaced",
            lambda z: np.nan_to_num(np.exp(z) / np.exp(z).sum(axis=0)),
            "Where the exponentials are infinite you turn nan into 0: nothing complains any more, and the column sums to 0. Keep it from happening.",
        ),
        Mistake(
            "clipped",
            lambda z: softmax_columns(np.clip(z, -500, 500)),
            "You cut z off. Beyond the limit all outputs become equal, although only the differences within a column count.",
        ),
        Mistake(
            "divided by the largest",
            lambda z: softmax_columns(z / np.max(z, axis=0)),
            "You divide z by its largest entry. That changes the result; subtracting does not. Try both on paper with two outputs.",
        ),
        Mistake(
            "largest of each row",
            lambda z: (lambda e: e / e.sum(axis=0))(np.exp(z - z.max(axis=1, keepdims=True))),
            "You subtract another number in each row. Within one column it has to be the same number, or the shares change.",
        ),
        Mistake(
            "logarithms",
            lambda z: z - np.max(z, axis=0) - np.log(np.exp(z - np.max(z, axis=0)).sum(axis=0)),
            "These are the logarithms of the probabilities. Asked are the probabilities.",
        ),
        Mistake(
            "winner takes all",
            lambda z: (z == z.max(axis=0)).astype(float),
            "You give all to the largest output. Softmax is soft: every output gets a share.",
        ),
        Mistake(
            "sigmoid, then divided",
            lambda z: (lambda s: s / s.sum(axis=0))(np.exp(-np.logaddexp(0, -z))),
            "You divide sigmoids by their sum. The columns sum to 1, but the shares are those of exponentials.",
        ),
        Mistake("base 2", lambda z: softmax_columns(z * np.log(2)), "You take powers of 2. Softmax takes powers of e."),
        Mistake(
            "divided by the length",
            lambda z: (lambda e: e / np.linalg.norm(e, axis=0))(np.exp(z - z.max(axis=0))),
            "You divide by the root of the sum of squares. Probabilities have to sum to 1, their squares need not.",
        ),
        Mistake(
            "largest size subtracted",
            lambda z: np.exp(z - np.abs(z).max(axis=0)) / np.exp(z - np.abs(z).max(axis=0)).sum(axis=0),
            "You subtract the largest absolute value of each column. Where all entries lie near -1000 that pushes them further down, and "
            "every exponential becomes 0.",
        ),
        Mistake(
            "shift below the bar left out",
            lambda z: np.exp(z - z.max(axis=0)) / np.exp(z).sum(axis=0),
            "You shift what stands above the bar and not what stands below it. Both have to be divided by the same number.",
        ),
        Mistake(
            "shift above the bar left out",
            lambda z: np.exp(z) / np.exp(z - z.max(axis=0)).sum(axis=0),
            "You shift what stands below the bar and not what stands above it. Both have to be divided by the same number.",
        ),
        Mistake(
            "one sum for all shifted columns",
            lambda z: (lambda e: e / e.sum())(np.exp(z - z.max(axis=0))),
            "All entries together sum to 1. Each example has outputs of its own, which sum to 1.",
        ),
        Mistake(
            "softmax twice",
            lambda z: softmax_columns(softmax_columns(z)),
            "You apply softmax to what is a softmax output already. It is applied once, to z.",
        ),
        Mistake(
            "squares for exponentials",
            lambda z: (lambda e: e / e.sum(axis=0))((z - z.min(axis=0)) ** 2),
            "You divide squares by their sum. Softmax is made of exponentials.",
        ),
    ),
)
