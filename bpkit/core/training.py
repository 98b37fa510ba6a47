"""Training a network on mini-batches until it is done: `fit`, and the history that it returns."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bpkit.core.functions import Array, labels_hint
from bpkit.core.image import STYLE, image
from bpkit.core.network import Network, check_data, check_generator, forward
from bpkit.core.training_step import OPTIMISERS, Memory, Plan
from bpkit.core.updates import check_settings
from bpkit.language import translated

Metric = Callable[[Array, Array], float]


@dataclass(frozen=True, repr=False)
class History:
    """What happened while a network was trained: one entry per epoch.

    Attributes
    ----------
    cost : mean training cost, each example's from just before the step that learned from it; without penalties
    validation_cost : mean cost on the validation set after the epoch; empty when there was none
    metrics : name → values on the validation set, or on the training set when there was none
    best_epoch : the epoch with the lowest validation cost, or training cost when there was no validation; 1 is the first
    stopped : why training ended before its last epoch; "" if it did not
    memory : what the optimiser carried into its next step, for `fit(..., resume=history)`

    Examples
    --------
    >>> print(History(cost=(0.5, 0.2, 0.1), best_epoch=3))
    3 epochs: cost 0.5 → 0.1 █▃▁
    """

    cost: tuple[float, ...]
    validation_cost: tuple[float, ...] = ()
    metrics: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    best_epoch: int = 1
    stopped: str = ""
    memory: Memory | None = field(default=None, compare=False)

    @property
    def epochs(self) -> int:
        """How many epochs were run."""
        return len(self.cost)

    def __str__(self) -> str:
        epochs = translated("1 epoch") if self.epochs == 1 else translated(f"{self.epochs} epochs")
        parts = [f"{translated(name)} {values[0]:.4g} → {values[-1]:.4g} {_sparkline(values)}" for name, values in self._curves()]
        if self.validation_cost:
            parts.append(translated(f"best after epoch {self.best_epoch}"))
        if self.stopped:
            parts.append(translated(f"stopped: {self.stopped}"))
        return f"{epochs}: {', '.join(parts)}"

    def __repr__(self) -> str:
        return f"History({self})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(translated(name))}</th><td>{values[0]:.4g}</td><td>{values[-1]:.4g}</td>'
            f"<td>{_curve(name, values)}</td></tr>"
            for name, values in self._curves()
        )
        notes = [translated(f"best after epoch {self.best_epoch}")] if self.validation_cost else []
        notes += [escape(translated(f"stopped: {self.stopped}"))] if self.stopped else []
        note = f"<p>{'; '.join(notes)}</p>" if notes else ""
        heads = (translated(f"epoch {1}"), translated(f"epoch {self.epochs}"), translated("every epoch"))
        head = f"<tr><th></th>{''.join(f'<th>{name}</th>' for name in heads)}</tr>"
        return f"{STYLE}<table>{head}{rows}</table>{note}"

    def _curves(self) -> list[tuple[str, tuple[float, ...]]]:
        curves = [("cost", self.cost), ("validation cost", self.validation_cost), *self.metrics.items()]
        return [(name, values) for name, values in curves if values]


def fit(
    net: Network,
    x: ArrayLike,
    y: ArrayLike,
    *,
    epochs: int,
    eta: float,
    rng: np.random.Generator,
    batch_size: int = 10,
    optimiser: str = "sgd",
    mu: float = 0.9,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    l1: float = 0.0,
    l2: float = 0.0,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    patience: int | None = None,
    metrics: Mapping[str, Metric] | None = None,
    resume: History | None = None,
    progress: bool = True,
) -> tuple[Network, History]:
    """Train on shuffled mini-batches: the steps of bpkit.core.updates, taken by an engine that makes no arrays.

    Parameters
    ----------
    net : Network
        Where training begins; it is not changed.
    x, y : (n_0, N) and (n_L, N)
        Training examples and targets in columns; not changed. A copy is made, laid out for speed.
    epochs : int
        How often every example is used.
    eta : float
        Learning rate.
    rng : numpy.random.Generator
        Shuffles the examples, with one permutation per epoch. The same seed gives the same network.
    batch_size : int
        Examples per step; an epoch's last step takes what is left over.
    optimiser : "sgd", "momentum", "nesterov" or "adam"
    mu : float
        For momentum and Nesterov.
    beta1, beta2, epsilon : float
        For Adam.
    l1, l2 : float
        Strengths of the penalties l1 Σ|w| + l2/2 Σw² on the weights.
    validation : (x, y)
        Examples that are not trained on; their cost is recorded after every epoch.
    patience : int
        Stop after so many epochs in a row without a lower validation cost, and return the network with the lowest.
        Training that runs to its last epoch returns the network with the lowest, too.
    metrics : name → function of (a, y)
        Recorded after every epoch, on the validation set if there is one: {"accuracy": bp.accuracy}.
    resume : History
        Go on with the optimiser's memory where an earlier `fit` of this network left it: 5 + 5 epochs are then 10, bit for
        bit, given one generator throughout.
    progress : bool
        Show a bar, if tqdm is installed.

    Returns
    -------
    (Network, History)
        A cost that is no longer finite ends the training, and so does Ctrl-C, with the weights as they are then; the
        history says so.

    Raises
    ------
    ValueError, TypeError
        For arguments that cannot be used; the message says what was found and what was expected.

    Examples
    --------
    >>> from bpkit.core.network import init, predict
    >>> x = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    >>> y = np.array([[0.0, 1.0, 1.0, 0.0]])
    >>> rng = np.random.default_rng(1)
    >>> net, history = fit(init([2, 4, 1], rng=rng), x, y, epochs=400, eta=0.1, batch_size=4, optimiser="adam", rng=rng, progress=False)
    >>> accuracy(predict(net, x), y)
    1.0
    """
    x, y = check_data(net, x, y)
    check_generator(rng, "fit")
    if net.dtype.kind == "c":
        raise TypeError(f"fit: the network's dtype is {net.dtype}, expected real numbers")
    if optimiser not in OPTIMISERS:
        raise ValueError(f"optimiser is {optimiser!r}, expected one of {', '.join(OPTIMISERS)}")
    epochs, batch_size = _count("epochs", epochs), _count("batch_size", batch_size)
    patience = None if patience is None else _count("patience", patience)
    settings = {"eta": eta, "mu": mu, "beta1": beta1, "beta2": beta2, "epsilon": epsilon, "l1": l1, "l2": l2}
    check_settings(**settings)
    if validation is None and patience is not None:
        raise ValueError(f"patience is {patience} but there is no validation set to be patient about; pass validation=(x, y)")
    held_out = None if validation is None else check_data(net, *_pair(validation), names=("validation x", "validation y"))
    watched_x, watched_y = held_out or (x, y)
    metrics = metrics or {}

    plan = Plan(net, x, y, batch_size=batch_size, optimiser=optimiser, settings=settings)
    if resume is not None:
        if not isinstance(resume, History) or resume.memory is None:
            raise TypeError(f"resume is {type(resume).__name__}, expected the History that an earlier fit returned")
        plan.rule.go_on_from(resume.memory)
    costs: list[float] = []
    validation_costs: list[float] = []
    measured: dict[str, list[float]] = {name: [] for name in metrics}
    best, lowest, best_epoch, stopped, complete = net, np.inf, 1, "", 0

    with _bar(epochs, progress) as advance:
        try:
            for epoch in range(1, epochs + 1):
                costs.append(plan.epoch(rng.permutation(x.shape[1])))
                if not np.isfinite(costs[-1]):
                    stopped = f"the cost is {costs[-1]} in epoch {epoch}; a smaller eta may help"
                    for values in ([validation_costs] if held_out else []) + [*measured.values()]:
                        values.append(np.nan)
                    break
                if held_out or metrics:
                    now = plan.network()
                    with np.errstate(over="ignore", invalid="ignore"):  # a network about to diverge
                        cache = forward(now, watched_x)
                    if held_out:
                        validation_costs.append(net.cost.output_value(cache.z[-1], cache.output, watched_y, net.activations[-1]))
                    for name, metric in metrics.items():
                        measured[name].append(float(metric(cache.output, watched_y)))

                judged = validation_costs[-1] if held_out else costs[-1]
                if judged < lowest:
                    lowest, best_epoch = judged, epoch
                    best = now if patience else net
                elif patience and epoch - best_epoch >= patience:
                    stopped = f"no lower validation cost for {patience} {'epoch' if patience == 1 else 'epochs'}"
                    break
                complete = epoch
                advance(costs[-1])
        except KeyboardInterrupt:
            # what the interrupted epoch left half recorded goes; its steps stay
            for values in (costs, validation_costs, *measured.values()):
                del values[complete:]
            stopped = f"interrupted in epoch {complete + 1}"

    curves = {name: tuple(values) for name, values in measured.items()}
    history = History(tuple(costs), tuple(validation_costs), curves, best_epoch, stopped, plan.rule.memory_now())
    return (best if patience else plan.network()), history


def accuracy(a: ArrayLike, y: ArrayLike) -> float:
    """The share of examples that are classified right.

    Parameters
    ----------
    a, y : (n, m)
        Outputs and targets. The largest entry of a column is its class; with one output, 0.5 and above is class 1. A column
        with a nan in it is no answer, and counts as wrong.

    Examples
    --------
    >>> accuracy(np.array([[0.9, 0.2], [0.1, 0.8]]), np.array([[1, 1], [0, 0]]))
    0.5
    """
    a, y = np.asarray(a), np.asarray(y)
    if a.ndim != 2 or a.shape != y.shape or a.size == 0:
        hint = labels_hint(y, *a.shape) if a.ndim == 2 and a.size else ""
        raise ValueError(f"accuracy: a has shape {a.shape} and y {y.shape}, expected one shape (n, m){hint}")
    right = ((a >= 0.5) == (y >= 0.5))[0] if len(a) == 1 else a.argmax(axis=0) == y.argmax(axis=0)
    return float((right & ~np.isnan(a).any(axis=0)).mean())


def _count(name: str, value: Any) -> int:
    try:
        count = operator.index(value)
    except TypeError:
        count = 0
    if count < 1:
        raise ValueError(f"{name} is {value!r}, expected a whole number above 0")
    return count


def _pair(validation: Any) -> tuple[ArrayLike, ArrayLike]:
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise ValueError(f"validation is of type {type(validation).__name__}, expected a pair (x, y)")
    return validation[0], validation[1]


@contextmanager
def _bar(epochs: int, wanted: bool) -> Iterator[Callable[[float], None]]:
    """A function to call after each epoch with its cost; it moves a bar where one is wanted and tqdm is there."""
    try:
        # here, because tqdm comes with the extra `lab` and takes time to import
        from tqdm import tqdm
    except ModuleNotFoundError:
        wanted = False
    if not wanted:
        yield lambda cost: None
        return
    # in text, also in a notebook: a saved one has no model for a bar made of widgets; and without the colour of warnings there
    stream = sys.stdout if "ipykernel" in sys.modules else sys.stderr
    with tqdm(total=epochs, unit="epoch", leave=False, file=stream) as bar:

        def advance(cost: float) -> None:
            bar.set_postfix(cost=f"{cost:.4g}", refresh=False)
            bar.update()

        yield advance


def _sparkline(values: tuple[float, ...]) -> str:
    """The course of the values in one line of text, of 24 signs at most."""
    shown = np.asarray(values, float)
    shown = shown[np.linspace(0, len(shown) - 1, min(len(shown), 24)).round().astype(int)]
    finite = shown[np.isfinite(shown)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    return "".join("▁▂▃▄▅▆▇█"[round(7 * (value - low) / (high - low or 1))] if np.isfinite(value) else "?" for value in shown)


def _curve(name: str, values: tuple[float, ...]) -> str:
    """The course of the values as a small picture."""
    finite = [(epoch, value) for epoch, value in enumerate(values) if np.isfinite(value)]
    low, high = min((value for _, value in finite), default=0.0), max((value for _, value in finite), default=0.0)
    points = " ".join(f"{2 + 156 * epoch / max(len(values) - 1, 1):.1f},{38 - 36 * (value - low) / (high - low or 1):.1f}" for epoch, value in finite)
    label = f"{name}: {values[0]:.4g} after epoch 1, {values[-1]:.4g} after epoch {len(values)}"
    line = f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/>'
    return image(line, label, (0, 0, 160, 40), 160)
