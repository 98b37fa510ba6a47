"""What lesson 07 says in words and numbers is what comes out."""

import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.equations import lesson_07 as equations
from bpkit.equations import named, worlds
from bpkit.widgets._descent import rate, trajectory

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "07_update_rules.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")
NET, X, Y = bp.nets.two_three_two()
GRADS = bp.backward(NET, bp.forward(NET, X), Y)
GRADIENT = np.concatenate([g.ravel() for g in (*GRADS.W[1:], *GRADS.b[1:])])
COST = bp.cost_of(NET, X, Y)
RAVINE = np.array([1.0, 25.0])


def height(path):
    return (RAVINE * path**2).sum(axis=1) / 2


def test_every_number_with_four_digits_comes_out():
    dW = GRADS.W[2][0, 1]
    computed = {f"{abs(value):.4f}" for value in (COST, GRADIENT @ GRADIENT, dW, NET.W[2][0, 1] - dW)}
    quoted = set(re.findall(r"\d+\.\d{4}(?!\d)", TEXT))
    assert quoted and quoted <= computed, quoted - computed
    assert GRADIENT.size == 17


def test_no_step_of_its_length_promises_more_than_the_gradient_s_own():
    steps = np.random.default_rng(0).normal(size=(10_000, 17))
    promised = steps @ GRADIENT / np.linalg.norm(steps, axis=1)
    assert promised.min() > -np.linalg.norm(GRADIENT)
    assert abs((promised < 0).mean() - 0.5) < 0.02
    r, g, dv = 0.3, GRADIENT, 0.3 * steps[0] / np.linalg.norm(steps[0])
    square = np.sum((np.linalg.norm(g) * dv + r * g) ** 2)  # line 1 of the proof against its line 3
    assert square == pytest.approx(2 * r * np.linalg.norm(g) * (r * np.linalg.norm(g) + g @ dv), rel=1e-12)


def test_the_promise_is_kept_by_short_steps():
    kept = [(bp.cost_of(bp.sgd(NET, GRADS, eta=eta), X, Y) - COST) / (-eta * GRADIENT @ GRADIENT) for eta in (0.01, 0.1, 1, 10)]
    assert kept == sorted(kept, reverse=True) and kept[0] > 0.999
    assert 10 * GRADIENT @ GRADIENT > COST  # more promised than there is


def test_the_ravine():
    ends = {eta: height(trajectory((1, 25), (-9, 1.5), eta, 0, 30))[-1] for eta in (0.02, 0.075, 0.082)}
    assert min(ends, key=ends.get) == 0.075 and ends[0.082] > height(np.array([[-9, 1.5]]))[0] == pytest.approx(68.6, abs=0.05)
    assert [1 - eta * c for eta, c in ((0.02, 1), (0.075, 25), (0.082, 25))] == pytest.approx([0.98, -0.875, -1.05])
    best = 2 / 26
    assert 1 - best == pytest.approx(25 * best - 1) == pytest.approx(24 / 26)
    assert f"{24 / 26:.3f}" == "0.923" and f"{999 / 1001:.3f}" == "0.998"


def test_momentum_on_the_ravine():
    for c in RAVINE:
        assert abs(rate(c, 1 / 9, 4 / 9)[0]) == pytest.approx(2 / 3)
        assert rate(c, 1 / 9, 0.9)[0] == pytest.approx(np.sqrt(0.9))
    assert f"{np.sqrt(0.9):.3f}" == "0.949"
    root = np.sqrt(0.9)
    assert ((1 + root) / (1 - root)) ** 2 == pytest.approx(1400, rel=0.05)
    for mu in (0, 0.5):
        assert rate(25, 0.999 * 2 * (1 + mu) / 25, mu)[1] != "diverges" == rate(25, 1.001 * 2 * (1 + mu) / 25, mu)[1]


def test_adam_s_first_step_and_its_correction():
    stepped, _ = bp.adam(NET, GRADS, eta=0.1)
    moves = np.concatenate(
        [(new - old).ravel() for part in ("W", "b") for old, new in zip(getattr(NET, part)[1:], getattr(stepped, part)[1:], strict=True)]
    )
    np.testing.assert_allclose(moves, -0.1 * np.sign(GRADIENT), rtol=1e-5)  # up to ε = 1e-8 beside gradients of 0.02 and more
    assert f"{np.abs(GRADIENT).max() / np.abs(GRADIENT).min():.1f}" == "7.9"
    t = np.arange(1, 2000)
    ratio = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    assert ratio.min() > 1 and ratio[9] > 6
    scaled = bp.Gradients(GRADS.delta, (None, *(1000 * g for g in GRADS.W[1:])), (None, *(1000 * g for g in GRADS.b[1:])))
    np.testing.assert_allclose(bp.adam(NET, scaled, eta=0.1)[0].W[2], stepped.W[2], rtol=1e-6)


def test_the_noisy_parabola_rests_where_the_formula_says():
    w, rng = np.full(4000, 5.0), np.random.default_rng(3)
    for _ in range(100):
        w = w - 0.5 * (w + rng.normal(size=4000))
    assert np.mean(w**2) == pytest.approx(0.5 / 1.5, rel=0.1)  # 4000 runs: about 2 % of scatter
    assert (f"{0.5 * 0.5 / 1.5:.2f}", f"{0.5 * 0.05 / 1.95:.3f}") == ("0.17", "0.013")


def test_a_batch_s_mean_is_right_on_average_and_four_times_the_size_halves_the_noise():
    rng = np.random.default_rng(0)
    values = rng.normal(size=60)
    means = {size: np.array([values[rng.integers(0, 60, size)].mean() for _ in range(4000)]) for size in (4, 16)}
    for mean in means.values():
        assert abs(mean.mean() - values.mean()) < 0.03
    assert means[4].std() / means[16].std() == pytest.approx(2, rel=0.05)


def test_it_tags_its_equations():
    tags = {"step and cost", "update", "update with L2", "update with L1", "momentum", "Adam's means", "bias correction", "Adam"}
    assert set(re.findall(r"\\tag\{([^}]*)\}", TEXT)) == tags


@pytest.mark.parametrize(("decay", "penalty"), [(np.asarray, lambda W: (W * W).sum()), (np.sign, lambda W: (W * W).sum() / 2)])
def test_the_check_of_a_penalty_notices_another_penalty(decay, penalty):
    wrong, formula = equations._penalised_update(decay, penalty)(worlds.ours(np.random.default_rng(0)))
    assert not np.allclose(wrong, formula, rtol=1e-3)


@pytest.mark.parametrize("name", ["bias correction", "Adam's means"])
def test_the_check_of_a_running_mean_notices_other_weights(monkeypatch, name):
    monkeypatch.setattr(equations, "_weighted", lambda gradients, beta: (sum(gradients), float(len(gradients))))
    assert named(name).check(np.random.default_rng(0)) > 0.01


def test_at_the_ends_of_the_range_the_root_is_double_and_t_times_its_power_is_a_path():
    root_mu, eta = 2 / 3, 1 / 9
    for curvature in RAVINE:
        w, v, path = 1.0, 0.0, []
        for _ in range(60):
            path.append(w)
            v = root_mu**2 * v - eta * curvature * w
            w = w + v
        assert eta * curvature == pytest.approx((1 - root_mu) ** 2) or eta * curvature == pytest.approx((1 + root_mu) ** 2)
        root = root_mu if curvature == 1 else -root_mu
        lines = np.array(path) / root ** np.arange(60.0)
        np.testing.assert_allclose(np.diff(lines), lines[1] - lines[0], rtol=1e-6)
        assert abs(lines[1] - lines[0]) > 0.1  # so it does fall like t r^t, and not like r^t
        assert abs(path[-1] / path[-2]) == pytest.approx(root_mu, rel=0.03)


def test_adams_steps_stay_but_for_what_epsilon_does():
    def first_step(scale):
        grads = np.array([1e-3, 1e-8]) * scale
        return 0.1 * grads / (np.abs(grads) + 1e-8)

    assert first_step(1000)[0] == pytest.approx(first_step(1)[0], rel=2e-5)
    assert first_step(1000)[1] > 1.9 * first_step(1)[1]
    assert np.abs(GRADIENT).min() > 1e-3
