"""14.4: max pooling sends everything to the largest of a tile, and to the first of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_14.shared import Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for height, width, m, size, tied in ((4, 4, 2, 2, False), (4, 6, 3, 2, True), (6, 3, 1, 3, True)):
        x = rng.normal(size=(height, width, m))
        if not tied:  # nothing in this tile is near 0 or above it
            x[:size, :size] = -1e4 * rng.uniform(1.0, 2.0, size=(size, size, m))
            x[-2, -2:] = -1.0
            x[-1, -2:] = [[0.25], [0.2500002]]  # nearly the largest is not the largest
            x[0, 0] = -5e4  # the largest size of its tile, and not the largest
        if tied:  # as after relu: several zeros in a tile; and two of the largest side by side, above each other, across
            x = np.maximum(x, 0)
            x[:size, :size] = np.minimum(x[:size, :size], 0)
            x[0, 0] = -1.0  # the first of the zeros is not the first entry
            x[-1, -2:] = x[-2, -1] = 3.0 + rng.uniform()
            if size == 2:
                x[0, -1] = x[-1, -1]  # the largest of another tile, too
                x[:2, 2:4] = 0.0  # as after relu, where a whole tile is off
        g = rng.normal(size=(height // size, width // size, m))
        cases.append(Case(f"x {height}×{width}, tiles {size}×{size}, m = {m}{', with ties' if tied else ''}", (x, g, size)))
    return cases


def _reference(x: Array, g: Array, size: int) -> Array:
    dx = np.zeros(x.shape)
    for i, j, e in np.ndindex(*g.shape):
        tile = x[i * size : (i + 1) * size, j * size : (j + 1) * size, e]
        u, v = divmod(int(np.argmax(tile)), size)
        dx[i * size + u, j * size + v, e] = g[i, j, e]
    return dx


def _oracle(x: Array, g: Array, size: int) -> Array:
    height, width, m = x.shape
    # a little less for each later entry of the image, row by row, so that no two are equal and the first of equals is the largest
    x = x - 1e-9 * np.arange(height * width).reshape(height, width, 1)

    def value(moved: Array) -> Any:
        tiles = moved.reshape(height // size, size, width // size, size, m).transpose(0, 2, 4, 1, 3).reshape(*g.shape, size * size)
        return np.sum(g * np.sort_complex(tiles)[..., -1])

    return oracles.gradient(value, x)


def _shares(share: Callable[[Array], Array]) -> Answer:
    """An answer by what each tile's entries get of g."""

    def answer(x: Array, g: Array, size: int) -> Array:
        dx = np.zeros(x.shape)
        for i, j, e in np.ndindex(*g.shape):
            here = slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size), e
            dx[here] = share(x[here]) * g[i, j, e]
        return dx

    return answer


def _one(tile: Array, place: int) -> Array:
    return np.eye(tile.size)[place].reshape(tile.shape)


def _spread(share: Any) -> Answer:
    return lambda x, g, size: np.repeat(np.repeat(g, size, axis=0), size, axis=1) * share(size)


def _largest_of_all(x: Array, g: Array, size: int) -> Array:
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(g.shape[:2]):
        tile = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        row, column, _ = np.unravel_index(tile.argmax(), tile.shape)
        dx[i * size + row, j * size + column] = g[i, j]
    return dx


def _tiles_of_two(x: Array, g: Array, size: int) -> Array:
    dx = np.zeros(x.shape)
    rows, columns = 2 * g.shape[0], 2 * g.shape[1]
    dx[:rows, :columns] = _reference(x[:rows, :columns], g, 2)
    return dx


def _overlapping(x: Array, g: Array, size: int) -> Array:
    dx = np.zeros(x.shape)
    for i, j, e in np.ndindex(*g.shape):
        u, v = divmod(int(np.argmax(x[i : i + size, j : j + size, e])), size)
        dx[i + u, j + v, e] += g[i, j, e]
    return dx


EXERCISE = Exercise(
    id="14.4",
    name="max_pool_vjp",
    title="Max pooling, backwards, with ties",
    points=2,
    minutes=9,
    difficulty=2,
    cases=_cases,
    reference=_reference,
    oracle=_oracle,
    hints=(
        "Nudge one entry of a tile. Which of the entries moves the largest of them?",
        "g has one number for each tile. It goes to one entry of that tile, and every other entry of the tile gets 0.",
        "Loop over the tiles and examples. `np.argmax` of a tile counts along its rows and takes the first of equals; `divmod` by the tile's width "
        "makes a row and a column of that count.",
    ),
    mistakes=(
        Mistake(
            "all of it to every tied entry",
            _shares(lambda tile: tile == tile.max()),
            "Where several entries of a tile are the largest, each of them gets all of g: together more than what came back. The agreement here is "
            "that one of them gets it.",
        ),
        Mistake(
            "shared among tied entries",
            _shares(lambda tile: (tile == tile.max()) / np.sum(tile == tile.max())),
            "Where several entries of a tile are the largest, you divide g among them. That is a convention too, and other libraries have it. The "
            "agreement here is that one of them gets it all.",
        ),
        Mistake(
            "tiles counted down their columns",
            _shares(lambda tile: _one(tile, int(np.argmax(tile.T)))),
            "The place of the largest entry is counted down the columns of the tile and used as if it were counted along its rows.",
        ),
        Mistake(
            "last of the tied entries",
            _shares(lambda tile: _one(tile, tile.size - 1 - int(np.argmax(tile.ravel()[::-1])))),
            "Where several entries of a tile are the largest, you give g to the last of them. The agreement is the first, row by row.",
        ),
        Mistake(
            "first by columns",
            _shares(lambda tile: _one(tile.T, int(np.argmax(tile.T))).T),
            "Where several entries of a tile are the largest, you take the first column by column. The agreement is row by row.",
        ),
        Mistake(
            "nothing where tied",
            _shares(lambda tile: (tile == tile.max()) * (np.sum(tile == tile.max()) == 1)),
            "Where several entries of a tile are the largest, nothing comes back at all. One of them gets g.",
        ),
        Mistake(
            "nothing at zero",
            _shares(lambda tile: _one(tile, int(np.argmax(tile))) * (tile > 0)),
            "Where the largest of a tile is not above 0, nothing comes back. That is relu's rule. Pooling passes g on whatever the value is.",
        ),
        Mistake(
            "search for the largest begins at 0",
            _shares(lambda tile: _one(tile, int(np.argmax(np.maximum(tile, 0))))),
            "In a tile of negative numbers alone you find none that is larger than 0, and g goes to the first entry. Begin the search with an entry "
            "of the tile.",
        ),
        Mistake(
            "nothing below zero",
            _shares(lambda tile: _one(tile, int(np.argmax(tile))) * (tile >= 0)),
            "In a tile of negative numbers alone nothing comes back. The largest of them is the maximum, and g belongs to it.",
        ),
        Mistake(
            "row and column in the tile swapped",
            _shares(lambda tile: _one(tile, int(np.argmax(tile))).T),
            "Within each tile you swap row and column. `argmax` counts along the rows: what is the quotient, what the rest?",
        ),
        Mistake(
            "largest size for largest",
            _shares(lambda tile: _one(tile, int(np.argmax(np.abs(tile))))),
            "You take the entry of the largest size. A large negative number is not the largest of its tile.",
        ),
        Mistake(
            "smallest of the tile",
            _shares(lambda tile: _one(tile, int(np.argmin(tile)))),
            "You give g to the smallest of each tile.",
        ),
        Mistake("mean pooling", _spread(lambda size: 1 / size**2), "Every entry of a tile gets an equal share. That is mean pooling, backwards."),
        Mistake(
            "everybody gets all",
            _spread(lambda size: 1.0),
            "Every entry of a tile gets all of g. A nudge of an entry that is not the largest does not move the result.",
        ),
        Mistake(
            "values sent back",
            lambda x, g, size: _reference(x, g, size) * x,
            "You multiply g by the value of the entry. The largest entry is passed on as it is: with which slope?",
        ),
        Mistake(
            "values for g",
            lambda x, g, size: (_reference(x, np.ones_like(g), size) > 0) * x,
            "You put the largest values back where they stood. What goes back is g.",
        ),
        Mistake("mask alone", lambda x, g, size: _reference(x, np.ones_like(g), size), "You found the places and put 1 there. What goes back is g."),
        Mistake(
            "tiles of 2×2 whatever the size",
            _tiles_of_two,
            "Your tiles have 2 rows and 2 columns whatever `size` says.",
        ),
        Mistake("sign", lambda x, g, size: -_reference(x, g, size), "The sign of every entry is turned."),
        Mistake(
            "averaged over the examples",
            lambda x, g, size: _reference(x, g, size) / x.shape[2],
            "You divide by the number of examples. Each example has its own g, and gets it whole.",
        ),
        Mistake(
            "one example decides for all",
            lambda x, g, size: _reference(np.repeat(x[:, :, :1], x.shape[2], axis=2), g, size),
            "You look for the largest in the first example, and use its place for all of them. Each example has its own largest entry.",
        ),
        Mistake(
            "largest of the whole image",
            lambda x, g, size: _spread(lambda size: 1.0)(x, g, size) * (x == x.max(axis=(0, 1))),
            "One entry of each image gets something. Each tile has a largest entry of its own.",
        ),
        Mistake(
            "largest of all examples",
            _largest_of_all,
            "You look for the largest entry of a tile in all examples at once. Each example has a largest of its own.",
        ),
        Mistake(
            "tiles that overlap",
            _overlapping,
            "Your tiles begin one place apart, so that they overlap. Tile (i, j) begins at row i times `size`, column j times `size`.",
        ),
    ),
)
