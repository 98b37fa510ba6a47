"""What several exercises of lesson 07 need."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from bpkit.core.describe import describe_difference
from bpkit.exercises.model import Answer, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

Array = np.ndarray


SHAPES = ((3, 3), (2, 4), (4, 1))


ALLOWS = ("sigmoid",)  # the same for all, so that the grader runs the notebook's cells once


def draw_eta(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.1, 0.7))


def explain_step(
    got: Any, names: Sequence[str], starts: Sequence[Array], wanted: Sequence[Array], terms: Mapping[str, Array], factors: Mapping[str, float]
) -> str | None:
    """What is wrong with new parameters, read from how far they moved; None where the new parameters themselves tell, or nothing does.

    Parameters
    ----------
    got
        What was returned: one array, or a list of as many as there are names.
    names
        Of the arrays.
    starts, wanted
        Where each array began, and where it should be.
    terms, factors
        By name: arrays of which a wrong result may hold too much or too little, and numbers by which a step may be too long.
    """
    arrays = _arrays([got] if len(names) == 1 else got, wanted)
    if arrays is None:
        return None
    told = [describe_difference(mine, right, rtol=_RTOL) for mine, right in zip(arrays, wanted, strict=True)]
    k = next((k for k, each in enumerate(told) if not each.ok), None)
    if k is None or told[k].kind not in _VAGUE:
        return None
    words = _told_by_step(arrays[k], starts[k], wanted[k], terms, factors)
    fine = [name for name, each in zip(names, told, strict=True) if each.ok]
    beside = f" ({' and '.join(fine)} {'is' if len(fine) == 1 else 'are'} right)" if fine else ""
    return f"{names[k]} is not right: {words}{beside}." if words else None


_RTOL = 2e-6
_VAGUE = (None, "some entries")  # kinds of difference that name no pattern


def _arrays(got: Any, wanted: Sequence[Array]) -> list[Array] | None:
    """What was returned as finite real arrays of the shapes that are wanted, or None."""
    if not isinstance(got, list) or len(got) != len(wanted):
        return None
    try:
        arrays = [np.asarray(part) for part in got]
    except ValueError:
        return None
    fit = all(mine.shape == right.shape and mine.dtype.kind in "biuf" for mine, right in zip(arrays, wanted, strict=True))
    return [mine.astype(float) for mine in arrays] if fit and all(np.all(np.isfinite(mine)) for mine in arrays) else None


def _told_by_step(mine: Array, start: Array, right: Array, terms: Mapping[str, Array], factors: Mapping[str, float]) -> str | None:
    if not np.any(mine - start):
        return "it is where it was before the step"
    moved = describe_difference(mine - start, right - start, rtol=_RTOL, factors=factors)
    if moved.kind not in _VAGUE:
        return f"going by how far it moved, {moved}"
    excess, fitting = (mine - right).ravel(), {name: term.ravel() for name, term in terms.items() if term.shape == mine.shape}
    for count in (1, 2):
        for chosen in combinations(fitting, count):
            basis = np.column_stack([fitting[name] for name in chosen])
            if excess.size < 2 + 2 * count:
                continue  # so few numbers fit by chance
            coefficients, *_ = np.linalg.lstsq(basis, excess, rcond=None)
            if np.linalg.norm(basis @ coefficients - excess) <= _RTOL * np.linalg.norm(excess):
                return f"it is off by {' and by '.join(f'{c:.3g} × {name}' for c, name in zip(coefficients, chosen, strict=True))}"
    return None


# ---- one step of training, in any convention, with one part for each thing to get wrong


Layers = list[Any]  # of arrays, None at the places of layers that have none


@dataclass(frozen=True)
class Convention:
    """How a net is written down.

    Parameters
    ----------
    forward
        W, b, x → z and a of every layer.
    last, slope
        z, a, y → the error of the last layer; z, a → the slope of a hidden one.
    carried
        The weights that lead on and the error behind them → what comes back.
    weights, biases
        An error and the activations before it → the gradient of the weights; an error → that of the biases.
    axis
        Along which x and y hold their examples.
    """

    forward: Callable[[Layers, Layers, Array], tuple[Layers, Layers]]
    last: Callable[[Array, Array, Array], Array]
    slope: Callable[[Array, Array], Any]
    carried: Callable[[Array, Array], Array]
    weights: Callable[[Array, Array], Array]
    biases: Callable[[Array], Any]
    axis: int

    def gradients(self, W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
        """dW and db of every layer."""
        z, a = self.forward(W, b, x)
        return self._back(W, z, a, y)

    def _back(self, W: Layers, z: Layers, a: Layers, y: Array, eta: float = 0.0) -> list[Layers]:
        """The same; the error goes back through weights that have moved by `eta`."""
        dW: Layers = [None] * len(W)
        db: Layers = [None] * len(W)
        delta = self.last(z[-1], a[-1], y)
        for l in range(len(W) - 1, 0, -1):
            dW[l], db[l] = self.weights(delta, a[l - 1]), self.biases(delta)
            if l > 1:
                delta = self.carried(W[l] - eta * dW[l], delta) * self.slope(z[l - 1], a[l - 1])
        return [dW, db]

    def step(self, W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
        """The parameters after one step."""
        return _moved_by(W, b, self.gradients(W, b, x, y), eta)

    def update_first(self, W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
        """Each layer is updated before the error goes back through it."""
        return _moved_by(W, b, self._back(W, *self.forward(W, b, x), y, eta), eta)

    def layer_by_layer(self, backwards: bool) -> Answer:
        """Each layer moves by the gradient of a net whose layers before it have moved already."""

        def answer(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
            W, b = list(W), list(b)
            for l in range(len(W) - 1, 0, -1) if backwards else range(1, len(W)):
                dW, db = self.gradients(W, b, x, y)
                W[l], b[l] = W[l] - eta * dW[l], b[l] - eta * db[l]
            return [W, b]

        return answer

    def example_by_example(self, W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
        """A step for each example."""
        for k in range(x.shape[self.axis]):
            W, b = self.step(W, b, x.take([k], self.axis), y.take([k], self.axis), eta)
        return [W, b]


def _moved_by(W: Layers, b: Layers, gradients: Sequence[Layers], eta: float) -> list[Layers]:
    return [[None, *(p - eta * g for p, g in zip(old[1:], slopes[1:], strict=True))] for old, slopes in zip((W, b), gradients, strict=True)]


def training_mistakes(net: Convention, slips: Sequence[Slip], rates: Sequence[Slip]) -> tuple[Mistake, ...]:
    """What goes wrong in one step of training.

    `slips` replace a part of the convention. `rates` replace "rate", a function of the number of examples that scales the step.
    """

    def weights_first(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
        new_W = net.step(W, b, x, y, eta)[0]
        return [new_W, net.step(new_W, b, x, y, eta)[1]]

    def two_steps(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
        W, b = net.step(W, b, x, y, eta)
        return net.step(W, b, x, y, eta)

    def in_parts(rate: Callable[[int], float] = lambda m: 1.0, **parts: Any) -> Answer:
        changed = dataclasses.replace(net, **parts)
        return lambda W, b, x, y, eta: changed.step(W, b, x, y, eta * rate(x.shape[net.axis]))

    return (
        Mistake(
            "update before propagate",
            net.update_first,
            "The last layer is right. You send the error back through weights that have moved, as a published text does. The error belongs to the "
            "net that made the forward pass. Did you keep the old weights under another name? A name is no copy: after `-=` on the array both "
            "names show the new numbers.",
        ),
        Mistake(
            "only the last layer",
            lambda W, b, x, y, eta: [[*old[:-1], new[-1]] for old, new in zip((W, b), net.step(W, b, x, y, eta), strict=True)],
            "Only the last layer moves. The hidden layers have gradients too: that is what BP2 is for.",
        ),
        Mistake(
            "biases not updated",
            lambda W, b, x, y, eta: [net.step(W, b, x, y, eta)[0], b],
            "The weights are right, the biases stand still. They are parameters too, with gradients of their own.",
        ),
        Mistake(
            "weights not updated",
            lambda W, b, x, y, eta: [W, net.step(W, b, x, y, eta)[1]],
            "The biases are right, the weights stand still. Is their step computed and then thrown away?",
        ),
        Mistake(
            "update from the front",
            net.layer_by_layer(backwards=False),
            "The first layer is right. The gradients of the others are those of a net whose first layers have moved already. "
            "All gradients belong to one net, the old one.",
        ),
        Mistake(
            "forward again after each layer",
            net.layer_by_layer(backwards=True),
            "You run the forward pass again after every layer's update, so each layer gets the gradient of another net. One step of gradient descent "
            "takes all gradients at one place.",
        ),
        Mistake(
            "weights moved before the biases' gradients",
            weights_first,
            "The weights are right. The biases' gradients were taken after the weights had moved. Compute all gradients, then move everything.",
        ),
        Mistake(
            "one example at a time",
            net.example_by_example,
            "You take a step for each example. Asked is one step for all of them.",
        ),
        Mistake(
            "order swapped",
            lambda W, b, x, y, eta: net.step(W, b, x, y, eta)[::-1],
            "The lists stand in the other order: the new weights first, then the new biases.",
        ),
        Mistake(
            "gradients returned",
            lambda W, b, x, y, eta: net.gradients(W, b, x, y),
            "You return the gradients. Asked are the new weights and biases.",
        ),
        Mistake(
            "moves returned",
            lambda W, b, x, y, eta: [[None, *(-eta * g for g in part[1:])] for part in net.gradients(W, b, x, y)],
            "You return by how much everything moves. Asked are the parameters after the step.",
        ),
        Mistake(
            "learning rate left out",
            lambda W, b, x, y, eta: net.step(W, b, x, y, 1.0),
            "You move by the whole gradient, whatever the learning rate is. It says how much of the gradient a step is.",
        ),
        Mistake(
            "two steps",
            two_steps,
            "You took the step twice. Is the update inside a loop that it should stand behind?",
        ),
        *mistakes_of(
            in_parts,
            (
                Slip("rate", lambda m: -1.0, "uphill", "Every parameter moves the wrong way, and the cost grows. A gradient points uphill."),
                Slip(
                    "rate",
                    lambda m: 2.0,
                    "no half in the cost",
                    "Every parameter moves twice as far as it should. The quadratic cost has a half in front of its squares.",
                    alone=True,
                ),
                Slip(
                    "rate",
                    lambda m: 0.5,
                    "half a step",
                    "Every parameter moves half as far as it should. The half of the cost has met the 2 of the square already.",
                    alone=True,
                ),
                *rates,
                Slip(
                    "slope",
                    lambda z, a: 1.0,
                    "slope dropped",
                    "The last layer is right. On the way back the error lacks the slope of each layer that it passes.",
                ),
                Slip(
                    "slope",
                    lambda z, a: a,
                    "a for the slope",
                    "The last layer is right. On the way back you scale by the outputs of the layer, as text A does. It takes their slope.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda z, a: net.slope(a, a),
                    "slope at a",
                    "The last layer is right. On the way back you take the slope at a layer's outputs, which have been through its function already.",
                ),
                *slips,
            ),
        ),
    )
