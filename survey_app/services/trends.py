"""Has it really changed: the control chart by week, and this period against the one before."""

from bisect import bisect_left
from datetime import date, timedelta

from sqlalchemy.orm import Session

from analysis.intervals.two_shares import share_difference
from analysis.monitoring.control import p_chart, pool_periods
from analysis.monitoring.run_rules import Rule
from analysis.types import Difference, Estimate
from survey_app.queries import tallies
from survey_app.services import counting
from survey_app.services.figures import TrendFigure, WeekPoint
from survey_app.services.policy import PolicyValues

WEEKS_SHOWN = 26
POINTS_NEEDED = 3


def trend(
    session: Session, *, unit_id: int, basis: str, ends_on: date, policy: PolicyValues
) -> TrendFigure | None:
    """Half a year of whole weeks up to the end of the period; None while there are too few points to read."""
    last_sunday = ends_on - timedelta(days=(ends_on.weekday() + 1) % 7)
    starts_on = last_sunday - timedelta(days=7 * WEEKS_SHOWN - 1)
    selection = counting.select_responses(
        session, unit_ids=[unit_id], basis=basis, starts_on=starts_on, ends_on=last_sunday
    )
    mondays, satisfied, answered = _weeks(session, selection)
    changes = [wave.opens_on for wave in selection.waves[1:] if wave.opens_on > starts_on]
    breaks = sorted({bisect_left(mondays, change) for change in changes} - {0, len(mondays)})
    if not mondays:
        return None
    pooled = pool_periods(satisfied, answered, min_n=policy.min_chart_point, breaks=breaks)
    enough = pooled.n >= policy.min_chart_point
    if enough.sum() < POINTS_NEEDED or not enough.all():
        return None
    chart = p_chart(pooled.x, pooled.n, breaks=pooled.breaks)
    signals = {signal.index for signal in chart.signals}
    runs = {signal.index for signal in chart.signals if signal.rule is not Rule.BEYOND_LIMITS}
    points = tuple(
        WeekPoint(
            starts_on=mondays[int(pooled.first[i])],
            ends_on=mondays[int(pooled.last[i])] + timedelta(days=6),
            n=int(chart.n[i]),
            share=float(chart.p[i]),
            lower=max(0.0, float(chart.lower[i])),
            upper=min(1.0, float(chart.upper[i])),
            center=float(chart.center[i]),
            is_signal=i in signals,
            is_run=i in runs,
        )
        for i in range(len(chart.n))
    )
    method = chart.method if isinstance(chart.method, str) else "/".join(sorted(set(chart.method)))
    return TrendFigure(method, points, tuple(changes))


def _weeks(session: Session, selection: counting.Selection) -> tuple[list[date], list[int], list[int]]:
    """Mondays in order with satisfied and answered, over the forms of the selection."""
    totals: dict[date, list[int]] = {}
    for part in selection.parts:
        item = part.form.headline
        for monday, counted in tallies.weekly_tallies(session, part.scope).items():
            week = totals.setdefault(monday, [0, 0])
            for choice in item.choices:
                n = int(counted.counts[0, item.slot, choice.position])
                week[0] += n * choice.is_satisfied
                week[1] += n
    mondays = sorted(monday for monday, (_, n) in totals.items() if n)
    return mondays, [totals[m][0] for m in mondays], [totals[m][1] for m in mondays]


def difference(current: Estimate, before: Estimate, policy: PolicyValues) -> Difference:
    """The difference of two independent shares, each on its effective number of respondents."""
    return share_difference(
        round(current.value * current.n_respondents), current.n_respondents,
        round(before.value * before.n_respondents), before.n_respondents,
        design_effect1=current.design_effect, design_effect2=before.design_effect,
        confidence_level=policy.confidence_level,
    ).at()  # fmt: skip
