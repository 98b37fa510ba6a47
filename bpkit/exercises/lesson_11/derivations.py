"""The printed derivations that lesson 11 judges line by line, by the letter of their text."""

from __future__ import annotations

from bpkit.exercises.lesson_11.ex1_verdict_recursion import RECURSION
from bpkit.exercises.lesson_11.ex3_verdict_last_layer import LAST_LAYER
from bpkit.exercises.lesson_11.ex5_verdict_order import ORDER
from bpkit.exercises.lesson_11.ex7_verdict_sparse import SPARSE
from bpkit.exercises.lesson_11.ex9_verdict_ica import ICA
from bpkit.exercises.lesson_11.ex11_verdict_relu import TUTORIAL
from bpkit.exercises.lesson_11.ex13_verdict_batch_norm import BATCH_NORM
from bpkit.exercises.lesson_11.ex15_verdict_convolution import CONVOLUTION
from bpkit.exercises.lesson_11.ex17_verdict_embedding import EMBEDDING
from bpkit.exercises.lesson_11.ex19_verdict_attention import ATTENTION
from bpkit.exercises.lesson_11.ex21_verdict_smoothing import SMOOTHING
from bpkit.exercises.lesson_11.ex23_verdict_truncated import TRUNCATED
from bpkit.exercises.lesson_11.ex25_verdict_layer_norm import LAYER_NORM
from bpkit.exercises.lesson_11.ex27_verdict_curvature import CURVATURE

DERIVATIONS = {
    "A": RECURSION,
    "P": LAST_LAYER,
    "R": ORDER,
    "U1": SPARSE,
    "U3": ICA,
    "T": TUTORIAL,
    "7": BATCH_NORM,
    "8": CONVOLUTION,
    "9": EMBEDDING,
    "10": ATTENTION,
    "11": SMOOTHING,
    "12": TRUNCATED,
    "13": LAYER_NORM,
    "14": CURVATURE,
}
