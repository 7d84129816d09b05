"""Does the form measure, and which factor goes with the overall answer: from respondents, over all units together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis.errors import NoConvergence
from analysis.measurement.covariance import covariance_matrix, pair_sums
from analysis.measurement.importance import Caveat, relative_importance
from analysis.measurement.intraclass import intraclass_correlation
from analysis.measurement.item_analysis import item_analysis
from analysis.measurement.level_use import level_use
from analysis.measurement.omega import mcdonald_omega
from analysis.packing import N_CODES, Missing
from analysis.types import Estimate, FloatArray
from survey_app.queries.respondent_tables import Respondents, respondents
from survey_app.services import accounts, counting
from survey_app.services.counting import Part
from survey_app.services.figures import PeriodChoice
from survey_app.services.form_items import Item
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.respondent_scope import AskedScope, asked_scope
from survey_app.vocabulary import INTERVIEWED, Channel

# Clusters are thrown into so many groups, each left out once: enough for an interval, few enough to be quick.
JACKKNIFE_GROUPS = 60
PEOPLE_PER_ITEM = 10
# A factor that fewer of the people answer is asked of some only and would leave the others out.
ANSWERED_BY = 0.3
UNANSWERED = (Missing.LEFT_BLANK, Missing.DONT_KNOW, Missing.REFUSED, Missing.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class FormChoice:
    """A form of the period."""

    version_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What both pages are about."""

    period: PeriodChoice
    basis: str
    version_id: int
    forms: tuple[FormChoice, ...]
    minimum_shown: int
    minimum_base: int
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Driver:
    """A factor's part of what explains the overall answer, with its interval; `r` is its own correlation."""

    code: str
    label: str
    share: Estimate
    r: float


@dataclass(frozen=True, slots=True)
class Drivers:
    """Relative importance, the greatest first; none where there are too few complete answers."""

    heading: Heading
    n: int | None
    n_needed: int
    r_squared: float | None
    alpha: float | None
    drivers: tuple[Driver, ...]
    left_out: tuple[str, ...]
    is_one_factor: bool
    is_collinear: bool


@dataclass(frozen=True, slots=True)
class ScaleFigure:
    """The reliability of some items together; None where there are too few complete answers or no variance."""

    code: str
    label: str
    n_items: int
    n: int | None
    alpha: Estimate | None
    omega: Estimate | None
    average_r: float | None


@dataclass(frozen=True, slots=True)
class ItemFigure:
    """How an item behaves: who left it out, who gave the highest level, how it goes with the rest of its factor."""

    code: str
    label: str
    factor: str
    n: int | None
    nonresponse: Estimate | None
    ceiling: Estimate | None
    rest_r: float | None
    alpha_if_dropped: float | None


@dataclass(frozen=True, slots=True)
class LikenessFigure:
    """How alike people of one device-day, point or interviewer answer the overall question."""

    code: str
    n_groups: int
    n: int
    icc: float
    ci_low: float
    ci_high: float
    design_effect: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Everything on the page of a questionnaire version."""

    heading: Heading
    scales: tuple[ScaleFigure, ...]
    items: tuple[ItemFigure, ...]
    likeness: tuple[LikenessFigure, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """People with the bytes of the overall item and of every counted item, and the scores of those."""

    people: Respondents
    items: tuple[Item, ...]
    scores: FloatArray

    def of(self, codes: Sequence[str]) -> FloatArray:
        return self.scores[:, [place for place, item in enumerate(self.items) if item.code in codes]]


def drivers(
    session: Session, *, root_unit_id: int, basis: str, period_code: str | None, version_id: int | None,
    viewer: accounts.Viewer, today: date, language: str = "vi",
) -> Drivers | None:  # fmt: skip
    """Which factors go with the overall answer: R² divided among them, with intervals over clusters."""
    asked = asked_scope(
        session, root_unit_id=root_unit_id, basis=basis, period_code=period_code, viewer=viewer, today=today,
        version_id=version_id,
    )  # fmt: skip
    if asked is None:
        return None
    policy = current_policy(session, today)
    read = _read(session, asked.part)
    names, columns, left_out = [], [], []
    overall = read.scores[:, 0]
    # Of those who went beyond the overall question.
    n_full = max(1, int((~np.isnan(read.scores[:, 1:]).all(axis=1) & ~np.isnan(overall)).sum()))
    for factor in asked.part.form.factors:
        scores = read.of([item.code for item in factor.counted_items])
        answered = ~np.isnan(scores).all(axis=1) & ~np.isnan(overall)
        if answered.sum() >= ANSWERED_BY * n_full:
            names.append((factor.code, factor.title.in_language(language)))
            columns.append(_row_means(scores))
        else:
            left_out.append(factor.title.in_language(language))
    heading = _heading(asked, policy, language)
    values = np.stack([*columns, overall], axis=1)
    rows = ~np.isnan(values).any(axis=1)
    n, needed = int(rows.sum()), max(policy.min_index, PEOPLE_PER_ITEM * (len(names) + 1))
    if len(names) < 2 or n < needed or (values[rows].std(axis=0) < 1e-9).any():
        shown = n if n >= policy.min_staff else None
        return Drivers(heading, shown, needed, None, None, (), tuple(left_out), False, False)
    groups, n_groups = _groups(read.people.clusters[rows])
    sums = pair_sums(values[rows], groups, n_groups=n_groups)
    codes = [code for code, _ in names]
    found = relative_importance(
        covariance_matrix(sums.total()), n=n, names=[*codes, "overall"], outcome="overall",
        replicates=covariance_matrix(sums.without_each()) if n_groups > 2 else None,
        confidence_level=policy.confidence_level,
    )  # fmt: skip
    figures = [
        Driver(
            code, label,
            Estimate(
                float(found.share[place]), float(found.share_low[place]), float(found.share_high[place]), n,
                df=found.df, method=found.method, confidence_level=found.confidence_level,
            ),
            float(np.corrcoef(values[rows][:, place], values[rows][:, -1])[0, 1]),
        )
        for place, (code, label) in enumerate(names)
    ]  # fmt: skip
    figures.sort(key=lambda each: (-each.share.value, each.code))
    return Drivers(
        heading, n, needed, found.r_squared, found.alpha, tuple(figures), tuple(left_out),
        Caveat.ONE_FACTOR in found.caveats, Caveat.COLLINEAR in found.caveats,
    )  # fmt: skip


def reliability(
    session: Session, *, root_unit_id: int, basis: str, period_code: str | None, version_id: int | None,
    viewer: accounts.Viewer, today: date, language: str = "vi", whole_title: str = "",
) -> Reliability | None:  # fmt: skip
    """How well one questionnaire version measures."""
    asked = asked_scope(
        session, root_unit_id=root_unit_id, basis=basis, period_code=period_code, viewer=viewer, today=today,
        version_id=version_id,
    )  # fmt: skip
    if asked is None:
        return None
    policy = current_policy(session, today)
    read = _read(session, asked.part)
    asked_of_all = [item.code for item in read.items[1:] if item.stages is None]
    scales = [_scale(read, "whole", whole_title, asked_of_all, policy)] if len(asked_of_all) > 1 else []
    rest: dict[str, tuple[float | None, float | None]] = {}
    for factor in asked.part.form.factors:
        codes = [item.code for item in factor.counted_items]
        scales.append(_scale(read, factor.code, factor.title.in_language(language), codes, policy))
        rest |= _rests(read, codes, policy)
    titles = {factor.code: factor.title.in_language(language) for factor in asked.part.form.factors}
    return Reliability(
        _heading(asked, policy, language),
        tuple(scales),
        _items(read, titles, rest, policy, language),
        _likeness(read, policy),
    )


def _heading(asked: AskedScope, policy: PolicyValues, language: str) -> Heading:
    forms = tuple(
        FormChoice(part.scope.version_id, f"{part.form.title.in_language(language)} (v{part.form.version})")
        for part in asked.selection.parts
    )
    return Heading(
        counting.period_choice(asked.period, language), asked.selection.basis, asked.part.scope.version_id,
        forms, policy.min_index, policy.min_staff, asked.selection.is_simulated,
    )  # fmt: skip


def _read(session: Session, part: Part) -> _Read:
    counted = [item for factor in part.form.factors for item in factor.counted_items]
    items = (part.form.headline, *counted)
    people = respondents(
        session, part.scope, columns=("point_id", "channel", "collector"), slots=[item.slot for item in items]
    )
    scores = np.full(people.answers.shape, np.nan)
    for place, item in enumerate(items):
        table = np.full(256, np.nan)
        for choice in item.choices:
            if choice.score is not None:
                table[choice.position] = choice.score
        scores[:, place] = table[people.answers[:, place]]
    return _Read(people, items, scores)


def _row_means(scores: FloatArray) -> FloatArray:
    """The mean of the items that each person answered; NaN where none."""
    answered = ~np.isnan(scores)
    n = answered.sum(axis=1)
    return np.where(n > 0, np.nansum(scores, axis=1) / np.maximum(n, 1), np.nan)


def _groups(clusters: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Clusters thrown into groups, always the same way."""
    labels, places = np.unique(clusters, return_inverse=True)
    n_groups = min(JACKKNIFE_GROUPS, len(labels))
    return np.asarray(places % max(n_groups, 1), dtype=np.int64), n_groups


def _scale(read: _Read, code: str, label: str, codes: Sequence[str], policy: PolicyValues) -> ScaleFigure:
    scores = read.of(codes)
    rows = ~np.isnan(scores).any(axis=1)
    n = int(rows.sum())
    shown = n if n >= policy.min_staff else None
    if len(codes) < 2 or n < max(policy.min_index, PEOPLE_PER_ITEM * len(codes)):
        return ScaleFigure(code, label, len(codes), shown, None, None, None)
    groups, n_groups = _groups(read.people.clusters[rows])
    sums = pair_sums(scores[rows] - 3, groups, n_groups=n_groups)
    covariance = covariance_matrix(sums.total())
    has_clusters = n_groups > 10
    found = item_analysis(
        covariance, n=n, items=list(codes), interval="jackknife" if has_clusters else "feldt",
        replicates=covariance_matrix(sums.without_each()) if has_clusters else None,
        confidence_level=policy.confidence_level,
    )  # fmt: skip
    return ScaleFigure(
        code, label, len(codes), n, found.alpha if np.isfinite(found.alpha.value) else None,
        _omega(covariance, n, codes, policy), found.average_r if np.isfinite(found.average_r) else None,
    )  # fmt: skip


def _omega(covariance: FloatArray, n: int, codes: Sequence[str], policy: PolicyValues) -> Estimate | None:
    """Omega of one factor; None below three items, without variance, or where no model fits."""
    if len(codes) < 3 or (np.diag(covariance) < 1e-9).any():
        return None
    try:
        found = mcdonald_omega(covariance, n=n, items=list(codes), confidence_level=policy.confidence_level)
    except NoConvergence:
        return None
    return found[0] if np.isfinite(found.value[0]) else None


def _rests(
    read: _Read, codes: Sequence[str], policy: PolicyValues
) -> dict[str, tuple[float | None, float | None]]:
    """Of each item of a factor, its correlation with the others and alpha without it."""
    scores = read.of(codes)
    rows = ~np.isnan(scores).any(axis=1)
    if len(codes) < 2 or rows.sum() < max(policy.min_index, PEOPLE_PER_ITEM * len(codes)):
        return {}
    found = item_analysis(
        covariance_matrix(pair_sums(scores[rows] - 3)), n=int(rows.sum()), items=list(codes)
    )
    return {
        code: (_number(found.item_rest_r[place]), _number(found.alpha_if_dropped[place]))
        for place, code in enumerate(codes)
    }


def _items(
    read: _Read,
    titles: dict[str, str],
    rest: dict[str, tuple[float | None, float | None]],
    policy: PolicyValues,
    language: str,
) -> tuple[ItemFigure, ...]:
    figures = []
    for place, item in enumerate(read.items):
        codes = np.bincount(read.people.answers[:, place], minlength=N_CODES)
        scored = sorted((each for each in item.choices if each.score is not None), key=lambda c: c.score or 0)
        levels = [int(codes[each.position]) for each in scored]
        unanswered = int(sum(codes[reason] for reason in UNANSWERED))
        n, label = sum(levels), item.text.in_language(language)
        factor = titles.get(item.factor_code, "")
        if n < policy.min_index:
            shown = n if n >= policy.min_staff else None
            figures.append(ItemFigure(item.code, label, factor, shown, None, None, None, None))
            continue
        use = level_use([levels], n_missing=[unanswered], confidence_level=policy.confidence_level)
        figures.append(
            ItemFigure(
                item.code, label, factor, n, use.nonresponse[0] if unanswered >= policy.min_staff else None,
                use.ceiling[0], *rest.get(item.code, (None, None)),
            )
        )  # fmt: skip
    return tuple(figures)


def _likeness(read: _Read, policy: PolicyValues) -> tuple[LikenessFigure, ...]:
    people, overall = read.people, read.scores[:, 0]
    answered = ~np.isnan(overall)
    interviewed = np.isin(people.columns["channel"], INTERVIEWED)
    sources = (
        ("device_day", answered & ~interviewed, people.clusters),
        ("point", answered & (people.columns["channel"] == Channel.KIOSK), people.columns["point_id"]),
        ("interviewer", answered & interviewed, people.columns["collector"]),
    )
    figures = []
    for code, rows, labels in sources:
        if rows.sum() < policy.min_index:
            continue
        names, places = np.unique(labels[rows].astype(str), return_inverse=True)
        n = np.bincount(places)
        if len(names) < 2 or not (n >= 2).any():
            continue
        sums, squares = (np.bincount(places, weights=overall[rows] ** power) for power in (1, 2))
        found = intraclass_correlation(n, sums, squares, confidence_level=policy.confidence_level)
        if np.isfinite(found.value):
            figures.append(
                LikenessFigure(
                    code, int(found.n_groups), int(found.n_respondents), float(found.value),
                    float(found.ci_low), float(found.ci_high), float(found.design_effect),
                )
            )  # fmt: skip
    return tuple(figures)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
