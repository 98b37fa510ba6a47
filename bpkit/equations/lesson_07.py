"""The named equations of lesson 07, each with both sides as they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from bpkit.equations.model import Array, Form, Sides, equation
from bpkit.equations.sources import NIELSEN
from bpkit.equations.worlds import Pass, away, in_rows, on, one, ours, parameter_layers, per_layer, slope_of


def _update(p: Pass) -> tuple[Array, Array]:
    """At η = 0 the stepped net's cost falls at the rate of the squared gradient, so both sign and size of the step count."""
    slopes = {i: (p.parameter_slope(p.W, i) / p.m, p.parameter_slope(p.b, i) / p.m) for i in p.W}
    W, b = dict(p.W), dict(p.b)

    def cost_after_step(eta: Array) -> complex:
        for i, (dW, db) in slopes.items():
            p.W[i], p.b[i] = W[i] - eta * dW, b[i] - eta * db
        return p.cost_after(p.first + 1, p.affine(p.first + 1, p.a[p.first])) / p.m

    fall = slope_of(lambda eta: cost_after_step(eta[0]), np.zeros(1))
    return fall, np.array([-sum((dW**2).sum() + (db**2).sum() for dW, db in slopes.values())])


def _penalised_update(decay: Callable[[Array], Array], penalty: Callable[[Array], complex]) -> Callable[[Pass], tuple[Array, Array]]:
    """New weights: stepped against the slope of cost and penalty, both by complex step, and by the formula. η = 0.3, λ = 0.2."""

    def sides(p: Pass) -> tuple[Array, Array]:
        def dW(l: int) -> Array:
            return p.parameter_slope(p.W, l - p.shift) / p.m

        def by_slope(l: int) -> Array:
            W = p.W[l - p.shift]
            return W - 0.3 * (dW(l) + 0.2 * slope_of(penalty, W))

        return per_layer(by_slope, lambda l: p.W[l - p.shift] - 0.3 * (dW(l) + 0.2 * decay(p.W[l - p.shift])), parameter_layers(p))

    return sides


def _half_squares(W: Array) -> complex:
    return (W * W).sum() / 2


def _sizes(W: Array) -> complex:
    return np.sqrt(W * W).sum()  # Σ|w|, written so that a complex step goes through


def _gradients_of_a_run(rng: np.random.Generator) -> tuple[Array, list[Array]]:
    """Where a run starts, and the gradients that it meets."""
    return rng.normal(size=(2, 3)), [rng.normal(size=(2, 3)) for _ in range(6)]


def _momentum(rng: np.random.Generator) -> tuple[Array, Array]:
    """Six steps as they are written, against the two-point form, in which no velocity is kept. η = 0.3, μ = 0.8."""
    W, gradients = _gradients_of_a_run(rng)
    v, before, here = np.zeros_like(W), W, W
    for g in gradients:
        v = 0.8 * v - 0.3 * g
        W = W + v
        before, here = here, here + 0.8 * (here - before) - 0.3 * g
    return W, here


def _running_means(gradients: Iterable[Array], beta: float) -> Array:
    mean = np.zeros((2, 3))
    for g in gradients:
        mean = beta * mean + (1 - beta) * g
    return mean


def _weighted(gradients: list[Array], beta: float) -> tuple[Array, float]:
    """The sum of gradients with weights β^(t-k), and the weights' sum."""
    weights = [beta ** (len(gradients) - k) for k in range(1, len(gradients) + 1)]
    return sum((weight * g for weight, g in zip(weights, gradients, strict=True)), np.zeros((2, 3))), sum(weights)


def _adam_means(rng: np.random.Generator) -> tuple[Array, Array]:
    """Six steps as they are written, against the sums that they unroll to."""
    _, gradients = _gradients_of_a_run(rng)
    squares = [g * g for g in gradients]
    means = [_running_means(gradients, 0.9), _running_means(squares, 0.99)]
    return np.stack(means), np.stack([(1 - beta) * _weighted(each, beta)[0] for each, beta in ((gradients, 0.9), (squares, 0.99))])


def _bias_correction(rng: np.random.Generator) -> tuple[Array, Array]:
    _, gradients = _gradients_of_a_run(rng)
    total, weights = _weighted(gradients, 0.9)
    return _running_means(gradients, 0.9) / (1 - 0.9 ** len(gradients)), total / weights


def _adam(rng: np.random.Generator) -> tuple[Array, Array]:
    """The sixth step, with the corrections where they are written and drawn into the step's length. η = 0.3, ε = 0.1."""
    W, gradients = _gradients_of_a_run(rng)
    u, s = _running_means(gradients, 0.9), _running_means([g * g for g in gradients], 0.99)
    first, second = 1 - 0.9 ** len(gradients), 1 - 0.99 ** len(gradients)
    return W - 0.3 * (u / first) / (np.sqrt(s / second) + 0.1), W - 0.3 * np.sqrt(second) / first * u / (np.sqrt(s) + 0.1 * np.sqrt(second))


def _step_forms(latex: str, sides: Mapping[str, Sides] | Sides) -> dict[str, Form]:
    """A step in every text's letters: W, g and e stand in `latex` as <W>, <g> and <e> for weights, their gradient and the learning rate."""
    letters = {
        "ours": ("W^l", r"\frac{\partial C}{\partial W^l}", r"\eta"),
        "N": ("w^l", r"\frac{\partial C}{\partial w^l}", r"\eta"),
        "R": (r"\omega^m", r"\mathrm{d}\omega^m", r"\alpha"),
        "U": ("W^{(l)}", r"\nabla_{W^{(l)}} J", r"\alpha"),
        "P": ("W^{(l)}", r"\frac{\partial J}{\partial W^{(l)}}", r"\alpha"),
    }
    forms = {}
    for convention, (W, g, eta) in letters.items():
        written = latex.replace("<W>", W).replace("<g>", g).replace("<e>", eta)
        forms[convention] = Form(written, sides[convention] if isinstance(sides, Mapping) else sides, stated=False)
    return forms


def _in_every_world(sides: Callable[[Pass], tuple[Array, Array]]) -> dict[str, Sides]:
    return {"ours": on(ours, sides), "N": on(one, sides), "R": on(in_rows, sides), "U": on(away, sides), "P": on(one, sides)}


_KINGMA = "Kingma and Ba, Adam: a method for stochastic optimization (2015)"


EQUATIONS = (
    equation(
        "update",
        "Once every gradient is known, step each parameter against its own.",
        "every term: the shape of its parameter",
        f"lesson 07; {NIELSEN}, ch. 1",
        ours=Form(
            r"W^l \leftarrow W^l - \eta\, \frac{\partial C}{\partial W^l}, \qquad b^l \leftarrow b^l - \eta\, \frac{\partial C}{\partial b^l}",
            on(ours, _update),
        ),
        N=Form(
            r"w^l \to w^l - \eta\, \frac{\partial C}{\partial w^l}, \quad b^l \to b^l - \eta\, \frac{\partial C}{\partial b^l}",
            on(one, _update),
            note="A says it in words",
        ),
        R=Form(
            r"\omega^m = \omega^m - \alpha\, \mathrm{d}\omega^m, \quad b^m = b^m - \alpha\, \mathrm{d}b^m",
            on(in_rows, _update),
            note=r"printed before the error of layer $m-1$ is computed from $\omega^m$; it must come after",
        ),
        U=Form(
            r"W^{(l)} = W^{(l)} - \alpha\, \nabla_{W^{(l)}} J, \quad b^{(l)} = b^{(l)} - \alpha\, \nabla_{b^{(l)}} J",
            on(away, _update),
            stated=False,
        ),
        P=Form(
            r"w_{ji}^{(l)} = w_{ji}^{(l)} - \alpha \frac{\partial J(W,b)}{\partial w_{ji}^{(l)}}, \quad"
            r" b_j^{(l)} = b_j^{(l)} - \alpha \frac{\partial J(W,b)}{\partial b_j^{(l)}}",
            on(one, _update),
        ),
    ),
    equation(
        "step and cost",
        "A short step against the gradient lowers the cost by the learning rate times the gradient's squared length.",
        r"numbers; $\nabla C$: all gradients laid end to end",
        "lesson 07; Nielsen, Neural Networks and Deep Learning, ch. 1",
        ours=Form(r"\Delta C \approx -\eta\, \lVert \nabla C \rVert^2", on(ours, _update)),
        N=Form(r"\Delta C \approx -\eta\, \lVert \nabla C \rVert^2", on(one, _update), stated=False),
        R=Form(r"\Delta L \approx -\alpha\, \lVert \nabla L \rVert^2", on(in_rows, _update), stated=False),
        U=Form(r"\Delta J \approx -\alpha\, \lVert \nabla J \rVert^2", on(away, _update), stated=False),
        P=Form(r"\Delta J \approx -\alpha\, \lVert \nabla J \rVert^2", on(one, _update), stated=False),
    ),
    equation(
        "update with L2",
        "The penalty λ/2 Σw² adds λw to each weight's gradient, and nothing to a bias's.",
        "every term: the shape of the weights; λ: a number",
        "lesson 07; Krogh and Hertz, A simple weight decay can improve generalization (1991); left out in R",
        **_step_forms(r"<W> \leftarrow <W> - <e> \left( <g> + \lambda\, <W> \right)", _in_every_world(_penalised_update(np.asarray, _half_squares))),
    ),
    equation(
        "update with L1",
        "A penalty of λ times the sum of the weights' sizes adds λ times the weight's sign to its gradient, whatever the weight's size.",
        "every term: the shape of the weights; λ: a number",
        "lesson 07; Tibshirani, Regression shrinkage and selection via the lasso (1996); left out in R",
        **_step_forms(
            r"<W> \leftarrow <W> - <e> \left( <g> + \lambda\, \mathrm{sign}(<W>) \right)", _in_every_world(_penalised_update(np.sign, _sizes))
        ),
    ),
    equation(
        "momentum",
        "The velocity keeps a part of itself and is pushed downhill; the weights move by the velocity.",
        "v: the shape of the weights; μ: a number, 0 or above and below 1",
        "lesson 07; Polyak, Some methods of speeding up the convergence of iteration methods (1964)",
        **_step_forms(r"v \leftarrow \mu\, v - <e>\, <g>, \qquad <W> \leftarrow <W> + v", _momentum),
    ),
    equation(
        "Adam's means",
        "Running means of a weight's gradient and of its square; both begin at 0.",
        "u, s: the shape of the weights; both β: numbers, 0 or above and below 1",
        f"lesson 07; {_KINGMA}",
        **_step_forms(
            r"u \leftarrow \beta_1 u + (1 - \beta_1)\, <g>, \qquad s \leftarrow \beta_2 s + (1 - \beta_2) \left( <g> \right)^2", _adam_means
        ),
    ),
    equation(
        "bias correction",
        "Divided by one minus β to the power t, the running mean is a weighted mean of the t gradients so far, its weights adding up to 1.",
        "u, g: the shape of the weights; t: how many gradients there were",
        f"lesson 07; {_KINGMA}, section 3",
        **_step_forms(r"u \,/\, (1 - \beta_1^t) = \frac{\sum_{k=1}^{t} \beta_1^{t-k} g_k}{\sum_{k=1}^{t} \beta_1^{t-k}}", _bias_correction),
    ),
    equation(
        "Adam",
        "Each weight steps by its corrected mean gradient over the root of its corrected mean square: about η, whatever the gradient's size.",
        "every term: the shape of the weights; root, square and quotient entry by entry",
        f"lesson 07; {_KINGMA}, algorithm 1",
        **_step_forms(r"<W> \leftarrow <W> - <e>\, \frac{u \,/\, (1 - \beta_1^t)}{\left( \sqrt{s \,/\, (1 - \beta_2^t)} + \epsilon \right)}", _adam),
    ),
)
