"""All evaluated units of an office as one: the scorecard of the whole, from which no withheld unit can be told."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments
from analysis.types import Estimate
from survey_app.errors import PeriodNotKept
from survey_app.queries import calendar, units
from survey_app.queries.calendar import PeriodRow
from survey_app.services import accounts, changes, comparisons, counting, factors, trends, whole_breakdowns
from survey_app.services.changes import Share
from survey_app.services.counting import Selection
from survey_app.services.figures import (
    ChangeFigure,
    Comparison,
    QualityFigure,
    Scorecard,
    Showing,
    TrendFigure,
)
from survey_app.services.policy import PolicyValues, policy_for
from survey_app.services.pooling import Pool
from survey_app.services.sample_design import designed_headline
from survey_app.services.scorecards import target_figure
from survey_app.services.whole_breakdowns import WholeParts

NO_QUALITY = QualityFigure(None, None, None, 0)


def whole_scorecard(
    session: Session,
    *,
    root_unit_id: int,
    basis: str,
    period_code: str | None,
    viewer: accounts.Viewer,
    today: date,
    language: str = "vi",
    is_public: bool = False,
) -> Scorecard | None:
    """The scorecard of all units below a root together; None while the office has no period."""
    compared = comparisons.compare_units(
        session, root_unit_id=root_unit_id, basis=basis, period_code=period_code, kind=None,
        viewer=viewer, today=today, language=language, is_public=is_public,
    )  # fmt: skip
    if compared is None:
        return None
    return whole_of(session, compared, viewer=viewer, today=today, language=language, is_public=is_public)


@dataclass(frozen=True, slots=True)
class _Request:
    """What is added up, and everything that judges it."""

    compared: Comparison
    selection: Selection
    period: PeriodRow
    roots: list[int]
    policy: PolicyValues
    language: str


def whole_of(
    session: Session,
    compared: Comparison,
    *,
    viewer: accounts.Viewer,
    today: date,
    language: str = "vi",
    is_public: bool = False,
) -> Scorecard:
    """The scorecard of the whole that a comparison of all kinds of units is judged against."""
    accounts.require_unit(session, unit_id=compared.root.id, viewer=viewer)
    roots = units.ancestor_ids(session, compared.root.id)
    period = counting.choose_period(session, root_unit_ids=roots, code=compared.period.code, today=today)
    if period is None:
        raise PeriodNotKept(compared.period.code)
    selection = counting.select_responses(
        session, unit_ids=[row.unit.id for row in compared.rows], basis=compared.basis,
        starts_on=period.starts_on, ends_on=period.ends_on,
    )  # fmt: skip
    policy = policy_for(session, today, is_public=is_public)
    return _scorecard(session, _Request(compared, selection, period, roots, policy, language))


def _scorecard(session: Session, request: _Request) -> Scorecard:
    compared, selection, policy = request.compared, request.selection, request.policy
    overall = compared.province
    headline = counting.headline(session, selection).moments
    pool = _pool(session, request, headline)
    effect = pool.clustering(headline, pool.kept) if len(pool.kept) else 1.0
    has_parts = overall.showing is Showing.SHOWN and not compared.is_composite and bool(selection.parts)
    parts = WholeParts(selection, pool, headline.n, effect, policy, request.language)
    form = (
        factors.full_form_figures(session, selection, policy=policy, language=request.language, pool=pool)
        if has_parts
        else factors.NO_FULL_FORMS
    )
    reasons = whole_breakdowns.reasons(session, parts) if has_parts else {}
    n_transactions = _base(session, request) if overall.n is not None else None
    return Scorecard(
        unit=compared.root,
        basis=compared.basis,
        period=compared.period,
        released_through=calendar.released_through(
            session, unit_ids=list(selection.unit_ids), wave_ids=[wave.id for wave in selection.waves]
        ),
        is_simulated=compared.is_simulated,
        method_version=compared.method_version,
        confidence_level=policy.confidence_level,
        overall=overall,
        is_composite=compared.is_composite,
        n_responses=overall.n,
        n_transactions=n_transactions,
        response_rate=overall.n / n_transactions if overall.n is not None and n_transactions else None,
        design_effect=overall.estimate.design_effect if overall.estimate else None,
        target=target_figure(overall.estimate, policy, is_running=compared.is_running),
        change=_change(session, request, pool),
        trend=_trend(session, request, pool) if has_parts else None,
        reasons_bad=reasons.get("bad", ()),
        reasons_good=reasons.get("good", ()),
        factors=form.factors,
        lowest_is_separate=form.lowest_is_separate,
        indices=form.indices,
        channels=whole_breakdowns.mix(session, parts, by="channel") if has_parts else (),
        stages=whole_breakdowns.mix(session, parts, by="stage") if has_parts else (),
        assisted=whole_breakdowns.mix(session, parts, by="assisted_by") if has_parts else (),
        fields=whole_breakdowns.field_mix(session, parts) if has_parts else (),
        comments=None,
        n_comments_waiting=False,
        quality=whole_breakdowns.quality(session, parts) if has_parts else NO_QUALITY,
        to_do=(),
        minimum_shown=policy.min_index,
        minimum_base=policy.min_staff,
        closing=changes.closing_figure(session, selection.waves),
        counted_from=compared.counted_from,
    )


def _pool(session: Session, request: _Request, headline: Moments) -> Pool:
    rows = request.compared.rows
    kept = [place for place, row in enumerate(rows) if row.share.showing is not Showing.WITHHELD]
    strata = counting.strata_of(session, request.selection, n=headline.n)
    return Pool(
        np.array(kept, dtype=np.intp), strata, request.policy.min_staff, request.policy.confidence_level
    )


def _base(session: Session, request: _Request) -> int | None:
    """What the responses are set against, of the units counted; None where one of them has none."""
    bases = comparisons.response_bases(session, request.selection)
    counted = [row.unit.id for row in request.compared.rows if row.share.showing is not Showing.WITHHELD]
    found = [bases.get(unit_id) for unit_id in counted]
    return None if None in found else sum(base or 0 for base in found)


def _trend(session: Session, request: _Request, pool: Pool) -> TrendFigure | None:
    if request.compared.basis != "continuous":
        return None
    kept = [request.selection.unit_ids[place] for place in pool.kept]
    return trends.whole_trend(
        session, unit_ids=kept, ends_on=request.period.ends_on,
        policy=request.policy, language=request.language,
    )  # fmt: skip


def _change(session: Session, request: _Request, pool: Pool) -> ChangeFigure | None:
    """Against the period before, each over the units it may show."""
    earlier = counting.previous_period(session, root_unit_ids=request.roots, period=request.period)
    if earlier is None or request.compared.province.estimate is None:
        return None

    def share_of(now: Selection, before: Selection) -> Share:
        inner = counting.periods_within(session, root_unit_ids=request.roots, period=earlier)
        hidden = counting.hidden_within(session, before, inner, minimum=request.policy.min_staff)
        kept = set(pool.kept.tolist())
        hidden |= {unit_id for place, unit_id in enumerate(now.unit_ids) if place not in kept}
        return lambda selection: _share(session, selection, request.policy, hidden)

    return changes.change_figure(
        session, request.selection, earlier, share_of=share_of, policy=request.policy,
        language=request.language, is_running=request.compared.is_running,
    )  # fmt: skip


def _share(
    session: Session, selection: Selection, policy: PolicyValues, hidden: frozenset[int]
) -> Estimate | None:
    """The share over the units that hold the minimum and are hidden nowhere; None below the minimum for an index."""
    moments = counting.headline(session, selection).moments
    n = moments.sums[:, moments.column("r:overall")]
    rows = np.flatnonzero((n >= policy.min_staff) & ~np.isin(selection.unit_ids, sorted(hidden)))
    if n[rows].sum() < policy.min_index:
        return None
    drawn = designed_headline(session, selection, moments)
    return counting.whole_share(drawn.moments, drawn.strata, rows=rows)
