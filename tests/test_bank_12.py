"""Lesson 12's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.exercises import registry

# ---- right in other ways ---------------------------------------------------------------------------------------------


def norm_in_loops(z, gamma, beta, eps):
    rows = []
    for row, c, b in zip(z, gamma, beta, strict=True):
        mu = sum(row) / len(row)
        v = sum((entry - mu) ** 2 for entry in row) / len(row)
        rows.append([float(c[0] * (entry - mu) / (v + eps) ** 0.5 + b[0]) for entry in row])
    return rows


def paths_in_loops(z, gamma, g, eps):
    out = np.zeros((3, *z.shape))
    m = z.shape[1]
    for j in range(len(z)):
        mu, s = z[j].mean(), np.sqrt(z[j].var() + eps)
        for x in range(m):
            d = gamma[j, 0] * g[j, x]
            out[0, j, x] += d / s
            for i in range(m):
                out[1, j, i] -= d / (m * s)
                out[2, j, i] -= d * (z[j, x] - mu) * (z[j, i] - mu) / (m * s**3)
    return list(out)


def by_jacobians(z, gamma, g, eps):
    rows = []
    m = z.shape[1]
    for row, c, back in zip(z, gamma[:, 0], g, strict=True):
        s = np.sqrt(row.var() + eps)
        z_hat = (row - row.mean()) / s
        rows.append(c * ((np.eye(m) - np.full((m, m), 1 / m) - np.outer(z_hat, z_hat) / m) / s) @ back)
    s = np.sqrt(z.var(1) + eps)
    z_hat = (z - z.mean(1)[:, None]) / s[:, None]
    return np.stack(rows), np.einsum("jx,jx->j", g, z_hat)[:, None], g.sum(1)[:, None]


def as_libraries_write_it(z, gamma, g, eps):
    m = z.shape[1]
    s = np.sqrt(z.var(axis=1, keepdims=True) + eps)
    z_hat = (z - z.mean(axis=1, keepdims=True)) / s
    dz_hat = g * gamma
    dz = (m * dz_hat - dz_hat.sum(1, keepdims=True) - z_hat * (dz_hat * z_hat).sum(1, keepdims=True)) / (m * s)
    return [dz, (g * z_hat).sum(1, keepdims=True), g.sum(1, keepdims=True)]


def through_a_tape_of_steps(z, gamma, g, eps):
    m = z.shape[1]
    mu = z.mean(1, keepdims=True)
    centred = z - mu
    v = (centred**2).mean(1, keepdims=True)
    inverse = 1 / np.sqrt(v + eps)
    d_hat = gamma * g
    d_inverse = (d_hat * centred).sum(1, keepdims=True)
    d_v = -0.5 * d_inverse * inverse**3
    d_centred = d_hat * inverse + 2 * centred * d_v / m
    return d_centred - d_centred.mean(1, keepdims=True), (g * centred * inverse).sum(1, keepdims=True), g @ np.ones((m, 1))


def layer_column_by_column(z, gamma, g, eps):
    columns, dgamma = [], np.zeros_like(gamma)
    for x in range(z.shape[1]):
        c, back = z[:, x], gamma[:, 0] * g[:, x]
        s = (c.var() + eps) ** 0.5
        hat = (c - c.mean()) / s
        columns.append((back - back.mean() - hat * (back @ hat) / len(c)) / s)
        dgamma[:, 0] += g[:, x] * hat
    return [np.array(columns).T, dgamma, g.sum(1).reshape(-1, 1)]


def residual_by_matrices(W, h, g):
    out = [np.zeros_like(g) for _ in W]
    out[-1] = g.copy()
    for l in reversed(range(len(W) - 1)):
        for x in range(g.shape[1]):
            J = np.diag(1 - h[l + 1][:, x] ** 2) @ W[l + 1]
            out[l][:, x] = (np.eye(len(g)) + J).T @ out[l + 1][:, x]
    return tuple(out)


RIGHT_WAYS = {
    "12.1": [
        norm_in_loops,
        lambda z, gamma, beta, eps: (z - z.mean(1)[:, None]) * (gamma / (z.std(1)[:, None] ** 2 + eps) ** 0.5) + beta,
        lambda z, gamma, beta, eps: (
            gamma * z / np.sqrt(z.var(1, keepdims=True) + eps) - gamma * z.mean(1, keepdims=True) / np.sqrt(z.var(1, keepdims=True) + eps) + beta
        ),
        lambda z, gamma, beta, eps: (
            gamma * (z - z.mean(1, keepdims=True)) / np.sqrt((z**2).mean(1, keepdims=True) - z.mean(1, keepdims=True) ** 2 + eps) + beta
        ),
    ],
    "12.2": [paths_in_loops, lambda *given: np.array(paths_in_loops(*given)), lambda *given: tuple(p.tolist() for p in paths_in_loops(*given))],
    "12.3": [by_jacobians, as_libraries_write_it, through_a_tape_of_steps, lambda *given: [*by_jacobians(*given)]],
    "12.4": [(1, 2, 0.5, 0.5, 0.25), np.array([1, 2, 1 / 2, 1 / 2, 1 / 4]), [1.0, 2.0, 2**-1, 2**-1, 2**-2]],
    "12.5": [layer_column_by_column, lambda z, gamma, g, eps: list(layer_column_by_column(z, gamma, g, eps))],
    "12.6": ["AEGH", "a, e, g and h", ["H", "A", "G", "E"], "HGEA"],
    "12.7": [residual_by_matrices, lambda W, h, g: residual_by_matrices(W, h, g)],
    "12.8": [
        lambda a, mask, p, g: (np.where(mask, a, 0) / (1 - p), np.where(mask > 0, g / (1 - p), 0.0)),
        lambda a, mask, p, g: [a * mask * (1 / (1 - p)), g * mask * (1 / (1 - p))],
        lambda a, mask, p, g: np.stack([a, g]) * mask / (1 - p),
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


@pytest.mark.parametrize("exercise_id", ["12.1", "12.2", "12.3", "12.5", "12.8"])
def test_float32_is_told_not_failed(exercise_id):
    reference = registry()[exercise_id].reference
    outcome = outcome_of(
        exercise_id, lambda *given: reference(*(np.asarray(v, np.float32) if isinstance(v, np.ndarray) else np.float32(v) for v in given))
    )
    assert outcome.passed and "float32" in outcome.notes[0]


def test_the_library_agrees_with_the_bank():
    """In front of the learner it is not allowed; here it is the third witness beside reference and oracle."""
    for exercise_id, vjp in (("12.3", bp.batch_norm_vjp), ("12.5", bp.layer_norm_vjp)):
        assert outcome_of(exercise_id, lambda z, gamma, g, eps, vjp=vjp: vjp(z, gamma, g, eps)).passed
    assert outcome_of("12.1", bp.batch_norm).passed


# ---- wrong in ways that the bank does not know ------------------------------------------------------------------------


def works_in_the_array_it_was_given(z, gamma, beta, eps):
    z -= z.mean(axis=1, keepdims=True)
    return gamma * z / np.sqrt((z * z).mean(axis=1, keepdims=True) + eps) + beta


def one_example_too_few(z, gamma, g, eps):
    return as_libraries_write_it(z[:, :-1], gamma, g[:, :-1], eps)


def product_with_the_slope_first(W, h, g):
    errors = [g]
    for weights, branch in zip(W[:0:-1], h[:0:-1], strict=True):
        errors.append(errors[-1] + weights.T @ (1 - branch**2) * errors[-1])
    return errors[::-1]


def the_error_of_the_branch_only_at_the_last_block(W, h, g):
    return [g for _ in W[1:]] + [g]


BEYOND_THE_BANK = [
    ("12.1", works_in_the_array_it_was_given, "input mutated", "belongs to the caller"),
    ("12.1", lambda z, gamma, beta, eps: gamma * (z - z.mean(axis=1)) / z.std(axis=1) + beta, "raised", "z.mean(axis=1)"),
    ("12.1", lambda z, gamma, beta, eps: gamma * (z - np.median(z, axis=1, keepdims=True)) + beta, None, "is not right"),
    ("12.2", lambda z, gamma, g, eps: paths_in_loops(z, gamma, g, eps)[:2], "shape", "a list of 3 items"),
    ("12.2", lambda z, gamma, g, eps: paths_in_loops(z, gamma, 2 * g, eps), None, "2"),
    ("12.3", one_example_too_few, "shape", "∂C/∂z"),
    ("12.3", lambda z, gamma, g, eps: as_libraries_write_it(z, gamma, g, eps)[0], "∂C/∂z alone", "a list of three"),
    ("12.3", lambda z, gamma, g, eps: [p.ravel() for p in as_libraries_write_it(z, gamma, g, eps)], "shape", "∂C/∂z"),
    ("12.3", lambda z, gamma, g, eps: [-p for p in as_libraries_write_it(z, gamma, g, eps)], "sign of everything", "uphill"),
    ("12.4", [1, 2, 0.5, 0.5], "shape", "a list of 5 items"),
    ("12.4", [1, 2, 0.5, 0.5, 0.3], None, "relative step"),
    ("12.4", "halved", "shape", "expected a list of 5 items"),
    ("12.5", lambda z, gamma, g, eps: as_libraries_write_it(z, gamma, g, eps), "batch norm", "one example over its neurons"),
    ("12.6", "AEGHZ", None, "the candidates are A to H"),
    ("12.6", 4, None, "the candidates are A to H"),
    ("12.6", "AEG", "batch of one", "minus its mean"),
    ("12.6", "ABEGH", "bias in evaluation", "running mean"),
    ("12.7", the_error_of_the_branch_only_at_the_last_block, "only the identity", "nothing of the branch"),
    ("12.7", lambda W, h, g: residual_by_matrices(W, h, g)[0], "shape", "a list of"),
    ("12.8", lambda a, mask, p, g: a * mask / (1 - p), "shape", "a list of 2 items"),
    ("12.8", lambda a, mask, p, g: [a * mask / (1 - p), g * mask], "not scaled backwards", "both come back"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_other_wrong_ways_are_told_something_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome
    assert words in outcome.message, outcome.message


def test_what_is_near_a_mistake_is_not_called_it():
    # both paths with m - 1 for m: near "sum for mean", and not that
    def unbiased(z, gamma, g, eps):
        m = z.shape[1]
        direct, mean, variance = paths_in_loops(z, gamma, g, eps)
        return [direct, mean * m / (m - 1), variance * m / (m - 1)]

    assert outcome_of("12.2", unbiased).mistake is None

    # half of the mean's path: near "path through the mean left out"
    def halved(z, gamma, g, eps):
        direct, mean, variance = paths_in_loops(z, gamma, g, eps)
        right = as_libraries_write_it(z, gamma, g, eps)
        return [direct + mean / 2 + variance, *right[1:]]

    assert outcome_of("12.3", halved).mistake is None
    assert outcome_of("12.4", [1, 2, 0.5, 0.5, 0.2]).mistake is None


@pytest.mark.parametrize(
    ("exercise_id", "answer", "mistake"),
    [
        (
            "12.1",
            lambda z, gamma, beta, eps: gamma * (z - z.mean(1, keepdims=True)) / (z.std(1, keepdims=True) + eps) + beta,
            "ε outside of the root",
        ),
        ("12.2", lambda z, gamma, g, eps: [p * np.sqrt(z.var(1) + eps)[:, None] for p in paths_in_loops(z, gamma, g, eps)], "s left out everywhere"),
        (
            "12.3",
            lambda z, gamma, g, eps: [gamma * as_libraries_write_it(z, gamma, g, eps)[0], *as_libraries_write_it(z, gamma, g, eps)[1:]],
            "γ twice",
        ),
        ("12.5", lambda z, gamma, g, eps: layer_column_by_column(z, gamma, g, eps)[0], "∂C/∂z alone"),
        (
            "12.1",
            lambda z, gamma, beta, eps: gamma * (z - z.mean(1, keepdims=True) * (z.var(1, keepdims=True) + eps) ** -0.5) + beta,
            "mean alone divided",
        ),
        ("12.2", lambda z, gamma, g, eps: [(p := paths_in_loops(z, gamma, g, eps))[0], p[1], 1e-17 * p[2]], "variance's path is 0"),
        (
            "12.3",
            lambda z, gamma, g, eps: [(r := as_libraries_write_it(z, gamma, g, eps))[0], gamma * r[1], gamma * r[2]],
            "γ in ∂C/∂γ and ∂C/∂β",
        ),
        (
            "12.7",
            product_with_the_slope_first,
            "product with the slope first",
        ),
        ("12.7", lambda W, h, g: [-e for e in residual_by_matrices(W, h, g)], None),
        ("12.8", lambda a, mask, p, g: [a * mask, g * mask], "not scaled"),
    ],
)
def test_the_same_slip_written_otherwise_has_the_same_name(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message


def test_a_product_of_means_for_the_mean_of_a_product_hears_both_causes():
    def answer(z, gamma, g, eps):
        s = np.sqrt(z.var(1, keepdims=True) + eps)
        z_hat = (z - z.mean(1, keepdims=True)) / s
        through = g.mean(1, keepdims=True) * (1 + z_hat * z_hat.mean(1, keepdims=True))
        return [gamma / s * (g - through), *as_libraries_write_it(z, gamma, g, eps)[1:]]

    assert "not the product of the means" in outcome_of("12.3", answer).message


def dropout_with(forwards, backwards):
    return lambda a, mask, p, g: [a * forwards(mask, p), g * backwards(mask, p)]


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (lambda mask, p: mask / p, "1/p"),
        (lambda mask, p: (1 - mask) / (1 - p), "mask turned"),
        (lambda mask, p: mask / mask.mean(), "divided by the share that is kept"),
        (lambda mask, p: np.where(mask == 1, 1 / (1 - p), 1.0), "dropped entries passed on"),
        (lambda mask, p: mask / np.sqrt(1 - p), "root of 1 - p"),
    ],
)
def test_one_slip_on_both_ways_of_dropout_is_one_slip(factor, name):
    assert outcome_of("12.8", dropout_with(factor, factor)).mistake == name
    assert outcome_of("12.8", dropout_with(factor, lambda mask, p: mask / (1 - p))).mistake != name


def test_a_list_of_one_array_is_told_and_a_list_that_ends_early_is_not_called_one():
    def in_place(W, h, g):
        g = g.copy()
        errors = [g]
        for l in range(len(W) - 1, 0, -1):
            g += W[l].T @ ((1 - h[l] ** 2) * g)
            errors.insert(0, g)
        return errors

    assert outcome_of("12.7", in_place).mistake == "one array for all layers"
    late = outcome_of("12.7", lambda W, h, g: [*residual_by_matrices(W, h, g)[1:], g])
    assert late.mistake == "one place too late"


def test_the_variance_s_path_is_told_by_the_step_at_which_it_stops():
    def with_variance(path):
        def answer(z, gamma, g, eps):
            centred = z - z.mean(axis=1, keepdims=True)
            v = z.var(axis=1, keepdims=True)
            return [*paths_in_loops(z, gamma, g, eps)[:2], path(centred, v, np.sqrt(v + eps), gamma * g)]

        return answer

    without_epsilon = with_variance(lambda c, v, s, d: -c * (d * c).mean(axis=1, keepdims=True) / (s * v))
    at_the_variance = with_variance(lambda c, v, s, d: 0 * c - (d * c).sum(axis=1, keepdims=True) / (2 * s**3))
    assert outcome_of("12.2", without_epsilon).mistake == "ε left out of the variance's path"
    assert outcome_of("12.2", at_the_variance).mistake == "variance's path stops at the variance"
    assert outcome_of("12.2", with_variance(lambda c, v, s, d: -c * (d * c).mean(axis=1, keepdims=True) / s**3)).passed


def _batch_normed(width):
    def answer(z, gamma, beta, eps):
        u = z - z.mean(axis=1, keepdims=True)
        return gamma * u / width(u, eps) + beta

    return answer


def _distance(u):
    return np.abs(u).mean(axis=1, keepdims=True)


def _back(width, axis):
    """The backward pass of a normalisation with another width."""

    def answer(z, gamma, g, eps):
        s = width(z, eps)
        x_hat, direct = (z - z.mean(axis=axis, keepdims=True)) / s, gamma * g
        through = direct.mean(axis=axis, keepdims=True) + x_hat * (direct * x_hat).mean(axis=axis, keepdims=True)
        return [(direct - through) / s, (g * x_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]

    return answer


def _residual_with(slope):
    def answer(W, h, g):
        errors = [g]
        for l in range(len(W) - 1, 0, -1):
            errors.insert(0, errors[0] + W[l].T @ (slope(h[l]) * errors[0]))
        return errors

    return answer


def _dropped_with(held):
    return lambda a, mask, p, g: [mask * a / (1 - p), held(mask * a) * g / (1 - p)]


def _paths_with(mean):
    def answer(z, gamma, g, eps):
        s = np.sqrt(z.var(axis=1, keepdims=True) + eps)
        x_hat, direct = (z - z.mean(axis=1, keepdims=True)) / s, gamma * g
        return [direct / s, -mean(direct) / s + 0 * z, -x_hat * mean(direct * x_hat) / s]

    return answer


def _through(axis, mean):
    def answer(z, gamma, g, eps):
        s = np.sqrt(z.var(axis=axis, keepdims=True) + eps)
        x_hat, direct = (z - z.mean(axis=axis, keepdims=True)) / s, gamma * g
        dz = (direct - mean(direct) - x_hat * mean(direct * x_hat)) / s
        return [dz, (g * x_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]

    return answer


def _by_kept_shares(axis):
    def answer(a, mask, p, g):
        share = mask.mean(axis=axis, keepdims=True)
        share[share == 0] = 1
        return [mask * a / share, mask * g / share]

    return answer


NAMED_AND_NEAR = [
    ("12.1", _batch_normed(lambda u, eps: _distance(u) + eps), "mean distance and ε for the width"),
    ("12.1", _batch_normed(lambda u, eps: np.sqrt(_distance(u) ** 2 + eps)), "mean distance for width"),
    ("12.1", _batch_normed(lambda u, eps: np.ptp(u, axis=1, keepdims=True) + eps), None),
    ("12.1", _batch_normed(lambda u, eps: np.sqrt(np.maximum(u.var(axis=1, keepdims=True), eps))), "ε as a lower bound"),
    ("12.1", _batch_normed(lambda u, eps: np.maximum(u.std(axis=1, keepdims=True), eps)), "ε as a lower bound"),
    ("12.1", _batch_normed(lambda u, eps: np.maximum(u.std(axis=1, keepdims=True), 2 * eps)), None),
    ("12.3", _back(lambda z, eps: np.maximum(z.std(axis=1, keepdims=True), eps), 1), "ε as a lower bound of s"),
    ("12.3", _back(lambda z, eps: np.sqrt(np.maximum(z.var(axis=1, keepdims=True), eps)), 1), "ε as a lower bound"),
    ("12.3", _back(lambda z, eps: np.sqrt(z.var(axis=1, keepdims=True) + eps), 1), "right"),
    ("12.3", _back(lambda z, eps: np.maximum(z.std(axis=1, keepdims=True), 2 * eps), 1), None),
    ("12.5", _back(lambda z, eps: np.maximum(z.std(axis=0), eps), 0), "ε as a lower bound of s"),
    ("12.5", _back(lambda z, eps: np.sqrt(z.var(axis=1, keepdims=True) + eps), 0), "mean of the column, width of the row"),
    ("12.5", _back(lambda z, eps: np.sqrt(z.var() + eps), 0), None),
    ("12.7", _residual_with(lambda h: 1 - np.abs(h)), "1 - |h| for the slope"),
    ("12.7", _residual_with(lambda h: 1 - np.abs(h) ** 3), None),
    ("12.8", _dropped_with(lambda kept: kept > 0), "mask read off the sign of the result"),
    ("12.8", _dropped_with(lambda kept: kept > 0.5), None),
    (
        "12.1",
        lambda z, gamma, beta, eps: _batch_normed(lambda u, eps: np.sqrt(u.var(axis=1, keepdims=True) + eps))(gamma * z + beta, 1, 0, eps),
        "γ and β before the normalisation",
    ),
    (
        "12.1",
        lambda z, gamma, beta, eps: _batch_normed(lambda u, eps: np.sqrt(u.var(axis=1, keepdims=True) + eps))(gamma * z, 1, beta / 2, eps),
        None,
    ),
    ("12.2", _paths_with(np.mean), "means over all neurons"),
    ("12.2", _paths_with(lambda part: part.mean(axis=1, keepdims=True)), "right"),
    ("12.2", _paths_with(np.median), None),
    ("12.3", _through(1, np.mean), "means over everything"),
    ("12.5", _through(0, np.mean), "means over everything"),
    ("12.5", _through(0, np.median), None),
    ("12.7", lambda W, h, g: _residual_with(lambda _: 1 - h[-1] ** 2)(W, h, g), "last block's slope everywhere"),
    ("12.7", lambda W, h, g: _residual_with(lambda _: 1 - h[1] ** 2)(W, h, g), None),
    ("12.8", _by_kept_shares(0), "divided by the share that each example keeps"),
    ("12.8", _by_kept_shares(1), "divided by the share that each neuron keeps"),
    ("12.8", lambda a, mask, p, g: [2 * part for part in _by_kept_shares(0)(a, mask, p, g)], None),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED_AND_NEAR)
def test_widths_slopes_and_masks_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.passed or outcome.mistake) == (True if mistake == "right" else mistake), outcome.message


def test_what_tells_whole_cases_apart_is_not_said_of_their_entries():
    def summed_over_all(z, gamma, g, eps):
        direct, _, through_variance = registry()["12.2"].reference(z, gamma, g, eps)
        through_mean = -np.full(z.shape, np.sum(gamma * g)) / z.shape[1] / np.sqrt(z.var(axis=1, keepdims=True) + eps)
        return [direct, through_mean, through_variance]

    told = outcome_of("12.2", summed_over_all, 5)
    assert told.status == "wrong" and "exactly those where" not in told.message, told.message
