"""The printed derivations that lesson 11 judges line by line, by the letter of their text."""

from __future__ import annotations

from bpkit.exercises.lesson_11.ex1_verdict_recursion import RECURSION
from bpkit.exercises.lesson_11.ex3_verdict_last_layer import LAST_LAYER
from bpkit.exercises.lesson_11.ex5_verdict_order import ORDER
from bpkit.exercises.lesson_11.ex7_verdict_sparse import SPARSE
from bpkit.exercises.lesson_11.ex9_verdict_ica import ICA
from bpkit.exercises.lesson_11.ex11_verdict_relu import TUTORIAL

DERIVATIONS = {"A": RECURSION, "P": LAST_LAYER, "R": ORDER, "U1": SPARSE, "U3": ICA, "T": TUTORIAL}
