"""Stored answers become the one Scorecard that page, chart and document show."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from analysis.comparing.targets import estimate_verdict, n_to_confirm
from analysis.index import group_shares
from analysis.intervals.sequential import confidence_sequence
from analysis.types import Estimate, Verdict
from survey_app.queries import calendar, transactions, units
from survey_app.queries.calendar import PeriodRow
from survey_app.queries.units import UnitRow
from survey_app.services import (
    accounts,
    breakdowns,
    changes,
    counting,
    devices,
    expectations,
    factors,
    trends,
    working_days,
)
from survey_app.services.counting import Selection
from survey_app.services.figures import (
    ChangeFigure,
    CommentBatch,
    MixRow,
    QualityFigure,
    Scorecard,
    ShareFigure,
    Showing,
    TargetFigure,
    ToDo,
)
from survey_app.services.masking import mask
from survey_app.services.policy import PolicyValues, policy_for
from survey_app.services.sample_design import designed_headline
from survey_app.services.showing import share_figure

METHOD_VERSION = "1.4"
# Days on which the point was open: a holiday, a weekend or a storm is no silence.
SILENT_DAYS = 5
# After a batch of comments was opened, it is something to read for so long.
COMMENTS_ARE_NEWS_DAYS = 14
# A truth this far above the target is what a unit may reasonably hope to prove.
HOPED_MARGIN = 0.03


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for, with everything that judges it."""

    unit: UnitRow
    selection: Selection
    period: PeriodRow
    policy: PolicyValues
    language: str
    is_running: bool
    # As the calendar has it, where the figures stop at an earlier day.
    named_period: PeriodRow


def unit_scorecard(
    session: Session,
    *,
    unit_id: int,
    basis: str,
    period_code: str | None,
    viewer: accounts.Viewer,
    today: date,
    language: str = "vi",
    is_public: bool = False,
    through: date | None = None,
) -> Scorecard | None:
    """The scorecard of a unit the viewer may see; None while its office has no period.

    `through` stops the figures at a day inside the period.
    """
    accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    unit = units.unit_by_id(session, unit_id)
    roots = units.ancestor_ids(session, unit_id)
    period = counting.choose_period(session, root_unit_ids=roots, code=period_code, today=today)
    if period is None:
        return None
    named_period = period
    if through is not None and period.starts_on <= through < period.ends_on:
        period = replace(period, ends_on=through)
    selection = counting.select_responses(
        session, unit_ids=[unit_id], basis=basis, starts_on=period.starts_on, ends_on=period.ends_on
    )
    is_running = today <= named_period.ends_on
    policy = policy_for(session, today, is_public=is_public)
    request = _Request(unit, selection, period, policy, language, is_running, named_period)
    return _scorecard(session, request, roots)


def _scorecard(session: Session, request: _Request, roots: list[int]) -> Scorecard:
    selection, policy, language = request.selection, request.policy, request.language
    inner = counting.periods_within(session, root_unit_ids=roots, period=request.named_period)
    hidden = counting.hidden_within(session, selection, inner, minimum=policy.min_staff)
    overall = overall_share(session, selection, policy, language, is_hidden=bool(hidden))
    is_shown = overall.showing is Showing.SHOWN
    # A breakdown of a long period less those of the shorter ones inside it would tell what they hide.
    has_parts = is_shown and not inner
    effect = overall.estimate.design_effect if overall.estimate else 1.0
    form_figures = (
        factors.full_form_figures(session, selection, policy=policy, language=language)
        if has_parts
        else factors.NO_FULL_FORMS
    )
    n_responses, n_transactions, rate = _coverage(session, request, overall)

    def mix(by: str) -> tuple[MixRow, ...]:
        if not has_parts:
            return ()
        return breakdowns.mix(
            session, selection, by=by, policy=policy, design_effect=effect, language=language
        )

    reasons = (
        breakdowns.reasons(session, selection, policy=policy, design_effect=effect, language=language)
        if has_parts
        else {}
    )
    comments = calendar.latest_comments(session, unit_id=request.unit.id, up_to=request.period.ends_on)
    return Scorecard(
        unit=request.unit,
        basis=selection.basis,
        period=counting.period_choice(request.period, language),
        released_through=calendar.released_through(
            session, unit_ids=[request.unit.id], wave_ids=[wave.id for wave in selection.waves]
        ),
        is_simulated=selection.is_simulated,
        method_version=METHOD_VERSION,
        confidence_level=policy.confidence_level,
        overall=overall,
        is_composite=bool(inner),
        n_responses=n_responses,
        n_transactions=n_transactions,
        response_rate=rate,
        design_effect=effect if is_shown else None,
        target=target_figure(overall.estimate, policy, is_running=request.is_running),
        change=_change(session, request, roots, overall) if is_shown else None,
        trend=trends.trend(
            session,
            unit_id=request.unit.id,
            basis=selection.basis,
            ends_on=request.period.ends_on,
            policy=policy,
            language=language,
        )
        if is_shown
        else None,
        reasons_bad=reasons.get("bad", ()),
        reasons_good=reasons.get("good", ()),
        factors=form_figures.factors,
        lowest_is_separate=form_figures.lowest_is_separate,
        indices=form_figures.indices,
        channels=mix("channel"),
        stages=mix("stage"),
        assisted=mix("assisted_by"),
        fields=breakdowns.field_mix(
            session, selection, policy=policy, design_effect=effect, language=language
        )
        if has_parts
        else (),
        comments=CommentBatch(comments[0], len(comments[1]), tuple(map(mask, comments[1])))
        if comments[0]
        else None,
        n_comments_waiting=calendar.has_waiting_comments(session, request.unit.id),
        quality=breakdowns.quality(session, selection, policy=policy, design_effect=effect)
        if has_parts
        else QualityFigure(None, None, None, breakdowns.n_excluded(session, selection)),
        to_do=(*_to_do(session, request), *_fresh_comments(request, *comments)),
        minimum_shown=policy.min_index,
        minimum_base=policy.min_staff,
        closing=changes.closing_figure(session, selection.waves, unit_id=request.unit.id),
        counted_from=counted_from(selection),
        expected=expectations.expected_factors(
            session, selection, form_figures.factors, policy=policy, design_effect=effect
        )
        if has_parts
        else None,
    )


def counted_from(selection: Selection) -> date | None:
    """From which day a figure counts, where the period began with a form that measures something else."""
    began = min((wave.opens_on for wave in selection.waves), default=None)
    if began is None or not any(wave.opens_on < began for wave in selection.left_out):
        return None
    return max(selection.starts_on, began)


def overall_share(
    session: Session, selection: Selection, policy: PolicyValues, language: str, *, is_hidden: bool = False
) -> ShareFigure:
    """The share satisfied with the service as a whole, over all forms of the selection."""
    counted = counting.headline(session, selection)
    drawn = designed_headline(session, selection, counted.moments)
    estimate = group_shares(drawn.moments, strata=drawn.strata)["overall"][0]
    text = selection.parts[0].form.headline.text.in_language(language) if selection.parts else ""
    return share_figure(
        "overall", text, counts=counted.levels[0], choices=counted.choices, estimate=estimate,
        policy=policy, language=language, is_hidden=is_hidden,
    )  # fmt: skip


def target_figure(
    estimate: Estimate | None, policy: PolicyValues, *, is_running: bool = False
) -> TargetFigure | None:
    """Three-way: met, not met, or not enough evidence with the number of respondents that would settle it."""
    if estimate is None:
        return None
    interval = _looked_at_daily(estimate) if is_running else estimate
    verdict = estimate_verdict(interval, policy.target)
    assumed = min(policy.target + HOPED_MARGIN, 0.99)
    needed = None
    if verdict is Verdict.UNDECIDED:
        needed = n_to_confirm(policy.target, assumed, design_effect=max(1.0, estimate.design_effect))
    return TargetFigure(policy.target, verdict, interval, is_running, assumed, needed)


def _looked_at_daily(estimate: Estimate) -> Estimate:
    """The share with the interval of a figure that is read again every day."""
    n = estimate.n_respondents
    return confidence_sequence(
        round(estimate.value * n), n,
        design_effect=max(1.0, estimate.design_effect), confidence_level=estimate.confidence_level,
    ).at()  # fmt: skip


def _coverage(
    session: Session, request: _Request, overall: ShareFigure
) -> tuple[int | None, int | None, float | None]:
    """Responses against hồ sơ (a stream) or against the target (a sample)."""
    if overall.n is None:
        return None, None, None
    unit_id = request.unit.id
    if request.selection.basis == "sample":
        sizes = calendar.frame_sizes(
            session, wave_ids=[wave.id for wave in request.selection.waves], unit_ids=[unit_id]
        )
        base = (sizes.get(unit_id) or (None, None))[1]
    else:
        base = transactions.transactions_between(
            session, unit_ids=[unit_id], starts_on=request.period.starts_on, ends_on=request.period.ends_on
        ).get(unit_id)
    return overall.n, base, overall.n / base if base else None


def _change(
    session: Session, request: _Request, roots: list[int], overall: ShareFigure
) -> ChangeFigure | None:
    """Against the period before; None where there is none or its base is too small."""
    earlier = counting.previous_period(session, root_unit_ids=roots, period=request.named_period)
    if earlier is None or overall.estimate is None:
        return None

    def share(selection: Selection) -> Estimate | None:
        # Where all its forms are shared, this period has been counted.
        if selection == request.selection:
            return overall.estimate
        return overall_share(session, selection, request.policy, request.language).estimate

    return changes.change_figure(
        session, request.selection, earlier, share_of=lambda _now, _before: share,
        policy=request.policy, language=request.language, is_running=request.is_running,
    )  # fmt: skip


def _to_do(session: Session, request: _Request) -> tuple[ToDo, ...]:
    """Points of the unit that fell silent before the period's end, and kiosks that still owe answers."""
    if request.selection.basis != "continuous":
        return ()
    ends_on = request.period.ends_on
    points = units.points_of_unit(session, request.unit.id, ends_on)
    last = calendar.last_answers_by_point(session, point_ids=[p.id for p in points], on_or_before=ends_on)
    work = working_days.load_calendar(
        session,
        min(last.values(), default=ends_on),
        ends_on,
        unit_ids=[request.unit.id],
        point_ids=list(last),
    )
    silent = [
        ToDo("silent_point", point.name, on=last[point.id] + timedelta(days=1))
        for point in points
        if point.id in last
        and work.open_days(last[point.id], ends_on, unit_id=request.unit.id, point_id=point.id) >= SILENT_DAYS
    ]
    owing = [
        ToDo("owing_device", each.device.name, n=each.n_owed, target_id=each.device.id)
        for each in devices.owing(session, unit_id=request.unit.id, on=ends_on)
    ]
    return (*silent, *owing)


def _fresh_comments(request: _Request, day: date | None, texts: list[str]) -> tuple[ToDo, ...]:
    """The batch of comments that was opened last, while it is news."""
    if day is None or request.selection.basis != "continuous":
        return ()
    is_news = (request.period.ends_on - day).days < COMMENTS_ARE_NEWS_DAYS
    return (ToDo("new_comments", "", on=day, n=len(texts)),) if is_news else ()
