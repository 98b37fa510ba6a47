"""15.8: a step of gradient descent from half-precision gradients of a scaled loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_15.shared import Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

_WAIT = 4


def _cases(rng: np.random.Generator) -> list[Case]:
    def drawn(label: str, shape: tuple[int, int], size: float, scale: float, good: int, spoilt: Any = None, every: bool = False) -> Case:
        # below 2^-24 once the scale is taken off, and of the size of W's own last digits no more
        signs = np.where(np.arange(np.prod(shape)).reshape(shape) % 3 == 1, -1, 1) if size < 4e4 else 1  # so large that only their sum overflows
        g = (rng.uniform(0.5, 1.5, size=shape) * size * signs).astype(np.float16)
        if spoilt is not None:
            g[-1 if good == 2 else 0, 0] = spoilt
        if every:
            g[:] = spoilt
        if good == 2:
            g[0, 1] = 0  # so small that it is lost, and finite
        return Case(f"{label}; g float16", (rng.normal(size=shape) * 1e-5, g, scale, good, 0.5 if good == 2 else 2.0))

    return [
        drawn("small gradients, first good step", (3, 3), 1e-3, 2.0**15, 0),
        drawn("small gradients, good = 2", (2, 4), 1e-3, 2.0**14, 2),
        drawn("the fourth good step", (2, 3), 4.0, 2.0**26, 3),
        drawn("one entry inf", (3, 2), 3e4, 2.0**16, 2, np.inf),
        drawn("one entry -inf, good = 3", (4, 1), 3e4, 2.0**12, 3, -np.inf),
        drawn("one entry nan", (2, 2), 1.0, 2.0**10, 1, np.nan),
        drawn("every entry -inf", (2, 3), 1.0, 2.0**-14, 1, -np.inf, every=True),
        drawn("large and finite", (2, 3), 4e4, 2.0**11, 1, 65504.0),
    ]


def _loss_scale_step(W: Array, g: Array, scale: float, good: int, eta: float) -> list[Any]:
    if not np.isfinite(g).all():
        return [W, scale / 2, 0]
    W = W - eta * g.astype(np.float64) / scale
    return [W, 2 * scale, 0] if good == 3 else [W, scale, good + 1]


def _entry_by_entry(W: Array, g: Array, scale: float, good: int, eta: float) -> list[Any]:
    """With Python's numbers, which are all float64."""
    entries = [float(entry) for entry in g.ravel()]
    if any(not abs(entry) <= 65504.0 for entry in entries):
        return [np.array(W), 0.5 * scale, 0]
    moved = [float(w) - eta * (entry * (1 / scale)) for w, entry in zip(W.ravel(), entries, strict=True)]
    full = (good + 1) % _WAIT == 0
    return [np.array(moved).reshape(W.shape), scale * 2.0**full, 0 if full else good + 1]


Taken = Callable[[Array, float], Array]


def _in_parts(
    unscaled: Callable[..., Array] = lambda g, scale, eta: eta * (g.astype(np.float64) / scale),
    sign: int = -1,
    spoilt: Callable[[Array], bool] = lambda g: not bool(np.isfinite(g).all()),
    skipped: Callable[..., list[Any]] = lambda W, g, scale, good: [W, scale / 2, 0],
    grown: Callable[[float], float] = lambda scale: 2 * scale,
    counted: Callable[[int], tuple[bool, int]] = lambda good: (good + 1 >= _WAIT, good + 1),
) -> Answer:
    def answer(W: Array, g: Array, scale: float, good: int, eta: float) -> list[Any]:
        if spoilt(g):
            return skipped(W, g, scale, good)
        W = W + sign * unscaled(g, scale, eta)
        full, count = counted(good)
        return [W, grown(scale), 0] if full else [W, scale, count]

    return answer


EXERCISE = Exercise(
    id="15.8",
    name="loss_scale_step",
    title="A step with a scaled loss in float16",
    points=3,
    minutes=8,
    difficulty=2,
    part=("W", "the scale", "good"),
    zeros=(1,),
    cases=_cases,
    reference=_loss_scale_step,
    oracle=_entry_by_entry,
    hints=(
        "First look whether g can be used: infinities and nan are what an overflow leaves. If it cannot, W stays, the scale falls, and the row of "
        "good steps is over.",
        "Otherwise take the scale off and step. In which precision must that division be done, if its results are to be smaller than 2⁻²⁴?",
        "Turn g into float64 before you divide by the scale. Then count the good step; at the fourth the scale doubles and counting begins at 0 "
        "again.",
    ),
    mistakes=(
        Mistake(
            "always skipped",
            lambda W, g, scale, good, eta: [W, scale / 2, 0],
            "No step is ever taken. Is your test turned round, or does it ask for any where it should ask for all?",
        ),
        Mistake(
            "step formed in float16",
            _in_parts(unscaled=lambda g, scale, eta: (g * np.float16(eta / scale)).astype(np.float64)),
            "You multiply in float16, by eta over the scale: the products fall below what float16 can hold. Widen the gradient first.",
        ),
        Mistake(
            "eta and scale in float16",
            _in_parts(unscaled=lambda g, scale, eta: (eta * g / scale).astype(np.float64)),
            "g is float16, and a number of Python beside it does not widen it: your step is formed in float16 and falls below what that can hold. "
            "Widen the gradient first.",
        ),
        Mistake(
            "test turned round",
            _in_parts(spoilt=lambda g: bool(np.isfinite(g).all())),
            "You skip what is finite and step with what is not: the test is turned round.",
        ),
        Mistake(
            "weights in float16",
            lambda W, g, scale, good, eta: [
                (W.astype(np.float16) - (eta * g.astype(np.float64) / scale).astype(np.float16)).astype(np.float64) if np.isfinite(g).all() else W,
                *_loss_scale_step(W, g, scale, good, eta)[1:],
            ],
            "Your new weights are float16. A small step is lost beside a weight that has 11 bits: the weights stay in float64.",
        ),
        Mistake(
            "count not set back",
            lambda W, g, scale, good, eta: [
                *_loss_scale_step(W, g, scale, good, eta)[:2],
                good + 1 if np.isfinite(g).all() else 0,
            ],
            "After the fourth good step the scale doubles, and the row begins anew.",
        ),
        Mistake(
            "divided by the doubled scale",
            lambda W, g, scale, good, eta: [
                W - eta * g.astype(np.float64) / (2 * scale if good == _WAIT - 1 else scale) if np.isfinite(g).all() else W,
                *_loss_scale_step(W, g, scale, good, eta)[1:],
            ],
            "At the fourth good step you divide by the new scale. This gradient was made with the old one.",
        ),
        Mistake(
            "spoilt entries set to 0",
            lambda W, g, scale, good, eta: [
                W - eta * np.where(np.isfinite(g), g, 0).astype(np.float64) / scale,
                *_loss_scale_step(W, g, scale, good, eta)[1:],
            ],
            "You take the step with what is finite. The other entries have met too large numbers on their way too: W stays as it is.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "unscaled",
                    lambda g, scale, eta: (eta * (g / np.float16(scale) if scale <= 65504 else g / np.float16(np.inf))).astype(np.float64),
                    "scale taken off in float16",
                    "You divide in float16, and the quotients fall below what float16 can hold: some are 0, the others keep a digit or two. What the "
                    "scale has saved is lost again.",
                ),
                Slip(
                    "unscaled",
                    lambda g, scale, eta: eta * g.astype(np.float64),
                    "scale not taken off",
                    "The gradient is that of scale times the loss. Your step is too long by the scale.",
                ),
                Slip(
                    "unscaled",
                    lambda g, scale, eta: eta * g.astype(np.float64) * scale,
                    "scaled once more",
                    "The gradient is that of scale times the loss already. You multiply by the scale once more.",
                    alone=True,
                ),
                Slip(
                    "unscaled",
                    lambda g, scale, eta: g.astype(np.float64) / scale,
                    "eta left out",
                    "The learning rate is not in your step.",
                    alone=True,
                ),
                Slip("sign", 1, "uphill", "You go uphill. Gradient descent subtracts."),
                Slip(
                    "spoilt",
                    lambda g: bool(np.isinf(g).any()),
                    "nan let through",
                    "An infinity is seen, nan is not: infinity less infinity leaves one, and a single nan spoils the weights for good.",
                ),
                Slip(
                    "spoilt",
                    lambda g: bool(np.isnan(g).any()),
                    "infinities let through",
                    "nan is seen, infinities are not. A number too large for float16 becomes an infinity.",
                    alone=True,
                ),
                Slip(
                    "spoilt",
                    lambda g: bool((g == np.inf).any() or np.isnan(g).any()),
                    "-inf let through",
                    "A gradient overflows to either side.",
                    alone=True,
                ),
                Slip(
                    "spoilt",
                    lambda g: not bool(np.isfinite(g.max())),
                    "the largest entry alone looked at",
                    "You look at the largest entry alone. A gradient overflows to either side, and -inf is never the largest but where all are.",
                    alone=True,
                ),
                Slip(
                    "spoilt",
                    lambda g: not bool(np.isfinite(g).any()),
                    "skipped only if every entry is spoilt",
                    "One entry that is not finite is enough to spoil W.",
                    alone=True,
                ),
                Slip(
                    "spoilt",
                    lambda g: not bool(np.isfinite(g).all()) or bool((np.abs(g) > 3e4).any()),
                    "large taken for overflow",
                    "float16 holds numbers up to 65504, and that one too. A large entry that is finite is right as it stands; a sum of several may "
                    "overflow where no entry has.",
                    alone=True,
                ),
                Slip(
                    "skipped",
                    lambda W, g, scale, good: [W, 2 * scale, 0],
                    "scale doubled at an overflow",
                    "The numbers were too large, and you make them larger.",
                    alone=True,
                ),
                Slip(
                    "skipped",
                    lambda W, g, scale, good: [W, max(scale / 2, 1.0), 0],
                    "scale kept from falling below 1",
                    "You keep the scale from falling below 1. Some libraries do; this rule halves it at every overflow.",
                    alone=True,
                ),
                Slip(
                    "grown",
                    lambda scale: min(2 * scale, 2.0**24),
                    "scale kept from growing",
                    "You keep the scale below a limit. Some libraries do; this rule doubles it at every fourth good step.",
                    alone=True,
                ),
                Slip(
                    "skipped",
                    lambda W, g, scale, good: [W, scale, 0],
                    "scale kept at an overflow",
                    "With the same scale the next gradient overflows as well.",
                ),
                Slip(
                    "skipped",
                    lambda W, g, scale, good: [W, scale / 2, good],
                    "good steps kept at an overflow",
                    "Four good steps in a row are asked before the scale grows. A skipped step ends the row.",
                ),
                Slip(
                    "skipped",
                    lambda W, g, scale, good: [W, scale / 2, good + 1],
                    "a skipped step counted as good",
                    "A skipped step counts as a good one in your answer. It ends the row.",
                    alone=True,
                ),
                Slip(
                    "skipped",
                    lambda W, g, scale, good: [np.zeros_like(W), scale / 2, 0],
                    "W set to 0 at an overflow",
                    "A skipped step leaves the weights as they are.",
                    alone=True,
                ),
                Slip("grown", lambda scale: scale, "scale never grows", "After the fourth good step in a row a larger scale is tried."),
                Slip(
                    "grown",
                    lambda scale: scale / 2,
                    "scale halved after good steps",
                    "After four good steps the scale is to grow.",
                    alone=True,
                ),
                Slip(
                    "counted",
                    lambda good: (good >= _WAIT, good + 1),
                    "fifth for fourth",
                    "`good` counts the steps before this one. With this one, how many are there?",
                ),
                Slip(
                    "counted",
                    lambda good: (good + 1 >= _WAIT - 1, good + 1),
                    "third for fourth",
                    "The scale grows one step too early.",
                    alone=True,
                ),
                Slip(
                    "counted",
                    lambda good: (good + 1 >= _WAIT, good),
                    "good steps not counted",
                    "A good step leaves the count where it was.",
                    alone=True,
                ),
            ),
            told=(frozenset({"scale never grows", "fifth for fourth"}),),
        ),
        Mistake(
            "spoilt entries set to the largest number",
            lambda W, g, scale, good, eta: [
                W - eta * np.nan_to_num(g.astype(np.float64), posinf=65504.0, neginf=-65504.0) / scale,
                *_loss_scale_step(W, g, scale, good, eta)[1:],
            ],
            "You take the step with the largest number of float16 in place of what overflowed. Nobody knows how large it was: W stays as it is.",
        ),
    ),
)
