"""What only full forms give: factors with their items, and the four named indices, each with its own people."""

from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.orm import Session

from analysis.index import (
    INDEX_DEFINITIONS,
    group_means,
    group_shares,
    item_shares,
)
from analysis.surveys.linearisation import contrast, design_totals
from analysis.types import Estimate, Estimates
from survey_app.queries import tallies
from survey_app.services.counting import Part, Selection
from survey_app.services.figures import FactorFigure, IndexFigure, ShareFigure, Showing
from survey_app.services.form_items import Group
from survey_app.services.policy import PolicyValues
from survey_app.services.sample_design import Designed, designed_part
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
    drawn: Designed
    levels: np.ndarray
    shares: dict[str, Estimates]
    means: dict[str, Estimates]
    items: Estimates
    weighted: dict[int, Estimate]


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
        is_separate = _is_below(counted.drawn, shown[0].share.code, shown[1].share.code)
    indices = _indices(session, selection, counted, policy=policy, language=language)
    return FullFormFigures(tuple(figures), is_separate, indices)


def _count(session: Session, selection: Selection, part: Part) -> _Counted:
    scoring = part.form.scoring()
    moments = tallies.moment_tallies(session, part.scope, scoring)
    drawn = designed_part(session, selection, part, moments)
    shares = group_shares(drawn.moments, strata=drawn.strata)
    means = group_means(drawn.moments, bounds=SCORE_BOUNDS, strata=drawn.strata)
    levels = tallies.level_tallies(session, part.scope).counts
    effect = shares["overall"][0].design_effect
    items = item_shares(levels, scoring, design_effect=effect if np.isfinite(effect) else 1.0)
    weighted = _weighted_items(session, selection, part, drawn) if drawn.moments is not moments else {}
    return _Counted(part, drawn, levels, shares, means, items, weighted)


def _weighted_items(
    session: Session, selection: Selection, part: Part, drawn: Designed
) -> dict[int, Estimate]:
    """Shares of single items by slot, of a unit that was drawn in strata: weighted like its factors."""
    scoring = part.form.scoring()
    of_unit = tallies.item_moment_tallies(session, part.scope, scoring)
    by_item = designed_part(session, selection, part, of_unit, by_item=True)
    slots = [str(slot) for slot in scoring.index_slots]
    asked = by_item.moments.select([f"{kind}:{slot}" for slot in slots for kind in "trr"])
    named = replace(asked, columns=tuple(f"{kind}:{slot}" for slot in slots for kind in "sra"))
    shares = group_shares(named, strata=by_item.strata)
    return {int(slot): found[0] for slot, found in shares.items()}


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
        estimate = counted.weighted.get(item.slot, counted.items[0, item.slot])
        items.append(
            share_figure(item.code, item.text.in_language(language), counts=counts, choices=choices,
                         estimate=estimate, policy=policy, language=language)
        )  # fmt: skip
    figure = ShareFigure(factor.code, words, showing, share.n_respondents, None, share)
    return FactorFigure(figure, counted.means[factor.code][0], tuple(items))


def _is_below(drawn: Designed, lower: str, higher: str) -> bool:
    """Whether the difference of two factor shares of the same people excludes zero."""
    pairs = [(f"s:{factor}", f"r:{factor}") for factor in (higher, lower)]
    difference = contrast(design_totals(drawn.moments, drawn.strata), pairs, [1.0, -1.0])
    return bool(difference.value[0] > Z_95 * np.sqrt(difference.variance[0]))


def _indices(
    session: Session, selection: Selection, counted: _Counted, *, policy: PolicyValues, language: str
) -> tuple[IndexFigure, ...]:
    """The four named indices; none below the minimum of complete forms."""
    drawn, scoring = counted.drawn, counted.part.form.scoring()
    if drawn.moments.sums[:, drawn.moments.column("e")].sum() < policy.min_index:
        return ()
    of_unit = tallies.item_moment_tallies(session, counted.part.scope, scoring)
    by_item = designed_part(session, selection, counted.part, of_unit, by_item=True)
    figures = []
    for name, words in INDEX_NAMES.items():
        source = by_item if name == "mean_of_item_shares" else drawn
        estimate = INDEX_DEFINITIONS[name](source.moments, scoring, strata=source.strata)[0]
        figures.append(IndexFigure(name, words[language != "vi"], estimate, estimate.n_respondents))
    return tuple(figures)
