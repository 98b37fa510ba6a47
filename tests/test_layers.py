"""The parts of later nets against their definitions in loops, and every VJP against differences of the value and HIPS autograd."""

from __future__ import annotations

from itertools import product
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import bpkit as bp

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape)


CAUSAL = np.triu(np.ones((4, 4), bool))
TOKENS = np.array([[2, 0, 2], [1, 2, 2]])
# name → (value, VJP, arguments that are differentiated, what else both take, what the VJP does not need)
PARTS: dict[str, Any] = {
    "layer_norm": (bp.layer_norm, bp.layer_norm_vjp, {"x": normal(5, 3), "gamma": normal(5, 1), "beta": normal(5, 1)}, {}, {"beta"}),
    "layer_norm of one example": (bp.layer_norm, bp.layer_norm_vjp, {"x": normal(5, 1), "gamma": normal(5, 1), "beta": normal(5, 1)}, {}, {"beta"}),
    "batch_norm": (bp.batch_norm, bp.batch_norm_vjp, {"x": normal(3, 6), "gamma": normal(3, 1), "beta": normal(3, 1)}, {"epsilon": 0.1}, {"beta"}),
    "batch_norm of images": (
        bp.batch_norm,
        bp.batch_norm_vjp,
        {"x": normal(2, 3, 4, 5), "gamma": normal(2, 1, 1, 1), "beta": normal(2, 1, 1, 1)},
        {},
        {"beta"},
    ),
    "attention": (bp.attention, bp.attention_vjp, {"Q": normal(3, 4), "K": normal(3, 5), "V": normal(2, 5)}, {}, set()),
    "attention, causal": (bp.attention, bp.attention_vjp, {"Q": normal(3, 4), "K": normal(3, 4), "V": normal(2, 4)}, {"mask": CAUSAL}, set()),
    "attention, two heads": (
        bp.attention,
        bp.attention_vjp,
        {"Q": normal(2, 3, 4), "K": normal(2, 3, 4), "V": normal(2, 2, 4)},
        {"mask": CAUSAL},
        set(),
    ),
    **{
        f"streaming attention, {size} keys in a block": (
            lambda Q, K, V, mask, size: bp.streaming_attention(Q, K, V, mask, size)[0],
            lambda Q, K, V, g, mask, size: bp.streaming_attention_vjp(Q, K, V, *bp.streaming_attention(Q, K, V, mask, size), g, mask, size),
            {"Q": normal(2, 3, 4), "K": normal(2, 3, 4), "V": normal(2, 2, 4)},
            {"mask": mask, "size": size},
            set(),
        )
        for mask, size in ((None, 1), (CAUSAL, 3), (~CAUSAL[::-1] | np.eye(4, dtype=bool)[::-1], 2), (None, 9))
    },
    "recurrent_cell": (
        bp.recurrent_cell,
        lambda x, h, W, U, b, g: bp.recurrent_cell_vjp(x, h, W, U, bp.recurrent_cell(x, h, W, U, b), g),
        {"x": normal(3, 4), "h": normal(2, 4), "W": normal(2, 3), "U": normal(2, 2), "b": normal(2, 1)},
        {},
        set(),
    ),
    **{
        f"convolution, stride {stride}, padding {padding}": (
            bp.convolution,
            bp.convolution_vjp,
            {"x": normal(2, 5, 6, 3), "K": normal(4, 2, 3, 2), "b": normal(4, 1)},
            {"stride": stride, "padding": padding},
            {"b"},
        )
        for stride, padding in product((1, 2, 3), (0, 1))
    },
    "max_pool": (bp.max_pool, bp.max_pool_vjp, {"x": normal(2, 4, 6, 3)}, {}, set()),
    "max_pool of 3": (bp.max_pool, bp.max_pool_vjp, {"x": normal(1, 3, 6, 2)}, {"size": 3}, set()),
    "mean_pool": (bp.mean_pool, bp.mean_pool_vjp, {"x": normal(2, 4, 6, 3)}, {}, set()),
    "embedding": (
        lambda E: bp.embedding(E, TOKENS),
        lambda E, g: bp.embedding_vjp(E, TOKENS, g),
        {"E": normal(2, 4)},
        {},
        set(),
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_each_vjp_is_what_differences_of_the_value_say(name):
    f, vjp, at, options, unused = PARTS[name]
    kept = {key: value.copy() for key, value in at.items()}
    weights = np.random.default_rng(1).normal(size=f(**at, **options).shape)
    found = vjp(**{key: value for key, value in at.items() if key not in unused}, g=weights, **options)
    found = dict(zip(at, found if isinstance(found, tuple) else (found,), strict=True))
    for key, value in at.items():
        assert found[key].shape == value.shape
        assert_array_equal(value, kept[key])
    report = bp.check_grad(lambda p: (f(**p, **options) * weights).sum(), at, found)
    assert report.ok and report.relative_error < 1e-12, report
    for key in at:  # and no fault gets through
        wrong = found[key].copy()
        wrong.flat[np.argmax(np.abs(wrong))] *= 1.001
        assert not bp.check_grad(lambda p, key=key: (f(**at | {key: p}, **options) * weights).sum(), at[key], wrong).ok


@pytest.mark.parametrize("name", PARTS)
def test_float32_stays_float32(name):
    f, vjp, at, options, unused = PARTS[name]
    single = {key: value.astype(np.float32) for key, value in at.items()}
    a = f(**single, **options)
    assert a.dtype == np.float32
    assert_allclose(a, f(**at, **options), rtol=1e-3, atol=1e-4)
    found = vjp(**{key: value for key, value in single.items() if key not in unused}, g=a, **options)
    assert all(part.dtype == np.float32 for part in (found if isinstance(found, tuple) else (found,)))


def test_normalised_numbers_have_mean_0_and_variance_1():
    x = normal(6, 8)
    ones, zeros = np.ones((6, 1)), np.zeros((6, 1))
    for f, axis in ((bp.layer_norm, 0), (bp.batch_norm, 1)):
        a = f(x, ones, zeros, epsilon=0.0)
        assert_allclose(a.mean(axis=axis), 0, atol=1e-14)
        assert_allclose(a.var(axis=axis), 1, rtol=1e-12)
    # constant columns are not divided by 0
    assert np.isfinite(bp.layer_norm(np.ones((6, 2)), ones, zeros)).all()


@pytest.mark.parametrize(("stride", "padding"), product((1, 2), (0, 2)))
def test_convolution_is_its_definition(stride, padding):
    x, K, b = normal(2, 5, 6, 3), normal(4, 2, 3, 2), normal(4, 1)
    padded = np.zeros((2, 5 + 2 * padding, 6 + 2 * padding, 3))
    padded[:, padding : padding + 5, padding : padding + 6] = x
    a = bp.convolution(x, K, b, stride, padding)
    assert a.shape == (4, (5 + 2 * padding - 3) // stride + 1, (6 + 2 * padding - 2) // stride + 1, 3)
    for o, r, c, e in product(*map(range, a.shape)):
        patch = padded[:, r * stride : r * stride + 3, c * stride : c * stride + 2, e]
        assert a[o, r, c, e] == pytest.approx((K[o] * patch).sum() + b[o, 0], rel=1e-12)


def test_its_vjp_is_the_transposed_matrix():
    K, zero = normal(3, 2, 2, 2), np.zeros((3, 1))
    M = bp.numerical_jacobian(lambda x: bp.convolution(x, K, zero, stride=2, padding=1), np.zeros((2, 3, 4, 1)), scheme="complex")
    g = normal(3, 2, 3, 1)
    assert_allclose(bp.convolution_vjp(np.zeros((2, 3, 4, 1)), K, g, stride=2, padding=1)[0].ravel(), M.T @ g.ravel(), rtol=1e-12)


def test_attention_is_its_definition():
    Q, K, V = normal(3, 4), normal(3, 4), normal(2, 4)
    for mask in (None, CAUSAL):
        for q in range(4):
            keys = range(4) if mask is None else range(q + 1)
            e = np.array([np.exp(Q[:, q] @ K[:, k] / np.sqrt(3)) for k in keys])
            want = sum(w * V[:, k] for w, k in zip(e / e.sum(), keys, strict=True))
            assert_allclose(bp.attention(Q, K, V, mask)[:, q], want, rtol=1e-12)
    assert np.isfinite(bp.attention(1e4 * Q, 1e4 * K, V)).all()
    by_head = [bp.attention(*heads) for heads in zip(*([a, 2 * a] for a in (Q, K, V)), strict=True)]
    assert_allclose(bp.attention(*(np.stack([a, 2 * a]) for a in (Q, K, V))), by_head, rtol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_streaming_attention_is_attention(size):
    Q, K, V, g = normal(3, 4), normal(3, 5), normal(2, 5), normal(2, 4)
    late = np.ones((5, 4), bool)
    late[:3, 1] = False  # a query that may see no key of the first blocks
    for mask, far in ((None, 1), (late, 1), (late, 1e3)):
        O, lse = bp.streaming_attention(far * Q, K, V, mask, size)
        assert_allclose(O, bp.attention(far * Q, K, V, mask), rtol=1e-12)
        S = K.T @ (far * Q) / np.sqrt(3)
        assert_allclose(lse[0], np.logaddexp.reduce(S if mask is None else np.where(mask, S, -np.inf), axis=0), rtol=1e-12)
        theirs = bp.attention_vjp(far * Q, K, V, g, mask)
        for found, want in zip(bp.streaming_attention_vjp(far * Q, K, V, O, lse, g, mask, size), theirs, strict=True):
            assert_allclose(found, want, rtol=1e-9, atol=1e-12)


def test_one_block_is_that_of_hips_autograd():
    """Attention, a residual connection and layer normalisation, put together from their VJPs."""
    X, Wq, Wk, Wv = normal(4, 5), normal(3, 4), normal(3, 4), normal(4, 4)
    gamma, beta, weights = normal(4, 1), normal(4, 1), normal(4, 5)

    def theirs(X):
        S = anp.dot((anp.dot(Wk, X)).T, anp.dot(Wq, X)) / np.sqrt(3)
        e = anp.exp(S)
        z = X + anp.dot(anp.dot(Wv, X), e / anp.sum(e, axis=0, keepdims=True))
        centred = z - anp.mean(z, axis=0, keepdims=True)
        return anp.sum(weights * (gamma * centred / anp.sqrt(anp.mean(centred**2, axis=0, keepdims=True) + 1e-5) + beta))

    Q, K, V = Wq @ X, Wk @ X, Wv @ X
    z = X + bp.attention(Q, K, V)
    assert (weights * bp.layer_norm(z, gamma, beta)).sum() == pytest.approx(theirs(X), rel=1e-12)
    dz = bp.layer_norm_vjp(z, gamma, weights)[0]
    dQ, dK, dV = bp.attention_vjp(Q, K, V, dz)
    assert_allclose(dz + Wq.T @ dQ + Wk.T @ dK + Wv.T @ dV, autograd.grad(theirs)(X), rtol=1e-10, atol=1e-12)


def test_a_word_used_twice_collects_both_gradients():
    g = np.ones((1, 3))
    assert_array_equal(bp.embedding_vjp(np.zeros((1, 4)), np.array([2, 0, 2]), g), [[1, 0, 2, 0]])


def test_of_equal_numbers_in_a_tile_the_first_gets_all():
    x = np.array([[1.0, 5.0], [5.0, 5.0]]).reshape(1, 2, 2, 1)
    assert_array_equal(bp.max_pool_vjp(x, np.ones((1, 1, 1, 1))).reshape(2, 2), [[0, 1], [0, 0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bp.convolution(normal(1, 2, 2, 1), normal(1, 1, 3, 3), np.zeros((1, 1))), "a kernel of 3 × 3 does not fit into images of 2 × 2"),
        (lambda: bp.max_pool(normal(1, 5, 4, 1)), "images of 5 × 4 do not divide into tiles of 2 × 2"),
        (lambda: bp.attention(normal(2, 2), normal(2, 2), normal(2, 2), np.array([[True, False], [True, False]])), "mask leaves query 1 no key"),
        (
            lambda: bp.streaming_attention(normal(2, 2), normal(2, 2), normal(2, 2), np.array([[True, False], [True, False]])),
            "mask leaves query 1 no key",
        ),
        (lambda: bp.streaming_attention(normal(2, 2), normal(2, 2), normal(2, 2), size=0), "size is 0, expected at least one key"),
        (lambda: bp.jvp(np.exp, np.zeros(3), np.zeros(2)), r"v has shape \(2,\), expected \(3,\)"),
        (lambda: bp.hvp(lambda w: (w**2).sum(), np.ones(3), np.ones(3)), r"gradient returned shape \(\), expected \(3,\)"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(call, message):
    with pytest.raises(ValueError, match=message) as raised:
        call()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_jvp_is_the_jacobian_times_v(size):
    x, v = normal(4), size * normal(4)
    for f, tolerance in ((bp.softmax, 1e-12), (lambda x: np.asarray([float(each) for each in bp.softmax(x)]), 1e-9)):
        assert_allclose(bp.jvp(f, x, v), bp.softmax.jacobian(x) @ v, rtol=0, atol=tolerance * size)
    assert_array_equal(bp.jvp(bp.softmax, x, 0 * x), np.zeros(4))
    assert bp.jvp(np.exp, 1.0, 2.0) == pytest.approx(2 * np.e)


def test_layer_norm_vjp_takes_complex_arrays_as_hvp_gives_them():
    x, gamma, g = normal(4, 3), normal(4, 1), normal(4, 3)
    for k in range(3):
        for which, at in enumerate((x, gamma, g)):

            def part(moved, which=which, k=k):
                return bp.layer_norm_vjp(*(moved if n == which else fixed for n, fixed in enumerate((x, gamma, g))))[k]

            by_complex = bp.complex_step(part, at)
            assert_allclose(by_complex, bp.numerical_jacobian(part, at, scheme="richardson"), rtol=1e-7, atol=1e-8)


def test_jvp_does_not_believe_a_complex_step_of_what_is_not_analytic():
    x, v = np.array([0.5, -2.0]), np.array([1.0, 3.0])
    assert_allclose(bp.jvp(lambda x: x * np.sign(x), x, v), np.sign(x) * v, rtol=1e-9)
    assert_allclose(bp.jvp(lambda x: np.vdot(x, [1.0, 2.0]), x, v), 7, rtol=1e-9)


def test_a_sharp_function_keeps_its_digits():
    x = np.array([0.3])
    assert_allclose(bp.jvp(lambda x: np.sin(3000 * x), x, np.ones(1)), 3000 * np.cos(900), rtol=1e-11)


def test_hvp_is_the_hessian_times_v():
    A, w, v = normal(3, 3), normal(3), normal(3)
    cost = lambda w: anp.sum(anp.tanh(anp.dot(A, w)) ** 2)  # noqa: E731
    gradient = lambda w: A.T @ (2 * np.tanh(A @ w) * (1 - np.tanh(A @ w) ** 2))  # noqa: E731
    assert_allclose(bp.hvp(gradient, w, v), autograd.hessian(cost)(w) @ v, rtol=1e-12)
    assert_allclose(bp.hvp(autograd.grad(cost), w, v), autograd.hessian(cost)(w) @ v, rtol=1e-8)
