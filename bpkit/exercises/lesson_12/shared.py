"""What several exercises of lesson 12 need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Answer, Case, Mistake
from bpkit.exercises.slips import Slip, pairs

Array = np.ndarray


ALLOWED = ("sigmoid", "tanh")  # the same throughout, so that the grader runs the notebook's cells once for all


def standardised(z: Array, eps: float, axis: int) -> tuple[Array, Array]:
    """z with mean 0 and variance near 1 along the axis, and what it was divided by; z may be complex."""
    centred = z - z.mean(axis=axis, keepdims=True)
    s = np.sqrt((centred * centred).mean(axis=axis, keepdims=True) + eps)
    return centred / s, s


# large enough to be seen where it is missing, and different each time
def cases_backward(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((4, 2), (3, 3), (1, 5)):  # at the first numpy says when an axis is missing
        z, gamma, g = rng.normal(size=(n, m)), draw_gamma(rng, n), rng.normal(size=(n, m))
        if n > m:
            z[0] *= 0.01  # a neuron that hardly varies: its variance lies below ε
        z += rng.normal(size=(n, 1))
        cases.append(Case(f"{n} neuron{'s' if n > 1 else ''}, m = {m}", (z, gamma, g, float(rng.uniform(0.05, 0.3)))))
    return cases


def draw_gamma(rng: np.random.Generator, n: int) -> Array:
    """Factors of both signs, away from 0 and from 1."""
    return rng.uniform(1.3, 2.5, size=(n, 1)) * np.where(np.arange(n) % 2, -1.0, 1.0)[:, None]


# the backward pass of a normalisation along `axis`, from its parts
def backward(
    axis: int,
    gamma: Callable[[Array, Array], Array] = lambda gamma, g: gamma * g,
    mean_path: Callable[[Array, Any, int], Any] = lambda direct, x_hat, axis: direct.mean(axis=axis, keepdims=True),
    variance_path: Callable[[Array, Any, int], Any] = lambda direct, x_hat, axis: x_hat * (direct * x_hat).mean(axis=axis, keepdims=True),
    joined: Callable[[Array, Any, Any], Array] = lambda direct, mean, variance: direct - mean - variance,
    scale: Callable[[Array], Any] = lambda s: 1 / s,
    dgamma: Callable[[Array, Array, Array, Array], Array] = lambda z, gamma, g, x_hat: (g * x_hat).sum(axis=1, keepdims=True),
    dbeta: Callable[[Array, Array], Array] = lambda gamma, g: g.sum(axis=1, keepdims=True),
    epsilon: Callable[[float], float] = lambda eps: eps,
) -> Answer:
    def answer(z: Array, gamma_: Array, g: Array, eps: float) -> list[Array]:
        x_hat, s = standardised(z, epsilon(eps), axis)
        direct = gamma(gamma_, g)
        dz = joined(direct, mean_path(direct, x_hat, axis), variance_path(direct, x_hat, axis)) * scale(s)
        return [dz, dgamma(z, gamma_, g, x_hat), dbeta(gamma_, g)]

    return answer


def backward_oracle(z: Array, gamma: Array, g: Array, eps: float, axis: int) -> list[Array]:
    """By complex steps through the forward pass; β moves the result as it is, whatever it was."""

    def cost(z: Array, gamma: Array, beta: Array) -> Any:
        return np.sum(g * (gamma * standardised(z, eps, axis)[0] + beta))

    beta = np.zeros_like(gamma)
    return [
        oracles.gradient(lambda moved: cost(moved, gamma, beta), z),
        oracles.gradient(lambda moved: cost(z, moved, beta), gamma),
        oracles.gradient(lambda moved: cost(z, gamma, moved), beta),
    ]


# slips that the backward passes of both normalisations share; each name is also that of the mistake
SLIPS = (
    Slip("mean_path", lambda direct, x_hat, axis: 0.0, "path through the mean left out", "the path through the mean is missing"),
    Slip("variance_path", lambda direct, x_hat, axis: 0.0, "path through the variance left out", "the path through the variance is missing"),
    Slip("scale", lambda s: 1.0, "not divided by s", "the gradient of z is not divided by s"),
    Slip("scale", lambda s: 1 / s**2, "divided by the variance", "you divide by s squared"),
    Slip("epsilon", lambda eps: 0.0, "ε left out", "ε is missing under the root"),
    Slip(
        "dbeta", lambda gamma, g: g.mean(axis=1, keepdims=True), "mean for sum in ∂C/∂β", "∂C/∂β is a mean over the examples, where β collects a sum"
    ),
    Slip(
        "dgamma",
        lambda z, gamma, g, x_hat: (g * x_hat).mean(axis=1, keepdims=True),
        "mean for sum in ∂C/∂γ",
        "∂C/∂γ is a mean over the examples, where γ collects a sum",
    ),
    Slip(
        "dgamma",
        lambda z, gamma, g, x_hat: (g * z).sum(axis=1, keepdims=True),
        "z for ẑ in ∂C/∂γ",
        "γ multiplies the normalised values, and your ∂C/∂γ has z itself",
    ),
)


LOWER_BOUND = "You take the larger of the two, the width or ε. ε is added to the variance, also where it is not needed."


def _unstandardised(z: Array, gamma: Array, g: Array, eps: float, axis: int) -> list[Array]:
    _, s = standardised(z, eps, axis)
    direct = gamma * g
    through = direct.mean(axis=axis, keepdims=True) + z * (direct * z).mean(axis=axis, keepdims=True)
    return [(direct - through) / s, *backward(axis)(z, gamma, g, eps)[1:]]


def _one_less(z: Array, gamma: Array, g: Array, eps: float, axis: int) -> list[Array]:
    s = np.sqrt(z.var(axis=axis, ddof=1, keepdims=True) + eps)
    z_hat, direct = (z - z.mean(axis=axis, keepdims=True)) / s, gamma * g
    through = direct.mean(axis=axis, keepdims=True) + z_hat * (direct * z_hat).mean(axis=axis, keepdims=True)
    return [(direct - through) / s, (g * z_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]


def _centred_only(z: Array, gamma: Array, g: Array, eps: float, axis: int) -> list[Array]:
    centred, direct = z - z.mean(axis=axis, keepdims=True), gamma * g
    through = direct.mean(axis=axis, keepdims=True) + centred * (direct * centred).mean(axis=axis, keepdims=True)
    right = backward(axis)(z, gamma, g, eps)
    return [(direct - through) / standardised(z, eps, axis)[1], *right[1:]]


def _epsilon_outside(z: Array, gamma: Array, g: Array, eps: float, axis: int) -> list[Array]:
    centred, direct = z - z.mean(axis=axis, keepdims=True), gamma * g
    s = z.std(axis=axis, keepdims=True) + eps
    x_hat = centred / s
    through = direct.mean(axis=axis, keepdims=True) + x_hat * (direct * x_hat).mean(axis=axis, keepdims=True)
    return [(direct - through) / s, (g * x_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]


def _bounded(under_the_root: bool, axis: int) -> Answer:
    """ε as the least that the variance may be, or the deviation."""

    def answer(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
        variance = z.var(axis=axis, keepdims=True)
        s = np.sqrt(np.maximum(variance, eps)) if under_the_root else np.maximum(np.sqrt(variance), eps)
        x_hat, direct = (z - z.mean(axis=axis, keepdims=True)) / s, gamma * g
        through = direct.mean(axis=axis, keepdims=True) + x_hat * (direct * x_hat).mean(axis=axis, keepdims=True)
        return [(direct - through) / s, (g * x_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]

    return answer


def both_slips(axis: int, slips: tuple[Slip, ...] = SLIPS) -> tuple[Mistake, ...]:
    """Two of the shared slips at once; without both paths there is a name for it."""
    return pairs(lambda **parts: backward(axis, **parts), slips, but=("path through the mean left out; path through the variance left out",))


def common(axis: int, kept: str, along: str) -> tuple[Mistake, ...]:
    """The mistakes of a backward pass that both normalisations know: `kept` is what has a mean of its own, `along` what it is taken over."""

    def made(name: str, hint: str, **parts: Any) -> Mistake:
        return Mistake(name, backward(axis, **parts), hint)

    return (
        made(
            "path through the mean left out",
            f"One path is missing. A nudge of one entry moves the mean of its {kept} too, and with it every other entry there.",
            mean_path=SLIPS[0].wrong,
        ),
        made(
            "path through the variance left out",
            f"One path is missing, or comes out as 0. A nudge of one entry moves the variance of its {kept} too, and so the divisor of every other "
            "entry there. If the path stands in your code: the mean of a product is not the product of the means.",
            variance_path=SLIPS[1].wrong,
        ),
        made(
            "mean and variance taken for constants",
            "You treat mean and variance as given numbers. Here both are functions of z.",
            mean_path=SLIPS[0].wrong,
            variance_path=SLIPS[1].wrong,
        ),
        made(
            "sum for mean in both paths",
            f"Both paths come back with the full sum. In a mean over {along}, each entry has a share of 1 over their number.",
            mean_path=lambda direct, x_hat, axis: direct.sum(axis=axis, keepdims=True),
            variance_path=lambda direct, x_hat, axis: x_hat * (direct * x_hat).sum(axis=axis, keepdims=True),
        ),
        made(
            "sum for mean in the mean's path",
            f"The path through the mean comes back with the full sum. In a mean over {along}, each entry has a share of 1 over their number.",
            mean_path=lambda direct, x_hat, axis: direct.sum(axis=axis, keepdims=True),
        ),
        made(
            "sum for mean in the variance's path",
            f"The path through the variance comes back with the full sum. A variance is a mean over {along} too.",
            variance_path=lambda direct, x_hat, axis: x_hat * (direct * x_hat).sum(axis=axis, keepdims=True),
        ),
        made(
            "sign of both paths",
            "Both indirect paths have the wrong sign: the mean is subtracted, and a larger divisor makes the result smaller.",
            joined=lambda direct, mean, variance: direct + mean + variance,
        ),
        made(
            "sign of the mean's path",
            "The path through the mean has the wrong sign: how does the mean enter the normalised value?",
            joined=lambda direct, mean, variance: direct + mean - variance,
        ),
        made(
            "sign of the variance's path",
            "The path through the variance has the wrong sign: what does a larger divisor do to the size of the result?",
            joined=lambda direct, mean, variance: direct - mean + variance,
        ),
        made(
            "ẑ not given back in the variance's path",
            "The path through the variance ends in one number for all. The variance does not move alike with every entry: who lies far from the mean "
            "moves it more.",
            variance_path=lambda direct, x_hat, axis: (direct * x_hat).mean(axis=axis, keepdims=True),
        ),
        made("not divided by s", "The paths are joined as they should be. The last step back to z, the division, is missing.", scale=SLIPS[2].wrong),
        made("divided by the variance", "You divide by the variance. What was divided by in the forward pass is its root.", scale=SLIPS[3].wrong),
        made(
            "multiplied by s",
            "You multiply by s. The forward pass divides by it, and a division comes back as the same division.",
            scale=lambda s: s,
        ),
        made(
            "ε left out",
            "You compute without ε. It stands under the root in the forward pass, so the backward pass meets it too.",
            epsilon=SLIPS[4].wrong,
        ),
        made(
            "γ left out",
            "γ does not enter your gradient of z. The first step back from the result goes through the product with γ.",
            gamma=lambda gamma, g: g,
        ),
        made("γ for 1/γ", "You divide by γ. A product hands back the other factor.", gamma=lambda gamma, g: g / gamma),
        made(
            "mean for sum in ∂C/∂β",
            "Your gradient of β is a mean over the examples. The same β serves all of them: it collects the sum; a 1/m, if there is one, is in g.",
            dbeta=SLIPS[5].wrong,
        ),
        made(
            "mean for sum in ∂C/∂γ",
            "Your gradient of γ is a mean over the examples. The same γ serves all of them: it collects the sum; a 1/m, if there is one, is in g.",
            dgamma=SLIPS[6].wrong,
        ),
        made("z for ẑ in ∂C/∂γ", "Your gradient of γ has z in it. What is it that γ multiplies?", dgamma=SLIPS[7].wrong),
        made(
            "γ in ∂C/∂γ",
            "Your gradient of γ has γ itself in it. The result is linear in γ: its slope is the other factor.",
            dgamma=lambda z, gamma, g, x_hat: (gamma * g * x_hat).sum(axis=1, keepdims=True),
        ),
        made(
            "γ in ∂C/∂β",
            "Your gradient of β has γ in it. β is added after the product with γ.",
            dbeta=lambda gamma, g: (gamma * g).sum(axis=1, keepdims=True),
        ),
        made(
            "γ in ∂C/∂γ and ∂C/∂β",
            "Your gradients of γ and β have γ in them. Both collect g as it arrives, in front of the step back through the product with γ.",
            dgamma=lambda z, gamma, g, x_hat: (gamma * g * x_hat).sum(axis=1, keepdims=True),
            dbeta=lambda gamma, g: (gamma * g).sum(axis=1, keepdims=True),
        ),
        made(
            "z - μ for ẑ in ∂C/∂γ",
            "Your gradient of γ has z less its mean in it, not yet divided. What is it that γ multiplies?",
            dgamma=lambda z, gamma, g, x_hat: (g * (z - z.mean(axis=axis, keepdims=True))).sum(axis=1, keepdims=True),
        ),
        made(
            "half of the variance's path",
            "The path through the variance is half of what it should be. The ½ of the root meets the 2 of the square.",
            variance_path=lambda direct, x_hat, axis: x_hat * (direct * x_hat).mean(axis=axis, keepdims=True) / 2,
        ),
        made(
            "twice the variance's path",
            "The path through the variance is twice what it should be. The 2 of the square meets the ½ of the root.",
            variance_path=lambda direct, x_hat, axis: 2 * x_hat * (direct * x_hat).mean(axis=axis, keepdims=True),
        ),
        made(
            "means over everything",
            f"Your two means run over everything. Each {kept} has its own: they are taken over {along}.",
            mean_path=lambda direct, x_hat, axis: direct.mean(),
            variance_path=lambda direct, x_hat, axis: x_hat * (direct * x_hat).mean(),
        ),
        made(
            "means along the other axis",
            f"You normalise along the right axis. On the way back, too, the means are taken over {along}.",
            mean_path=lambda direct, x_hat, axis: direct.mean(axis=1 - axis, keepdims=True),
            variance_path=lambda direct, x_hat, axis: x_hat * (direct * x_hat).mean(axis=1 - axis, keepdims=True),
        ),
        made(
            "ẑ left out of ∂C/∂γ",
            "Your gradient of γ is that of β. γ does not stand alone in the result: what multiplies it?",
            dgamma=lambda z, gamma, g, x_hat: g.sum(axis=1, keepdims=True),
        ),
        Mistake(
            "∂C/∂γ and ∂C/∂β swapped",
            lambda *given: [(r := backward(axis)(*given))[0], r[2], r[1]],
            "The last two gradients have changed places: z first, then γ, then β.",
        ),
        Mistake(
            "1/m too many",
            lambda z, gamma, g, eps: [part / z.shape[1] for part in backward(axis)(z, gamma, g, eps)],
            "All three are divided by the number of examples. g is the gradient of the result, whatever 1/m is in it: take no further mean.",
        ),
        made(
            "mean of g alone in the variance's path",
            "Your path through the variance has the mean of what arrives in it, without ẑ. The divisor acts on each entry in proportion to ẑ: who "
            "lies far from the mean counts more.",
            variance_path=lambda direct, x_hat, axis: x_hat * direct.mean(axis=axis, keepdims=True),
        ),
        Mistake(
            "z for ẑ in the variance's path",
            lambda z, gamma, g, eps: _unstandardised(z, gamma, g, eps, axis),
            "Your path through the variance has z in it. What stands there, twice, is the normalised value.",
        ),
        Mistake(
            "z - μ for ẑ in the variance's path",
            lambda z, gamma, g, eps: _centred_only(z, gamma, g, eps, axis),
            "Your path through the variance has z less its mean in it, twice, where the normalised value stands. What is it still to be divided by?",
        ),
        Mistake(
            "ε outside of the root",
            lambda z, gamma, g, eps: _epsilon_outside(z, gamma, g, eps, axis),
            "You add ε to the root. It belongs to the variance, under the root.",
        ),
        Mistake("ε as a lower bound", _bounded(True, axis), LOWER_BOUND),
        Mistake("ε as a lower bound of s", _bounded(False, axis), LOWER_BOUND),
        Mistake(
            "divided by one less",
            lambda z, gamma, g, eps: _one_less(z, gamma, g, eps, axis),
            "Your variance divides by one less than the number of entries, as statistics does to estimate. Here it is the plain mean of the squares.",
        ),
        Mistake(
            "γ twice",
            lambda z, gamma, g, eps: [gamma * (r := backward(axis)(z, gamma, g, eps))[0], *r[1:]],
            "γ enters your gradient of z twice. It stands in the forward pass once.",
        ),
        Mistake(
            "∂C/∂z alone",
            lambda *given: backward(axis)(*given)[0],
            "You return one gradient, that of z. Asked is a list of three: z, γ, β.",
        ),
        Mistake(
            "sign of everything",
            lambda *given: [-part for part in backward(axis)(*given)],
            "Every entry has the opposite sign. A gradient points uphill; the minus of gradient descent comes with the update.",
        ),
        *both_slips(axis),
    )
