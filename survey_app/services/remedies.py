"""Before and after a remedy: the change at a date in chosen units, beside units where nothing was done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlalchemy.orm import Session

from analysis.comparing.many_comparisons import adjust_p_values
from analysis.monitoring.before_after import BeforeAfter, before_after_difference, difference_in_differences
from analysis.types import Difference, Estimate
from survey_app.errors import NotFound
from survey_app.queries import calendar, tallies
from survey_app.queries.units import UnitRow, units_as_at
from survey_app.services import accounts, counting, peer_groups
from survey_app.services.policy import PolicyValues, current_policy

WEEKS = (4, 8, 12)
WEEKS_NEEDED = 3
CONTROLS = ("none", "peers", "others")
MOST_UNITS = 20


@dataclass(frozen=True, slots=True)
class RemedyQuestion:
    """What is asked: where something was done, on which day, how many weeks on each side, and beside whom."""

    unit_ids: tuple[int, ...]
    on: date
    weeks: int = 8
    control: str = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """Both sides of some units and their difference; None where there is too little, and `reason` says what."""

    n_before: int | None
    n_after: int | None
    before: Estimate | None
    after: Estimate | None
    difference: Difference | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One of several units, its p value adjusted for all of them."""

    unit: UnitRow
    change: Change
    p_adjusted: float | None


@dataclass(frozen=True, slots=True)
class RemedyFigure:
    """The answer: the units together, the control group, the difference of both changes, and each unit."""

    question: RemedyQuestion
    units: tuple[UnitRow, ...]
    starts_on: date
    ends_on: date
    together: Change
    control: Change | None
    n_control_units: int
    net: Difference | None
    each: tuple[UnitChange, ...]
    adjustment: str
    alpha: float
    minimum_shown: int
    minimum_base: int
    has_break: bool
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class _Weeks:
    """Satisfied and answering respondents by unit and week; weeks of fewer than the minimum base are left out."""

    counts: Mapping[int, Mapping[date, tuple[int, int]]]
    on: date
    effect: float
    policy: PolicyValues

    def change(self, unit_ids: Collection[int]) -> tuple[Change, BeforeAfter | None]:
        totals: dict[date, list[int]] = {}
        for unit_id in unit_ids:
            for monday, (k, n) in self.counts.get(unit_id, {}).items():
                week = totals.setdefault(monday, [0, 0])
                week[0] += k
                week[1] += n
        mondays = sorted(totals)
        at = sum(monday < self.on for monday in mondays)
        people = [totals[monday][1] for monday in mondays]
        sides = sum(people[:at]), sum(people[at:])
        if min(sides) < self.policy.min_index:
            return Change(self._shown(sides[0]), self._shown(sides[1]), None, None, None, "too_few"), None
        if min(at, len(mondays) - at) < WEEKS_NEEDED:
            return Change(*sides, None, None, None, "weeks"), None
        found = before_after_difference(
            [totals[monday][0] for monday in mondays], people, at=at, design_effect=self.effect,
            confidence_level=self.policy.confidence_level,
        )  # fmt: skip
        return Change(*sides, found.before, found.after, found.difference), found

    def _shown(self, n: int) -> int | None:
        return n if n == 0 or n >= self.policy.min_staff else None


def remedy_figure(
    session: Session, question: RemedyQuestion, *, root_unit_id: int, viewer: accounts.Viewer, today: date
) -> RemedyFigure:
    """The change from whole weeks before the day to whole weeks after it; the week of the day itself is left out."""
    if question.weeks not in WEEKS or question.control not in CONTROLS:
        raise NotFound("no such window or control group")
    policy = current_policy(session, today)
    rows = _candidates(session, root_unit_id=root_unit_id, viewer=viewer, today=today)
    by_id = {row.id: row for row in rows}
    chosen = tuple(dict.fromkeys(question.unit_ids))
    if not chosen or len(chosen) > MOST_UNITS or not set(chosen) <= by_id.keys():
        raise NotFound("units of the question")
    starts_on, ends_on = _window(question)
    selection = counting.select_responses(
        session, unit_ids=list(by_id), basis="continuous", starts_on=starts_on, ends_on=min(ends_on, today)
    )
    weeks = _Weeks(
        _counts(session, selection, question.on, policy), question.on, _effect(session, selection), policy
    )
    together, found = weeks.change(chosen)
    others = _others(session, rows, question, starts_on=starts_on, ends_on=ends_on)
    control, found_control = weeks.change(others) if others else (None, None)
    net = (
        difference_in_differences(found, found_control, confidence_level=policy.confidence_level)
        if found and found_control
        else None
    )
    return RemedyFigure(
        question=question,
        units=tuple(by_id[unit_id] for unit_id in chosen),
        starts_on=starts_on,
        ends_on=ends_on,
        together=together,
        control=control,
        n_control_units=len(others),
        net=net,
        each=_each(chosen, by_id, weeks, policy) if len(chosen) > 1 else (),
        adjustment=policy.tier_adjustment,
        alpha=policy.alpha,
        minimum_shown=policy.min_index,
        minimum_base=policy.min_staff,
        has_break=bool(selection.left_out),
        is_simulated=selection.is_simulated,
    )


def remedy_units(
    session: Session, *, root_unit_id: int, viewer: accounts.Viewer, today: date
) -> list[UnitRow]:
    """Units that may be asked about, in Vietnamese order."""
    return _candidates(session, root_unit_id=root_unit_id, viewer=viewer, today=today)


def _candidates(
    session: Session, *, root_unit_id: int, viewer: accounts.Viewer, today: date
) -> list[UnitRow]:
    accounts.require_unit(session, unit_id=root_unit_id, viewer=viewer)
    taking_part = calendar.units_in_waves(session, basis="continuous")
    return [row for row in units_as_at(session, today, root_unit_id) if row.id in taking_part]


def _others(
    session: Session, rows: Sequence[UnitRow], question: RemedyQuestion, *, starts_on: date, ends_on: date
) -> list[int]:
    """The units of the control group: none, those alike, or all that were not chosen."""
    if question.control == "none":
        return []
    others = [row.id for row in rows if row.id not in question.unit_ids]
    if question.control == "others":
        return others
    groups = peer_groups.peer_groups(session, rows, starts_on=starts_on, ends_on=ends_on)
    alike = {
        unit for group in groups if set(group.unit_ids) & set(question.unit_ids) for unit in group.unit_ids
    }
    return [unit for unit in others if unit in alike]


def _window(question: RemedyQuestion) -> tuple[date, date]:
    monday = question.on - timedelta(days=question.on.weekday())
    first_after = monday if monday == question.on else monday + timedelta(days=7)
    span = timedelta(days=7 * question.weeks)
    return monday - span, first_after + span - timedelta(days=1)


def _counts(
    session: Session, selection: counting.Selection, on: date, policy: PolicyValues
) -> dict[int, dict[date, tuple[int, int]]]:
    """By unit and Monday, without the week that the day cuts and weeks below the minimum base.

    Such weeks are left out of every sum, so that no two questions differ by fewer people than that.
    """
    totals: dict[int, dict[date, list[int]]] = {}
    for part in selection.parts:
        item = part.form.headline
        answered = {choice.position: choice.is_satisfied for choice in item.choices}
        for unit_id, day, code, n in tallies.unit_day_answers(session, part.scope, slot=item.slot):
            if code in answered:
                monday = day - timedelta(days=day.weekday())
                week = totals.setdefault(unit_id, {}).setdefault(monday, [0, 0])
                week[0] += n * answered[code]
                week[1] += n
    cut = on - timedelta(days=on.weekday())
    return {
        unit_id: {
            monday: (k, n)
            for monday, (k, n) in weeks.items()
            if n >= policy.min_staff and (monday != cut or cut == on)
        }
        for unit_id, weeks in totals.items()
    }


def _effect(session: Session, selection: counting.Selection) -> float:
    """One design effect of all these answers, by device-days."""
    moments = counting.headline(session, selection).moments
    if not moments.n.sum():
        return 1.0
    effect = counting.whole_share(moments, None).design_effect
    return max(1.0, effect) if np.isfinite(effect) else 1.0


def _each(
    chosen: Sequence[int], by_id: Mapping[int, UnitRow], weeks: _Weeks, policy: PolicyValues
) -> tuple[UnitChange, ...]:
    """Every unit by itself, with p values adjusted for how many there are."""
    changes = [weeks.change([unit_id])[0] for unit_id in chosen]
    p = [change.difference.p_value if change.difference else float("nan") for change in changes]
    known = np.flatnonzero(np.isfinite(p))
    adjusted = dict(
        zip(
            known.tolist(),
            adjust_p_values(np.array(p)[known], method=policy.tier_adjustment).tolist() if len(known) else [],
            strict=True,
        )
    )
    return tuple(
        UnitChange(by_id[unit_id], change, adjusted.get(place))
        for place, (unit_id, change) in enumerate(zip(chosen, changes, strict=True))
    )
