"""All ways through a chain of Jacobians, and what each carries: the chain rule as a sum over paths."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Path:
    """One way from an input to the output.

    Parameters
    ----------
    nodes
        Its place in each layer, from 0, the input's first.
    slopes
        The local slope of each link on the way.
    """

    nodes: tuple[int, ...]
    slopes: tuple[float, ...]

    @property
    def product(self) -> float:
        """What the path contributes to the derivative of the output with respect to the input."""
        return float(np.prod(self.slopes))


@dataclass(frozen=True)
class Chain:
    """Layers of named quantities, each a function of the layer before, with all local slopes; one quantity at the end.

    Parameters
    ----------
    names
        For each layer the names of its quantities, such as ``(("x₁", "x₂"), ("C",))``.
    jacobians
        For each link the matrix of local slopes, a row for each quantity of the later layer. A slope of 0 is no link.
    """

    names: tuple[tuple[str, ...], ...]
    jacobians: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, jacobians: Sequence[ArrayLike], names: Sequence[Sequence[str]]) -> Chain:
        """A chain from matrices and names that fit together.

        Raises
        ------
        ValueError
            If they do not, or if the chain does not end in one quantity.
        """
        matrices = tuple(np.array(J, dtype=float, ndmin=2) for J in jacobians)
        named = tuple(tuple(layer) for layer in names)
        if len(named) != len(matrices) + 1 or not matrices:
            raise ValueError(f"names has {len(named)} layers and jacobians {len(matrices)} matrices, expected one layer more than matrices")
        for l, J in enumerate(matrices):
            if J.shape != (want := (len(named[l + 1]), len(named[l]))):
                raise ValueError(f"jacobians[{l}] has shape {J.shape}, expected {want}: a row for each of {', '.join(named[l + 1])}")
        if len(named[-1]) != 1:
            raise ValueError(f"the last layer has {len(named[-1])} quantities, expected 1: the one whose derivative is asked")
        return cls(named, matrices)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many quantities each layer has."""
        return tuple(len(layer) for layer in self.names)

    def paths(self, start: int) -> tuple[Path, ...]:
        """Every way from one input to the output.

        Examples
        --------
        >>> chain = Chain.of([[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]])
        >>> [path.product for path in chain.paths(0)]
        [24.0, 12.0]
        """
        found = []
        for middle in itertools.product(*(range(size) for size in self.sizes[1:])):
            nodes = (start, *middle)
            slopes = tuple(float(J[to, come]) for J, (come, to) in zip(self.jacobians, itertools.pairwise(nodes), strict=True))
            if all(slopes):
                found.append(Path(nodes, slopes))
        return tuple(found)

    def backwards(self) -> tuple[np.ndarray, ...]:
        """The derivative of the output with respect to every quantity, found from the output back; one array for each layer.

        Examples
        --------
        >>> chain = Chain.of([[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]])
        >>> chain.backwards()
        (array([36.]), array([6., 4.]), array([1.]))
        """
        found = [np.ones(1)]
        for J in reversed(self.jacobians):
            found.insert(0, J.T @ found[0])
        return tuple(found)

    def told(self, path: Path) -> str:
        """The names along a path.

        Examples
        --------
        >>> chain = Chain.of([[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]])
        >>> chain.told(chain.paths(0)[1])
        'x → v → z'
        """
        return " → ".join(layer[node] for layer, node in zip(self.names, path.nodes, strict=True))
