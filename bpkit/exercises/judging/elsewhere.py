"""Where else the results of an answer are right: in another order, for other inputs, or nowhere, as they never change."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from bpkit.exercises.judging.changes import CHANGES, POOLED, TELLING_OF_SIGNS
from bpkit.exercises.judging.comparing import Mark, agree, mark_of
from bpkit.exercises.judging.formula import Formula, all_replaced, in_place_of, replaced, swapped
from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.left_out import item_left_out, left_out
from bpkit.exercises.judging.multiples import tells, times
from bpkit.exercises.judging.patterns import off_by_an_input
from bpkit.exercises.judging.results import few_parts, is_finite, is_negligible, same, wrong_parts
from bpkit.exercises.judging.values import leaves, parts_of


def right_elsewhere(formula: Formula, results: Sequence[Any]) -> str:
    """Where else these results are right, in every case: in another order, for other inputs, or nowhere, as they never change."""
    known = formula.known
    if not known.compares(results) or not all(map(is_finite, results)):
        return ""
    if order := _reordered(known, results):
        return f"Your parts are right, in another order: asked are {order}."
    if all(same(results[0], other) for other in results[1:]) and not all(same(known.expected[0], other) for other in known.expected[1:]):
        return "Your result is the same in every case, whatever the inputs."
    if all(is_negligible(result, want) for result, want in zip(results, known.expected, strict=True)):
        return ""  # many changes leave nothing
    inputs = known.inputs()
    names = known.names[: len(inputs[0])]
    for place, name in enumerate(names):
        if _is_an_item(results, [args[place] for args in inputs]):
            return f"Your result is one of the arrays in `{name}`, as it came."
        if not all(is_finite(args[place]) and same(result, args[place]) for result, args in zip(results, inputs, strict=True)):
            continue
        arrays = [leaf for result in results for leaf in leaves(result)]
        # three small whole numbers may be those of an input by chance
        if tells(arrays[0]) or any(np.any(leaf % 1) for leaf in arrays) or len({float(leaf.flat[0]) for leaf in arrays}) > 3:
            return f"Your result is `{name}` as it came."
    if not any(np.any(leaf % 1) for result in results for leaf in leaves(result)):  # of whole numbers many agree by chance
        return ""
    marked = [(result, mark_of(result)) for result in results]
    if words := _for_other_inputs(formula, marked, names, None):
        return f"Your numbers are the right ones {words}."
    return left_out(formula, marked) or item_left_out(formula, results) or off_by_an_input(known, results)


def parts_right_elsewhere(formula: Formula, results: Sequence[Any]) -> str:
    """For which other inputs the wrong parts of an answer are right, in every case, or which input they are as it came."""
    known = formula.known
    if not known.compares(results) or not all(map(is_finite, results)):
        return ""
    inputs, told = known.inputs(), []
    names = known.names[: len(inputs[0])]
    for part in wrong_parts(results, known.expected):
        own = [result[part] for result in results]
        if not any(np.any(leaf % 1) for value in own for leaf in leaves(value)):
            continue
        part_name = known.part_name(part)
        came = next((name for k, name in enumerate(names) if all(same(mine, args[k]) for mine, args in zip(own, inputs, strict=True))), None)
        if came:
            told.append(f"In {part_name}, your result is `{came}` as it came.")
        elif words := _for_other_inputs(formula, [([value], mark_of(value)) for value in own], names, part):
            told.append(f"In {part_name}, your numbers are the right ones {words}.")
    return " ".join(told)


def _reordered(known: Known, results: Sequence[Any]) -> str:
    """The order of the parts that is asked, where an answer has the right ones in another; empty where it has not."""
    size = few_parts(results, known.expected)
    for order in itertools.permutations(range(size)) if size else ():
        if all(all(same(mine[k], want[place]) for k, place in enumerate(order)) for mine, want in zip(results, known.expected, strict=True)):
            return ", ".join(parts_of(known.expected[0], known.exercise.part))
    return ""


def _is_an_item(results: Sequence[Any], lists: Sequence[Any]) -> bool:
    """Whether each result is an array of a list of arrays, which for some cases has several."""
    if not all(isinstance(arrays, list) and len(arrays) and all(map(is_finite, arrays)) for arrays in lists):
        return False
    several = any(len(arrays) > 1 for arrays in lists)
    return several and all(any(same(mine, array) for array in arrays) for mine, arrays in zip(results, lists, strict=True))


def _for_other_inputs(formula: Formula, marked: Sequence[tuple[Any, Mark]], names: Sequence[str], part: int | None) -> str:
    """For which other inputs the formula gives these results in every case, in words; a single part of them where `part` says which."""
    right_for = partial(formula.right_for, marked, part)
    expected = formula.known.expected
    wanted = expected if part is None else [[want[part]] for want in expected]
    if sum(not agree(result, want) for (result, _), want in zip(marked, wanted, strict=True)) < 2:
        return ""  # a single case may agree with much
    for place, name in enumerate(names):
        for words, change in CHANGES.items() if formula.is_smooth(place) else ((words, CHANGES[words]) for words in TELLING_OF_SIGNS):
            if right_for(partial(replaced, place=place, change=change), words, place):
                return f"with `{name}` replaced by {words}"
    for one, other in itertools.combinations(range(len(names)), 2):
        if right_for(partial(swapped, one=one, other=other), swapped, one, other):
            return f"with `{names[one]}` and `{names[other]}` swapped"
    for one, other in itertools.permutations(range(len(names)), 2):
        if right_for(partial(in_place_of, one=one, other=other), in_place_of, one, other):
            return f"with `{names[other]}` in place of `{names[one]}`"
    return _pooled(formula, marked, names, part)


def _pooled(formula: Formula, marked: Sequence[tuple[Any, Mark]], names: Sequence[str], part: int | None) -> str:
    """The same where all inputs with a column for each example are changed alike; a sum or mean over them may have another factor."""
    for lengths, axes in formula.known.common_lengths:
        places = [place for place, axis in axes if axis == 1]
        if not places or len(places) < len(axes):
            continue
        all_of = [f"`{names[place]}`" for place in places]
        for words, change in POOLED.items():
            what = partial(all_replaced, places=places, change=change)
            for power, factor in ((0, ""), (1, ", and divided by their number"), (-1, ", and multiplied by their number")):
                scaled = [(times(float(length) ** power, result), None) for (result, _), length in zip(marked, lengths, strict=True)]
                if formula.right_for(scaled if power else marked, part, what, words, tuple(places)):
                    return f"with every column of {' and '.join(all_of)} replaced by {words}{factor}"
    return ""
