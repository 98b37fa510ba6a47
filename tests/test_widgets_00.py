"""The names widget without a browser: every name there is, its words, its page, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.course.pages import plain
from bpkit.equations import SYMBOLS
from bpkit.widgets._notation import name, state

NET = bp.nets.two_three_two().net


def test_columns_go_from_left_to_right_and_hold_every_neuron_and_weight():
    found = state(NET)
    assert [len(column["items"]) for column in found["columns"]] == [2, 6, 3, 6, 2]
    assert [column["layer"] for column in found["columns"]] == [0, 1, 1, 2, 2]
    json.dumps(found, allow_nan=False)


def test_a_name_in_code_is_that_number():
    everything = {"W": NET.W, "b": NET.b, **vars(bp.forward(NET, np.array([[1.0], [2.0]])))}
    for column in state(NET)["columns"]:
        for item in column["items"]:
            for row in item["rows"]:
                if row["what"] in ("weight", "bias", "activation", "weighted input"):
                    assert np.ndim(eval(row["code"], {"x": 0}, everything)) == 0  # our own text
            if "k" in item:
                assert item["rows"][0]["code"] == f"W[{column['layer']}][{item['j']}, {item['k']}]"


@pytest.mark.parametrize(("text", "place"), [("this course", 1), ("N, A", 2), ("R", 3), ("U", 4), ("P", 5)])
def test_the_names_are_those_of_the_rosetta_page(text, place):
    """Its symbols are in the text's own count of layers, so l stands for our layer plus the number of the text's input layer."""
    first = int(name(text, "activation", 0, 0)[1].strip("()"))
    rows = {"activation": "activation", "weighted input": "weighted input", "bias": "bias", "weight": "weights into layer l", "error": "error"}
    for quantity, row in rows.items():
        letter, upper, _ = name(text, quantity, 2, 0, *([1] if quantity == "weight" else []))
        printed = plain(SYMBOLS[row][place].strip("$")).replace("{", "").replace("}", "").replace("L/", "L/").replace(" ", "")
        index = printed.rpartition("^")[2]
        theirs = {"l": 2 + first, "(l)": 2 + first, "(l-1)": 1 + first}[index]
        if quantity != "weight":
            assert printed.rpartition("^")[0] == letter
        assert (int(upper.strip("()")), upper.startswith("(")) == (theirs, index.startswith("(")), (text, quantity)
    one = plain(SYMBOLS["one weight: from neuron k, to neuron j"][place].strip("$"))
    assert ("_{kj}" in one) == (name(text, "weight", 2, 0, 1)[2] == "21")


def test_a_question_asks_for_a_weight_by_one_of_its_names():
    found = state(NET)
    assert len(found["questions"]) == 10 and {q["ask"] for q in found["questions"]} == set(found["texts"])
    for question in found["questions"]:
        item = found["columns"][question["column"]]["items"][question["item"]]
        assert question["name"] == item["rows"][0]["names"][found["texts"].index(question["ask"])]
        assert item["j"] != item["k"]


def test_a_net_of_single_neurons_has_nothing_to_ask_and_is_drawn_all_the_same():
    assert state(bp.init([1, 1], rng=np.random.default_rng(0)))["questions"] == []


def test_too_large_a_net_is_refused_in_words():
    with pytest.raises(ValueError, match="up to 5 layers of up to 5 neurons, found 6-2"):
        bp.widgets.notation(bp.init([6, 2], rng=np.random.default_rng(0)))
