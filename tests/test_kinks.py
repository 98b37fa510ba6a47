"""What every function takes at a kink or a tie, as docs/kinks.md says: ours always, the others' where the version named is installed."""

import re
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

import bpkit as bp

LINES = [line for line in (Path(__file__).parents[1] / "docs" / "kinks.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
(_, *HEADS), _, *ROWS = ([cell.strip() for cell in line.split("|")[1:-1]] for line in LINES)
TABLE = {where: dict(zip((head.split()[0] for head in HEADS), cells, strict=True)) for where, *cells in ROWS}
VERSIONS = dict(head.split() for head in HEADS[1:])

ZERO, SQUARE, PAIR, ONE_HOT = np.array(0.0), np.full((2, 2), 2.0), np.full((2, 1), 3.0), np.array([[1.0], [0.0]])


def said(slopes):
    # rounding away, and no -0
    return ", ".join(f"{round(float(slope), 12) + 0.0:g}" for slope in np.ravel(slopes))


def by_tape(f, at):
    x = bp.tape.Var(at)
    bp.tape.backward(f(x))
    return x.grad


def by_fit(activation):
    """The slope that a step of `fit` takes where z of the one hidden neuron is 0: a = 0, and the output's error is -1, so the bias moves by it."""
    arrays = (None, np.zeros((1, 1)), np.ones((1, 1))), (None, np.zeros((1, 1)), np.zeros((1, 1)))
    net = bp.Network(*arrays, (None, activation, bp.identity), bp.quadratic)
    options = {"epochs": 1, "eta": 1.0, "batch_size": 1, "rng": np.random.default_rng(0), "progress": False}
    return bp.fit(net, np.ones((1, 1)), np.ones((1, 1)), **options)[0].b[1]


def by_l1():
    net = bp.Network((None, np.zeros((1, 1))), (None, np.zeros((1, 1))), (None, bp.identity), bp.quadratic)
    nothing = bp.backward(net, bp.forward(net, np.zeros((1, 1))), np.zeros((1, 1)))
    return bp.l1(net, nothing, 1.0).W[1]


OURS = {
    "`relu` at 0": lambda: bp.relu.prime(ZERO),
    "`leaky_relu` at 0, slope 0.01": lambda: bp.leaky_relu.prime(ZERO),
    "`tape.relu` at 0": lambda: by_tape(bp.tape.relu, 0.0),
    "`fit`, a relu whose z is 0": lambda: by_fit(bp.relu),
    "`fit`, a leaky relu whose z is 0, slope 0.01": lambda: by_fit(bp.leaky_relu),
    "`l1` of a weight that is 0, to the absolute value": by_l1,
    "`max_pool_vjp`, four equals": lambda: bp.max_pool_vjp(SQUARE.reshape(1, 2, 2, 1), np.ones((1, 1, 1, 1))),
    "`tape` x⁰ at 0, to x": lambda: by_tape(lambda x: x**0.0, 0.0),
    "`tape` 0ⁿ at n = 2, to n": lambda: by_tape(lambda n: 0.0**n, 2.0),
    "`tape` √x as x^½, at 0": lambda: by_tape(lambda x: x**0.5, 0.0),
    "`tape.log_sum_exp`, two equals": lambda: by_tape(lambda x: bp.tape.sum(bp.tape.log_sum_exp(x)), PAIR),
    "`binary_cross_entropy` at a = 0, y = 0, from a": lambda: bp.binary_cross_entropy.gradient([0.0], [0.0]),
    "`cross_entropy` at a = (1, 0), y = (1, 0), from a": lambda: bp.cross_entropy.gradient(ONE_HOT, ONE_HOT),
    "`numerical_gradient` of relu at 0, central": lambda: bp.numerical_gradient(bp.relu, ZERO),
    "`numerical_gradient` of relu at 0, complex step": lambda: bp.numerical_gradient(bp.relu, ZERO, scheme="complex"),
    "`jvp` of relu at 0, along 1": lambda: bp.jvp(bp.relu, ZERO, np.ones(())),
}


def in_rows(relu, leaky, absolute, power, log_sum_exp, pooled, binary, cross, jvp):
    """A library's slopes, by the rows of the table."""
    return {
        "`relu` at 0": relu,
        "`leaky_relu` at 0, slope 0.01": leaky,
        "`tape.relu` at 0": relu,
        "`fit`, a relu whose z is 0": relu,
        "`fit`, a leaky relu whose z is 0, slope 0.01": leaky,
        "`l1` of a weight that is 0, to the absolute value": absolute,
        "`max_pool_vjp`, four equals": pooled,
        "`tape` x⁰ at 0, to x": power[0],
        "`tape` 0ⁿ at n = 2, to n": power[1],
        "`tape` √x as x^½, at 0": power[2],
        "`tape.log_sum_exp`, two equals": log_sum_exp,
        "`binary_cross_entropy` at a = 0, y = 0, from a": binary,
        "`cross_entropy` at a = (1, 0), y = (1, 0), from a": cross,
        "`numerical_gradient` of relu at 0, central": None,
        "`numerical_gradient` of relu at 0, complex step": None,
        "`jvp` of relu at 0, along 1": jvp,
    }


def by_jax():
    jax = pytest.importorskip("jax")
    jnp = jax.numpy

    def slope(f, at):
        return np.asarray(jax.grad(f)(jnp.asarray(at)))

    def pool(x):
        return jax.lax.reduce_window(x, -np.inf, jax.lax.max, (2, 2), (2, 2), "VALID").sum()

    power = slope(lambda x: x**0.0, 0.0), slope(lambda n: jnp.power(0.0, n), 2.0), slope(lambda x: x**0.5, 0.0)
    cross = slope(lambda a: -(ONE_HOT * jnp.log(a)).sum(), ONE_HOT)
    along = jax.jvp(jax.nn.relu, (0.0,), (1.0,))[1]
    simple = (slope(f, 0.0) for f in (jax.nn.relu, jax.nn.leaky_relu, jnp.abs))
    return in_rows(*simple, power, slope(jax.nn.logsumexp, PAIR), slope(pool, SQUARE), None, cross, along)


def by_pytorch():
    torch = pytest.importorskip("torch")
    F = torch.nn.functional

    def slope(f, at):
        place = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        return torch.autograd.grad(f(place), place)[0].numpy()

    power = slope(lambda x: x**0.0, 0.0), slope(lambda n: torch.pow(0.0, n), 2.0), slope(lambda x: x**0.5, 0.0)
    cross = slope(lambda a: -(torch.tensor(ONE_HOT) * torch.log(a)).sum(), ONE_HOT)
    binary = slope(lambda a: F.binary_cross_entropy(a, torch.zeros_like(a)), 0.0)
    pooled = slope(lambda x: F.max_pool2d(x[None, None], 2).sum(), SQUARE)
    along = torch.func.jvp(F.relu, (torch.tensor(0.0),), (torch.tensor(1.0),))[1]
    simple = (slope(f, 0.0) for f in (F.relu, F.leaky_relu, torch.abs))
    return in_rows(*simple, power, slope(lambda x: torch.logsumexp(x, 0).sum(), PAIR), pooled, binary, cross, along)


def by_autograd():
    grad, anp = pytest.importorskip("autograd").grad, pytest.importorskip("autograd.numpy")

    def log_sum_exp(x):
        return anp.log(anp.sum(anp.exp(x - anp.max(x)))) + anp.max(x)

    power = tuple(grad(f)(np.array(at)) for f, at in ((lambda x: x**0.0, 0.0), (lambda n: 0.0**n, 2.0), (lambda x: x**0.5, 0.0)))
    cross = grad(lambda a: -anp.sum(ONE_HOT * anp.log(a)))(ONE_HOT)
    return in_rows(None, None, grad(anp.abs)(0.0), power, grad(log_sum_exp)(PAIR), None, None, cross, None)


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("where", TABLE)
def test_what_we_take(where):
    assert said(OURS[where]()) == TABLE[where]["bpkit"]


def test_no_row_is_left_out():
    assert list(OURS) == list(TABLE)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("library", "slopes"), [("JAX", by_jax), ("PyTorch", by_pytorch), ("autograd", by_autograd)])
def test_what_others_take(library, slopes):
    found = slopes()
    version = metadata.version({"JAX": "jax", "PyTorch": "torch", "autograd": "autograd"}[library]).partition("+")[0]
    if version != VERSIONS[library]:
        pytest.skip(f"{library} {version} is here; the table speaks of {VERSIONS[library]}")
    assert {where: "none" if slope is None else said(slope) for where, slope in found.items()} == {
        where: row[library] for where, row in TABLE.items()
    }


def test_of_equals_the_first_is_the_class():
    assert bp.accuracy(np.array([[0.5], [0.5]]), np.array([[1.0], [0.0]])) == 1.0
    assert bp.accuracy(np.array([[0.5], [0.5]]), np.array([[0.0], [1.0]])) == 0.0


def test_the_page_is_linked():
    assert re.search(r"\]\(docs/kinks\.md\)", (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8"))
