"""What only full forms give: factors with their items, and the four named indices, each with its own people."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments
from analysis.index import (
    INDEX_DEFINITIONS,
    group_means,
    group_shares,
    item_shares,
)
from analysis.surveys.linearisation import contrast, design_totals
from analysis.types import Estimates
from survey_app.queries import tallies
from survey_app.services import counting
from survey_app.services.counting import Part, Selection
from survey_app.services.figures import FactorFigure, IndexFigure, ShareFigure, Showing
from survey_app.services.form_items import Group
from survey_app.services.policy import PolicyValues
from survey_app.services.showing import share_figure, showing_of

INDEX_NAMES = {
    "mean_of_respondent_shares": ("Trung bình tỷ lệ của từng người trả lời", "Mean of respondents' shares"),
    "mean_of_factor_shares": ("Trung bình tỷ lệ của các yếu tố", "Mean of factor shares"),
    "mean_of_item_shares": ("Trung bình tỷ lệ của các tiêu chí", "Mean of item shares"),
    "pooled_answers": ("Gộp mọi câu trả lời", "All answers pooled"),
}
SCORE_BOUNDS = (1.0, 5.0)
Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class FullFormFigures:
    """Factors, the lowest first; whether the lowest is really below the next; indices and their number of people."""

    factors: tuple[FactorFigure, ...]
    lowest_is_separate: bool | None
    indices: tuple[IndexFigure, ...]


NO_FULL_FORMS = FullFormFigures((), None, ())


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """Everything counted on the full form of one unit."""

    part: Part
    moments: Moments
    levels: np.ndarray
    shares: dict[str, Estimates]
    means: dict[str, Estimates]
    items: Estimates


def full_form_figures(
    session: Session, selection: Selection, *, policy: PolicyValues, language: str
) -> FullFormFigures:
    """The factor side of a scorecard of one unit, over the newest form that has factors; forms are never pooled."""
    parts = [part for part in selection.parts if part.form.factors]
    if not parts:
        return NO_FULL_FORMS
    counted = _count(session, selection, parts[-1])
    figures = [
        _factor(counted, factor, policy=policy, language=language) for factor in counted.part.form.factors
    ]
    figures.sort(key=_by_lower_limit)
    shown = [figure for figure in figures if figure.share.estimate is not None]
    is_separate = None
    if len(shown) > 1:
        is_separate = _is_below(counted.moments, shown[0].share.code, shown[1].share.code)
    indices = _indices(session, selection, counted, policy=policy, language=language)
    return FullFormFigures(tuple(figures), is_separate, indices)


def _count(session: Session, selection: Selection, part: Part) -> _Counted:
    scoring = part.form.scoring()
    moments = tallies.moment_tallies(session, part.scope, scoring)
    strata = counting.strata_of(session, selection)
    shares = group_shares(moments, strata=strata)
    means = group_means(moments, bounds=SCORE_BOUNDS, strata=strata)
    levels = tallies.level_tallies(session, part.scope).counts
    effect = shares["overall"][0].design_effect
    items = item_shares(levels, scoring, design_effect=effect if np.isfinite(effect) else 1.0)
    return _Counted(part, moments, levels, shares, means, items)


def _by_lower_limit(figure: FactorFigure) -> tuple[float, str]:
    estimate = figure.share.estimate
    return (estimate.ci_low if estimate else 2.0, figure.share.code)


def _factor(counted: _Counted, factor: Group, *, policy: PolicyValues, language: str) -> FactorFigure:
    """A factor's share over the people who answered any of its items, and its items with their level counts."""
    share = counted.shares[factor.code][0]
    words = factor.title.in_language(language)
    showing = showing_of(share.n_respondents, policy)
    if showing is not Showing.SHOWN:
        n = None if showing is Showing.WITHHELD else share.n_respondents
        return FactorFigure(ShareFigure(factor.code, words, showing, n, None, None), None, ())
    items = []
    for item in factor.counted_items:
        choices = item.choices + item.missing
        counts = {choice.code: int(counted.levels[0, item.slot, choice.position]) for choice in choices}
        items.append(
            share_figure(item.code, item.text.in_language(language), counts=counts, choices=choices,
                         estimate=counted.items[0, item.slot], policy=policy, language=language)
        )  # fmt: skip
    figure = ShareFigure(factor.code, words, showing, share.n_respondents, None, share)
    return FactorFigure(figure, counted.means[factor.code][0], tuple(items))


def _is_below(moments: Moments, lower: str, higher: str) -> bool:
    """Whether the difference of two factor shares of the same people excludes zero."""
    pairs = [(f"s:{factor}", f"r:{factor}") for factor in (higher, lower)]
    difference = contrast(design_totals(moments), pairs, [1.0, -1.0])
    return bool(difference.value[0] > Z_95 * np.sqrt(difference.variance[0]))


def _indices(
    session: Session, selection: Selection, counted: _Counted, *, policy: PolicyValues, language: str
) -> tuple[IndexFigure, ...]:
    """The four named indices; none below the minimum of complete forms."""
    moments, scoring = counted.moments, counted.part.form.scoring()
    if moments.sums[0, moments.column("e")] < policy.min_index:
        return ()
    strata = counting.strata_of(session, selection)
    by_item = tallies.item_moment_tallies(session, counted.part.scope, scoring)
    figures = []
    for name, words in INDEX_NAMES.items():
        source = by_item if name == "mean_of_item_shares" else moments
        estimate = INDEX_DEFINITIONS[name](source, scoring, strata=strata)[0]
        figures.append(IndexFigure(name, words[language != "vi"], estimate, estimate.n_respondents))
    return tuple(figures)
