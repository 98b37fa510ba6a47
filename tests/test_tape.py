"""The engine's gradients against HIPS autograd over random programs, against BP1 to BP4, and what it refuses."""

from __future__ import annotations

import weakref
from pathlib import Path

import autograd.numpy as anp
import numpy as np
import oracle
import pytest
from autograd import grad

import bpkit as bp
from bpkit.core import tape
from bpkit.core.tape import Var, backward
from bpkit.exhibits import nets


class Theirs:
    """The same operations, spelt for HIPS autograd."""

    add, sub, mul, div, matmul, exp, log, tanh = anp.add, anp.subtract, anp.multiply, anp.divide, anp.dot, anp.exp, anp.log, anp.tanh
    power = staticmethod(lambda a, n: a**n)
    sigmoid = staticmethod(lambda a: 1 / (1 + anp.exp(-a)))
    relu = staticmethod(lambda a: anp.where(a > 0, a, 0.0))
    sum = staticmethod(lambda a, axis=None: anp.sum(a, axis, keepdims=axis is not None))
    log_sum_exp = staticmethod(lambda a: anp.log(anp.sum(anp.exp(a), axis=0, keepdims=True)))


SHAPES = [(), (3,), (1, 3), (2, 1), (1, 1), (2, 3), (3, 3), (3, 2), (2, 2, 3)]
ONE = ["tanh", "sigmoid", "relu", "exp", "square", "log", "root", "negative", "transpose", "log_sum_exp", "sum", "sum 0", "sum 1"]
TWO = ["add", "sub", "mul", "div", "matmul"]


def fits(name, shapes):
    if name == "matmul":
        return len(shapes[0]) == len(shapes[1]) == 2 and shapes[0][1] == shapes[1][0]
    if name in TWO:
        try:
            np.broadcast_shapes(*shapes)
        except ValueError:
            return False
        return True
    return len(shapes[0]) == 2 if name in ("transpose", "log_sum_exp", "sum 0", "sum 1") else True


def apply(lib, name, args):
    match name, args:
        case "square", [a]:
            return a * a  # the same operand twice
        case "exp", [a]:
            return lib.exp(lib.tanh(a))  # within bounds
        case "log", [a]:
            return lib.log(1.0 + a**2)
        case "root", [a]:
            return lib.power(2.0 + a * a, 0.5)
        case "div", [a, b]:
            return a / (1.5 + b * b)
        case "negative", [a]:
            return 1.0 - (-a)
        case "transpose", [a]:
            return a.T
        case "sum 0" | "sum 1", [a]:
            return lib.sum(a, int(name[-1]))
        case "matmul", [a, b]:
            return lib.matmul(a, b)
        case _:
            return getattr(lib, name)(*args)


def random_program(rng):
    """Inputs of random shapes and a list of (operation, operands) that reuse whatever has been made; every result counts."""
    inputs = [rng.normal(size=SHAPES[k]) for k in rng.integers(len(SHAPES), size=rng.integers(2, 5))]
    shapes, steps = [x.shape for x in inputs], []
    while len(steps) < 8:
        name = rng.choice(ONE + 3 * TWO)
        operands = rng.integers(len(shapes), size=2 if name in TWO else 1).tolist()
        if not fits(name, [shapes[k] for k in operands]):
            continue
        made = apply(Theirs, name, [np.zeros(shapes[k]) for k in operands])
        if np.size(made) > 40:
            continue
        steps.append((name, operands))
        shapes.append(np.shape(made))
    weights = [rng.normal(size=shape) for shape in shapes]
    return inputs, steps, weights


def run(lib, inputs, steps, weights):
    made = list(inputs)
    for name, operands in steps:
        # tanh keeps numbers of order one however deep the program gets
        made.append(apply(lib, name, [lib.tanh(made[k]) for k in operands]))
    total = 0.0
    for each, weight in zip(made, weights, strict=True):
        total = total + lib.sum(weight * each)
    return total


@pytest.mark.parametrize("seed", range(120))
def test_gradients_of_random_programs_are_those_of_hips_autograd(seed):
    inputs, steps, weights = random_program(np.random.default_rng(seed))
    variables = [Var(x) for x in inputs]
    root = run(tape, variables, steps, weights)
    backward(root)
    theirs = grad(lambda xs: run(Theirs, xs, steps, weights))(inputs)
    np.testing.assert_allclose(root.value, run(Theirs, inputs, steps, weights), rtol=1e-12)
    for mine, want in zip(variables, theirs, strict=True):
        assert np.shape(mine.grad) == mine.value.shape
        # rounding, where large terms cancel
        np.testing.assert_allclose(mine.grad, want, rtol=1e-10, atol=1e-11 * max(1.0, np.max(np.abs(want))))


def test_the_random_programs_use_every_operation_and_broadcast():
    used = {name for seed in range(120) for name, _ in random_program(np.random.default_rng(seed))[1]}
    assert used == {*ONE, *TWO}


def cost_on_tape(net, W, b, x, y):
    """The same network written with Vars: no derivative anywhere. Keeps the weighted inputs."""
    a, zs, m = x, [None], x.shape[1]
    for l in range(1, len(W)):
        zs.append(W[l] @ a + b[l])
        a = getattr(tape, net.activations[l].name)(zs[-1]) if net.activations[l].elementwise else tape.exp(zs[-1] - tape.log_sum_exp(zs[-1]))
    if net.cost is bp.quadratic:
        return tape.sum((a - y) ** 2) / (2 * m), zs
    if net.cost is bp.binary_cross_entropy:
        return -tape.sum(y * tape.log(a) + (1 - y) * tape.log(1 - a)) / m, zs
    return tape.sum(tape.log_sum_exp(zs[-1]) - tape.sum(y * zs[-1], axis=0)) / m, zs


@pytest.mark.parametrize("m", [1, 5])
@pytest.mark.parametrize(
    ("output", "cost"),
    [(bp.sigmoid, bp.quadratic), (bp.sigmoid, bp.binary_cross_entropy), (bp.softmax, bp.cross_entropy), (bp.softmax, bp.quadratic)],
    ids=lambda value: value.name,
)
@pytest.mark.parametrize("hidden", [bp.sigmoid, bp.tanh, bp.relu], ids=lambda value: value.name)
def test_bp1_to_bp4_fall_out(hidden, output, cost, m):
    rng = np.random.default_rng(m)
    net = bp.init([4, 3, 3, 2], activation=hidden, output=output, cost=cost, rng=rng)
    x, y = rng.normal(size=(4, m)), oracle.targets(cost, (2, m), rng)
    grads = bp.backward(net, bp.forward(net, x), y)
    W, b = ([None, *map(Var, part[1:])] for part in (net.W, net.b))
    root, zs = cost_on_tape(net, W, b, x, y)
    backward(root)
    assert float(root.value) == pytest.approx(bp.cost_of(net, x, y), rel=1e-12)
    for l in range(1, 4):
        np.testing.assert_allclose(zs[l].grad * m, grads.delta[l], rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(W[l].grad, grads.W[l], rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(b[l].grad, grads.b[l], rtol=1e-9, atol=1e-15)


def test_the_running_net_has_the_errors_of_lesson_05():
    net, x, y = nets.two_three_two()
    root, zs = cost_on_tape(net, [None, *map(Var, net.W[1:])], [None, *map(Var, net.b[1:])], x, y)
    backward(root)
    delta = bp.backward(net, bp.forward(net, x), y).delta
    for l in (1, 2):
        np.testing.assert_allclose(zs[l].grad, delta[l], rtol=1e-12)


def test_a_second_call_forgets_the_first_and_another_root_starts_afresh():
    x, y = Var(2.0), Var(3.0)
    s = x + y
    first, second = s * x, s * s
    for _ in range(2):
        backward(first)
        assert (x.grad, y.grad, s.grad) == (7.0, 2.0, 2.0)
    backward(second)
    assert (x.grad, y.grad, s.grad) == (10.0, 10.0, 10.0)


def test_no_two_nodes_share_a_gradient():
    x, y = Var(np.ones(3)), Var(np.ones(3))
    s = x + y
    backward(tape.sum(s) + tape.sum(x * 2.0))
    x.grad += 100
    assert (y.grad == 1).all() and (s.grad == 1).all()


def test_a_chain_of_many_steps_needs_no_recursion():
    x = Var(0.5)
    y = x
    for _ in range(20_000):
        y = y + x
    backward(y)
    assert x.grad == 20_001


def test_paths_are_not_walked_one_by_one():
    x = Var(1.0)
    y = x
    for _ in range(200):
        y = y + y
    backward(y)
    assert x.grad == 2.0**200 and len(bp.topological_order(y)) == 201


def test_constants_get_no_gradient_and_numpy_leaves_the_operators_alone():
    x, A = Var(np.array([[1.0], [2.0]])), np.array([[3.0, 4.0]])
    for y in (A @ x, 1.0 - x, A.T * x, A.T / x, A.T - x, x.T @ A.T):
        assert isinstance(y, Var) and y.parents and set(tape.topological_order(y)) - {y} <= {x, *y.parents}
    assert (A @ x).parents == (x,)


def test_a_number_to_the_power_of_a_var():
    n = Var([-1.0, 0.0, 3.0])
    backward(tape.sum(2**n))
    np.testing.assert_allclose(n.grad, np.log(2) * 2.0**n.value, rtol=1e-15)
    both = Var(np.array([0.5, 2.0])), Var(np.array([3.0, -1.0]))
    backward(tape.sum(both[0] ** both[1]))
    np.testing.assert_allclose(both[0].grad, [0.75, -0.25], rtol=1e-15)
    np.testing.assert_allclose(both[1].grad, [np.log(0.5) / 8, np.log(2) / 2], rtol=1e-15)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("n", "slopes"), [(0, [0, 0, 0]), (1, [1, 1, 1]), (2, [-4, 0, 6]), (3, [12, 0, 27])])
@pytest.mark.parametrize("numbers", [True, False], ids=["numbers", "an array"])
def test_powers_have_a_slope_at_zero(n, slopes, numbers):
    for a in map(Var, [-2.0, 0.0, 3.0]) if numbers else [Var([-2.0, 0.0, 3.0])]:
        backward(tape.sum(a**n))
        want = [slope for at, slope in zip([-2.0, 0.0, 3.0], slopes, strict=True) if not numbers or at == a.value]
        np.testing.assert_array_equal(np.ravel(a.grad), want)
    zero, exponent = Var(0.0), Var(2.0)
    backward(zero**exponent)
    assert zero.grad == exponent.grad == 0


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.array(2.0), np.array(2)])
def test_single_numbers_are_numbers_of_numpy_in_whatever_way_they_come(value):
    x = Var(value)
    y = tape.tanh(x * x + 1.0) / x
    backward(y)
    assert {type(each) for each in (x.value, x.grad, y.value, y.grad)} == {np.float64} and x.value.shape == ()


def test_numbers_that_broadcast_against_arrays_collect_the_gradients_of_all_their_uses():
    x, A = Var(2.0), Var(np.ones((2, 3)))
    backward(tape.sum(x * A + x))
    assert x.grad == 12 and (A.grad == 2).all() and np.shape(x.grad) == ()


def test_a_class_made_from_var_is_a_var_too():
    class Named(Var):
        pass

    x, y = Named(2.0), Var(3.0)
    backward(tape.exp(x) * y + x)
    assert x.grad == pytest.approx(3 * np.exp(2) + 1) and y.grad == pytest.approx(np.exp(2))


def test_constants_alone_make_a_result_with_no_parents():
    for made in (tape.exp(1.0), tape.add(1.0, 2.0), tape.sum(np.ones(3)), tape.matmul(np.eye(2), np.eye(2))):
        assert isinstance(made, Var) and made.parents == made.vjps == ()


def test_softmax_by_log_sum_exp_does_not_overflow():
    z = Var(np.array([[1000.0, -1000.0], [999.0, -1001.0]]))
    backward(tape.sum(tape.log_sum_exp(z)))
    np.testing.assert_allclose(z.grad, bp.softmax(z.value), rtol=1e-12)


def test_what_cannot_be_done_is_said():
    with pytest.raises(ValueError, match=r"starts from one number, found shape \(2,\): sum it first"):
        backward(Var([1.0, 2.0]))
    with pytest.raises(ValueError, match=r"two matrices, found shapes \(2,\) and \(2, 2\)"):
        Var([1.0, 2.0]) @ np.eye(2)


def test_its_words_show_value_and_operation():
    assert repr(Var(2.0)) == "Var(2.0)" and repr(Var(2.0) * 3) == "Var(6.0, made by mul)"


def test_it_is_as_short_as_it_says():
    assert len(Path(tape.__file__).read_text(encoding="utf-8").splitlines()) < 130


def test_a_var_takes_a_name_and_can_be_referred_to_weakly():
    x = Var(1.0)
    x.name = "x"
    assert x.name == "x" and weakref.ref(x)() is x


@pytest.mark.parametrize("vjps", [(), (lambda g: g, lambda g: g)])
def test_a_node_made_by_hand_has_a_vjp_for_each_parent(vjps):
    with pytest.raises(ValueError, match=f"1 parents?, expected as many VJPs, found {len(vjps)}"):
        tape.backward(tape.Var(2.0, (tape.Var(1.0),), vjps))
