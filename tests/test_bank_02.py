"""Lesson 02's exercises: ways of answering that their own mistakes do not cover, right ones and wrong ones."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import pytest
from course_sources import source_of
from judged import outcome_of

import bpkit as bp
from bpkit.course.folders import find_course
from bpkit.exercises import registry
from bpkit.exercises.judge import Judge

# ---- right


def fork_collected(x, y):
    """Gradients collected backwards, as a tape does it."""
    u, v = x * y, x + y * y
    collected = dict.fromkeys("uvxy", 0.0)
    collected["u"] += math.sin(v)
    collected["v"] += u * math.cos(v)
    collected["x"] += collected["u"] * y + collected["v"]
    collected["y"] += collected["u"] * x
    collected["y"] += collected["v"] * 2 * y
    return collected["x"], collected["y"]


def fork_as_matrices(x, y, v=None):
    v = x + y**2 if v is None else v
    outer = np.array([[np.sin(v), x * y * np.cos(v)]])
    return (outer @ np.array([[y, x], [1, 2 * y]]))[0]


def linear_by_loops(W):
    return [[W[j][i] - sum(W[j]) / len(W[j]) for i in range(len(W[0]))] for j in range(len(W))]


def linear_by_unit_vectors(W):
    return np.stack([W @ (e - e.mean()) for e in np.eye(W.shape[1])], axis=1)


def elementwise_by_loops(z):
    jacobian = np.zeros((len(z), len(z)))
    for j in range(len(z)):
        jacobian[j, j] = bp.sigmoid.prime(z[j, 0])
    return jacobian


def chain_by_loops(J_outer, J_inner):
    z = [[sum(J_outer[k][j] * J_inner[j][i] for j in range(len(J_inner))) for i in range(len(J_inner[0]))] for k in range(len(J_outer))]
    return [*z, *J_inner.tolist()]


def differential_in_two_steps(dx):
    x = np.array([[1.0], [2.0]])
    y = np.array([x[0] + x[1] ** 2, x[0] * x[1]])
    dy = np.array([[1, 2 * x[1, 0]], [x[1, 0], x[0, 0]]]) @ dx
    return y[1] * dy[0] + y[0] * dy[1]


def multiplications_by_shapes(sizes, mode):
    shapes = [(n, n_prev) for n_prev, n in itertools.pairwise(sizes)]
    if mode == "reverse":
        shapes = [shape[::-1] for shape in shapes[::-1]]
    rows, columns = shapes[0]
    count = 0
    for more, between in shapes[1:]:
        count += more * between * columns
        rows = more
    return count if rows else 0


def vjp_rows(jacobians, v):
    row = v.T
    for J in reversed(jacobians):
        row = row @ J
    return row.T


def vjp_recursive(jacobians, v):
    return v if not jacobians else vjp_recursive(jacobians[:-1], jacobians[-1].T @ v)


RIGHT_WAYS = {
    "02.1": [fork_collected, fork_as_matrices, lambda x, y: list(fork_as_matrices(x, y))],
    "02.2": [
        linear_by_loops,
        linear_by_unit_vectors,
        lambda W: W @ (np.eye(W.shape[1]) - 1 / W.shape[1]),
        lambda W: np.einsum("jk,ki->ji", W, np.eye(W.shape[1]) - np.full((W.shape[1],) * 2, 1 / W.shape[1])),
        lambda W: [[w - sum(row) / len(row) for w in row] for row in W.tolist()],
    ],
    "02.3": [
        elementwise_by_loops,
        lambda z: np.eye(len(z)) * bp.sigmoid.prime(z),
        lambda z: np.diag((bp.sigmoid(z) * (1 - bp.sigmoid(z))).ravel()),
    ],
    "02.4": [
        chain_by_loops,
        lambda J_outer, J_inner: np.concatenate((np.einsum("kj,ji->ki", J_outer, J_inner), J_inner)),
        lambda J_outer, J_inner: np.r_[(J_inner.T @ J_outer.T).T, J_inner],
        lambda J_outer, J_inner: np.vstack([J_outer, np.eye(len(J_inner))]) @ J_inner,
    ],
    "02.5": [
        lambda r, t: [[math.cos(t), -r * math.sin(t)], [math.sin(t), r * math.cos(t)]],
        lambda r, t: np.array([[np.cos(t), np.sin(t)], [-r * np.sin(t), r * np.cos(t)]]).T,
        lambda r, t: np.stack([np.array([np.cos(t), np.sin(t)]), r * np.array([-np.sin(t), np.cos(t)])], axis=1),
    ],
    "02.6": [
        differential_in_two_steps,
        lambda dx: np.array([12, 13]) @ dx,
        lambda dx: 12 * dx[0][0] + 13 * dx[1][0],
        lambda dx: np.vdot([[12.0], [13.0]], dx),
    ],
    "02.7": [multiplications_by_shapes, lambda sizes, mode: float(multiplications_by_shapes(sizes, mode))],
    "02.8": [vjp_rows, vjp_recursive, lambda jacobians, v: np.linalg.multi_dot([v.T, *jacobians[::-1]]).T],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


FLOAT32 = {
    "02.1": lambda x, y: np.float32(fork_as_matrices(x, y)),
    "02.3": lambda z: np.diagflat(bp.sigmoid.prime(z.astype(np.float32))),
    "02.4": lambda J_outer, J_inner: np.vstack([J_outer.astype(np.float32) @ J_inner.astype(np.float32), J_inner.astype(np.float32)]),
    "02.8": lambda jacobians, v: vjp_rows([J.astype(np.float32) for J in jacobians], v.astype(np.float32)),
}


@pytest.mark.parametrize("exercise_id", FLOAT32)
def test_float32_is_told_not_failed(exercise_id):
    outcome = outcome_of(exercise_id, FLOAT32[exercise_id])
    assert outcome.passed
    assert "float32" in outcome.notes[0]


# ---- wrong in ways that the bank does not list, or written otherwise than the bank writes them


def fork_overwritten(x, y):
    u, v = x * y, x + y**2
    dx, dy = math.sin(v) * y, math.sin(v) * x
    dx, dy = u * math.cos(v), u * math.cos(v) * 2 * y
    return [dx, dy]


def in_place(z):
    z[:] = bp.sigmoid.prime(z)
    return np.diagflat(z)


def vjp_in_place(jacobians, v):
    for J in jacobians:
        J[:] = J + 0.0
    jacobians.reverse()
    return vjp_rows(jacobians[::-1], v)


def fork_with_the_slope_at(where):
    def answer(x, y):
        v, to_v = x + y**2, x * y * np.cos(where(x, y))
        return np.sin(v) * y + to_v, np.sin(v) * x + to_v * 2 * y

    return answer


def fork_measured(up, down):
    def z(x, y):
        return x * y * np.sin(x + y**2)

    return lambda x, y: (
        (z(x + up, y) - z(x - down, y)) / (up + down),
        (z(x, y + up) - z(x, y - down)) / (up + down),
    )


def vjp_scaled_on_the_way(jacobians, v):
    for J in reversed(jacobians):
        v = J.T @ v / np.linalg.norm(J.T @ v)
    return v


def price(of):
    """The sum over the products of what each costs by its three sizes."""

    def answer(sizes, mode):
        triples = [(n, k, sizes[0]) for k, n in itertools.pairwise(sizes[1:])]
        back = [(sizes[-1], k, n) for n, k in itertools.pairwise(sizes[:-1])]
        return sum(of(*sizes_of) for sizes_of in (triples if mode == "forward" else back))

    return answer


def kept(sizes_at):
    """The count with other sizes kept in every product, forward and in reverse."""

    def answer(sizes, mode):
        pairs = itertools.pairwise(sizes[1:]) if mode == "forward" else itertools.pairwise(sizes[:-1])
        return sizes[sizes_at[mode == "reverse"]] * sum(a * b for a, b in pairs)

    return answer


BEYOND_THE_BANK = [
    ("02.1", fork_overwritten, "one path only", "overwrote"),
    ("02.1", lambda x, y: fork_as_matrices(x, y)[0], "shape", "expected a list of 2 items"),
    ("02.1", lambda x, y: (fork_as_matrices(x, y)[0], 0.0), None, "∂z/∂y"),
    ("02.1", lambda x, y: 2 * fork_as_matrices(x, y), None, "2 ×"),
    ("02.1", lambda x, y: np.abs(fork_as_matrices(x, y)), "sizes alone", "lost their signs"),
    (
        "02.1",
        lambda x, y: (np.cos(x + y * y) + np.sin(x + y * y) * y, np.cos(x + y * y) * y + np.sin(x + y * y) * x),
        "factor u left out; 2 of the square left out",
        "Two things",
    ),
    ("02.2", lambda W: np.where(np.eye(*W.shape) == 1, 0, W - W.mean(axis=1, keepdims=True)), None, "exactly those that are 0 here"),
    ("02.3", lambda z: np.diagflat(bp.sigmoid.prime(z)[::-1]), None, "the right numbers in the wrong places"),
    ("02.1", lambda x, y: print(x * y), "returned None", "`return`"),
    ("02.1", lambda x, y: x * y * np.sin(x + y**2), "shape", "expected a list of 2 items"),
    ("02.1", fork_with_the_slope_at(lambda x, y: x), "slope taken at x", "Which number went into the sine"),
    ("02.1", fork_with_the_slope_at(lambda x, y: y), "slope taken at y", "Which number went into the sine"),
    ("02.1", fork_with_the_slope_at(lambda x, y: x - y), None, "is not right"),
    ("02.1", lambda x, y: fork_as_matrices(x, y, v=(x + y) ** 2), "sum squared in v", "y alone is squared"),
    ("02.1", lambda x, y: fork_as_matrices(x, y, v=x**2 + y**2), None, "is not right"),
    ("02.1", fork_measured(1e-2, 0.0), "measured", "Nothing has to be measured"),
    ("02.1", fork_measured(0.0, 1e-4), "measured", "Nothing has to be measured"),
    ("02.1", fork_measured(2e-3, 2e-3), "measured", "Nothing has to be measured"),
    ("02.1", lambda x, y: fork_as_matrices(x, y) * (1 + 1e-3), None, "not right"),
    ("02.1", lambda x, y: np.round(fork_as_matrices(x, y), 3), None, "∂z/∂x"),
    ("02.2", lambda W: W.ravel(), "shape", "expected shape (3, 3)"),
    ("02.2", lambda W: W @ np.ones((W.shape[1], 1)), "row sums", "nudges one input"),
    ("02.2", lambda W: W.mean(axis=1, keepdims=True) - W, "sign", "Every sign"),
    ("02.2", lambda W: (W - W.mean(axis=1, keepdims=True)) * (np.arange(W.shape[1]) > 0), None, "column"),
    ("02.3", lambda z: bp.sigmoid.prime(z).ravel(), "vector, not matrix", "matrix"),
    ("02.3", lambda z: bp.sigmoid.prime(z).T, "vector, not matrix", "matrix"),
    ("02.3", lambda z: np.diag(bp.sigmoid.prime(z)), "np.diag of a column", "two dimensions"),
    ("02.3", lambda z: -np.diagflat(bp.sigmoid.prime(z)), None, "-1 ×"),
    ("02.3", lambda z: bp.sigmoid.prime(np.diagflat(z)), "σ' of a diagonal matrix", "first the slopes"),
    ("02.3", lambda z: np.diagflat(bp.sigmoid.prime(z), 1), "shape", "expected shape (3, 3)"),
    ("02.3", lambda z: np.eye(len(z)) * bp.sigmoid.prime(z.max()), "one slope everywhere", "its own z"),
    ("02.3", lambda z: np.eye(len(z)) * bp.sigmoid.prime(z)[0], "first slope everywhere", "its own slope"),
    ("02.3", lambda z: np.diagflat(z * 0), None, "0"),
    ("02.3", in_place, "input mutated", "changes z"),
    ("02.4", lambda J_outer, J_inner: np.hstack([J_inner.T @ J_outer.T, J_inner.T]), "transposed", "exchanged"),
    ("02.4", lambda J_outer, J_inner: np.matmul(J_outer, J_inner), "rows of y missing", "rows of their own"),
    ("02.4", lambda J_outer, J_inner: np.vstack([(J_inner @ J_outer).T, J_inner]), "both transposed", "already"),
    ("02.4", lambda J_outer, J_inner: np.vstack([J_outer @ J_inner / len(J_inner), J_inner]), "mean of paths", "its whole share"),
    ("02.4", lambda J_outer, J_inner: 3 * np.vstack([J_outer @ J_inner, J_inner]), None, "3 ×"),
    ("02.4", lambda J_outer, J_inner: np.tensordot(J_outer, J_inner, axes=0), "shape", "expected shape (6, 3)"),
    ("02.5", lambda r, t: [np.cos(t), -r * np.sin(t), np.sin(t), r * np.cos(t)], "shape", "expected shape (2, 2)"),
    ("02.5", lambda r, t: np.array([[np.cos(t), -r * np.sin(t)], [np.sin(t), -r * np.cos(t)]]), "minus for y too", "a minus too many"),
    (
        "02.5",
        lambda r, t: np.array([[-np.cos(t), -r * np.sin(t)], [np.sin(t), r * np.cos(t)]]),
        None,
        "You have ∂x/∂r = -cos t. The other entries are right.",
    ),
    ("02.5", lambda r, t: np.array([[np.cos(t), np.sin(t)], [r * np.sin(t), r * np.cos(t)]]), "sign; rows and columns swapped", "Two things"),
    ("02.5", lambda r, t: np.array([[np.cos(t), -np.sin(t)], [np.sin(t), r * np.cos(t)]]), "r left out for x", "the factor r is missing"),
    ("02.5", lambda r, t: [[r * np.cos(t)], [r * np.sin(t)]], "shape", "expected shape (2, 2)"),
    ("02.6", lambda dx: 12 * dx + 13, "shape", "expected a single number"),
    ("02.6", lambda dx: np.array([[1, 4], [2, 1]]) @ dx, "stopped at dy", "how z moves"),
    ("02.6", lambda dx: -(np.array([12, 13]) @ dx), "signs", "rise or fall"),
    ("02.6", lambda dx: 17 * dx[0, 0] + 8 * dx[1, 0], None, "17 · dx_1 + 8 · dx_2. Neither"),
    ("02.6", lambda dx: np.array([[5, 2]]) @ np.array([[1, 2], [4, 1]]) @ dx, "slopes of f swapped; inner matrix transposed", "Two things"),
    ("02.6", lambda dx: 2 * dx[0, 0] + 5 * dx[1, 0], "inner factor missing", "How far does y move"),
    ("02.6", lambda dx: 144.0, None, "not right"),
    ("02.6", lambda dx: np.array([12, 13]) @ dx[:, 0] / np.sqrt(dx[0] ** 2 + dx[1] ** 2), "divided by the length of the step", "for this step"),
    (
        "02.6",
        lambda dx: 2 * (dx[0] + (2 + dx[1]) ** 2 - 4) + 5 * ((1 + dx[0]) * (2 + dx[1]) - 2),
        "change of y for its differential",
        "linear part",
    ),
    (
        "02.6",
        lambda dx: (5 + dx[0] + 4 * dx[1]) * (2 + 2 * dx[0] + dx[1]) - 10,
        "change of z from the differential of y",
        "dy is right",
    ),
    ("02.6", lambda dx: np.array([12, 13]) @ dx[:, 0] / (abs(dx[0, 0]) + abs(dx[1, 0])), None, "not right"),
    ("02.7", lambda sizes, mode: multiplications_by_shapes(sizes, "Forward"), "always forward", "the other end"),
    ("02.7", lambda sizes, mode: 5 * multiplications_by_shapes(sizes, mode), None, "yours is"),
    ("02.7", lambda sizes, mode: [multiplications_by_shapes(sizes, mode)] * 2, "shape", "expected a single number"),
    ("02.7", lambda sizes, mode: sum(sizes), None, "not right"),
    ("02.8", lambda jacobians, v: [J.T @ v for J in jacobians if len(J) == len(v)], "shape", "expected shape (3, 1)"),
    ("02.8", lambda jacobians, v: vjp_rows(jacobians, v)[:, 0], "shape", "a column is asked"),
    ("02.8", lambda jacobians, v: 3 * vjp_rows(jacobians, v), None, "3 ×"),
    ("02.8", lambda jacobians, v: vjp_rows(jacobians, v**2), None, "every entry is wrong"),
    ("02.8", vjp_in_place, "input mutated", "changes jacobians"),
    ("02.8", vjp_scaled_on_the_way, "column of length 1", "keep it"),
    ("02.8", lambda jacobians, v: vjp_rows(jacobians, v / np.linalg.norm(v)), None, "what it should be"),
    ("02.8", lambda jacobians, v: vjp_rows([np.linalg.pinv(J).T for J in jacobians], v), "inverse for transpose", "by the transpose"),
    ("02.7", price(lambda rows, between, columns: rows * columns), "entries of each product", "how many"),
    ("02.7", lambda sizes, mode: min(multiplications_by_shapes(sizes, m) for m in ("forward", "reverse")), "the cheaper order", "dearer"),
    ("02.7", lambda sizes, mode: max(multiplications_by_shapes(sizes, m) for m in ("forward", "reverse")), None, "yours is"),
    ("02.7", kept(sizes_at=(0, 0)), "inputs kept in reverse too", "Forward is right"),
    ("02.7", kept(sizes_at=(-1, -1)), "outputs kept forward too", "Reverse is right"),
    ("02.7", kept(sizes_at=(0, 1)), None, "yours is"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message


# ---- what the lesson says


def prose():
    source = source_of(find_course().solutions / "02_chain_rule.py")
    return "\n\n".join(cell.text for cell in source.cells if cell.kind == "markdown")


def test_the_counterexample_has_both_partial_derivatives_and_no_total_one():
    def f(y1, y2):
        return y1**2 * y2 / (y1**2 + y2**2) if y1 or y2 else 0.0

    rng = np.random.default_rng(2)
    for step in rng.normal(size=20):
        assert f(step, 0.0) == f(0.0, step) == 0
        assert f(step, step) / step == pytest.approx(0.5, rel=1e-12)
        assert f(step, step) / np.hypot(step, step) == pytest.approx(np.sign(step) * 0.3536, abs=5e-5)
    for y1, y2 in rng.normal(size=(100, 2)):
        assert abs(f(y1, y2)) <= abs(y2)


def test_the_theorem_is_stated_with_both_conditions_and_for_all_m_of_the_y():
    text = prose()
    theorem = text[text.index("**Theorem (chain rule).**") : text.index("### The proof")]
    assert "**each of** $y_1, \\dots, y_m$" in theorem and "$f$ is differentiable at $y^0$" in theorem
    assert "There are $m$ of them" in theorem


def test_the_numbers_in_its_prose_come_out():
    x = 2.0
    u, v = x**2, 3 * x
    assert (u, v, u * v, v * 2 * x, u * 3, v * 2 * x + u * 3) == (4, 6, 24, 24, 12, 36)
    missing = 12 * 0.1**2 - 2 * 0.2**2
    assert missing == pytest.approx(2 * 1 * 2 * 0.1**2, rel=1e-12)
    assert 1000**3 + 1000**2 == 500.5 * (2 * 1000**2)
    polar = registry()["02.5"].reference(2.0, 0.5)
    np.testing.assert_allclose([[2 * 2 * np.cos(0.5), 2 * 2 * np.sin(0.5)]] @ polar, [[4, 0]], atol=1e-14)


def cost_by_looking_sizes_up(sizes, mode):
    """Finds a layer by its size, which is the first of that size."""
    if mode == "forward":
        return sum(sizes[0] * n * sizes[sizes.index(n) + 1] for n in sizes[1:-1])
    return sum(sizes[-1] * n * sizes[sizes.index(n) - 1] for n in sizes[1:-1])


def test_a_chain_of_more_than_three_is_carried_back_through_all():
    assert outcome_of("02.8", lambda jacobians, v: vjp_rows(jacobians[-3:], v)).status == "wrong"


def test_a_size_that_repeats_is_not_found_by_its_value():
    assert outcome_of("02.7", cost_by_looking_sizes_up).status == "wrong"


@pytest.mark.parametrize(
    "answer",
    [
        lambda jacobians, v: functools.reduce(np.matmul, jacobians[::-1]).T @ v,
        lambda jacobians, v: (v.T @ functools.reduce(lambda product, J: J @ product, jacobians)).T,
        lambda jacobians, v: vjp_rows([jacobians[1] @ jacobians[0], *jacobians[2:]] if jacobians[1:] else jacobians, v),
        lambda jacobians, v: vjp_rows([*jacobians[:-2], jacobians[-1] @ jacobians[-2]] if jacobians[1:] else jacobians, v),
    ],
)
def test_jacobians_multiplied_with_each_other_first_are_named(answer):
    for seed in range(5):
        assert outcome_of("02.8", answer, seed).mistake == "Jacobians multiplied first"


@pytest.mark.parametrize("exercise_id", ["02.1", "02.6"])
@pytest.mark.parametrize("wrong", [np.abs, lambda value: np.maximum(value, 0), lambda value: np.minimum(value, 0)])
def test_a_derivative_without_its_sign_is_refused(exercise_id, wrong):
    reference = registry()[exercise_id].reference
    for place in range(2 if exercise_id == "02.1" else 1):

        def answer(*given, place=place):
            values = np.atleast_1d(reference(*given)).astype(float)
            values[place] = wrong(values[place])
            return values if len(values) > 1 else values[0]

        assert outcome_of(exercise_id, answer).status == "wrong"


@pytest.mark.parametrize("exercise_id", ["02.1", "02.6"])
def test_each_derivative_has_both_signs_whatever_is_drawn(exercise_id):
    for seed in range(20):
        expected = np.array(Judge.drawn(registry()[exercise_id], seed).expected)
        assert (expected.min(axis=0) < -1e-3).all() and (expected.max(axis=0) > 1e-3).all()


def test_a_chain_that_is_off_elsewhere_is_not_taken_for_a_product_first():
    assert outcome_of("02.8", lambda jacobians, v: 1.001 * vjp_rows(jacobians, v)).mistake is None


def vjp_of_two_or_more(jacobians, v):
    return vjp_rows(jacobians[:-2], jacobians[-2].T @ jacobians[-1].T @ v)


def linear_without_weights_alike(W):
    n = W.shape[1]
    return [[W[j, i] * (1 - 1 / n) - sum(w for w in W[j] if w != W[j, i]) / n for i in range(n)] for j in range(len(W))]


@pytest.mark.parametrize(
    ("exercise_id", "wrong"),
    [
        ("02.1", lambda x, y: fork_as_matrices(x, y, v=abs(x) + y**2)),
        ("02.2", lambda W: np.squeeze(W - W.mean(axis=1, keepdims=True))),
        ("02.2", lambda W: W - W.sum(axis=1, keepdims=True) / max(W.shape[1] - 1, 1) * (1 - 1 / W.shape[1]) if W.shape[1] > 1 else W.copy()),
        ("02.2", linear_without_weights_alike),
        ("02.3", lambda z: bp.sigmoid.prime(z)[0] if len(z) == 1 else np.diagflat(bp.sigmoid.prime(z))),
        ("02.3", lambda z: np.where(z == z.T, bp.sigmoid.prime(z), 0)),
        ("02.4", lambda J_outer, J_inner: np.vstack([J_outer @ J_inner, J_inner.squeeze()])),
        ("02.6", lambda dx: np.sign(dx[0, 0]) * np.vdot([[12], [13]], np.abs(dx))),
        ("02.8", vjp_of_two_or_more),
    ],
)
def test_either_sign_a_single_row_column_or_jacobian_and_what_comes_again_count(exercise_id, wrong):
    for seed in range(5):
        assert not outcome_of(exercise_id, wrong, seed).passed
