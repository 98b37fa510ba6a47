"""Running answers and carrying values as plain data."""

from __future__ import annotations

import array
import functools
import inspect
import itertools
import json
import signal
import sys
import threading
import time
import warnings
from collections import deque
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bpkit.exercises import run
from bpkit.exercises.run import (
    ARRAY_FOR_NUMBER,
    MAX_BYTES,
    MAX_ITEMS,
    Graph,
    Lone,
    Probe,
    Seed,
    Shape,
    Unreadable,
    WireError,
    decode,
    decode_input,
    encode,
    encode_case,
    run_exercise,
)

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
    assert decode_input(wire).random() == decode_input(wire).random() == np.random.default_rng(7).random()


def test_a_shape_arrives_as_a_tuple_that_cannot_be_changed():
    assert decode_input(json.loads(json.dumps(encode(Shape((3, 1)))))) == (3, 1)


J = np.array([[1.0, 2.0]])
GRAPH = Graph((("b", np.ones((2, 1)), (), 0.0), ("a", np.ones((2, 1)), (0,), 0.0), ("c", np.ones((1, 1)), (1, 1), 5.0)), ((), (None,), (J, -J)))


def test_a_graph_arrives_as_its_last_node_with_all_before_it():
    root = decode_input(json.loads(json.dumps(encode(GRAPH))))
    (parent, again), (vjp, other) = root.parents, root.vjps
    assert (root.name, root.grad, parent.name, parent.parents[0].name) == ("c", 5.0, "a", "b") and parent is again
    g = np.array([[3.0]])
    np.testing.assert_array_equal(vjp(g), [[3.0], [6.0]])
    np.testing.assert_array_equal(other(g), [[-3.0], [-6.0]])
    assert parent.vjps[0](g) is g
    assert [decode(wire) for wire in encode([root, parent])["list"]] == ["c", "a"]


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
        ({1, 2}, "an object of type set"),
        (print, "a function"),
        (np.zeros(MAX_BYTES // 8 + 1), "MB"),
        (iter(int, 1), f"a list of more than {MAX_ITEMS} items"),
        (10**500, "a number of type int that no float holds"),
        (Decimal("sNaN"), "a number of type Decimal that no float holds"),
        (Lying(), "numpy cannot read"),
        (np.array(["a"]), "an array of dtype <U1"),
    ],
)
def test_what_has_no_plain_form_is_described(value, found):
    back = decode(json.loads(json.dumps(encode(value))))
    assert isinstance(back, Unreadable) and found in back.found


LAYERS = np.empty(3, dtype=object)
LAYERS[1:] = [np.ones((2, 1)), np.zeros(3)]


@pytest.mark.parametrize(
    ("value", "back"),
    [
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
        (10**50, 1e50),
        ([Fraction(1, 2), 3], [0.5, 3]),
        (array.array("d", [1.5, 2.0]), [1.5, 2.0]),
        (memoryview(array.array("i", [1, 2])), [1, 2]),
        (range(3), [0, 1, 2]),
        (deque([1, 2]), [1, 2]),
        ({"a": 1}.values(), [1]),
        (np.array([[Fraction(1, 2), 1], [2, 3]]), [[0.5, 1], [2, 3]]),
        (np.array(None), None),
        ((2.5,), [2.5]),
    ],
)
def test_numbers_and_sequences_of_other_kinds_arrive(value, back):
    there = decode(json.loads(json.dumps(encode(value))))
    assert (there.tolist() if isinstance(there, np.ndarray) else there) == back


def test_an_object_array_arrives_as_the_list_of_its_items():
    first, second, third = decode(encode(LAYERS))
    assert first is None and second.shape == (2, 1) and third.shape == (3,)


def test_a_tuple_of_one_item_is_told_from_a_list_of_one():
    lone, pair, plain = (decode(encode(value)) for value in ((2.5,), (2.5, 1.0), [2.5]))
    assert isinstance(lone, Lone) and not isinstance(pair, Lone) and not isinstance(plain, Lone)


def stored_in_a_place(x, n):
    out = np.zeros((2, 2))
    out[0, 0] = np.array([1.0])
    return out


@pytest.mark.parametrize("answer", [stored_in_a_place, lambda x, n: float(np.ones((1, 1))), lambda x, n: float(x)])
def test_an_array_for_a_number_is_refused_in_the_same_words_by_every_numpy(answer):
    (record,) = run_one(answer)
    assert record["raised"]["message"] == ARRAY_FOR_NUMBER


def test_the_warning_of_older_numpy_is_that_refusal_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "_RAISES", False)

    def answer(x, n):
        warnings.warn("Conversion of an array with ndim > 0 to a scalar is deprecated", DeprecationWarning, stacklevel=1)

    (record,) = run_one(answer)
    assert record["raised"]["message"] == ARRAY_FOR_NUMBER


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize(
    "answer",
    [
        lambda: 1,
        lambda x: 1,
        lambda x, y: 1,
        lambda x, y=2, z=3: 1,
        lambda x, *rest: 1,
        lambda *rest: 1,
        lambda x, *, flag: 1,
        lambda x, *, flag=True: 1,
        lambda x, /, y: 1,
        lambda x, **named: 1,
        functools.wraps(lambda x, y, z: 1)(lambda *rest: 1),
        functools.partial(lambda x, y: 1, 1),
        sum,
        dict,
    ],
)
def test_what_surely_takes_its_arguments_does_and_what_does_not_is_asked(answer, count):
    try:
        inspect.signature(answer).bind(*range(count))
        takes = True
    except (TypeError, ValueError):
        takes = False
    assert takes or not run._takes(answer, count)


def test_the_usual_answer_need_not_be_asked_for_its_signature():
    assert run._takes(lambda x, y, z=1: 1, 2) and run._takes(lambda x, y, z=1: 1, 3)
    assert not run._takes(lambda x, y, z=1: 1, 1) and not run._takes(lambda x, y, z=1: 1, 4)


SINGLE = np.float32


def helper(x):
    return SINGLE(x)


@pytest.mark.parametrize(
    ("answer", "narrow"),
    [
        (lambda x, n: x.astype(np.float32) * 1.0, True),
        (lambda x, n: x.astype("f4"), True),
        (lambda x, n: np.asarray(x, dtype="float16"), True),
        (lambda x, n: helper(x), True),
        (functools.partial(lambda kind, x, n: x.astype(kind), np.float32), True),
        (lambda x, n: [np.single(value) for value in x.ravel()], True),
        (lambda x, n: (x + 1e-3) * n, False),
    ],
)
def test_float32_on_the_way_is_seen(answer, narrow):
    (record,) = run_one(answer)
    assert record["narrow"] is narrow


def test_spawning_generators_counts_as_drawing():
    (record,) = run_one(lambda rng, n: rng.spawn(1)[0].random(n), cases=(encode_case((Seed(3), 5)),))
    assert record["undrawn"] == []


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
        {"lone": []},
        {"probe": ["nowhere", []]},
        {"shape": [2.5]},
        {"graph": [{"list": []}, {"list": []}]},
        {"graph": [{"list": [{"none": True}]}, {"list": [{"none": True}]}]},
        {"graph": [encode([["a", 1.0, [3], 0.0]]), encode([[]])]},
        {"text": "x" * 10**6},
    ],
)
@pytest.mark.parametrize("read", [decode, decode_input])
def test_forged_data_is_refused(wire, read):
    with pytest.raises(WireError):
        read(wire)


@pytest.mark.parametrize("stand_in", [Seed(7), Shape((3, 1)), GRAPH, Probe("linear gradient", (1e9, 1e9, 1.0))])
def test_a_stand_in_is_refused_where_an_answer_sends_one(stand_in):
    with pytest.raises(WireError):
        decode(encode(stand_in))


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


def test_the_callers_own_timer_goes_on():
    before = signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        run_one(lambda x, n: x, seconds=5.0)
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 1000
    finally:
        signal.setitimer(signal.ITIMER_REAL, *before)


def _endless(x, n):
    while True:
        pass


def _round_and_round(x, n):
    return sum(0 * x for _ in itertools.repeat(n))


def _doubling(x, n):
    return n if n < 2 else _doubling(x, n - 1) + _doubling(x, n - 1)


@pytest.fixture
def no_timers(monkeypatch):
    """As in a browser: signals have no timers, and no thread can be started."""

    def refuse(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(run, "signal", SimpleNamespace())
    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.mark.usefixtures("no_timers")
def test_without_timers_there_is_an_answer():
    (record,) = run_one(lambda x, n: n)
    assert decode(record["returned"]) == 3


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="Python says since 3.12 that a loop goes round")
@pytest.mark.usefixtures("no_timers")
@pytest.mark.parametrize("answer", [_endless, _round_and_round, lambda x, n: _doubling(x, 20 * n)])
def test_without_timers_what_never_ends_is_stopped(answer, monkeypatch):
    monkeypatch.setattr(run, "PATIENCE", 1.0)
    (record,) = run_one(answer, seconds=0.05)
    assert record["too_slow"] == 0.05
    assert sys.monitoring.get_tool(run._TOOL) is None


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="Python says since 3.12 that a loop goes round")
@pytest.mark.usefixtures("no_timers")
def test_without_timers_another_thread_goes_on(monkeypatch):
    monkeypatch.setattr(run, "PATIENCE", 1.0)
    known = {name: getattr(threading, name) for name in ("current_thread", "main_thread")}
    monkeypatch.setattr(run, "threading", SimpleNamespace(get_ident=iter([1, *[2] * 10_000]).__next__, **known))
    with run.time_limit(0.0):
        for _ in range(1000):
            pass


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="Python says since 3.12 that a loop goes round")
@pytest.mark.usefixtures("no_timers")
def test_without_timers_the_watch_has_ended_before_its_block_is_left(monkeypatch):
    # looks at the clock each time, on the way out too
    monkeypatch.setattr(run, "itertools", SimpleNamespace(count=lambda: itertools.repeat(0)))
    for _ in range(100):
        try:
            with run.time_limit(1e-6), run.time_limit(1.0):
                sum(_ for _ in range(100))
        except run._TooSlow:
            # not later, when the error that holds it is forgotten
            assert sys.monitoring.get_tool(run._TOOL) is None
        assert sys.monitoring.get_tool(run._TOOL) is None


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


def test_an_answer_that_leaves_its_result_in_the_nodes_is_read_there():
    def answer(root):
        root.grad, root.parents[0].grad = np.ones((1, 1)), np.full((2, 1), 7.0)

    (record,) = run_exercise(answer, "gradients", [encode_case((GRAPH,))], 5.0)
    a, b, c = decode(record["returned"])
    np.testing.assert_array_equal(a, [[7.0], [7.0]])
    assert (b, c.item(), record["mutated"]) == (0.0, 1.0, [])


class Remembers:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = value, parents, 0.0

    def __add__(self, other):
        return Remembers(self.value + other.value, (self, other))

    def push(self):
        for parent in self.parents:
            parent.grad += self.grad


PROGRAM = encode_case(([2.0, 3.0], [["+", 0, 1], ["+", 2, 0]]))


def test_a_class_is_used_by_a_program_and_its_values_and_gradients_come_back():
    (record,) = run_exercise(Remembers, "program", [PROGRAM], 5.0)
    values, gradients = decode(record["returned"])
    np.testing.assert_array_equal(values, [2, 3, 5, 7])
    np.testing.assert_array_equal(gradients, [2, 1, 1, 1])
    assert decode(record["again"])[0].tolist() == [2, 3, 5, 7]


def unfinished(**methods):
    return type("Unfinished", (Remembers,), {name: lambda *args: ... for name in methods["still"]})


@pytest.mark.parametrize("still", [["__add__"], ["push"], ["__add__", "push"]])
def test_a_class_with_a_method_still_to_write_is_not_attempted(still):
    (record,) = run_exercise(unfinished(still=still), "program", [PROGRAM], 5.0)
    assert decode(record["returned"]) is ...


def test_what_a_class_does_wrong_is_told_with_its_line():
    class Plain(Remembers):
        def __add__(self, other):
            return self.value + other.value

    class Breaks(Remembers):
        def push(self):
            self.missing += 1  # this line

    (plain,) = run_exercise(Plain, "program", [PROGRAM], 5.0)
    assert plain["raised"]["message"] == "a + b is float, expected a Plain"
    (breaks,) = run_exercise(Breaks, "program", [encode_case(([2.0, 3.0], []))], 5.0)
    assert (breaks["raised"]["type"], breaks["raised"]["line"]) == ("AttributeError", "self.missing += 1  # this line")
