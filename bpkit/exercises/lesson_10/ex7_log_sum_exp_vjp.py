"""10.7: How a gradient goes back through log Σ exp."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.judging.comparing import agree
from bpkit.exercises.lesson_10.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_log_sum_exp(rng: np.random.Generator) -> list[Case]:
    cases = [Case(f"z {n}×{m}", (rng.normal(size=(n, m)), rng.normal(size=(1, m)))) for n, m in ((3, 3), (4, 2), (3, 1))]
    far = np.round(256 * rng.normal(size=(4, 4))) / 256 + np.array([[1000.0, 1000.0, 1000.0, -1000.0]])
    far[rng.integers(4), 0] -= 2000.0  # three share what a fourth has no part in; all the same in float32
    wide = rng.normal(size=(4, 5))
    apart = rng.permutation([-1000.0, -500.0, 0.0, 1000.0])
    wide[:, 1:] += np.stack([np.roll(apart, k) for k in range(4)], axis=1)  # each row has its turn to be the largest
    return [
        *cases,
        Case("z 4×4, near 1000 and near -1000, one column both", (far, rng.normal(size=(1, 4)))),
        Case("z 4×5, four columns from -1000 to 1000 beside an ordinary one", (wide, rng.normal(size=(1, 5)))),
    ]


def _softmax(z: Array, axis: int | None = 0) -> Array:
    return _shares(z, z.max(axis=axis, keepdims=True), axis)


def _shares(z: Array, shift: Any, axis: int | None = 0) -> Array:
    """What each entry has of the sum of its column, computed with a shift."""
    e = np.exp(z - shift)
    return e / e.sum(axis=axis, keepdims=True)


def _reference(z: Array, g: Array) -> Array:
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return g * e / e.sum(axis=0, keepdims=True)


def _log_sum_exp(z: Array) -> Array:
    top = z.real.max(axis=0, keepdims=True)
    return top + np.log(np.sum(np.exp(z - top), axis=0, keepdims=True))


def _clipped(got: Any, z: Array, g: Array) -> bool:
    """Whether it is the answer for z cut off somewhere; where nothing is cut off that is the right one."""
    limits = (700.0, 500.0, 709.0, 100.0, 250.0, 600.0, 300.0, 200.0, 50.0, 30.0, 20.0, 400.0)
    return any(agree(got, _reference(np.clip(z, -limit, limit), g)) for limit in limits)


EXERCISE = Exercise(
    id="10.7",
    equivalent={"constant, True → False": "a row of numbers (m,) is broadcast as (1, m) is"},
    name="log_sum_exp_vjp",
    title="How a gradient goes back through log Σ exp",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases_log_sum_exp,
    reference=_reference,
    oracle=lambda z, g: oracles.gradient(lambda moved: np.sum(g * _log_sum_exp(moved)), z),
    hints=(
        "Take one column. Differentiate log(e^z1 + e^z2 + …) with respect to z1: first the logarithm, then what is inside. Where have you met the "
        "fraction that comes out?",
        "Each column has its own fraction and its own entry of g. A row of shape (1, m) times a matrix (n, m) scales columns.",
        "e to the power of 1000 is infinite in float64. Numerator and denominator may be divided by the same number: subtract each column's largest "
        "entry before exp.",
    ),
    mistakes=(
        Mistake(
            "overflow",
            lambda z, g: g * _shares(z, 0.0),
            "The formula is right, and float64 is not large enough for e to the power of 1000, nor fine enough for -1000. What may you subtract "
            "from a "
            "whole column without changing the fraction?",
        ),
        Mistake(
            "sigmoid for softmax",
            lambda z, g: g * (1 + np.tanh(z / 2)) / 2,
            "You take the sigmoid of each entry by itself. In the sum under the logarithm all entries of a column meet: their shares add up to 1.",
        ),
        Mistake(
            "one shift for all columns",
            lambda z, g: g * _shares(z, z.max()),
            "You subtract the largest entry of all of z. In a column that lies far below it every exp becomes 0. Each column needs a shift of its "
            "own.",
        ),
        Mistake(
            "shift along the rows",
            lambda z, g: g * _shares(z, z.max(axis=1, keepdims=True)),
            "You subtract the largest entry of each row. That changes the fractions: all entries of one column must be shifted by the same number.",
        ),
        Mistake(
            "shift by the column's mean",
            lambda z, g: g * _shares(z, z.mean(axis=0, keepdims=True)),
            "You subtract each column's mean. In a column that holds -1000 and 1000 the largest entry still lies far above it, and exp overflows. "
            "Which shift leaves nothing above 0?",
        ),
        Mistake(
            "shift by the column's smallest entry",
            lambda z, g: g * _shares(z, z.min(axis=0, keepdims=True)),
            "You subtract each column's smallest entry. Where a column holds -1000 and 1000, what is left of the other is 2000. Which shift leaves "
            "nothing above 0?",
        ),
        Mistake(
            "one shift for all columns, their mean",
            lambda z, g: g * _shares(z, z.mean()),
            "You subtract the mean of all of z. One column can lie far above it and another far below. Each column needs a shift of its own, and one "
            "that leaves nothing above 0.",
        ),
        Mistake(
            "one shift for all columns, their smallest entry",
            lambda z, g: g * _shares(z, z.min()),
            "You subtract the smallest entry of all of z, so a column that lies far above it overflows. Each column needs a shift of its own, and "
            "one that leaves nothing above 0.",
        ),
        Mistake(
            "clipped",
            lambda z, g: g * _shares(np.clip(z, -700.0, 700.0), 0.0),
            "You cut off what is too large for exp. All entries near 1000 become the same number, and their shares with it. A shift keeps the "
            "differences.",
            recognise=_clipped,
        ),
        Mistake(
            "largest entry without its sign",
            lambda z, g: g * _shares(z, np.abs(z).max(axis=0, keepdims=True)),
            "You subtract the largest absolute value of each column. Where all entries are near -1000 that pushes them further down, and every exp "
            "becomes 0. Which entry has to end up at 0?",
        ),
        Mistake(
            "no softmax",
            lambda z, g: g * np.ones_like(z),
            "Every entry of a column gets the same, as if the column had been summed. A larger z counts more in log Σ exp: which function says "
            "how much?",
        ),
        Mistake(
            "shared equally",
            lambda z, g: g * np.ones_like(z) / len(z),
            "Every entry of a column gets the same share, as if the column had been averaged. A larger z counts more: which function says how much?",
        ),
        Mistake(
            "sum over all columns",
            lambda z, g: g * np.exp(z - z.max(axis=0, keepdims=True)) / np.sum(np.exp(z - z.max(axis=0, keepdims=True))),
            "You divide by one number, the sum over all of z. Each column has a sum of its own: along which axis does it run?",
        ),
        Mistake(
            "1 above the bar",
            lambda z, g: g / np.sum(np.exp(z - z.max(axis=0, keepdims=True)), axis=0, keepdims=True) + 0 * z,
            "You have the slope of the logarithm, 1 over the sum. Inside it stands exp of each entry, and that has a slope, too.",
        ),
        Mistake(
            "shift below the bar left out",
            lambda z, g: g * np.exp(z - z.max(axis=0, keepdims=True)) / np.sum(np.exp(z), axis=0, keepdims=True),
            "You shift what stands above the bar and not what stands below it. Both have to be divided by the same number.",
        ),
        Mistake(
            "shift above the bar left out",
            lambda z, g: g * np.exp(z) / np.sum(np.exp(z - z.max(axis=0, keepdims=True)), axis=0, keepdims=True),
            "You shift what stands below the bar and not what stands above it. Both have to be divided by the same number.",
        ),
        Mistake(
            "divided by g",
            lambda z, g: _softmax(z) / g,
            "You divide by g. What comes back is multiplied with the slope that it meets.",
        ),
        Mistake(
            "averaged over the columns",
            lambda z, g: g * _softmax(z) / z.shape[1],
            "You divide by the number of columns. If there was a mean it stands in g already.",
        ),
        Mistake("sign", lambda z, g: -g * _softmax(z), "Every entry has the opposite sign. log Σ exp grows with each of its entries."),
        Mistake(
            "g subtracted",
            lambda z, g: _softmax(z) - g,
            "You subtract g, as an output error subtracts targets. g is a gradient: it scales the slope of its column.",
        ),
        Mistake(
            "g added",
            lambda z, g: _softmax(z) + g,
            "You add g to the slope. g is a gradient: it scales the slope of its column.",
        ),
        Mistake(
            "slope of the logarithm of z",
            lambda z, g: g / z,
            "g over z is what goes back through the logarithm of z itself, entry by entry. Under this logarithm stands a sum of exponentials.",
        ),
        Mistake(
            "a(1 - a)",
            lambda z, g: g * _softmax(z) * (1 - _softmax(z)),
            "a(1 - a) is the slope of softmax itself, on its diagonal. Softmax is the slope of log Σ exp: differentiate once.",
        ),
        Mistake(
            "shift by a fixed number",
            lambda z, g: g * _shares(z, 1000.0),
            "You subtract 1000, whatever is in the column. Near 0 every exp then becomes 0. Which number fits every column?",
        ),
        Mistake(
            "exp without its sum",
            lambda z, g: g * np.exp(z),
            "You carry g through exp. Behind it stands a logarithm of a sum, and its slope is a factor too.",
        ),
        Mistake(
            "shifted exp without its sum",
            lambda z, g: g * np.exp(z - z.max(axis=0, keepdims=True)),
            "The largest entry of each column gets all of g, and the others something on top. Divide by what makes the shares of a column add up "
            "to 1.",
        ),
        Mistake(
            "softmax along the rows",
            lambda z, g: g * _softmax(z, axis=1),
            "Your shares add up to 1 along each row. A column is one example, and log Σ exp was taken down each column.",
        ),
        Mistake(
            "softmax over everything",
            lambda z, g: g * _softmax(z, axis=None),
            "Your shares add up to 1 over all of z. A column is one example, and its shares add up to 1 by themselves.",
        ),
        Mistake(
            "g scales the rows",
            lambda z, g: g.T * _softmax(z),
            "Your g multiplies rows; where z is not square that does not even fit. Each column is one example, and has its own entry of g.",
        ),
        Mistake(
            "g left out",
            lambda z, g: _softmax(z),
            "That is the slope. How much each column counts stands in g.",
        ),
        Mistake(
            "softmax's own VJP",
            lambda z, g: np.zeros_like(z),
            "All zeros: this is what the VJP of softmax makes of the same g for a whole column. Softmax is the slope of log Σ exp here, not a "
            "step on "
            "the way.",
        ),
        Mistake(
            "largest entry only",
            lambda z, g: g * (z == z.max(axis=0, keepdims=True)),
            "Only the largest entry of each column gets something: that is the VJP of the maximum. log Σ exp is a soft maximum, and all entries "
            "count.",
        ),
        Mistake(
            "log of softmax",
            lambda z, g: g * (z - _log_sum_exp(z)),
            "You multiply g by the logarithm of the shares. The slope is the share itself.",
        ),
        Mistake(
            "g summed",
            lambda z, g: np.sum(g) * _softmax(z),
            "Every column gets the sum of all of g. Each column has its own entry.",
        ),
        Mistake(
            "sum along the rows",
            lambda z, g: g * np.exp(z - z.max(axis=0, keepdims=True)) / np.sum(np.exp(z - z.max(axis=0, keepdims=True)), axis=1, keepdims=True),
            "You shift by column and divide by the sum of each row. A column is one example: its shares add up to 1.",
        ),
        Mistake(
            "1 taken off at the largest entry",
            lambda z, g: g * (_softmax(z) - (z == z.max(axis=0, keepdims=True))),
            "At the largest entry of each column you take 1 off. That is the slope of a cross-entropy whose target stands there; here nothing is "
            "subtracted behind log Σ exp.",
        ),
        Mistake(
            "1 less the softmax",
            lambda z, g: g * (1 - _softmax(z)),
            "Your slope is 1 less the share. That is how the logarithm of an entry's own share moves. The larger a share, the more it moves "
            "log Σ exp.",
        ),
    ),
)
