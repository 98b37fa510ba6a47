"""What stands between the results of an answer and the right ones in every case: a factor made of an input, or a number that the inputs have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bpkit.exercises.judging.amounts import amounts, factor_told, single_number_told
from bpkit.exercises.judging.comparing import agree
from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.layers import first_made
from bpkit.exercises.judging.multiples import differ_in_size, fits_in
from bpkit.exercises.judging.relations import explains, product_with
from bpkit.exercises.judging.results import is_finite, same, wrong_parts
from bpkit.exercises.judging.values import SEQUENCES, parts_of


@dataclass(frozen=True)
class Factors:
    """Looks for what the right numbers are multiplied by, or are off by."""

    known: Known

    def scaled(self, results: Sequence[Any]) -> str:
        """An input by which the right numbers are multiplied or divided, in every case: all of them, or those of the parts that are wrong."""
        if not self.known.compares(results) or not all(map(is_finite, results)):
            return ""
        if not any(isinstance(value, SEQUENCES) for value in (*results, *self.known.expected)):
            words = self._scaled_by(list(zip(results, self.known.expected, strict=True)))
            return f"Your numbers are the right ones, {words}." if words else ""
        told = []
        for part in wrong_parts(results, self.known.expected):
            pairs = [(mine[part], want[part]) for mine, want in zip(results, self.known.expected, strict=True)]
            if any(isinstance(value, SEQUENCES) for pair in pairs for value in pair):
                continue
            if words := self._scaled_by(pairs) or self._scaled_by_a_part(part, pairs):
                name = self.known.part_name(part)
                told.append(f"In {name}, your numbers are the right ones, {words}.")
        return " ".join(told)

    def _scaled_by(self, pairs: Sequence[tuple[Any, Any]]) -> str:
        """In words the input that stands between what came back and what is wanted."""
        arrays = [(np.asarray(mine), np.asarray(want)) for mine, want in pairs]
        if any(mine.shape != want.shape or not np.any(want) for mine, want in arrays):
            return ""
        names, inputs = self.known.names, self.known.inputs()
        for place, name in enumerate(names[: len(inputs[0])]):
            given = [np.asarray(args[place]) if isinstance(args[place], int | float | np.ndarray) else np.zeros(0) for args in inputs]
            if any(not fits_in(value, want.shape) for value, (_, want) in zip(given, arrays, strict=True)) or not differ_in_size(given):
                continue
            ways = {
                f"multiplied by `{name}`": 1,
                f"divided by `{name}`": -1,
                f"multiplied by `{name}` squared": 2,
                f"divided by `{name}` squared": -2,
            }
            for way, power in ways.items():
                if all(same(mine, want * value.astype(float) ** power) for value, (mine, want) in zip(given, arrays, strict=True)):
                    return way
        return explains(names, inputs, arrays, same) or factor_told(self._amounts, arrays) or product_with(names, inputs, arrays, same)

    def _scaled_by_a_part(self, part: int, pairs: Sequence[tuple[Any, Any]]) -> str:
        """In words another part of the right answer that stands between what came back and what is wanted."""
        others = [other for other in range(len(self.known.expected[0])) if other != part]
        if any(isinstance(want[other], SEQUENCES) for want in self.known.expected for other in others):
            return ""
        arrays = [(np.asarray(mine), np.asarray(want)) for mine, want in pairs]
        return explains([f"result[{other}]" for other in others], [[want[other] for other in others] for want in self.known.expected], arrays, same)

    def scaled_layer(self, results: Sequence[Any]) -> str:
        """The factor, made of an item of an input's list, in the layer that goes wrong first, as far from the end or the start in every case."""
        if not self.known.compares(results):
            return ""
        if not all(isinstance(value, list) and len(value) > 1 for value in (*results, *self.known.expected)):
            return ""
        firsts, inputs, values = [], [], []
        for mine, want, args in zip(results, self.known.expected, self.known.inputs(), strict=True):
            if len(mine) != len(want) or any(isinstance(item, SEQUENCES) for item in want):
                return ""
            wrong = [k for k, (one, other) in enumerate(zip(mine, want, strict=True)) if other is not None and not agree(one, other)]
            names = parts_of(want, self.known.exercise.part)
            places = [k for k, other in enumerate(want) if other is not None]
            if not wrong and len(places) == 1:  # a net of one layer tells nothing of a step from layer to layer
                continue
            if not wrong or len(names) != len(places):
                return ""
            name = first_made(names, [names[places.index(k)] for k in wrong])[0]
            firsts.append((places[names.index(name)], len(want), name))
            inputs.append(args)
            values.append((mine, want))
        if len(firsts) < 2:
            return ""
        if len({at - length for at, length, _ in firsts}) == 1:
            at, nearest = firsts[0][0] - firsts[0][1], (0, 1, -1)
        elif len({at for at, *_ in firsts}) == 1:
            at, nearest = firsts[0][0], (0, -1, 1)
        else:
            return ""
        name = firsts[0][2]
        pairs = [(np.asarray(mine[at]), np.asarray(want[at])) for mine, want in values]
        for place, arg in enumerate(self.known.names[: len(inputs[0])]):
            for item in (at + more for more in nearest if (at + more < 0) == (at < 0)):
                if not all(isinstance(args[place], list) and -len(args[place]) <= item < len(args[place]) for args in inputs):
                    continue
                items = [[args[place][item]] for args in inputs]
                if words := explains([f"{arg}[{item % len(inputs[0][place])}]"], items, pairs, same):
                    return f"In {name}, your numbers are the right ones, {words}."
        return ""

    def single_number(self, results: Sequence[Any]) -> str:
        """What results of one number each are, or by what they are off, in every case."""
        if self.known.exercise.accepts is not None or self.known.exercise.driver != "call" or len(results) < len(self.known.cases):
            return ""
        whole_or_parts: list[int | None] = [*wrong_parts(results, self.known.expected)] or [None]
        told = []
        for part in whole_or_parts:
            pairs = [(mine, want) if part is None else (mine[part], want[part]) for mine, want in zip(results, self.known.expected, strict=True)]
            if not all(not isinstance(value, SEQUENCES) and is_finite(value) and np.size(value) == 1 for pair in pairs for value in pair):
                continue
            words = single_number_told(self._amounts, [(float(np.asarray(mine).item()), float(np.asarray(want).item())) for mine, want in pairs])
            if words and part is not None:
                name = self.known.part_name(part)
                told.append(f"In {name}, your number {words}.")
            elif words:
                told.append(f"Your number {words}.")
        return " ".join(told)

    @cached_property
    def _amounts(self) -> dict[str, list[float]]:
        """Single numbers that the inputs have, such as a size or a length."""
        return amounts(self.known.names, self.known.inputs())
