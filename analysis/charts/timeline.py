"""Points in time: where each stands on an axis of days, and where the line between them is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from analysis.charts.labels import Box, along
from analysis.charts.lettering import text_width
from analysis.charts.plane import Plane
from analysis.charts.style import SMALL
from analysis.types import FloatArray

DAYS_OF_ONE = 7.0
"""How long a single point is taken to last."""


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Points in days, in pieces: a change of form or days without a point lie between two pieces.

    Attributes
    ----------
    starts, ends : (T,) array
        First day of each point and the day after its last, as ordinals.
    share, lower, upper, center : (T,) array
        Limits cut at 0 and 1.
    pieces : list of array of int
        Points to be joined; those without a share are in none.
    """

    starts: FloatArray
    ends: FloatArray
    share: FloatArray
    lower: FloatArray
    upper: FloatArray
    center: FloatArray
    pieces: list[NDArray[np.int64]]

    @property
    def middles(self) -> FloatArray:
        return (self.starts + self.ends) / 2

    @property
    def is_pooled(self) -> NDArray[np.bool_]:
        """Points that stand for clearly more days than the shortest."""
        lengths = self.ends - self.starts
        pooled: NDArray[np.bool_] = lengths > 1.5 * np.min(lengths)
        return pooled

    def edges(self, rows: NDArray[np.int64]) -> FloatArray:
        """First and last day of each point, one after the other."""
        return np.column_stack([self.starts[rows], self.ends[rows]]).ravel()

    def lines(self, plane: Plane) -> list[Box]:
        """Where the shares and the centre are drawn, as boxes that no word may cover."""
        boxes: list[Box] = []
        for rows in self.pieces:
            for days, levels in (
                (self.middles[rows], self.share[rows]),
                (self.edges(rows), np.repeat(self.center[rows], 2)),
            ):
                pixels = [plane.at(float(day), float(level)) for day, level in zip(days, levels, strict=True)]
                boxes += along([x for x, _y in pixels], [y for _x, y in pixels])
            for row in rows[self.is_pooled[rows]]:
                (x0, y), (x1, _y) = (plane.at(float(day), float(self.share[row])) for day in self._days(row))
                boxes.append((x0, y - 2, x1, y + 2))
        return boxes

    def _days(self, row: int) -> tuple[float, float]:
        return float(self.starts[row]), float(self.ends[row])


def timeline(
    starts_on: Sequence[date],
    ends_on: Sequence[date] | None,
    breaks: Sequence[date],
    columns: Sequence[FloatArray],
) -> Timeline:
    """Place points in time.

    Parameters
    ----------
    starts_on : sequence of date
        First day of each point, ascending.
    ends_on : sequence of date, optional
        Last days; without them each point lasts until the next begins.
    breaks : sequence of date
        Days from which another form was in use.
    columns : sequence of (T,) array
        Share, lower and upper limit, centre.

    Returns
    -------
    Timeline
    """
    starts = np.array([day.toordinal() for day in starts_on], dtype=np.float64)
    if ends_on is None:
        steps = np.diff(starts)
        ends = starts + np.append(steps, np.median(steps) if len(steps) else DAYS_OF_ONE)
    else:
        ends = np.array([day.toordinal() + 1 for day in ends_on], dtype=np.float64)
    share, lower, upper, center = (np.asarray(column, dtype=np.float64) for column in columns)
    cuts = {day.toordinal() for day in breaks}
    is_new = [False] + [
        starts[row] > ends[row - 1] + 0.5 or any(starts[row - 1] < cut <= starts[row] for cut in cuts)
        for row in range(1, len(starts))
    ]
    shown = np.flatnonzero(np.isfinite(share))
    group = np.cumsum(np.array(is_new) | np.append(False, ~np.isfinite(share[:-1])))
    pieces = [shown[group[shown] == label] for label in np.unique(group[shown])]
    return Timeline(starts, ends, share, np.clip(lower, 0, 1), np.clip(upper, 0, 1), center, pieces)


def date_ticks(
    series: Timeline, starts_on: Sequence[date], plane: Plane, *, date_format: str, right: float
) -> list[tuple[float, str]]:
    """First days of as many points as can be written side by side; no word beyond `right`."""
    words = [day.strftime(date_format) for day in starts_on]
    room = max(text_width(word, SMALL) for word in words) + 12
    ticks: list[tuple[float, str]] = []
    last = -room
    for day, word in zip(series.middles, words, strict=True):
        x = plane.at(float(day), 0)[0]
        if x - last >= room and x + room / 2 - 6 <= right and word not in {known for _day, known in ticks}:
            ticks.append((float(day), word))
            last = x
    return ticks
