"""A classifier while it learns, epoch by epoch: its costs, what it takes for what, and its first weights as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bpkit.core.network import Network, forward
from bpkit.exhibits.palette import NEGATIVE, POSITIVE
from bpkit.exhibits.readable import number
from bpkit.widgets._base import CourseWidget, can_plot, module, style, table

Array = np.ndarray
Labelled = tuple[ArrayLike, ArrayLike]

_MOST_CLASSES = 10
_MOST_EPOCHS = 60
_PICTURES = 12  # neurons whose weights are drawn
_SHADES = 99  # weights as whole numbers from -99 to 99


class Training(CourseWidget):
    """What `training` returns."""

    _esm = module("training")
    _css = style("training")
    _texts = ("signs",)

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def training(nets: Sequence[Network], train: Labelled, validation: Labelled) -> Training:
    """Walk through the epochs of a training: Next, Back, the slider, or ← →; ↑ ↓ go from class to class.

    Parameters
    ----------
    nets : Networks
        The untrained one and one for each epoch; softmax outputs with cross-entropy, up to 10 classes.
    train, validation : (x, labels)
        What was learned from and what was not: x is (n_0, m), labels are m whole numbers from 0. An input is a square picture.

    Returns
    -------
    Training
        Shows itself in a notebook; `str()` says the numbers of every epoch, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If the nets differ in size, are too many or too large to draw, or examples do not fit.

    Examples
    --------
    >>> from bpkit.core.functions import cross_entropy, relu, softmax
    >>> from bpkit.core.network import init
    >>> net = init([4, 3, 2], activation=relu, output=softmax, cost=cross_entropy, rng=np.random.default_rng(0))
    >>> examples = np.eye(4), [0, 1, 0, 1]
    >>> print(training([net], examples, examples))
    A 4-3-2 classifier while it learns, 4 examples to learn from and 4 to watch
    epoch  cost, training  cost, validation  right, validation
        0           0.747             0.747                0 %
    """
    return Training(state(nets, train, validation), _still(nets, validation))


def _still(nets: Sequence[Network], validation: Labelled) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    x, labels = _checked("validation", validation, nets[0])
    counts = _confusion(labels, forward(nets[-1], x).output)
    # small enough for a slide, where it stands until the script runs
    ax = plots.figure(width=5.6, height=4.6)[1]
    return plots.picture(plots.confusion(counts, ax)).html


def state(nets: Sequence[Network], train: Labelled, validation: Labelled) -> dict[str, Any]:
    """All that there is to show, as JSON.

    Parameters
    ----------
    nets, train, validation
        As for `training`.

    Returns
    -------
    dict
        "costs" and "right" by set, an entry for each step; "confusion", a (K, K) table of counts for each step; "weights", for each
        step the pictures of some neurons in whole numbers from -99 to 99; "side" of a picture; "signs", what the
        pictures' colours mean; "chance", the cost of guessing.
    """
    nets = list(nets)
    if not 1 <= len(nets) <= _MOST_EPOCHS + 1:
        raise ValueError(f"training: there are {len(nets)} nets, expected the untrained one and up to {_MOST_EPOCHS} more")
    first = nets[0]
    side, K = isqrt(first.sizes[0]), first.sizes[-1]
    if any(net.sizes != first.sizes for net in nets):
        raise ValueError("training: the nets differ in size, expected the same net after each epoch")
    if side * side != first.sizes[0] or not 2 <= K <= _MOST_CLASSES:
        raise ValueError(
            f"training: the net has {first.sizes[0]} inputs and {K} outputs, expected a square number of pixels and 2 to {_MOST_CLASSES} classes"
        )
    sets = {"training": _checked("train", train, first), "validation": _checked("validation", validation, first)}
    costs: dict[str, list[float]] = {name: [] for name in sets}
    right: dict[str, list[float]] = {name: [] for name in sets}
    confusion = []
    for net in nets:
        for name, (x, labels) in sets.items():
            cache = forward(net, x)
            target = np.eye(K)[:, labels]
            costs[name].append(float(net.cost.output_value(cache.z[-1], cache.output, target, net.activations[-1])))
            right[name].append(float(np.mean(cache.output.argmax(axis=0) == labels)))
        confusion.append(_confusion(labels, cache.output).tolist())  # of the validation set, which comes last
    m, watched = (x.shape[1] for x, _ in sets.values())
    shape = "-".join(map(str, first.sizes))
    return {
        "label": f"A {shape} classifier while it learns, {m} examples to learn from and {watched} to watch",
        "steps": [{"title": "untrained" if epoch == 0 else f"after epoch {epoch}", "say": ""} for epoch in range(len(nets))],
        "costs": costs,
        "right": right,
        "chance": float(np.log(K)),
        "confusion": confusion,
        "side": side,
        "weights": _pictures(nets),
        "signs": f"{POSITIVE.name} above zero, {NEGATIVE.name} below",
    }


def _checked(name: str, examples: Labelled, net: Network) -> tuple[Array, Array]:
    x, labels = np.asarray(examples[0], dtype=float), np.asarray(examples[1])
    if x.ndim != 2 or x.shape[0] != net.sizes[0] or labels.shape != x.shape[1:]:
        raise ValueError(f"training: {name} has x of shape {x.shape} and labels of shape {labels.shape}, expected ({net.sizes[0]}, m) and (m,)")
    if labels.size == 0 or labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= net.sizes[-1]:
        raise ValueError(f"training: the labels of {name} have to be whole numbers from 0 to {net.sizes[-1] - 1}")
    return x, labels


def _confusion(labels: Array, outputs: Array) -> Array:
    counts = np.zeros((len(outputs), len(outputs)), dtype=int)
    np.add.at(counts, (labels, outputs.argmax(axis=0)), 1)
    return counts


def _pictures(nets: Sequence[Network]) -> list[list[list[int]]]:
    """First weights of the neurons whose weights end up largest, all to one scale."""
    last = nets[-1].W[1]
    shown = np.sort(np.argsort(-np.linalg.norm(last, axis=1), kind="stable")[:_PICTURES])
    largest = max(float(np.abs(net.W[1][shown]).max()) for net in nets) or 1.0
    return [[[int(weight) for weight in row] for row in np.rint(_SHADES * rows)] for rows in (net.W[1][shown] / largest for net in nets)]


def as_text(state: dict[str, Any]) -> str:
    """The numbers of every epoch, as a table."""
    rows = [["epoch", "cost, training", "cost, validation", "right, validation"]]
    for epoch, (cost, watched, right) in enumerate(
        zip(state["costs"]["training"], state["costs"]["validation"], state["right"]["validation"], strict=True)
    ):
        rows.append([str(epoch), number(cost), number(watched), f"{100 * right:.0f} %"])
    return f"{state['label']}\n{table(rows)}"
