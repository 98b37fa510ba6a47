"""12.7: the gradients of a residual net, from the last block to the input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_12.shared import ALLOWED, Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

Layers = list[Any]  # of arrays, None at index 0


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m, L in ((3, 3, 4), (2, 4, 3), (3, 1, 1)):
        W: Layers = [None, *(rng.normal(size=(n, n)) for _ in range(L))]
        z = [rng.normal(size=(n, m)) for _ in range(L)]
        if L == 3:
            z[1][0, :2] = rng.uniform(4, 5, size=2) * [1, -1]  # all but flat, and not flat
        size = 100 if L == 3 else 1  # beyond any limit that somebody may clip at
        h: Layers = [None, *map(np.tanh, z)]
        cases.append(Case(f"{L} block{'s' if L > 1 else ''} of {n} neurons, m = {m}", (W, h, size * rng.normal(size=(n, m)))))
    return cases


def _residual_errors(W: Layers, h: Layers, g: Array) -> Layers:
    errors = [g]
    for l in range(len(W) - 1, 0, -1):
        errors.insert(0, errors[0] + W[l].T @ ((1 - h[l] * h[l]) * errors[0]))
    return errors


def _oracle(W: Layers, h: Layers, g: Array) -> Layers:
    """By complex steps through the blocks: a nudge d of a^l becomes d + tanh(z + W d) - tanh(z) behind the next block."""

    def cost_from(layer: int) -> Callable[[Array], Any]:
        def cost(d: Array) -> Any:
            for weights, branch in zip(W[layer + 1 :], h[layer + 1 :], strict=True):
                d = d + np.tanh(np.arctanh(branch) + weights @ d) - branch
            return np.sum(g * d)

        return cost

    return [oracles.gradient(cost_from(layer), np.zeros_like(g)) for layer in range(len(W))]


# one step back, from block l + 1 to a^l: what the identity and the branch hand back
def _in_parts(
    skip: Callable[[Array, Array], Any] = lambda error, slope: error,
    slope: Callable[[Array], Any] = lambda h: 1 - h * h,
    carried: Callable[[Array, Array, Any], Any] = lambda W, error, slope: W.T @ (slope * error),
    weights: Callable[[Layers, int], Array] = lambda W, l: W[l + 1],
    branch: Callable[[Layers, int], Array] = lambda h, l: h[l + 1],
    arriving: Callable[[Array, Array], Array] = lambda error, g: error,
) -> Answer:
    def answer(W: Layers, h: Layers, g: Array) -> Layers:
        errors: Layers = [None] * (len(W) - 1) + [g]
        for l in reversed(range(len(W) - 1)):
            error, here = arriving(errors[l + 1], g), slope(branch(h, l))
            errors[l] = skip(error, here) + carried(weights(W, l), error, here)
        return errors

    return answer


def _earlier(layers: Layers, l: int) -> Array:
    """Of the block before, for the first block its own."""
    return layers[max(l, 1)]


_SLIPS = (
    Slip(
        "skip",
        lambda error, slope: 0.0,
        "identity left out",
        "What comes back through the branch is all that you hand on. There is a second way from one a to the next, with nothing on it.",
    ),
    Slip(
        "skip",
        lambda error, slope: -error,
        "identity subtracted",
        "The way around the branch comes with a minus. Both ways add up.",
    ),
    Slip(
        "skip",
        lambda error, slope: slope * error,
        "slope on the identity too",
        "You scale by the slope of tanh on both ways. The way around the branch meets no activation function.",
    ),
    Slip("slope", lambda h: 1.0, "slope of tanh left out", "The slope of tanh is missing on the way through the branch."),
    Slip("slope", lambda h: h, "h for the slope", "You scale by the branch's output. A derivative is asked: how fast does tanh change there?"),
    Slip(
        "slope",
        lambda h: h * h,
        "1 - left out of the slope",
        "Your slope is h². The slope of tanh is 1 in the middle and falls to both sides.",
        alone=True,
    ),
    Slip("slope", lambda h: 1 + h * h, "sign in the slope", "Your slope is 1 + h². tanh grows more slowly the further it is from 0.", alone=True),
    Slip(
        "slope",
        lambda h: (1 - h * h) ** 2,
        "slope twice",
        "The slope of tanh is squared in your answer. The branch goes through tanh once.",
        alone=True,
    ),
    Slip("slope", lambda h: 1 - h, "h not squared", "Your slope is 1 - h. The slope of tanh falls on both sides of 0."),
    Slip("slope", lambda h: h * (1 - h), "slope of sigmoid", "h(1 - h) is the slope of a sigmoid. Here the branch ends in tanh."),
    Slip(
        "slope",
        lambda h: 1 - np.tanh(h) ** 2,
        "tanh applied again",
        "h is what tanh has given. You apply tanh to it once more before you square.",
    ),
    Slip(
        "carried",
        lambda W, error, slope: W @ (slope * error),
        "transpose forgotten",
        "You go through the weights in the forward direction. Here all blocks have the same width, so that no shape tells.",
    ),
    Slip(
        "carried",
        lambda W, error, slope: slope * (W.T @ error),
        "slope after the weights",
        "On the way back, tanh comes first and then the weights. You take them the other way round.",
    ),
    Slip(
        "carried",
        lambda W, error, slope: slope * (W @ error),
        "J for its transpose",
        "You multiply by the branch's Jacobian as it stands, which carries a nudge forward. Its transpose goes back: slope first, then the weights.",
    ),
    Slip(
        "weights",
        _earlier,
        "W of the wrong block",
        "For a^l you go through W[l]. Between a^l and the next a lies the block with the next number.",
        alone=True,
    ),
    Slip(
        "branch",
        _earlier,
        "h of the wrong block",
        "For a^l you take the slope from h[l]. Between a^l and the next a lies the block with the next number.",
        alone=True,
    ),
    Slip(
        "arriving",
        lambda error, g: g,
        "always from the last layer",
        "Every block starts again from g. What comes into a block is what the block behind it handed back.",
        alone=True,
    ),
)


def _right(*given: Any) -> Layers:
    return _in_parts()(*given)


def _past_every_block(W: Layers, h: Layers, g: Array) -> Layers:
    errors = [g]
    for l in range(len(W) - 1, 0, -1):
        errors.insert(0, g + W[l].T @ ((1 - h[l] * h[l]) * errors[0]))
    return errors


def _branch_from_the_end(W: Layers, h: Layers, g: Array) -> Layers:
    errors = [g]
    for l in range(len(W) - 1, 0, -1):
        errors.insert(0, errors[0] + W[l].T @ ((1 - h[l] * h[l]) * g))
    return errors


EXERCISE = Exercise(
    id="12.7",
    name="residual_errors",
    title="Gradients through a residual net, last block to first",
    points=3,
    minutes=11,
    difficulty=2,
    allows=ALLOWED,
    part="g[{}]",
    cases=_cases,
    reference=_residual_errors,
    plain=(1,),
    oracle=_oracle,
    hints=(
        "From one a to the next there are two ways: the identity, and the branch with weights and tanh. What does each hand back?",
        "The identity hands back what it gets. The branch is a layer: tanh first, with the slope 1 - h², then the weights, transposed.",
        "A list of the length of W, its last entry g. For l from L - 1 down to 0: the entry behind, plus the branch's share of it, with W[l + 1] "
        "and h[l + 1].",
    ),
    mistakes=(
        *mistakes_of(
            _in_parts,
            _SLIPS,
            told={
                frozenset({"slope on the identity too", "slope of tanh left out"}),
                frozenset({"slope of tanh left out", "slope after the weights"}),
                frozenset({"slope of tanh left out", "J for its transpose"}),
            },
        ),
        Mistake(
            "identity counted in the branch too",
            _in_parts(carried=lambda W, error, slope: W.T @ (slope * error) + error),
            "The way around the branch is counted twice.",
        ),
        Mistake(
            "no entry for the input",
            lambda W, h, g: [None, *_right(W, h, g)[1:]],
            "g[0] is None. The input of the net is a^0: its gradient is asked too.",
        ),
        Mistake(
            "input left out",
            lambda W, h, g: _right(W, h, g)[1:],
            "The gradients are right, one place too early: the one of the input, a^0, is missing.",
        ),
        Mistake("front to back", lambda W, h, g: _right(W, h, g)[::-1], "The gradients are right and stand in reverse order: g[l] belongs to a^l."),
        Mistake(
            "averaged over the examples",
            _in_parts(carried=lambda W, error, slope: W.T @ (slope * error) / error.shape[1]),
            "You divide by the number of examples on the way through the branch. Each column is an example of its own.",
        ),
        Mistake(
            "mean of both ways",
            _in_parts(skip=lambda error, slope: error / 2, carried=lambda W, error, slope: W.T @ (slope * error) / 2),
            "You take the mean of the two ways. What comes back on several ways adds up.",
        ),
        Mistake(
            "branch subtracted",
            _in_parts(carried=lambda W, error, slope: -W.T @ (slope * error)),
            "What comes back through the branch has a minus. Both ways add up.",
        ),
        Mistake(
            "product with the slope first",
            _in_parts(carried=lambda W, error, slope: W.T @ (slope + 0 * error) * error),
            "Without brackets the matrix product is taken first. The slope meets the error entry by entry, then come the weights: brackets.",
        ),
        Mistake(
            "block before",
            _in_parts(weights=_earlier, branch=_earlier),
            "For a^l you go through W[l] and h[l]. Between a^l and the next a lies the block with the next number.",
        ),
        Mistake(
            "g past every block",
            _past_every_block,
            "Every block adds g itself. The way around a block hands on what arrives behind that block.",
        ),
        Mistake(
            "branch always from the last layer",
            _branch_from_the_end,
            "The identity hands on what arrives, and your branch begins with g at every block. It begins with what arrives behind its own block.",
        ),
        Mistake(
            "one place too late",
            lambda W, h, g: [*_right(W, h, g)[1:], g],
            "Your list ends with g twice, and all others stand one place too early: the gradient of the input is missing.",
        ),
        Mistake(
            "one array for all layers",
            lambda W, h, g: [_right(W, h, g)[0]] * len(W),
            "Every entry of your list is the gradient of the input. Is it one and the same array, which `+=` changes in place again and again? Make "
            "a new array for each layer.",
        ),
        Mistake(
            "only the identity",
            _in_parts(carried=lambda W, error, slope: 0.0),
            "You hand on what the identity gives back, and nothing of the branch.",
        ),
        Mistake(
            "1 - |h| for the slope",
            _in_parts(slope=lambda h: 1 - np.abs(h)),
            "Your slope falls in a straight line as h grows. That of tanh is 1 minus the square of h.",
        ),
        Mistake(
            "last block's slope everywhere",
            _in_parts(branch=lambda h, l: h[-1]),
            "You take the slope of the last block at every block. Each block has its own h.",
        ),
    ),
)
