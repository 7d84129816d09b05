"""Has it really changed: the control chart by week, and this period against the one before."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from analysis.intervals.two_shares import share_difference
from analysis.monitoring.control import p_chart, pool_periods
from analysis.monitoring.run_rules import Rule
from analysis.types import Difference, Estimate
from survey_app.queries import tallies
from survey_app.services import counting
from survey_app.services.counting import Part, Selection
from survey_app.services.figures import Recoding, TrendFigure, WeekPoint
from survey_app.services.policy import PolicyValues
from survey_app.services.version_mappings import Kin

WEEKS_SHOWN = 26
POINTS_NEEDED = 3


def trend(
    session: Session, *, unit_id: int, basis: str, ends_on: date, policy: PolicyValues, language: str = "vi"
) -> TrendFigure | None:
    """Half a year of whole weeks up to the end of the period; None while there are too few points to read."""
    return trend_of_units(
        session, unit_ids=[unit_id], basis=basis, ends_on=ends_on, policy=policy, language=language
    )


def trend_of_units(
    session: Session,
    *,
    unit_ids: Sequence[int],
    basis: str,
    ends_on: date,
    policy: PolicyValues,
    language: str = "vi",
) -> TrendFigure | None:
    """The same of several units counted together."""
    last_sunday = ends_on - timedelta(days=(ends_on.weekday() + 1) % 7)
    starts_on = last_sunday - timedelta(days=7 * WEEKS_SHOWN - 1)
    selection = counting.select_responses(
        session, unit_ids=list(unit_ids), basis=basis, starts_on=starts_on, ends_on=last_sunday,
        across_breaks=True,
    )  # fmt: skip
    mondays, satisfied, answered = _weeks(session, selection)
    changes, recodings = _form_changes(session, selection, language)
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
    return TrendFigure(method, points, tuple(changes), tuple(recodings))


def _form_changes(session: Session, selection: Selection, language: str) -> tuple[list[date], list[Recoding]]:
    """Days on which the line is cut: the next wave asks something else, or asks it on another scale.

    Where the overall item is mapped as the same the line goes on, whatever else changed in the form.
    """
    part_of = {part.scope.version_id: part for part in selection.parts}
    changes, recodings = [], []
    for before, after in pairwise(selection.waves):
        old, new = part_of[before.version_id], part_of[after.version_id]
        relation = counting.headline_relation(session, old, new)
        if relation.kin is Kin.SAME or after.opens_on <= selection.starts_on:
            continue
        changes.append(after.opens_on)
        if relation.kin is Kin.RECODED:
            recodings.append(Recoding(after.opens_on, _answer_words(old, new, relation.points, language)))
    return changes, recodings


def _answer_words(
    old: Part, new: Part, points: Mapping[str, str], language: str
) -> tuple[tuple[str, str], ...]:
    words = {choice.code: choice.label.in_language(language) for choice in new.form.headline.choices}
    return tuple(
        (choice.label.in_language(language), words[points[choice.code]])
        for choice in old.form.headline.choices
        if choice.code in points
    )


def _satisfied_points(session: Session, selection: Selection, part: Part) -> dict[str, bool]:
    """Which answers of a form are counted, and whether as satisfied: recoded ones as in the newest form."""
    part_of = {each.scope.version_id: each for each in selection.parts}
    newest = part_of[selection.waves[-1].version_id]
    relation = counting.headline_relation(session, part, newest)
    if relation.kin is not Kin.RECODED:
        return {choice.code: choice.is_satisfied for choice in part.form.headline.choices}
    there = {choice.code: choice.is_satisfied for choice in newest.form.headline.choices}
    return {old: there[new] for old, new in relation.points.items() if new in there}


def _weeks(session: Session, selection: Selection) -> tuple[list[date], list[int], list[int]]:
    """Mondays in order with satisfied and answered, over the forms of the selection."""
    totals: dict[date, list[int]] = {}
    for part in selection.parts:
        item = part.form.headline
        counts_as = _satisfied_points(session, selection, part)
        for monday, counted in tallies.weekly_tallies(session, part.scope).items():
            week = totals.setdefault(monday, [0, 0])
            for choice in item.choices:
                if choice.code in counts_as:
                    n = int(counted.counts[0, item.slot, choice.position])
                    week[0] += n * counts_as[choice.code]
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
