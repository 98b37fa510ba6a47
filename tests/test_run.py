"""Running answers and carrying values as plain data."""

from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bpkit.exercises import run
from bpkit.exercises.run import MAX_BYTES, MAX_ITEMS, Seed, Unreadable, WireError, decode, encode, encode_case, run_exercise

numbers = hnp.arrays(
    dtype=st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_, np.complex128]),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, max_side=4),
)


@given(numbers)
def test_arrays_come_back_bit_for_bit_through_json(array):
    back = decode(json.loads(json.dumps(encode(array))))
    assert back.dtype == array.dtype and back.shape == array.shape
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize("value", [3, 2.5, True, 1 + 2j, "text", None, [1, [2.0, None]], ...])
def test_plain_values_come_back_as_they_went(value):
    assert decode(encode(value)) == value


def test_a_seed_arrives_as_the_same_fresh_generator_each_time():
    wire = encode(Seed(7))
    assert decode(wire).random() == decode(wire).random() == np.random.default_rng(7).random()


class Lying:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no")


class EqualsAll(np.ndarray):
    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (object(), "an object of type object"),
        ({"a": 1}, "a dictionary"),
        (print, "a function"),
        (np.array([None]), "an array of dtype object"),
        (np.zeros(MAX_BYTES // 8 + 1), "MB"),
        (range(3), "an object of type range"),
        (iter(int, 1), f"a list of more than {MAX_ITEMS} items"),
        (10**50, "dtype object"),
        (Lying(), "numpy cannot read"),
        (np.array(["a"]), "an array of dtype <U1"),
    ],
)
def test_what_has_no_plain_form_is_described(value, found):
    back = decode(json.loads(json.dumps(encode(value))))
    assert isinstance(back, Unreadable) and found in back.found


def test_nested_lists_are_cut_off_not_followed_for_ever():
    loop: list = []
    loop.append(loop)
    assert "nested" in json.dumps(encode(loop))


def test_subclasses_lose_their_tricks_on_the_way():
    back = decode(encode(np.zeros(3).view(EqualsAll)))
    assert type(back) is np.ndarray
    assert not np.array_equal(back, np.ones(3))


@pytest.mark.parametrize(
    "wire",
    [
        None,
        [],
        {},
        {"array": 3},
        {"todo": False},
        {"text": 3},
        {"unknown": 1},
        {"none": True, "todo": True},
        {"array": ["<f8", [2], ""]},
        {"array": ["<f8", [-1], ""]},
        {"array": ["<f8", [True], "AAAAAAAAAAA="]},
        {"array": ["|O", [1], "AAAAAAAAAAA="]},
        {"array": ["|O8", [1], "AAAAAAAAAAA="]},
        {"array": ["<f8", [10**30], "AAAA"]},
        {"array": ["<M8[s]", [1], "AAAAAAAAAAA="]},
        {"array": ["<f8", [1], "not base64"]},
        {"array": ["<f8", [0] * 99, ""]},
        {"scalar": ["<f8", [1], "AAAAAAAAAAA="]},
        {"list": [{"none": True}] * (MAX_ITEMS + 1)},
        {"probe": ["nowhere", []]},
        {"text": "x" * 10**6},
    ],
)
def test_forged_data_is_refused(wire):
    with pytest.raises(WireError):
        decode(wire)


def test_deeply_nested_data_is_refused():
    wire: dict = {"none": True}
    for _ in range(500):
        wire = {"list": [wire]}
    with pytest.raises(WireError):
        decode(wire)


CASE = encode_case((np.ones((2, 2)), 3))


def run_one(answer, driver="call", seconds=5.0, cases=(CASE,)):
    return run_exercise(answer, driver, list(cases), seconds)


def test_every_call_gets_fresh_inputs_and_a_changed_one_is_reported():
    seen = []

    def answer(x, n):
        seen.append(x.copy())
        x += 1
        return n

    (first, second) = run_one(answer, cases=(CASE, CASE))
    assert first["mutated"] == second["mutated"] == [0]
    assert all(np.array_equal(x, np.ones((2, 2))) for x in seen)


def test_a_generator_from_which_nothing_was_drawn_is_reported():
    case = encode_case((Seed(3), 5))
    (drawn,), (undrawn,) = (run_one(answer, cases=(case,)) for answer in (lambda rng, n: rng.random(n), lambda rng, n: np.arange(n)))
    assert (drawn["undrawn"], undrawn["undrawn"]) == ([], [0])


def test_the_line_that_raised_is_named():
    def answer(x, n):
        return x[n, n, n]  # this line

    (record,) = run_one(answer)
    assert record["raised"]["type"] == "IndexError"
    assert record["raised"]["line"] == "return x[n, n, n]  # this line"


def test_leaving_the_program_is_an_exception_like_others():
    (record,) = run_one(lambda x, n: (_ for _ in ()).throw(SystemExit(3)))
    assert record["raised"]["type"] == "SystemExit"


def test_an_endless_loop_is_stopped_even_where_it_catches_exceptions():
    def answer(x, n):
        while True:
            try:
                n += 1
            except Exception:
                n = 0

    records = run_one(answer, seconds=0.05, cases=(CASE, CASE))
    assert [record["too_slow"] for record in records] == [0.05]


def test_waiting_is_no_computing_and_is_stopped_later(monkeypatch):
    monkeypatch.setattr(run, "PATIENCE", 1000.0)
    (record,) = run_one(lambda x, n: time.sleep(0.2), seconds=0.05)
    assert record["returned"] == {"none": True}
    monkeypatch.setattr(run, "PATIENCE", 1.0)
    (record,) = run_one(lambda x, n: time.sleep(1000), seconds=0.05)
    assert record["too_slow"] == 0.05


def test_in_another_thread_there_is_no_limit_but_an_answer():
    results: list = []
    thread = threading.Thread(target=lambda: results.extend(run_one(lambda x, n: n)))
    thread.start()
    thread.join()
    assert decode(results[0]["returned"]) == 3


def test_a_wrong_signature_is_told_without_calling():
    (record,) = run_one(lambda x: x)
    assert record["signature"] == "(x)"


def test_the_second_call_of_the_first_case_is_recorded():
    counter = iter(range(10))
    (record,) = run_one(lambda x, n: next(counter))
    assert (decode(record["returned"]), decode(record["again"])) == (0, 1)


def test_a_value_is_taken_as_it_is():
    (record,) = run_one([1, 2], driver="value", cases=([],))
    assert decode(record["returned"]) == [1, 2]
