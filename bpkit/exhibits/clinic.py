"""Six printed gradients as experiments: each beside its repair and a measurement, from where its error hides to where it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bpkit.core.differences import numerical_gradient
from bpkit.language import padded, translated

Array = np.ndarray
Claim = Callable[[Array], Array]

_GOLDEN = float(np.arctanh((np.sqrt(5) - 1) / 2))  # where tanh(z) and its slope are equal


@dataclass(frozen=True)
class Trial:
    """A cost, a place, and two claims about the gradient there."""

    at: Array
    cost: Callable[[Array], float]
    published: Claim
    corrected: Claim


@dataclass(frozen=True)
class Comparison:
    """What was claimed and what was measured at one setting.

    Parameters
    ----------
    published, corrected, numerical
        Three gradients of one shape; the last by central differences.
    error
        Of the published one: ‖published - numerical‖ over the larger of the two norms.
    repaired_error
        Of the corrected one.
    cosine
        Of the angle between the published gradient and the measured one.
    """

    published: Array
    corrected: Array
    numerical: Array
    error: float
    repaired_error: float
    cosine: float


@dataclass(frozen=True)
class Erratum:
    """One printed gradient that is wrong.

    Parameters
    ----------
    key
        What the course calls its text, e.g. ``"U1"``.
    title
        What is wrong, in a few words.
    source
        The text and where in it.
    of
        What the gradient is of, e.g. ``"∂C/∂z"``.
    printed, repaired
        Both formulas as plain text.
    knob
        What the settings are.
    settings
        From where the error hides to where it shows.
    hides
        Where it hides, as the end of a sentence that begins "It passes".
    trial
        Setting → `Trial`.
    eta
        The learning rate at which `descend` compares the two; for text R its setting, too.
    """

    key: str
    title: str
    source: str
    of: str
    printed: str
    repaired: str
    knob: str
    settings: tuple[float, ...]
    hides: str
    trial: Callable[[float], Trial]
    eta: float

    def said(self, what: Literal["title", "knob", "source", "hides"], wide: int = 0) -> str:
        """One of its texts in the reader's language, with spaces behind it up to so many columns.

        Examples
        --------
        >>> ERRATA["T"].said("knob", 28) + "|"
        'bias of the hidden neurons  |'
        """
        return padded(translated(getattr(self, what)), wide)


def _sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def _half_squares(v: Array) -> float:
    return float(0.5 * np.sum(v**2))


def _recursion(spread: float) -> Trial:
    """δ of a tanh layer under a sigmoid layer; with no spread every a equals its slope."""
    rng = np.random.default_rng(3)
    W, b, y = rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.random((3, 1))
    z = _GOLDEN + spread * rng.normal(size=(3, 1))

    def back(z: Array) -> Array:
        out = _sigmoid(W @ np.tanh(z) + b)
        return W.T @ ((out - y) * out * (1 - out))

    return Trial(
        z,
        cost=lambda z: _half_squares(_sigmoid(W @ np.tanh(z) + b) - y),
        published=lambda z: back(z) * np.tanh(z),
        corrected=lambda z: back(z) * (1 - np.tanh(z) ** 2),
    )


def _last_layer(spread: float) -> Trial:
    """The weights of a sigmoid layer with as many neurons as the one before; with no spread these are all equally active."""
    rng = np.random.default_rng(3)
    W, b, y = rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.random((3, 1))
    a = 0.6 + spread * 0.5 * rng.normal(size=(3, 1))

    def delta(W: Array) -> Array:
        out = _sigmoid(W @ a + b)
        return (out - y) * out * (1 - out)

    return Trial(
        W,
        cost=lambda W: _half_squares(_sigmoid(W @ a + b) - y),
        published=lambda W: np.repeat(delta(W) * a, 3, axis=1),
        corrected=lambda W: delta(W) @ a.T,
    )


def _order(alpha: float) -> Trial:
    """Both weight matrices of a 4-3-3 net in rows, ω¹ above ω²; published is the loop that has moved ω² before it goes on to layer 1."""
    rng = np.random.default_rng(12)
    w, x, t = rng.normal(size=(7, 3)), rng.normal(size=(1, 4)), rng.random((1, 3))

    def forward(w: Array) -> tuple[Array, Array]:
        inside = np.tanh(x @ w[:4])
        return inside, _sigmoid(inside @ w[4:])

    def gradient(w: Array, moved: float) -> Array:
        inside, out = forward(w)
        error = (out - t) * out * (1 - out)
        dw2 = inside.T @ error
        return np.vstack([x.T @ ((error @ (w[4:] - moved * dw2).T) * (1 - inside**2)), dw2])

    return Trial(w, lambda w: _half_squares(forward(w)[1] - t), lambda w: gradient(w, alpha), lambda w: gradient(w, 0.0))


def _sparse(away: float) -> Trial:
    """A of ‖AS - X‖² + γ‖A‖², all 3×3; with A and S the identity, the gradients for A and for S are the same matrix."""
    rng = np.random.default_rng(1)
    A, S, X, gamma = np.eye(3) + away * rng.normal(size=(3, 3)), np.eye(3) + away * rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 0.1
    return Trial(
        A,
        cost=lambda A: float(np.sum((A @ S - X) ** 2) + gamma * np.sum(A**2)),
        published=lambda A: 2 * A.T @ (A @ S - X) + 2 * gamma * A,
        corrected=lambda A: 2 * (A @ S - X) @ S.T + 2 * gamma * A,
    )


def _ica(twist: float) -> Trial:
    """W of ‖WᵀWx - x‖², 3×3; without a twist it is symmetric."""
    rng = np.random.default_rng(1)
    M, x = rng.normal(size=(3, 3)), rng.normal(size=(3, 1))

    def misfit(W: Array) -> Array:
        return W.T @ W @ x - x

    return Trial(
        (M + M.T) / 2 + twist * (M - M.T) / 2,
        cost=lambda W: float(np.sum(misfit(W) ** 2)),
        published=lambda W: 2 * W.T @ misfit(W) @ x.T + 2 * (W @ x) @ misfit(W).T,
        corrected=lambda W: 2 * W @ misfit(W) @ x.T + 2 * (W @ x) @ misfit(W).T,
    )


def _relu(bias: float) -> Trial:
    """The first weights of a relu net with four examples; a large bias switches every neuron on."""
    rng = np.random.default_rng(1)
    W1, W2, x, y = rng.normal(size=(3, 3)), rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))

    def hidden(W: Array) -> Array:
        return np.maximum(W @ x + bias, 0)

    def back(W: Array) -> Array:
        return W2.T @ (W2 @ hidden(W) - y)

    return Trial(
        W1,
        cost=lambda W: _half_squares(W2 @ hidden(W) - y),
        published=lambda W: (back(W) * (hidden(W) >= 0)) @ x.T,
        corrected=lambda W: (back(W) * (hidden(W) > 0)) @ x.T,
    )


def _steps(first: float, last: float) -> tuple[float, ...]:
    return tuple(round(float(step), 10) for step in np.linspace(first, last, 13))


ERRATA: Mapping[str, Erratum] = {
    erratum.key: erratum
    for erratum in (
        Erratum(
            "A",
            "activation for its slope",
            "读懂反向传播算法(bp算法), the recursion for δ",
            "∂C/∂z",
            "(Wᵀ δ) ⊙ a",
            "(Wᵀ δ) ⊙ (1 − a²), for tanh",
            "spread of z about 0.72",
            _steps(0, 1.5),
            "where every z is 0.72: there tanh(z) equals its own slope",
            _recursion,
            0.3,
        ),
        Erratum(
            "P",
            "another activation",
            "Ge Li, Deep Learning Technology and Application, section 4, the last layer",
            "∂J/∂W",
            "∂J/∂w_pq = δ_p a_p",
            "∂J/∂w_pq = δ_p a_q",
            "spread of what comes in",
            _steps(0, 1.2),
            "where all neurons before the layer are equally active",
            _last_layer,
            0.3,
        ),
        Erratum(
            "R",
            "updated too early",
            "bp神经网络反向传播, 反向传播, step 2",
            "∂L/∂ω¹ above ∂L/∂ω²",
            "∂L/∂ε¹ = Act′(ε¹) ⊙ [∂L/∂ε² (ω² − α dω²)ᵀ]",
            "∂L/∂ε¹ = Act′(ε¹) ⊙ [∂L/∂ε² (ω²)ᵀ]",
            "learning rate α",
            tuple(float(f"{alpha:.3g}") for alpha in np.logspace(-4, 0, 13)),
            "a loose check at a small α: its error shrinks with α, and the last layer is always right",
            _order,
            1.0,
        ),
        Erratum(
            "U1",
            "gradient of the input s",
            "用反向传导思想求导 (UFLDL), example 1",
            "∂F/∂A",
            "2 Aᵀ (AS − X) + 2γA",
            "2 (AS − X) Sᵀ + 2γA",
            "A, S away from the identity",
            _steps(0, 1.2),
            "where A and S are the identity, or 1×1 and equal",
            _sparse,
            0.03,
        ),
        Erratum(
            "U3",
            "a transpose not undone",
            "用反向传导思想求导 (UFLDL), example 3",
            "∂F/∂W",
            "2 Wᵀ r xᵀ + 2 (Wx) rᵀ, r = WᵀWx − x",
            "2 W r xᵀ + 2 (Wx) rᵀ",
            "twist of W",
            _steps(0, 1.2),
            "where W is symmetric",
            _ica,
            0.03,
        ),
        Erratum(
            "T",
            "a slope never 0",
            "NumPy tutorials, Deep learning on MNIST, section 3",
            "∂C/∂W¹",
            "δ = (Wᵀ δ) ⊙ [a ≥ 0]",
            "δ = (Wᵀ δ) ⊙ [a > 0]",
            "bias of the hidden neurons",
            _steps(3, 0),
            "where every hidden neuron is on",
            _relu,
            0.03,
        ),
    )
}


def compare(key: str, setting: float | None = None) -> Comparison:
    """Both claims beside central differences.

    Parameters
    ----------
    key
        One of `ERRATA`.
    setting
        Any number on its knob; the last of its settings when left out, where the error shows most.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> symmetric, twisted = compare("U3", 0.0), compare("U3", 1.0)
    >>> symmetric.error < 1e-8, round(twisted.error, 2)
    (True, 0.75)
    """
    erratum = _named(key)
    trial = erratum.trial(erratum.settings[-1] if setting is None else setting)
    published, corrected = trial.published(trial.at), trial.corrected(trial.at)
    numerical = numerical_gradient(trial.cost, trial.at)
    sizes = float(np.linalg.norm(published)), float(np.linalg.norm(numerical))
    cosine = float(np.sum(published * numerical)) / (sizes[0] * sizes[1])
    return Comparison(published, corrected, numerical, _apart(published, numerical), _apart(corrected, numerical), cosine)


def descend(key: str, steps: int = 100) -> tuple[Array, Array]:
    """The cost before the first step of gradient descent and after each: by the published gradient, and by the corrected one.

    Parameters
    ----------
    key
        One of `ERRATA`.
    steps
        How many, at the erratum's own learning rate and where its error shows.

    Returns
    -------
    published, corrected : (steps + 1,)

    Examples
    --------
    >>> wrong, right = descend("T")
    >>> wrong[-1] > wrong[0] > right[-1]
    np.True_
    """
    erratum = _named(key)
    trial = erratum.trial(erratum.settings[-1])
    costs = []
    for gradient in (trial.published, trial.corrected):
        at, seen = trial.at, [trial.cost(trial.at)]
        for _ in range(steps):
            at = at - erratum.eta * gradient(at)
            seen.append(trial.cost(at))
        costs.append(np.array(seen))
    return costs[0], costs[1]


def _named(key: str) -> Erratum:
    if key not in ERRATA:
        raise ValueError(f"no erratum is called {key!r}; expected one of: {', '.join(ERRATA)}")
    return ERRATA[key]


def _apart(a: Array, b: Array) -> float:
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b)))
