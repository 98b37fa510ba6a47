"""09.3: the smoothed topographic penalty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_09.shared import AVERAGED_HINT, Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_topographic(rng: np.random.Generator) -> list[Case]:
    cases = []
    for g, n, m in ((2, 4, 5), (3, 3, 3), (4, 3, 1), (1, 3, 2)):
        # groups take squares with weights that are not negative, so that there is a root
        s = rng.normal(size=(n, m)) if m > 1 else rng.uniform(0.3, 1.5, size=(n, m))  # so that text U's root has a value somewhere
        if m > 2:
            s[:, 0] /= 10  # groups below ε
        args = (rng.uniform(0.2, 1.5, size=(g, n)), s, float(rng.uniform(0.2, 1.0)))
        cases.append(Case(f"V {g}×{n}, m = {m}", args))
    return cases


def _under_root(V: Array, s: Array, eps: float) -> Array:
    return V @ s**2 + eps


def _topographic(V: Array, s: Array, eps: float) -> Array:
    return V.T @ (V @ s**2 + eps) ** -0.5 * s


def _in_parts(
    carried: Callable[[Array, Array], Array] = lambda V, p: V.T @ p,
    under: Callable[[Array, Array, float], Array] = _under_root,
    power: float = -0.5,
    last: Callable[[Array], Any] = lambda s: s,
    factor: Callable[[int], float] = lambda m: 1.0,
) -> Answer:
    return lambda V, s, eps: factor(s.shape[1]) * carried(V, under(V, s, eps) ** power) * last(s)


EXERCISE = Exercise(
    id="09.3",
    name="topographic_grad",
    title="The smoothed topographic penalty",
    points=3,
    minutes=10,
    difficulty=3,
    cases=_cases_topographic,
    reference=_topographic,
    plain=(0,),
    oracle=lambda V, s, eps: oracles.gradient(lambda moved: np.sum(np.sqrt(V @ moved**2 + eps)), s),
    hints=(
        "Name what lies between s and the objective: the squares q, the groups u = Vq, p = u + ε, the roots. Go back over them one at a time.",
        "A root hands back ½ over the root. Adding ε hands back what it gets. V hands back through its transpose. A square hands back twice its "
        "input, entry by entry.",
        "Two factors, ½ and 2, meet and cancel. What is left: the reciprocal roots, carried back through the transposed V, and s entry by entry.",
    ),
    mistakes=(
        Mistake(
            "s sᵀ read literally (text U)",
            lambda V, s, eps: V.T @ (V @ s @ s.T + eps) ** -0.5 @ s,
            "You used the matrix product of s with its transpose. A published text writes it so and means something else: its net squares each "
            "entry of s. With the matrix product the numbers under the root can even be negative.",
        ),
        Mistake(
            "carried back under the root",
            lambda V, s, eps: s / np.sqrt(V.T @ (V @ s**2) + eps),
            "You carry the groups back through V and take the root afterwards. Each group has a root of its own: what comes back to a group is made "
            "first, then it is carried back.",
        ),
        Mistake(
            "½ and s left out",
            lambda V, s, eps: V.T @ (_under_root(V, s, eps) ** -0.5 / 2),
            "This is the gradient with respect to the squares of s. One step is left: how does a square move with s?",
        ),
        Mistake(
            "stopped at the groups",
            lambda V, s, eps: _under_root(V, s, eps) ** -0.5 / 2,
            "You stopped early: this is what comes back to the groups, one number for each. Two steps are left until s.",
        ),
        Mistake(
            "s before Vᵀ",
            lambda V, s, eps: V.T @ (_under_root(V, s, eps) ** -0.5 * s),
            "You multiply by s before you have gone back through V. There the numbers still belong to groups, not to entries of s.",
        ),
        Mistake(
            "matrix product with s",
            lambda V, s, eps: V.T @ _under_root(V, s, eps) ** -0.5 @ s,
            "Your last step is a matrix product. Each entry of s is squared by itself, so each gets back its own number.",
        ),
        Mistake(
            "reciprocal after Vᵀ",
            lambda V, s, eps: s / (V.T @ _under_root(V, s, eps) ** 0.5),
            "You carry the roots back and then take the reciprocal. What goes back through V is what the roots hand back.",
        ),
        Mistake(
            "Vᵀ under the root",
            lambda V, s, eps: s / (V.T @ _under_root(V, s, eps)) ** 0.5,
            "You go back through V first and take the root then. Backwards the root comes first: each group hands back its own reciprocal root, "
            "and these go back through V.",
        ),
        Mistake(
            "groups left out",
            lambda V, s, eps: s / (s**2 + eps) ** 0.5,
            "That is the penalty without groups, each entry by itself. V has dropped out.",
        ),
        Mistake(
            "ε outside the root",
            lambda V, s, eps: V.T @ (1 / (_under_root(V, s, 0.0) ** 0.5 + eps)) * s,
            "You add ε to the root. In the objective it stands under the root.",
        ),
        Mistake(
            "power -1, then halved",
            lambda V, s, eps: V.T @ (1 / _under_root(V, s, eps)) / 2 * s,
            "The power is -1, and the result is halved. A power that is written -1 / 2 without brackets does that: the division comes after it.",
        ),
        Mistake(
            "the penalty itself",
            lambda V, s, eps: np.sum(_under_root(V, s, eps) ** 0.5),
            "That is the value of the penalty, one number. Asked is how it moves with each entry of s.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "carried",
                    lambda V, p: V @ p,
                    "V for Vᵀ",
                    "You carry the groups back through V as it stands. Where V is square it fits, and where V is symmetric nobody notices. "
                    "Which way does V lead: from entries to groups, or back?",
                ),
                Slip(
                    "under",
                    lambda V, s, eps: V @ s**2,
                    "ε left out",
                    "The roots in your gradient are not those of the objective: something that stands under them is missing.",
                ),
                Slip(
                    "under",
                    lambda V, s, eps: np.maximum(V @ s**2, eps),
                    "ε as a lower limit",
                    "You use ε as a lower limit for the groups. In the objective it is added to every one of them.",
                    alone=True,
                ),
                Slip(
                    "under",
                    lambda V, s, eps: V @ (s**2 + eps),
                    "ε before V",
                    "You add ε to the squares, before they are grouped. In the objective it is added to the groups.",
                    alone=True,
                ),
                Slip(
                    "under",
                    lambda V, s, eps: V @ s * s + eps,
                    "(Vs) ⊙ s for V(s ⊙ s)",
                    "Under the root you multiply Vs by s. Squares come first, then groups; `@` and `*` are worked off from the left.",
                    alone=True,
                ),
                Slip(
                    "under",
                    lambda V, s, eps: (V @ s) ** 2 + eps,
                    "square of the groups",
                    "Under the root you square the groups. The objective groups the squares: squares come first.",
                ),
                Slip(
                    "under",
                    lambda V, s, eps: V @ s + eps,
                    "square left out under the root",
                    "Under the root stands V times s itself. The objective groups the squares.",
                    alone=True,
                ),
                Slip(
                    "under",
                    lambda V, s, eps: V @ np.abs(s) + eps,
                    "sizes under the root",
                    "Under the root stands V times the sizes of s. The objective groups the squares.",
                    alone=True,
                ),
                Slip(
                    "under",
                    lambda V, s, eps: V @ s @ s.T + eps,
                    "s sᵀ read literally, times s entry by entry",
                    "You used the matrix product of s with its transpose. A published text writes it so and means something else: its net "
                    "squares each entry of s.",
                    alone=True,
                ),
                Slip("power", 0.5, "root for its derivative", "You send the roots themselves back. A root hands back its derivative."),
                Slip(
                    "power",
                    -1.0,
                    "reciprocal without a root",
                    "The power is not right: differentiating the power ½ leaves another power. Which?",
                ),
                Slip(
                    "power",
                    -1.5,
                    "differentiated twice",
                    "The power has gone down by two. A root is the power ½, and its derivative has the power that is one less.",
                    alone=True,
                ),
                Slip(
                    "last",
                    lambda s: 1.0,
                    "s left out",
                    "You stopped at the squares. One step is left, from the squares to s.",
                ),
                Slip(
                    "last",
                    np.abs,
                    "size of s",
                    "Your last factor is the size of s. A square falls where a negative input rises: its slope has the sign of its input.",
                    alone=True,
                ),
                Slip(
                    "last",
                    np.square,
                    "s squared",
                    "Your last factor is s squared. A square hands back its derivative, not its value.",
                    alone=True,
                ),
                Slip(
                    "factor",
                    lambda m: 0.5,
                    "factor ½",
                    "Every entry is half of what it should be. You have the derivative of the root; what does the square of s hand back?",
                ),
                Slip(
                    "factor",
                    lambda m: 2.0,
                    "factor 2",
                    "Every entry is twice what it should be. You have the derivative of the square; look at the root's once more.",
                ),
                Slip("factor", lambda m: 1.0 / m, "averaged over the examples", AVERAGED_HINT),
                Slip("factor", lambda m: -1.0, "sign", "Every entry has the opposite sign. The penalty grows when an entry moves away from 0."),
            ),
            told=(frozenset({"s left out", "factor ½"}), frozenset({"reciprocal without a root", "factor ½"})),
        ),
        Mistake(
            "root before the groups",
            lambda V, s, eps: V.sum(axis=0)[:, None] * s / np.sqrt(s**2 + eps),
            "You take the root of each square and put the roots into groups. The objective groups the squares first: each group has one root.",
        ),
        Mistake(
            "means of the groups",
            lambda V, s, eps: _topographic(V / V.sum(axis=1, keepdims=True), s, eps),
            "You divide each group by the sum of its weights, so that it becomes a mean. The objective takes V as it is.",
        ),
        Mistake(
            "s grouped on the way back",
            lambda V, s, eps: V.T @ (V @ s / np.sqrt(_under_root(V, s, eps))),
            "You put s into groups, Vs, and carry that back. s is the slope of the squares: it comes last, entry by entry, behind the way through V.",
        ),
        Mistake(
            "groups squared",
            lambda V, s, eps: V.T @ (V @ s / np.sqrt((V @ s) ** 2 + eps)),
            "That is the gradient where the groups are squared. The objective squares the entries of s and groups the squares.",
        ),
        Mistake(
            "root's slope averaged over the examples",
            lambda V, s, eps: (V.T @ ((V @ (s * s) + eps) ** -0.5).mean(axis=1, keepdims=True)) * s,
            "Every example has the same slopes of the root in your answer, the mean of all. Each column of s has its own.",
        ),
    ),
)
