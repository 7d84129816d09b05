"""Where words beside marks go, so that none hides a mark or another word."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.charts.canvas import Canvas
from analysis.charts.style import INK, MUTED
from analysis.types import FloatArray

Point = tuple[float, float]
Line = tuple[Point, Point]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels; y runs downwards."""

MARK_PX = 7.0
RINGS = (4.0, 12.0, 20.0, 30.0, 42.0, 56.0, 72.0, 90.0, 112.0, 138.0, 170.0, 210.0)
DIRECTIONS = (
    (1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1), (1, -0.5), (-1, -0.5), (1, 0.5),
    (-1, 0.5), (0.5, -1), (-0.5, -1), (0.5, 1), (-0.5, 1),
)  # fmt: skip
FREE_RING_PX = 4.0
"""A word no farther than this needs no line to its mark."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A word's box and the mark it belongs to; without a box there was no room for it."""

    at: Point
    box: Box | None
    has_leader: bool = False

    @property
    def anchor(self) -> tuple[str, float]:
        """From where to write: the side of the mark, so that a narrower typeface leaves no hole between them."""
        left, _top, right, _bottom = self.box or (*self.at, *self.at)
        if self.at[0] <= left:
            return "left", left
        return ("right", right) if self.at[0] >= right else ("center", (left + right) / 2)

    @property
    def leader(self) -> Line:
        """From the mark to the nearest point of the box."""
        left, top, right, bottom = self.box or (*self.at, *self.at)
        x, y = self.at
        return self.at, (min(max(x, left), right), min(max(y, top), bottom))


def place(
    marks: Sequence[Point],
    sizes: Sequence[tuple[float, float]],
    *,
    bounds: Box,
    others: Sequence[Point] = (),
    taken: Sequence[Box] = (),
    reach: float = RINGS[-1],
) -> list[Placed]:
    """Boxes beside marks that overlap neither each other nor any mark.

    Parameters
    ----------
    marks : sequence of (x, y)
        Marks to be named, in pixels.
    sizes : sequence of (width, height)
        Of each word.
    bounds : Box
        No word leaves it.
    others : sequence of (x, y)
        Marks that are not named but must not be hidden.
    taken : sequence of Box
        Room that is not free.
    reach : float
        Farthest a word may stand from its mark.

    Returns
    -------
    list of Placed
        In the order of `marks`. One mark after another takes the nearest free room; of several orders of
        choosing the one is kept that leaves the fewest words without room, and then the shortest lines.

    Examples
    --------
    >>> one, other = place([(50, 50), (52, 50)], [(20, 10), (20, 10)], bounds=(0, 0, 200, 200))
    >>> one.box is not None and other.box is not None and not overlap(one.box, other.box)
    True
    """
    best: list[Placed] = []
    for order in _orders(marks):
        room = _Room(bounds, [*marks, *others], taken)
        found = {index: room.take(marks[index], sizes[index], reach) for index in order}
        placed = [found[index] for index in range(len(marks))]
        if not best or _cost(placed) < _cost(best):
            best = placed
        if not any(one.box is None or one.has_leader for one in best):
            break
    return best


def along(xs: Sequence[float], ys: Sequence[float], *, half: float = 4.0) -> list[Box]:
    """Boxes that keep words off a curve, one each few pixels."""
    steps = np.arange(xs[0], xs[-1], 2 * half) if len(xs) > 1 else np.array(xs)
    heights = np.interp(steps, xs, ys)
    return [
        (float(x) - half, float(y) - half / 2, float(x) + half, float(y) + half / 2)
        for x, y in zip(steps, heights, strict=True)
    ]


def write_placed(
    canvas: Canvas, placed: Sequence[Placed], words: Sequence[str], colours: Sequence[str] = ()
) -> None:
    """Words where there was room for them, with thin lines to marks that are farther away."""
    for one, word, colour in zip(placed, words, colours or [INK] * len(words), strict=True):
        if one.box is None:
            continue
        ha, x = one.anchor
        y = (one.box[1] + one.box[3]) / 2
        canvas.write(x, y, word, ha=ha, color=colour, fontweight="bold")
        if one.has_leader:
            (x0, y0), (x1, y1) = one.leader
            length = math.dist(*one.leader)
            start, end = min(6.0, length) / length, max(length - 1.5, 0.0) / length
            canvas.line(
                [x0 + start * (x1 - x0), x0 + end * (x1 - x0)],
                [y0 + start * (y1 - y0), y0 + end * (y1 - y0)],
                color=MUTED, linewidth=0.8,
            )  # fmt: skip


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share room."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def crosses(box: Box, line: Line) -> bool:
    """Whether a straight line passes through a box (Liang and Barsky 1984)."""
    (x0, y0), (x1, y1) = line
    enters, leaves = 0.0, 1.0
    for step, room in (
        (x0 - x1, x0 - box[0]),
        (x1 - x0, box[2] - x0),
        (y0 - y1, y0 - box[1]),
        (y1 - y0, box[3] - y0),
    ):
        if step == 0:
            if room < 0:
                return False
        elif step < 0:
            enters = max(enters, room / step)
        else:
            leaves = min(leaves, room / step)
    return enters < leaves


class _Room:
    """What is taken already: marks, words, and the lines between them."""

    def __init__(self, bounds: Box, marks: Sequence[Point], taken: Sequence[Box]) -> None:
        self._bounds = bounds
        self._marks = np.array(marks, dtype=np.float64).reshape(-1, 2)
        around = np.hstack([self._marks - MARK_PX, self._marks + MARK_PX])
        self._taken = np.vstack([around, np.array(taken, dtype=np.float64).reshape(-1, 4)])
        self._words: list[Box] = []
        self._leaders: list[Line] = []

    def take(self, mark: Point, size: tuple[float, float], reach: float) -> Placed:
        """The nearest free room, if possible where the line to the mark crosses no other mark."""
        boxes, rings = _candidates(mark, size, reach)
        free = self._free(boxes) & ((rings > FREE_RING_PX) | self._is_nearest(boxes, mark))
        chosen = Placed(mark, None)
        for index in np.flatnonzero(free):
            left, top, right, bottom = boxes[index].tolist()
            placed = Placed(mark, (left, top, right, bottom), bool(rings[index] > FREE_RING_PX))
            if self._is_clear_of_words(placed):
                is_clear = not self._crosses_marks(placed)
                if is_clear or chosen.box is None:
                    chosen = placed
                if is_clear:
                    break
        if chosen.box is not None:
            self._words.append(chosen.box)
            self._taken = np.vstack([self._taken, chosen.box])
            if chosen.has_leader:
                self._leaders.append(chosen.leader)
        return chosen

    def _free(self, boxes: FloatArray) -> NDArray[np.bool_]:
        left, top, right, bottom = boxes.T
        low_x, low_y, high_x, high_y = self._bounds
        free: NDArray[np.bool_] = (left >= low_x) & (top >= low_y) & (right <= high_x) & (bottom <= high_y)
        x0, y0, x1, y1 = self._taken.T[:, :, None]
        shared = (left[free] < x1) & (x0 < right[free]) & (top[free] < y1) & (y0 < bottom[free])
        free[free] = ~shared.any(0)
        return free

    def _is_nearest(self, boxes: FloatArray, mark: Point) -> NDArray[np.bool_]:
        """Whether no other mark is nearer to a box than its own, so that nobody takes it for the other's."""
        nearest: NDArray[np.bool_] = _gaps(boxes, self._marks).min(1) >= _gaps(boxes, np.array([mark]))[:, 0]
        return nearest

    def _is_clear_of_words(self, placed: Placed) -> bool:
        if placed.box is not None and any(crosses(placed.box, line) for line in self._leaders):
            return False
        return not placed.has_leader or not any(crosses(word, placed.leader) for word in self._words)

    def _crosses_marks(self, placed: Placed) -> bool:
        if not placed.has_leader:
            return False
        away = np.abs(self._marks - placed.at).max(1) >= 2 * MARK_PX
        (x0, y0), (x1, y1) = placed.leader
        between = (self._marks > np.minimum((x0, y0), (x1, y1)) - MARK_PX).all(1) & (
            self._marks < np.maximum((x0, y0), (x1, y1)) + MARK_PX
        ).all(1)
        return any(
            crosses((x - MARK_PX, y - MARK_PX, x + MARK_PX, y + MARK_PX), placed.leader)
            for x, y in self._marks[away & between].tolist()
        )


def _candidates(mark: Point, size: tuple[float, float], reach: float) -> tuple[FloatArray, FloatArray]:
    """Boxes around a mark, nearest first, and how far away each is."""
    rings = np.repeat([ring for ring in RINGS if ring <= reach], len(DIRECTIONS))
    directions = np.tile(np.array(DIRECTIONS, dtype=np.float64), (len(rings) // len(DIRECTIONS), 1))
    half = np.array(size) / 2
    middles = np.array(mark) + directions * (MARK_PX + rings[:, None] + half)
    return np.hstack([middles - half, middles + half]), rings


def _gaps(boxes: FloatArray, points: FloatArray) -> FloatArray:
    """Distance of each box from each point."""
    below = boxes[:, None, :2] - points[None]
    above = points[None] - boxes[:, None, 2:]
    gaps: FloatArray = np.hypot(*np.moveaxis(np.maximum(np.maximum(below, above), 0.0), 2, 0))
    return gaps


def _orders(marks: Sequence[Point]) -> Iterator[list[int]]:
    """The most crowded first; then from each side."""

    def crowd(index: int) -> float:
        x, y = marks[index]
        return -sum(1 / (40 + abs(x - other[0]) + 2 * abs(y - other[1])) for other in marks)

    keys: tuple[Callable[[int], float], ...] = (
        crowd,
        lambda row: marks[row][1],
        lambda row: -marks[row][0],
        lambda row: marks[row][0],
        lambda row: -marks[row][1],
    )
    for key in keys:
        yield sorted(range(len(marks)), key=key)


def _cost(placed: Sequence[Placed]) -> tuple[int, float]:
    lines = [one.leader for one in placed if one.box is not None]
    return len(placed) - len(lines), sum(math.dist(*line) for line in lines)
