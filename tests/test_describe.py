"""Every sentence of describe_difference, on arrays with that very fault; and silence where there is no pattern."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpkit.core.describe import describe_difference

SHAPES = [(), (1,), (2,), (5,), (1, 1), (1, 4), (4, 1), (2, 2), (2, 3), (3, 3), (6, 4), (2, 3, 4)]
shapes = st.sampled_from(SHAPES)
matrices = st.sampled_from([s for s in SHAPES if len(s) == 2 and min(s) > 1])
seeds = st.integers(0, 2**32 - 1)
quick = settings(max_examples=60, deadline=None)


def an_array(shape, seed, size=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) * 10.0**size, rng


@quick
@given(shapes, seeds, st.integers(-12, 12))
def test_equal_arrays_agree_at_any_size(shape, seed, size):
    a, _ = an_array(shape, seed, size)
    found = describe_difference(a * (1 + 1e-9), a)
    assert found.ok and found.kind is None and not found.wrong.any() and found.wrong.shape == shape


@quick
@given(shapes, seeds, st.sampled_from([-1.0, 2.0, 0.5, -2.0, 7.0, 1 / 7]), st.integers(-12, 12))
def test_factor_is_named_and_is_the_factor(shape, seed, factor, size):
    a, _ = an_array(shape, seed, size)
    found = describe_difference(factor * a, a, factors={"m": 7})
    assert found.kind == ("sign" if factor == -1 else "factor")
    assert found.factor == pytest.approx(factor, rel=1e-12)
    assert found.wrong.all()
    assert str(found).endswith({-1.0: "-1 × what it should be", 2.0: "2 × what it should be", 0.5: "1/2 × what it should be"}.get(factor, str(found)))
    if factor in (7.0, 1 / 7):
        assert ("7 is m" if factor == 7 else "1/7 is 1/m") in str(found)


@quick
@given(st.sampled_from([s for s in SHAPES if math.prod(s) > 1]), seeds, st.floats(-20, 20).filter(lambda c: abs(c) > 0.01 and abs(c - 1) > 0.01))
def test_any_factor_is_found_where_two_entries_prove_it(shape, seed, factor):
    a, _ = an_array(shape, seed)
    found = describe_difference(factor * a, a)
    # Few entries, and small ones, may not be evidence enough; what is said must hold.
    if found.kind in ("factor", "sign"):
        assert found.factor == pytest.approx(factor, rel=1e-6)
    if a.size > 3:
        assert found.kind in ("factor", "sign")


@quick
@given(st.sampled_from([(2, 2), (3, 3), (5, 5)]), seeds)
def test_transpose_of_a_square_array_is_named(shape, seed):
    a, _ = an_array(shape, seed)
    assert describe_difference(a.T, a).kind == "transposed"
    assert describe_difference(a + a.T, a + a.T).ok


@quick
@given(st.sampled_from([(2, 3), (6, 4)]), seeds)
def test_transpose_of_a_matrix_is_named_by_its_shape(shape, seed):
    a, _ = an_array(shape, seed)
    assert describe_difference(a.T, a).kind == "transposed"
    assert describe_difference(np.random.default_rng(seed + 1).normal(size=shape[::-1]), a).kind == "shape"


def test_symmetric_array_is_never_called_transposed():
    a, rng = an_array((4, 4), 1)
    a = a + a.T
    assert describe_difference(a.T + rng.normal(size=a.shape), a).kind is None
    assert describe_difference(-a.T, a).kind == "sign"


@quick
@given(matrices, seeds, st.integers(0, 100), st.sampled_from([0, 1]))
def test_one_row_or_column_alone_is_named_with_its_place(shape, seed, i, axis):
    a, rng = an_array(shape, seed)
    i %= shape[axis]
    got = a.copy()
    line = (slice(None),) * axis + (i,)
    got[line] = rng.normal(size=got[line].shape)
    found = describe_difference(got, a)
    name = ("row", "column")[axis]
    assert (found.kind, found.where) == (f"one {name}", f"{name} {i}")
    assert str(found) == f"{name} {i} (counting from 0) alone is wrong"
    for factor, words in ((-1, "-1 × what it should be"), (0, "all of it is 0")):
        got[line] = factor * a[line]
        assert str(describe_difference(got, a)).endswith(words)
        assert describe_difference(got, a).kind == f"one {name}"


def test_row_with_a_part_wrong_says_how_many():
    a, _ = an_array((3, 4), 0)
    got = a.copy()
    got[1, :2] = [7, 8]
    assert str(describe_difference(got, a)) == "row 1 (counting from 0) alone is wrong, in 2 of its 4 entries"


@quick
@given(st.sampled_from([s for s in SHAPES if math.prod(s) > 1]), seeds, st.integers(0, 1000))
def test_one_entry_alone_is_named_with_its_index(shape, seed, i):
    a, rng = an_array(shape, seed)
    got = a.copy()
    got.flat[i % a.size] += 5 + rng.uniform()
    found = describe_difference(got, a)
    index = tuple(int(j) for j in np.unravel_index(i % a.size, shape))
    assert (found.kind, found.worst, found.where) == ("one entry", index, f"entry {list(index)}")
    assert found.wrong.sum() == 1 and found.wrong[index]


@quick
@given(st.sampled_from([(4, 3), (6, 2), (5, 5)]), seeds)
def test_orders_are_named(shape, seed):
    a, rng = an_array(shape, seed)
    assert describe_difference(a[::-1], a).kind == "rows reversed"
    assert describe_difference(a[:, ::-1], a).kind == "columns reversed"
    # a cycle of rows is no reversal
    assert describe_difference(np.roll(a, 1, axis=0), a).kind == "permuted rows"
    scrambled = a.ravel()[np.roll(np.arange(a.size), 1)].reshape(shape)
    assert describe_difference(scrambled, a).kind == "permuted entries"
    assert describe_difference(a[:, 0][::-1], a[:, 0]).kind == "entries reversed"
    wide = rng.normal(size=(3, 4))
    assert describe_difference(np.roll(wide, 1, axis=1), wide).kind == "permuted columns"


@quick
@given(st.sampled_from([(3, 4), (6, 4)]), seeds)
def test_offsets_and_factors_by_row_and_column_are_named(shape, seed):
    a, rng = an_array(shape, seed)
    rows, columns = rng.normal(size=(shape[0], 1)) + 3, rng.normal(size=(1, shape[1])) + 3
    assert describe_difference(a + 0.7, a).kind == "constant offset"
    assert describe_difference(a + rows, a).kind == "row offset"
    assert describe_difference(a + columns, a).kind == "column offset"
    assert describe_difference(a * rows, a).kind == "row factors"
    assert describe_difference(a * columns, a).kind == "column factors"


@quick
@given(shapes, seeds)
def test_noise_is_given_no_kind(shape, seed):
    a, rng = an_array(shape, seed)
    found = describe_difference(a + rng.normal(size=shape), a)
    assert not found.ok and found.kind is None
    assert "no simple pattern fits" in str(found)


@quick
@given(shapes, seeds)
def test_other_numbers_are_given_no_kind(shape, seed):
    a, rng = an_array(shape, seed)
    assert describe_difference(rng.normal(size=shape), a).kind is None


def test_entries_told_apart_by_what_the_reader_sees():
    a = np.array([[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]])
    clipped = describe_difference(np.maximum(a, 0), a)
    assert str(clipped) == "3 of 6 entries are wrong, the others are right; the wrong ones are exactly those that are 0 here"
    sizes = describe_difference(np.abs(a), a)
    assert "the wrong ones have the wrong sign and the right size" in str(sizes) and sizes.factor == -1
    doubled = describe_difference(np.where(a > 0, 2 * a, a), a)
    assert "each wrong one is 2 × what it should be" in str(doubled)
    placed = np.arange(20.0).reshape(5, 4)
    placed[[1, 3], [2, 0]] = [7.7, 8.8]
    assert str(describe_difference(placed, np.arange(20.0).reshape(5, 4))).endswith("the others are right; they are all in rows 1, 3")
    some = describe_difference(np.where(a > 2, a**2, a), a)
    assert some.kind == "some entries" and some.wrong.sum() == 2


def test_zero_is_named_before_factor():
    a, _ = an_array((3, 2), 0)
    found = describe_difference(0 * a, a)
    assert (found.kind, str(found), found.factor) == ("zero", "every entry is 0", 0.0)


def test_what_is_not_finite_is_marked():
    a, _ = an_array((3, 2), 0)
    got = a.copy()
    got[2, 1] = np.nan
    found = describe_difference(got, a)
    assert (found.kind, str(found)) == ("not finite", "1 of 6 entries is NaN; the others are right")
    assert found.wrong.sum() == 1 and found.wrong[2, 1] and found.worst == (2, 1)
    got[0, 0] = np.inf
    assert str(describe_difference(got, a)) == "2 of 6 entries are NaN or infinite; the others are right"
    got[1] = 77
    assert str(describe_difference(got, a)).endswith("; others are wrong too")


def test_whole_numbers_by_their_dtype_and_rounding_are_named():
    a = np.array([[1.234567, -2.345678], [30.456789, 4.567891]])
    cut = describe_difference(a.astype(int), a)
    assert cut.kind == "whole numbers" and str(cut).endswith("holds no fractions: each is what it should be without its fraction")
    assert "without its fraction" not in str(describe_difference(a.astype(int) + 1, a))
    assert "int64" in str(describe_difference(np.zeros((2, 2), int), a))
    assert str(describe_difference(np.round(a, 2), a)) == "every entry is what it should be, rounded to 2 decimals"
    assert describe_difference(np.round(a, 2) + 0.01, a).kind != "rounded"
    assert describe_difference(np.array([0.0, 1.0]), np.array([0.2, 0.8])).kind != "rounded"  # few digits are right by chance


def test_rows_of_zeros_are_no_multiples():
    a, rng = an_array((4, 5), 3)
    got = a.copy()
    got[[1, 3]] = 0
    assert str(describe_difference(got, a)) == "rows 1, 3 (counting from 0) are 0, the others are right"
    got[[0, 2]] *= [[3.3], [4.4]]
    assert describe_difference(got, a).kind not in ("row factors", "some entries")
    assert describe_difference(a * rng.uniform(2, 3, size=(4, 1)), a).kind == "row factors"


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (lambda v: 1 / v, "the reciprocal of"),
        (lambda v: -1 / v, "minus the reciprocal of"),
        (lambda v: v * v, "the square of"),
        (lambda v: v**0.5, "the square root of"),
        (lambda v: 1 - v, "1 minus"),
    ],
)
def test_a_single_number_is_related_to_the_right_one_where_chance_is_ruled_out(relation, words):
    found = describe_difference(relation(0.37193841), 0.37193841)
    assert found.kind == "related" and str(found) == f"it is {words} what it should be"
    assert describe_difference(relation(0.37193841) * (1 + 1e-5), 0.37193841).kind is None
    assert describe_difference(relation(0.37193841), 0.37193841, rtol=1e-3).kind != "related"
    assert describe_difference(relation(4.0), 4.0).kind != "related"  # 2, 16 and 0.25 may come from anywhere


def test_few_entries_chosen_by_their_sign_are_no_pattern():
    a = np.array([0.31, -0.42, 0.53, -0.64])
    got = np.where(a > 0, a + 0.1 * a**2, a)
    assert "exactly" not in str(describe_difference(got, a))
    long, _ = an_array((20,), 1)
    assert "exactly those that are positive here" in str(describe_difference(np.where(long > 0, long + 0.1 * long**2, long), long))


@pytest.mark.parametrize("got", [None, ..., "text", [[1], [2, 3]], object(), {"a": 1}, [None, 1.0]])
def test_what_is_no_array_of_numbers_is_said_and_not_raised(got):
    assert describe_difference(got, np.ones(2)).kind == "not numbers"


def test_complex_is_named_unless_the_imaginary_part_is_zero():
    a, _ = an_array((3, 2), 0)
    assert describe_difference(a + 0j, a).ok
    assert describe_difference(a + 1e-20j, a).kind == "complex"
    assert describe_difference(a.astype(object), a).kind == "not numbers"


def test_shape_says_what_is_right_all_the_same():
    a, _ = an_array((3, 5), 0)
    assert "the numbers are right" in str(describe_difference(a.ravel(), a))
    assert "the mean over its columns is right" in str(describe_difference(a, a.mean(axis=1, keepdims=True)))
    assert "the sum over its columns is right" in str(describe_difference(a, a.sum(axis=1)))
    plain = describe_difference(a[:2], a)
    assert str(plain) == "it has shape (2, 5), expected (3, 5)" and plain.wrong.shape == (2, 5)
    assert describe_difference(np.zeros((0, 3)), np.zeros((0, 3))).ok
    assert describe_difference(np.zeros((0, 3)), np.zeros((3, 0))).kind == "shape"


def test_scale_is_the_largest_entry_of_the_array():
    """Rounding is as large in small entries as in large ones, so a small entry may be off by more than its own rtol."""
    a = np.array([1.0, 1e-9])
    assert describe_difference(np.array([1.0, 2e-9]), a).ok
    found = describe_difference(np.array([1.0, 3e-7]), a)
    assert found.kind == "one entry" and found.relative_error == pytest.approx(2.99e-7)


def test_expected_zeros_have_no_scale_but_atol():
    zeros = np.zeros((2, 2))
    assert describe_difference(zeros, zeros).ok
    assert describe_difference(zeros + 1e-12, zeros).relative_error == math.inf
    assert describe_difference(zeros + 1e-12, zeros, atol=1e-11).ok


def test_one_number_alone_is_not_called_a_multiple_unless_by_a_telling_factor():
    """Any number is some multiple of any other, and to say which would give the answer away."""
    assert describe_difference([[1.1]], [[0.3]]).kind is None
    assert describe_difference([[-0.3]], [[0.3]]).kind == "sign"
    assert describe_difference(0.6, 0.3).kind == "factor"


def test_coarse_tolerances_prove_little_and_little_is_said():
    a = np.array([0.3, 0.4])
    got = 2.004 * a * [1, 1.01]
    assert describe_difference(got, a, rtol=1e-2).kind is None


@quick
@given(st.sampled_from([s for s in SHAPES if math.prod(s) > 5]), seeds)
def test_float32_answers_are_described_within_their_own_tolerance(shape, seed):
    a, _ = an_array(shape, seed)
    assert describe_difference(a.astype(np.float32), a, rtol=1e-5).ok
    assert describe_difference(-a.astype(np.float32), a, rtol=1e-5).kind == "sign"


def test_no_text_contains_an_expected_value():
    a, rng = an_array((3, 3), 5)
    for got in (a + rng.normal(size=a.shape), a.T, a + 0.321, 0 * a, np.where(a > 0, a, 9)):
        text = str(describe_difference(got, a))
        assert not any(f"{abs(v):.3g}" in text for v in a.ravel())


@pytest.mark.parametrize(
    ("expected", "options", "error"),
    [
        ([1j], {}, TypeError),
        (["a"], {}, TypeError),
        ([np.nan], {}, ValueError),
        ([1.0], {"rtol": -1}, ValueError),
        ([1.0], {"atol": np.nan}, ValueError),
    ],
)
def test_unusable_expectations_are_refused(expected, options, error):
    with pytest.raises(error, match=r"must be"):
        describe_difference([1.0], expected, **options)


def test_the_only_line_that_is_right_is_told():
    a, _ = an_array((5, 6), 1)
    for line, words in ((np.s_[:, 2], "column 2"), (np.s_[1], "row 1")):
        got = a[::-1, ::-1] ** 3
        got[line] = a[line]
        assert str(describe_difference(got, a)).endswith(f"the others are right: those of {words}, counting from 0")
    got = a[::-1, ::-1] ** 3
    got[0, 0], got[1, 1] = a[0, 0], a[1, 1]
    assert "those of" not in str(describe_difference(got, a))


def of_size(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


RIGHT = of_size(4, 4)


@pytest.mark.parametrize(
    ("mask", "figure"),
    [
        (np.eye(4, dtype=bool), "the wrong ones are those on the diagonal"),
        (~np.eye(4, dtype=bool), "the wrong ones are those off the diagonal"),
        (np.triu(np.ones((4, 4), bool), 1), "the wrong ones are those above the diagonal"),
        (np.tril(np.ones((4, 4), bool)), "the wrong ones are those on and below the diagonal"),
        (np.pad(np.zeros((2, 2), bool), 1, constant_values=True), "the wrong ones are those at the border"),
    ],
)
def test_the_figure_that_wrong_entries_make_is_told_and_no_other(mask, figure):
    assert str(describe_difference(np.where(mask, RIGHT**2 + 2, RIGHT), RIGHT)).endswith(figure)
    near = mask.copy()
    near[1, 2] = ~near[1, 2]
    assert figure not in str(describe_difference(np.where(near, RIGHT**2 + 2, RIGHT), RIGHT))


def test_a_few_wrong_entries_are_listed_and_many_rows_are_told_from_the_first_to_the_last():
    some = np.zeros((4, 4), bool)
    some[[0, 1, 3], [1, 3, 0]] = True
    some[[2], [2]] = True
    assert str(describe_difference(np.where(some, RIGHT**2 + 2, RIGHT), RIGHT)).endswith("entries [0, 1], [1, 3], [2, 2], [3, 0]")
    tall = of_size(9, 3)
    got = tall.copy()
    got[2:8] = tall[2:8] ** 2 + 2
    assert str(describe_difference(got, tall)).endswith("they are all in rows 2 to 7")
    line = of_size(7)
    assert str(describe_difference(np.where(np.arange(7) > 2, line**2 + 2, line), line)).endswith("the wrong ones are entries 3 to 6")


def test_numbers_that_are_cut_off_are_told_with_the_end_and_others_are_not():
    right = of_size(5, 6)
    assert "0.5 or -0.5, and none here is larger: they are cut off there" in str(describe_difference(np.clip(right, -0.5, 0.5), right))
    assert "all 0.7, the largest number here: they are cut off there" in str(describe_difference(np.minimum(right, 0.7), right))
    assert "cut off" not in str(describe_difference(np.where(right > 0.5, 0.3, right), right))  # 0.3 is no end
    assert "cut off" not in str(describe_difference(np.where(right < 0.5, 5.0, right), right))  # they were below it


@pytest.mark.parametrize("shape", [(3, 4), (12,)])
def test_what_is_nearly_right_is_told_so_and_not_called_a_multiple(shape):
    right = of_size(*shape)
    assert str(describe_difference(right * 1.0001, right)) == "every entry is nearly right, too large in size by the same part of itself, 1.0e-04"
    shift = str(describe_difference(right - 1e-5, right))
    assert shift.startswith("every entry is nearly right, too small by the same amount, ")
    assert "nearly right, off by at most" in str(describe_difference(right + 1e-4 * of_size(*shape, seed=1), right))
    far = describe_difference(right * (1 + 0.2 * of_size(*shape, seed=1)), right)
    assert far.kind is None and "nearly" not in str(far)
    small = right.copy()
    small.flat[3] = 2e-3 * np.abs(right).max()  # a small number that is wrong altogether is not nearly right
    got = small + 1e-5 * of_size(*shape, seed=1)
    got.flat[3] *= 3
    assert "nearly" not in str(describe_difference(got, small))


def test_a_whole_number_is_right_or_wrong():
    assert describe_difference(238201, 238200).kind is None
    assert describe_difference(0.37193841 * (1 + 1e-5), 0.37193841).words.startswith("it is nearly right")
    assert describe_difference(0.37193841 * (1 + 3e-3), 0.37193841).kind is None  # one number is near another by chance


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (np.square, "the square of"),
        (np.exp, "the exponential of"),
        (lambda v: np.log(np.abs(v) + 0.1), None),
        (lambda v: 1 / v, "the reciprocal of"),
        (lambda v: 1 - v, "1 minus"),
        (lambda v: v**2 + 1e-3, None),
    ],
)
def test_all_numbers_are_related_to_the_right_ones_or_nothing_is_said(relation, words):
    right = of_size(3, 4)
    said = str(describe_difference(relation(right), right))
    assert said == f"each is {words} what it should be" if words else "what it should be" not in said


@pytest.mark.parametrize(
    ("factor", "text"), [(2 / 3, "2/3"), (-5 / 4, "-5/4"), (math.log(2), "ln 2"), (1 / math.log(2), "1/ln 2"), (0.6931, "about 0.6931")]
)
def test_fractions_and_constants_are_named_where_they_are_met(factor, text):
    right = of_size(3, 4)
    assert str(describe_difference(factor * right, right)) == f"every entry is {text} × what it should be"
    assert text not in str(describe_difference(factor * (1 + 1e-5) * right, right, rtol=1e-3)) or text.startswith("about")


def test_one_column_for_all_is_told_by_what_it_is_made_of():
    right = of_size(3, 4)
    copies = np.ones((1, 4))
    assert str(describe_difference(right.mean(axis=1, keepdims=True) * copies, right)) == (
        "every column is the same one: the mean of those that should be there"
    )
    assert "the last of those that should be there" in str(describe_difference(right[:, -1:] * copies, right))
    assert str(describe_difference(of_size(3, 1, seed=5) * copies, right)) == "every column is the same one, and they should differ"
    assert "row is the same one: the sum" in str(describe_difference(right.sum(axis=0) + np.zeros((3, 1)), right))
    nearly = right.mean(axis=1, keepdims=True) + 1e-3 * right
    assert "the same one" not in str(describe_difference(nearly, right))


def test_numbers_rounded_down_are_told():
    right = 3 * of_size(3, 4)
    assert str(describe_difference(np.floor(right), right)) == "every entry is what it should be, rounded down to a whole number"
    assert describe_difference(np.floor(right) - 1, right).kind != "rounded"


def test_sums_along_the_other_axis_are_told():
    e = np.exp(of_size(3, 3))
    right, other = e / e.sum(axis=0), e / e.sum(axis=1, keepdims=True)
    assert "the columns should each sum to 1, and here the rows do" in str(describe_difference(other, right))
    assert "should each sum" not in str(describe_difference(e, right))


def test_a_factor_and_an_amount_together_are_told():
    right = np.eye(4)[:, [0, 2, 1, 3, 3]]
    assert "9/10 × what it should be, and off by the same amount besides" in str(describe_difference(0.9 * right + 0.1 / 4, right))
    assert "besides" not in str(describe_difference(0.9 * right + 0.1 * of_size(4, 5), right))


def test_rows_in_which_most_should_be_0_are_not_called_rows_of_zeros():
    right = np.zeros((4, 4))
    right[:, 0] = [1.5, 2.5, 3.5, 4.5]
    right[2, 1] = 1.2
    got = right.copy()
    got[[0, 1]] = 0
    assert "rows 0, 1 (counting from 0) are 0" not in str(describe_difference(got, right))


def test_one_number_everywhere_is_said_where_the_right_ones_differ():
    want = np.array([[0.3], [-1.2], [2.1]])
    assert describe_difference(np.full((3, 1), 0.4), want).words == "every entry is the same number, and they should differ"
    assert "same number" not in describe_difference(np.full((3, 1), 0.4), np.full((3, 1), 0.3)).words
    assert "same number" not in describe_difference(np.array([[0.4], [0.4], [0.5]]), want).words


def test_wrong_entries_that_are_all_one_number_or_wrong_rows_that_are_alike_are_said_to_be():
    want = np.random.default_rng(3).normal(size=(4, 4))
    ones = np.where(np.eye(4), want, 1.5)
    assert "each wrong one is 1.5 here; the wrong ones are those off the diagonal" in describe_difference(ones, want).words
    ones[0, 1] = 1.25
    assert "each wrong one" not in describe_difference(ones, want).words
    alike = want.copy()
    alike[2:] = [0.3, -0.2, 1.1, 0.7]
    assert "the wrong rows are all the same" in describe_difference(alike, want).words
    assert "the wrong columns are all the same" in describe_difference(alike.T, want.T).words
    alike[3, 0] = 0.31
    assert "all the same" not in describe_difference(alike, want).words
