"""1,797 handwritten digits, scanned at 8×8 pixels, shipped with bpkit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from bpkit.core.functions import Array


@dataclass(frozen=True, repr=False, eq=False)
class Examples:
    """Examples with their labels.

    Attributes
    ----------
    x : (n, m)
        One example per column, pixels row by row, dark = 1.
    labels : (m,)
        What each shows.
    """

    x: Array
    labels: Array

    def __repr__(self) -> str:
        return f"Examples({self.x.shape[1]} of {self.x.shape[0]} numbers, labels {self.labels.min()} to {self.labels.max()})"


@dataclass(frozen=True)
class Split:
    """Examples to train on, and examples held back to measure with."""

    train: Examples
    test: Examples


@cache
def _scans() -> tuple[Array, Array]:
    with (files("bpkit.data") / "digits.npz").open("rb") as file, np.load(file, allow_pickle=False) as content:
        return content["images"], content["labels"]


def digits() -> Split:
    """The 8×8 digits, with a fixed fifth held back.

    Of each class every fifth example in the order of the file is held back, so that all classes stand in both parts in
    equal proportion, and everybody measures with the same ones.

    Returns
    -------
    Split
        ``train`` and ``test``, each with x (64, m) in [0, 1] and labels (m,), integers 0 to 9.

    Source
    ------
    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (1998), UCI Machine Learning Repository,
    doi:10.24432/C50P49, licence CC BY 4.0; its test part. Values 0 to 16 count dark pixels in 4×4 blocks of the scan.

    Examples
    --------
    >>> split = digits()
    >>> split.train, split.test
    (Examples(1442 of 64 numbers, labels 0 to 9), Examples(355 of 64 numbers, labels 0 to 9))
    """
    images, labels = _scans()
    # the how-manieth of its class each example is
    rank = np.zeros(len(labels), int)
    for label in range(10):
        rank[labels == label] = np.arange(np.sum(labels == label))
    held_back = rank % 5 == 4
    x = images.reshape(len(images), 64).T / 16
    return Split(
        train=Examples(x[:, ~held_back], labels[~held_back].astype(int)),
        test=Examples(x[:, held_back], labels[held_back].astype(int)),
    )
