"""Figures of a unit across a merger or split: as the units are now, and as they were then; by point, else by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from analysis.index import Inference
from analysis.intervals.shares import wilson_interval
from analysis.monitoring.control import p_chart
from analysis.types import Estimate
from survey_app.months import last_day, months_later
from survey_app.queries.units import UnitRow, unit_by_id
from survey_app.services import counting, trends, unit_changes
from survey_app.services.accounts import Viewer
from survey_app.services.figures import Showing, TrendFigure, WeekPoint
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.registry_browsing import readable_unit_ids, require_readable
from survey_app.services.showing import showing_of
from survey_app.services.unit_carrying import (
    Answers,
    Carried,
    Marks,
    carried_back,
    carried_to_now,
    read_answers,
    read_holdings,
)
from survey_app.services.unit_changes import BeforeAfter
from survey_app.services.unit_lines import Origin, last_change, origins_of

MONTHS_SHOWN = 18
SHOWN, WITHHELD, TOO_FEW, NOTHING, INCOMPLETE = "shown", "withheld", "too_few", "nothing", "incomplete"


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """One month of one line; `state` says why there is no estimate, `missing` whose answers are not there."""

    month: date
    state: str
    n: int | None = None
    estimate: Estimate | None = None
    is_estimated: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A unit over the months; `unit` is one of the old ones where figures are as the units were then."""

    unit: UnitRow
    months: tuple[MonthFigure, ...]


@dataclass(frozen=True, slots=True)
class UnitTrend:
    """What the page of a unit's trend shows."""

    unit: UnitRow
    origins: tuple[Origin, ...]
    changed_on: date | None
    starts_on: date
    ends_on: date
    as_now: Line
    as_then: tuple[Line, ...]
    comparison: BeforeAfter | None
    chart: TrendFigure | None
    design_effect: float
    minimum_base: int
    minimum_shown: int
    is_simulated: bool


def unit_trend(
    session: Session, *, unit_id: int, viewer: Viewer, today: date, basis: str = "continuous"
) -> UnitTrend:
    """The same answers counted for the unit of today and for those it came from, carried over both ways."""
    require_readable(session, unit_id=unit_id, viewer=viewer)
    policy = current_policy(session, today)
    unit = unit_by_id(session, unit_id)
    ends_on = min(today, unit.valid_to or today)
    origins = origins_of(session, unit_id)
    unit_ids = [unit_id, *(origin.unit.id for origin in origins)]
    selection = counting.select_responses(
        session,
        unit_ids=unit_ids,
        basis=basis,
        starts_on=months_later(ends_on, 1 - MONTHS_SHOWN),
        ends_on=ends_on,
    )
    answers = read_answers(session, selection)
    effect = _design_effect(session, selection, policy)
    holdings = read_holdings(session, answers, origins, ends_on)
    figures = _MonthFigures(policy, effect, answers.months)
    as_now = figures.line(
        unit, carried_to_now(answers, unit_id, origins, holdings), _small_parts(answers, unit_ids, policy),
        _missing(answers, unit, origins),
    )  # fmt: skip
    back = [carried_back(answers, unit_id, origin, origins, holdings) for origin in origins]
    hidden, readable = _small_together(back, policy), readable_unit_ids(session, viewer=viewer)
    changed_on = last_change(session, unit_id)
    return UnitTrend(
        unit=unit,
        origins=origins,
        changed_on=changed_on,
        starts_on=selection.starts_on,
        ends_on=ends_on,
        as_now=as_now,
        as_then=tuple(
            figures.line(origin.unit, carried, hidden)
            for origin, carried in zip(origins, back, strict=True)
            if origin.unit.id in readable
        ),
        comparison=unit_changes.before_after(
            answers, unit_id, origins, holdings, changed_on, effect=effect, policy=policy
        )
        if changed_on is not None
        else None,
        chart=_chart(as_now, changed_on),
        design_effect=effect,
        minimum_base=policy.min_staff,
        minimum_shown=policy.min_index,
        is_simulated=selection.is_simulated,
    )


def _design_effect(session: Session, selection: counting.Selection, policy: PolicyValues) -> float:
    """One for all these answers together, by device-days; below one counts as one."""
    moments = counting.headline(session, selection).moments
    if not moments.n.sum():
        return 1.0
    whole = counting.whole_share(moments, None, inference=Inference(confidence_level=policy.confidence_level))
    return max(1.0, whole.design_effect) if np.isfinite(whole.design_effect) else 1.0


def _small_parts(answers: Answers, unit_ids: Sequence[int], policy: PolicyValues) -> Marks:
    """Months in which a part is too small to be shown: the sum would give it away beside the others."""
    parts = np.array([answers.of_unit(unit_id) for unit_id in unit_ids])
    small = (parts > 0) & (parts < policy.min_staff)
    return np.asarray(small.any(axis=0) & ((parts > 0).sum(axis=0) > 1))


def _small_together(lines: Sequence[Carried], policy: PolicyValues) -> Marks:
    """The same for the old units: where one is too small, none of them is shown that month."""
    if not lines:
        return np.zeros(0, dtype=bool)
    n = np.array([line.n for line in lines])
    return np.asarray(((n > 0) & (n < policy.min_staff)).any(axis=0))


def _missing(answers: Answers, unit: UnitRow, origins: Sequence[Origin]) -> list[tuple[str, ...]]:
    """By month before the unit began: the old units that had nobody answer while others had."""
    found: list[tuple[str, ...]] = []
    for place, month in enumerate(answers.months):
        end = last_day(month)
        there = [each for each in origins if end < unit.valid_from and each.unit.is_valid(end)]
        empty = tuple(each.unit.label for each in there if not answers.of_unit(each.unit.id)[place])
        found.append(empty if len(empty) < len(there) else ())
    return found


@dataclass(frozen=True, slots=True)
class _MonthFigures:
    """Counts by month into what may be shown of them."""

    policy: PolicyValues
    design_effect: float
    months: tuple[date, ...]

    def line(
        self, unit: UnitRow, carried: Carried, is_hidden: Marks, missing: Sequence[tuple[str, ...]] = ()
    ) -> Line:
        """A unit's months; `missing` names whose answers are not there."""
        whose = missing or [()] * len(self.months)
        months = (
            self._figure(carried, place, is_hidden=bool(is_hidden[place]), missing=whose[place])
            for place in range(len(self.months))
        )
        return Line(unit, tuple(months))

    def _figure(
        self, carried: Carried, place: int, *, is_hidden: bool, missing: tuple[str, ...]
    ) -> MonthFigure:
        month, n = self.months[place], round(carried.n[place])
        if n == 0:
            return MonthFigure(month, NOTHING)
        showing = showing_of(n, self.policy)
        if is_hidden or showing is Showing.WITHHELD:
            return MonthFigure(month, WITHHELD)
        if missing:
            return MonthFigure(month, INCOMPLETE, n, missing=missing)
        if showing is Showing.INSUFFICIENT:
            return MonthFigure(month, TOO_FEW, n)
        found = wilson_interval(
            [round(carried.k[place])], [n], design_effect=self.design_effect,
            confidence_level=self.policy.confidence_level,
        )  # fmt: skip
        return MonthFigure(month, SHOWN, n, found[0], bool(carried.is_estimated[place]))


def _chart(line: Line, changed_on: date | None) -> TrendFigure | None:
    """A control chart by month, its centre starting afresh at the change; None while there is too little to read."""
    shown = [(each.month, each.n, each.estimate) for each in line.months if each.n and each.estimate]
    if len(shown) < trends.POINTS_NEEDED:
        return None
    months = [month for month, _, _ in shown]
    is_inside = changed_on is not None and months[0] < changed_on <= months[-1]
    breaks = (
        [next(i for i, month in enumerate(months) if month >= changed_on)]
        if changed_on is not None and is_inside
        else []
    )
    chart = p_chart([round(each.value * n) for _, n, each in shown], [n for _, n, _ in shown], breaks=breaks)
    points = tuple(
        WeekPoint(
            starts_on=month,
            ends_on=last_day(month),
            n=n,
            share=float(chart.p[i]),
            lower=max(0.0, float(chart.lower[i])),
            upper=min(1.0, float(chart.upper[i])),
            center=float(chart.center[i]),
            is_signal=bool(not chart.lower[i] <= chart.p[i] <= chart.upper[i]),
        )
        for i, (month, n, _) in enumerate(shown)
    )
    marks = (changed_on,) if changed_on is not None and is_inside else ()
    return TrendFigure("/".join(sorted(set(chart.method))), points, marks)
