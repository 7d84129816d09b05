"""How satisfaction moved: all units together by week and by wave, and each unit by month on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments
from analysis.intervals.shares import wilson_interval
from analysis.monitoring.control import p_chart
from analysis.types import Estimate, FloatArray
from survey_app.months import last_day, months_between, months_later
from survey_app.queries import calendar, tallies
from survey_app.queries.units import UnitRow, unit_by_id, units_as_at
from survey_app.services import accounts, counting, trends
from survey_app.services.counting import Selection
from survey_app.services.figures import Showing, TrendFigure
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.showing import showing_of
from survey_app.services.version_mappings import Kin

MONTHS_SHOWN = 12
POINTS_NEEDED = 3


@dataclass(frozen=True, slots=True)
class WaveFigure:
    """One wave over all units that took part; `is_break` where its question is not that of the wave before."""

    code: str
    title_vi: str
    title_en: str
    opens_on: date
    closes_on: date | None
    form: str
    n_units: int
    showing: Showing
    n: int | None
    estimate: Estimate | None
    is_break: bool


@dataclass(frozen=True, slots=True)
class MonthPoint:
    """A month of a unit within its limits; None where it has too few answers for a share."""

    share: float | None
    lower: float | None = None
    upper: float | None = None
    center: float | None = None
    is_signal: bool = False


@dataclass(frozen=True, slots=True)
class UnitPanel:
    """A unit's months, and its latest one that is shown; `n_shown` months can be shown."""

    unit: UnitRow
    points: tuple[MonthPoint, ...]
    latest: Estimate | None
    n_shown: int


@dataclass(frozen=True, slots=True)
class ProvinceTrend:
    """Everything that the page of trends shows of all units."""

    root: UnitRow
    basis: str
    ends_on: date
    weeks: TrendFigure | None
    waves: tuple[WaveFigure, ...]
    months: tuple[date, ...]
    panels: tuple[UnitPanel, ...]
    minimum_shown: int
    minimum_base: int
    is_simulated: bool


def province_trend(
    session: Session,
    *,
    root_unit_id: int,
    basis: str,
    viewer: accounts.Viewer,
    today: date,
    language: str = "vi",
) -> ProvinceTrend:
    """All units below a root that take part in waves of the basis, up to the last month with an answer."""
    accounts.require_unit(session, unit_id=root_unit_id, viewer=viewer)
    policy = current_policy(session, today)
    taking_part = calendar.units_in_waves(session, basis=basis)
    rows = [
        row
        for row in units_as_at(session, today, root_unit_id)
        if row.id in taking_part and row.id != root_unit_id
    ]
    unit_ids = [row.id for row in rows]
    starts_on = months_later(today, 1 - MONTHS_SHOWN).replace(day=1)
    selection = counting.select_responses(
        session, unit_ids=unit_ids, basis=basis, starts_on=starts_on, ends_on=today, across_breaks=True
    )
    months, panels = _panels(session, rows, selection, policy)
    weeks = None
    if basis == "continuous" and months:
        weeks = trends.whole_trend(
            session, unit_ids=unit_ids, ends_on=min(today, last_day(months[-1])),
            policy=policy, language=language,
        )  # fmt: skip
    return ProvinceTrend(
        root=unit_by_id(session, root_unit_id),
        basis=basis,
        ends_on=today,
        weeks=weeks,
        waves=_waves(session, selection, policy, today=today, language=language),
        months=months,
        panels=panels,
        minimum_shown=policy.min_index,
        minimum_base=policy.min_staff,
        is_simulated=selection.is_simulated,
    )


def _waves(
    session: Session, selection: Selection, policy: PolicyValues, *, today: date, language: str
) -> tuple[WaveFigure, ...]:
    """Each wave whole, in the order of opening, with a mark where it cannot be compared with the one before."""
    part_of = {part.scope.version_id: part for part in selection.parts}
    figures, before = [], None
    for wave in selection.waves:
        part = part_of[wave.version_id]
        scope = replace(
            part.scope,
            wave_ids=(wave.id,),
            starts_on=wave.opens_on.replace(day=1),
            ends_on=last_day(min(wave.closes_on or today, today).replace(day=1)),
        )
        own = replace(
            selection, starts_on=scope.starts_on, ends_on=scope.ends_on, waves=(wave,),
            parts=(replace(part, scope=scope),),
        )  # fmt: skip
        moments = _moments(session, own)
        n = int(moments.sums[:, moments.column("r:overall")].sum())
        if not n:
            continue
        is_break = before is not None and (
            before is not part and counting.headline_relation(session, before, part).kin is not Kin.SAME
        )
        showing = showing_of(n, policy)
        estimate = counting.whole_share(moments, counting.strata_of(session, own))
        figures.append(
            WaveFigure(
                wave.code, wave.title_vi, wave.title_en, wave.opens_on, wave.closes_on,
                part.form.title.in_language(language), int((moments.n > 0).sum()), showing,
                None if showing is Showing.WITHHELD else n,
                estimate if showing is Showing.SHOWN else None, is_break,
            )
        )  # fmt: skip
        before = part
    return tuple(figures)


def _panels(
    session: Session, rows: Sequence[UnitRow], selection: Selection, policy: PolicyValues
) -> tuple[tuple[date, ...], tuple[UnitPanel, ...]]:
    """Months on the newest form's question only: a line is not drawn across a change of what is asked."""
    if not selection.parts or not rows:
        return (), ()
    one = counting.select_responses(
        session, unit_ids=list(selection.unit_ids), basis=selection.basis, starts_on=selection.starts_on,
        ends_on=selection.ends_on,
    )  # fmt: skip
    months = tuple(months_between(one.starts_on, one.ends_on))
    k, n = _by_month(session, one, months)
    filled = np.flatnonzero(n.sum(axis=0))
    if not len(filled):
        return (), ()
    used = slice(int(filled[0]), int(filled[-1]) + 1)
    months, k, n = months[used], k[:, used], n[:, used]
    whole = counting.whole_share(_moments(session, one), None)
    effect = max(1.0, whole.design_effect) if np.isfinite(whole.design_effect) else 1.0
    return months, tuple(_panel(row, k[i], n[i], effect, policy) for i, row in enumerate(rows))


def _moments(session: Session, selection: Selection) -> Moments:
    """Sums of the overall item by unit, without its level counts, which are not needed here."""
    total = Moments.empty(counting.OVERALL_COLUMNS, n_units=len(selection.unit_ids))
    for part in selection.parts:
        found = tallies.moment_tallies(session, part.scope, part.form.scoring())
        total = total + found.select(counting.OVERALL_COLUMNS)
    return total


def _by_month(
    session: Session, selection: Selection, months: Sequence[date]
) -> tuple[FloatArray, FloatArray]:
    """Satisfied and answering respondents, units by months."""
    k, n = np.zeros((2, len(selection.unit_ids), len(months)))
    for part in selection.parts:
        item = part.form.headline
        for place, month in enumerate(months):
            scope = replace(part.scope, starts_on=month, ends_on=min(last_day(month), selection.ends_on))
            counts = tallies.level_tallies(session, scope).counts[:, item.slot]
            for choice in item.choices:
                n[:, place] += counts[:, choice.position]
                k[:, place] += counts[:, choice.position] * choice.is_satisfied
    return k, n


def _panel(row: UnitRow, k: FloatArray, n: FloatArray, effect: float, policy: PolicyValues) -> UnitPanel:
    """A unit's months with enough answers; limits from three such months on."""
    shown = np.flatnonzero(n >= policy.min_index)
    points = [MonthPoint(None)] * len(n)
    if not len(shown):
        return UnitPanel(row, tuple(points), None, 0)
    last = shown[-1]
    latest = wilson_interval(
        [k[last]], [n[last]], design_effect=effect, confidence_level=policy.confidence_level
    )[0]
    if len(shown) < POINTS_NEEDED:
        return UnitPanel(row, tuple(points), latest, len(shown))
    chart = p_chart(k[shown], n[shown])
    for i, place in enumerate(shown):
        points[place] = MonthPoint(
            float(chart.p[i]), max(0.0, float(chart.lower[i])), min(1.0, float(chart.upper[i])),
            float(chart.center[i]), bool(not chart.lower[i] <= chart.p[i] <= chart.upper[i]),
        )  # fmt: skip
    return UnitPanel(row, tuple(points), latest, len(shown))
