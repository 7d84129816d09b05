"""The report on interviewers: how far they are, who answered them, and how call-backs agree with what they wrote."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from analysis.comparing.count_tables import homogeneity_tests
from analysis.comparing.many_comparisons import adjust_p_values
from analysis.comparing.tiers import fisher_p_values
from analysis.intervals.shares import clopper_pearson_interval
from analysis.measurement.intraclass import intraclass_correlation
from analysis.types import Estimate
from survey_app.errors import NotFound
from survey_app.queries import interviews, tallies
from survey_app.queries.interviews import InterviewerRow, ItemAgreement
from survey_app.queries.lookups import WaveRow
from survey_app.queries.tallies import Scope
from survey_app.services import call_backs, forms
from survey_app.services.accounts import Viewer, visible_unit_ids
from survey_app.services.policy import PolicyValues, current_policy

# Cochran's rule: with smaller expected counts the chi-square distribution does not hold.
LEAST_EXPECTED = 5.0

StateCounts = Mapping[tuple[int, int, str, str], int]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole with its exact interval; no estimate where the whole is empty."""

    k: int
    n: int
    estimate: Estimate | None

    @property
    def is_small(self) -> bool:
        return self.n < call_backs.rule().least_compared


@dataclass(frozen=True, slots=True)
class Progress:
    """Cases by what became of them. Refused, not reached and replaced ones count as not answered."""

    n_cases: int
    n_open: int
    n_not_reached: int
    n_refused: int
    n_replaced: int
    n_done: int
    answered: Share


@dataclass(frozen=True, slots=True)
class CallBacks:
    """Interviews drawn, called back, denied, and those in which an answer differed."""

    n_due: int
    n_unreached: int
    denied: Share
    differing: Share


@dataclass(frozen=True, slots=True)
class InterviewerLine:
    """One interviewer. `p_value` is exact, against all others together, adjusted for the number of interviewers."""

    code: str
    name: str
    unit_title: str
    progress: Progress
    call_backs: CallBacks
    p_value: float | None
    has_sign: bool


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item of the call-back over all interviewers, and by interviewer code."""

    code: str
    title_vi: str
    title_en: str
    total: Share
    by_interviewer: tuple[tuple[str, Share], ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """How alike the overall answers of one interviewer are (ICC), differences between their units included."""

    value: float
    ci_low: float
    ci_high: float
    n_interviewers: int
    n_responses: int
    design_effect: float


@dataclass(frozen=True, slots=True)
class Report:
    """The discrepancy report of one wave, for the units of one office."""

    wave: WaveRow
    waves: tuple[WaveRow, ...]
    lines: tuple[InterviewerLine, ...]
    total: Progress
    total_call_backs: CallBacks
    items: tuple[ItemLine, ...]
    p_value: float | None
    effect: Effect | None
    confidence_level: float
    alpha: float
    least_compared: int


def interview_report(
    session: Session, *, wave_code: str | None, viewer: Viewer, today: date
) -> Report | None:
    """The report of a wave, the newest with cases if none is named; None where no wave has begun yet."""
    visible = visible_unit_ids(session, viewer=viewer)
    waves = interviews.fieldwork_waves(session, visible)
    wave = choose_wave(session, waves, wave_code, visible)
    if wave is None:
        return None
    policy = current_policy(session, today)
    people = interviews.interviewers_of_wave(session, wave.id, visible)
    counts = interviews.state_counts(session, wave.id, visible)
    differing = interviews.differing_cases(session, wave.id, visible)
    tables = [_call_backs(counts, differing, [row.account_id], policy) for row in people]
    everyone = [row.account_id for row in people]
    form = forms.load_form(session, version_id=wave.version_id)
    agreements = interviews.item_agreements(session, wave.id, visible)
    return Report(
        wave=wave,
        waves=tuple(waves),
        lines=_lines(people, counts, tables, policy),
        total=_progress(counts, everyone, policy),
        total_call_backs=_call_backs(counts, differing, everyone, policy),
        items=_items(agreements, people, form, policy),
        p_value=_difference_between(tables),
        effect=_effect(session, wave, form, visible, policy),
        confidence_level=policy.confidence_level,
        alpha=policy.alpha,
        least_compared=call_backs.rule().least_compared,
    )


def choose_wave(
    session: Session, waves: Sequence[WaveRow], code: str | None, unit_ids: Collection[int]
) -> WaveRow | None:
    """The wave asked for; else the newest in which cases were given, or the newest of all."""
    if code is not None:
        for wave in waves:
            if wave.code == code:
                return wave
        raise NotFound(f"wave {code}")
    with_cases = (wave for wave in waves if interviews.state_counts(session, wave.id, unit_ids))
    return next(with_cases, waves[0] if waves else None)


def wave_progress(
    session: Session, *, wave_id: int, viewer: Viewer, today: date
) -> list[tuple[str, InterviewerRow, Progress]]:
    """How far each interviewer is in each unit."""
    visible = visible_unit_ids(session, viewer=viewer)
    policy = current_policy(session, today)
    people = {row.account_id: row for row in interviews.interviewers_of_wave(session, wave_id, visible)}
    counts = interviews.state_counts(session, wave_id, visible)
    titles = interviews.unit_titles(session, {unit_id for _account, unit_id, *_rest in counts})
    pairs = {(account, unit) for account, unit, *_rest in counts}
    ordered = sorted(pairs, key=lambda pair: (list(titles).index(pair[1]), people[pair[0]].name))
    return [
        (titles[unit], people[account], _progress(counts, [account], policy, unit_id=unit))
        for account, unit in ordered
    ]


def _lines(
    people: Sequence[InterviewerRow],
    counts: StateCounts,
    tables: Sequence[CallBacks],
    policy: PolicyValues,
) -> tuple[InterviewerLine, ...]:
    p_values = _against_the_rest(tables, policy)
    return tuple(
        InterviewerLine(
            code=row.code or "",
            name=row.name,
            unit_title=row.unit_title,
            progress=_progress(counts, [row.account_id], policy),
            call_backs=table,
            p_value=p_value,
            has_sign=table.denied.k > 0
            or (p_value is not None and p_value < policy.alpha and _is_higher(table, tables)),
        )
        for row, table, p_value in zip(people, tables, p_values, strict=True)
    )


def _progress(
    counts: StateCounts, account_ids: Collection[int], policy: PolicyValues, *, unit_id: int | None = None
) -> Progress:
    found: dict[str, int] = {}
    for (account, unit, state, _call_back), n in counts.items():
        if account in account_ids and unit_id in (None, unit):
            found[state] = found.get(state, 0) + n
    done = found.get("done", 0)
    unanswered = sum(found.get(state, 0) for state in ("not_reached", "refused", "replaced"))
    return Progress(
        n_cases=sum(found.values()) - found.get("replaced", 0),
        n_open=found.get("open", 0),
        n_not_reached=found.get("not_reached", 0),
        n_refused=found.get("refused", 0),
        n_replaced=found.get("replaced", 0),
        n_done=done,
        answered=_share(done, done + unanswered, policy),
    )


def _call_backs(
    counts: StateCounts,
    differing: Mapping[int, tuple[int, int]],
    account_ids: Collection[int],
    policy: PolicyValues,
) -> CallBacks:
    found: dict[str, int] = {}
    for (account, _unit, state, call_back), n in counts.items():
        if account in account_ids and state == "done":
            found[call_back] = found.get(call_back, 0) + n
    compared = [differing.get(account, (0, 0)) for account in account_ids]
    held, denied = found.get("held", 0), found.get("not_held", 0)
    return CallBacks(
        n_due=found.get("drawn", 0),
        n_unreached=found.get("not_reached", 0),
        denied=_share(denied, held + denied, policy),
        differing=_share(sum(k for _n, k in compared), sum(n for n, _k in compared), policy),
    )


def _items(
    agreements: Sequence[ItemAgreement],
    people: Sequence[InterviewerRow],
    form: forms.Form,
    policy: PolicyValues,
) -> tuple[ItemLine, ...]:
    codes = {row.account_id: row.code or "" for row in people}
    lines = []
    for code in call_backs.check_items(form):
        mine = [row for row in agreements if row.item_code == code]
        item = call_backs.check_choices(form, code)
        title_vi, title_en = ("Đến để làm gì", "What brought the person") if item is None else (
            item.text.vi, item.text.in_language("en"))  # fmt: skip
        lines.append(
            ItemLine(
                code, title_vi, title_en,
                _share(sum(row.n_differing for row in mine), sum(row.n_compared for row in mine), policy),
                tuple((codes[row.account_id], _share(row.n_differing, row.n_compared, policy)) for row in mine),
            )
        )  # fmt: skip
    return tuple(lines)


def _effect(
    session: Session, wave: WaveRow, form: forms.Form, unit_ids: Collection[int], policy: PolicyValues
) -> Effect | None:
    """Recounted from released answers; None where an interviewer or all of them have too few to be shown."""
    scope = Scope(tuple(sorted(unit_ids)), (wave.id,), wave.version_id, form.n_slots, wave.opens_on, date.max)
    choices, slot = form.headline.choices, form.headline.slot
    counted = tallies.interviewer_levels(session, scope)
    tables = [
        {choice.code: int(levels.counts[0, slot, choice.position]) for choice in choices}
        for _code, levels in sorted(counted.items())
    ]
    groups = [
        (sum(table.values()), sum(table[choice.code] for choice in choices if choice.is_satisfied))
        for table in tables
    ]
    shown = [(n, k) for n, k in groups if n >= policy.min_staff]
    n_responses = sum(n for n, _k in shown)
    if len(shown) < 2 or n_responses < policy.min_index:
        return None
    n, k = np.array(shown).T
    found = intraclass_correlation(n, k, k, confidence_level=policy.confidence_level)
    if str(found.reason):
        return None
    return Effect(
        float(found.value), float(found.ci_low), float(found.ci_high), len(shown), n_responses,
        float(found.design_effect),
    )  # fmt: skip


def _share(k: int, n: int, policy: PolicyValues) -> Share:
    if n == 0:
        return Share(k, n, None)
    return Share(k, n, clopper_pearson_interval(k, n, confidence_level=policy.confidence_level).at())


def _difference_between(tables: Sequence[CallBacks]) -> float | None:
    """Whether interviewers differ in the share of call-backs that differ; None where counts are too small to say."""
    counts = np.array([(t.differing.k, t.differing.n - t.differing.k) for t in tables if t.differing.n])
    if len(counts) < 2:
        return None
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    if expected.min() < LEAST_EXPECTED:
        return None
    p_value: float = homogeneity_tests(counts).at().p_value
    return p_value


def _against_the_rest(tables: Sequence[CallBacks], policy: PolicyValues) -> list[float | None]:
    """Exact p values of each interviewer's differing call-backs against all others', adjusted as a screen."""
    n = np.array([table.differing.n for table in tables], dtype=np.int64)
    k = np.array([table.differing.k for table in tables], dtype=np.int64)
    least = call_backs.rule().least_compared
    rows = np.flatnonzero((n >= least) & (n.sum() - n >= least))
    p_values: list[float | None] = [None] * len(tables)
    if not len(rows):
        return p_values
    exact = fisher_p_values(k[rows], n[rows], k.sum() - k[rows], n.sum() - n[rows])
    adjusted = adjust_p_values(exact, method=policy.screen_adjustment)
    for row, p_value in zip(rows.tolist(), adjusted.tolist(), strict=True):
        p_values[row] = p_value
    return p_values


def _is_higher(table: CallBacks, tables: Sequence[CallBacks]) -> bool:
    """Whether answers differ more often here than elsewhere; agreeing more often is no sign of anything."""
    k, n = sum(each.differing.k for each in tables), sum(each.differing.n for each in tables)
    return table.differing.k * n > k * table.differing.n
