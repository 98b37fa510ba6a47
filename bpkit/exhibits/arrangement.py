"""Where the arrays of an objective's net stand when it is drawn, the same on paper and in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpkit.exhibits.objectives import Node, Objective, Use

Point = tuple[float, float]

# A unit is the width of a cell. y grows downwards.
CELL = 0.56  # height of a cell
TITLE = 0.85  # the line with the name, on top of the cells
BETWEEN = 0.72  # the line with the gradient's name, between the two blocks of cells
PAD = 0.16
_LETTER = 0.24  # width of a letter in a title
_GAP = 2.15  # between columns: room for an arrow and its words
_ROW_GAP = 0.5
_ABOVE = 0.36  # of a level arrow, where its words stand
_FAN = 0.62  # between arrows that end in the same box


@dataclass(frozen=True)
class Box:
    """The frame of one array: its name, its cells, and below them its gradient's."""

    key: str
    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True)
class Arrow:
    """The way of one use, as corners of a line, and where its words stand: above a level line, on a slanting one."""

    use: Use
    points: tuple[Point, ...]
    words_at: Point


@dataclass(frozen=True)
class Arrangement:
    """All boxes and arrows of a net."""

    boxes: dict[str, Box]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


def arrange(net: Objective) -> Arrangement:
    """Give each array of a net its place: columns from left to right as the net is computed.

    Examples
    --------
    >>> from bpkit.exhibits.objectives import ica, example
    >>> drawn = arrange(ica(**example("ICA reconstruction")))
    >>> drawn.boxes["h"].left < drawn.boxes["y"].left, len(drawn.arrows)
    (True, 8)
    """
    sizes = {node.key: _size(node) for node in net.nodes}
    columns = _ends([max((sizes[node.key][0] for node in net.nodes if node.spot[0] == c), default=0.0) for c in range(_count(net.nodes, 0))], _GAP)
    rows = _ends([max((sizes[node.key][1] for node in net.nodes if node.spot[1] == r), default=0.0) for r in range(_count(net.nodes, 1))], _ROW_GAP)
    boxes = {}
    for node in net.nodes:
        width, height = sizes[node.key]
        (left, right), (top, bottom) = columns[node.spot[0]], rows[node.spot[1]]
        boxes[node.key] = Box(node.key, (left + right - width) / 2, (top + bottom - height) / 2, width, height)
    return Arrangement(boxes, tuple(_arrow(net, boxes, use) for use in net.uses), columns[-1][1], rows[-1][1])


def _count(nodes: Sequence[Node], axis: int) -> int:
    return 1 + max(node.spot[axis] for node in nodes)


def _ends(widths: Sequence[float], gap: float) -> list[Point]:
    """Where each of several stripes begins and ends."""
    ends, at = [], 0.0
    for width in widths:
        ends.append((at, at + width))
        at += width + gap
    return ends


def _size(node: Node) -> Point:
    n, m = node.value.shape
    blocks = TITLE + n * CELL + (0 if node.gradient is None else BETWEEN + n * CELL)
    return max(float(m), _LETTER * len(node.label) + 0.1) + 2 * PAD, blocks + PAD


def _bends(net: Objective, use: Use) -> bool:
    """Whether an arrow has to go round a box that stands between its ends."""
    (column, row), (to_column, to_row) = net[use.start].spot, net[use.end].spot
    return to_column - column > 1 and row != to_row


def _arrow(net: Objective, boxes: dict[str, Box], use: Use) -> Arrow:
    start, end = boxes[use.start], boxes[use.end]
    x, y = start.left + start.width, start.middle[1]
    if _bends(net, use):
        corner = end.middle[0]
        return Arrow(use, ((x, y), (corner, y), (corner, end.top if y < end.top else end.top + end.height)), ((x + corner) / 2, y - _ABOVE))
    fan = sorted((other for other in net.uses if other.end == use.end and not _bends(net, other)), key=lambda other: boxes[other.start].middle[1])
    lower = _FAN * (fan.index(use) - (len(fan) - 1) / 2)
    straight = net[use.start].spot[1] == net[use.end].spot[1]
    target = (end.left, y if straight else end.middle[1] + lower)
    return Arrow(use, ((x, y), target), ((x + target[0]) / 2, (y + target[1]) / 2 - (_ABOVE if straight else 0)))
