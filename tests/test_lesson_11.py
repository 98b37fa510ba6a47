"""What lesson 11 says in words and numbers is what comes out."""

import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.exercises import registry
from bpkit.exercises.lesson_11.derivations import DERIVATIONS
from bpkit.exhibits.clinic import ERRATA, compare, descend

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "11_errata_clinic.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")
CODE = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "code")


def test_every_derivation_stands_there_as_the_bank_judges_it():
    for derivation in DERIVATIONS.values():
        assert derivation.table() in TEXT


def test_no_open_text_names_a_wrong_line():
    """Outside of what the learner opens, nothing says which line it is."""
    unfolded = re.sub(r"<details>.*?</details>", "", TEXT, flags=re.DOTALL)
    before_the_end = unfolded.split("## Recap")[0]
    for number, derivation in enumerate(DERIVATIONS.values()):
        section = before_the_end.split(f"### 11.{2 * number + 1} ")[0]
        assert not re.search(rf"(?:Line|line) {derivation.wrong} (is|has) (wrong|not)", section)


def test_each_repair_is_proved():
    assert CODE.count("claim = ") == CODE.count("\nprove(") - 2 == len(DERIVATIONS)  # the helper's own two examples come first


def test_of_three_tanh_errors_one_has_the_wrong_sign():
    rng = np.random.default_rng(11)
    W_next, y, z = rng.normal(size=(2, 3)), rng.random((2, 1)), np.array([[-0.8], [0.3], [1.5]])
    true = bp.complex_step(lambda v: bp.quadratic(bp.sigmoid(W_next @ np.tanh(v)), y), z)
    a = np.tanh(z)
    np.testing.assert_array_equal(np.sign(true * a / (1 - a**2)) != np.sign(true), a < 0)
    assert np.sum(a < 0) == 1


def test_the_last_layer_as_printed_is_right_where_p_is_q():
    net, x, y = bp.nets.two_three_two()
    cache = bp.forward(net, x)
    delta, a = bp.backward(net, cache, y).delta[2], cache.a[1]
    right = np.isclose(np.repeat(delta * a[:2], 3, axis=1), delta @ a.T)
    np.testing.assert_array_equal(np.argwhere(right), [[0, 0], [1, 1]])


def test_what_it_says_of_the_six_descents():
    ends = {key: (costs[0], costs[1]) for key in ERRATA for costs in [descend(key)]}
    assert all(printed[1] < printed[0] for printed, _ in ends.values())  # "all go down at first"
    down_to_the_end = {key for key, (printed, _) in ends.items() if np.all(np.diff(printed) < 0)}
    assert down_to_the_end == {"A", "P", "R"}
    assert {key for key, (printed, _) in ends.items() if printed[-1] > printed[0]} == {"U3", "T"}
    stuck = {key for key, (printed, _) in ends.items() if abs(printed[-1] / printed[-20] - 1) < 0.02 and key != "R"}
    assert stuck == {"A", "U1"}
    assert all(compare(key).cosine > 0 for key in ERRATA)


def test_it_tags_its_equations():
    tags = {
        "BP2 in components",
        "tanh slope",
        "BP4 in components",
        "BP3 in components",
        "update",
        "sparse coding, A",
        "ICA reconstruction",
        "relu slope",
        "softmax error for any targets",
    }
    assert set(re.findall(r"\\tag\{([^}]*)\}", TEXT)) == tags


def test_in_text_p_lines_3_and_5_are_wrong_each_by_itself():
    net, x, y = bp.nets.two_three_two()
    cache = bp.forward(net, x)
    delta, a = bp.backward(net, cache, y).delta[2], cache.a[1]
    slopes = bp.complex_step(lambda b: net.cost(bp.sigmoid(net.W[2] @ a + b), y), net.b[2])
    np.testing.assert_allclose(slopes, delta, rtol=1e-12)  # b_p goes with δ_p: with b_q, both indices free, all four pairs are claimed
    assert not np.allclose(slopes, delta[::-1])
    assert "each with one line" not in TEXT and "wrong whether or not line 3 is repaired" in TEXT


def test_text_r_is_read_for_one_row_and_its_loop_keeps_the_first_gradient():
    opening = TEXT.partition("## Text R")[2].partition("| | line |")[0]
    assert "$X$ has one row" in opening and "no sum over a batch" in TEXT
    assert "stop at $m = 2$" not in TEXT and "gradients for all $m$" in TEXT


def test_bp1_for_any_last_layer_is_laid_at_nobodys_door_but_n_and_p():
    """Text A treats softmax by itself."""
    row = next(line for line in TEXT.splitlines() if "for any last layer" in line)
    assert row.split("|")[1].strip() == "N, P"
    assert "z_i x_i" not in TEXT


def test_targets_that_add_up_to_less_than_1_leave_the_sum_that_04_8_kept():
    """The diagnosis of case 11: the printed δ add up to α/n, and the formula for any targets is that of the exercise in lesson 04."""
    rng, n, alpha = np.random.default_rng(8), 5, 0.3
    p, y = bp.softmax(rng.normal(size=(n, 1))), np.eye(n)[:, [2]]
    q = (1 - alpha) * y + alpha / n * (1 - y)
    assert q.sum() == pytest.approx(1 - alpha / n) and (p - q).sum() == pytest.approx(alpha / n)
    np.testing.assert_allclose(registry()["04.8"].reference(p, q), p * q.sum() - q, rtol=1e-14)
    assert "04.8 kept it for counts" in TEXT
