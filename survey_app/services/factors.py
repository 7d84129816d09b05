"""What only full forms give: factors with their items, and the four named indices, each with its own people."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments
from analysis.index import INDEX_DEFINITIONS, group_means, group_shares
from analysis.surveys.linearisation import contrast, design_totals
from analysis.types import Estimate, Estimates
from survey_app.queries import tallies
from survey_app.services import counting
from survey_app.services.counting import Part, Selection
from survey_app.services.figures import FactorFigure, IndexFigure, ShareFigure, Showing
from survey_app.services.form_items import Group, Item
from survey_app.services.policy import PolicyValues
from survey_app.services.pooling import Pool, alone
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
    """Everything counted on the full form, by unit and as it was drawn, and the units that it is added over."""

    part: Part
    pool: Pool
    moments: Moments
    drawn: Designed
    # Read when the first figure asks for it: most of a form's weight.
    by_item: Callable[[], Designed]
    levels: np.ndarray
    effect: float
    # Figures by the units they are added over: of one unit, and of many where nothing is left out, always the same.
    found: dict[bytes, tuple[dict[str, Estimates], dict[str, Estimates]]]

    def shares_and_means(self, rows: np.ndarray) -> tuple[dict[str, Estimates], dict[str, Estimates]]:
        """The share and the mean score of every factor over these units."""
        key = rows.tobytes()
        if key not in self.found:
            one, strata = self.drawn.as_one(rows)
            means = group_means(one, bounds=SCORE_BOUNDS, strata=strata)
            self.found[key] = group_shares(one, strata=strata), means
        return self.found[key]

    def item_share(self, slot: int, rows: np.ndarray) -> Estimate:
        """The share of one item of a sample over these units, each row of the design weighted by its list."""
        by_item = self.by_item()
        asked = by_item.moments.select([f"{kind}:{slot}" for kind in "trr"])
        named = Designed(replace(asked, columns=("s:x", "r:x", "a:x")), by_item.strata)
        one, strata = named.as_one(rows)
        return group_shares(one, strata=strata)["x"][0]

    @property
    def is_divided(self) -> bool:
        """Whether units were drawn in strata of their own."""
        return self.drawn.moments is not self.moments

    def people(self, column: str) -> np.ndarray:
        """How many of each unit a column of zeros and ones holds."""
        return self.moments.sums[:, self.moments.column(column)].astype(np.int64)


def full_form_figures(
    session: Session, selection: Selection, *, policy: PolicyValues, language: str, pool: Pool | None = None
) -> FullFormFigures:
    """The factor side of a scorecard, over the newest form that has factors; forms are never pooled.

    Of the one unit of the selection, or of those of a pool together.
    """
    parts = [part for part in selection.parts if part.form.factors]
    if not parts:
        return NO_FULL_FORMS
    counted = _count(session, selection, parts[-1], pool)
    figures = [
        _factor(counted, factor, policy=policy, language=language) for factor in counted.part.form.factors
    ]
    figures.sort(key=_by_lower_limit)
    shown = [figure for figure in figures if figure.share.estimate is not None]
    is_separate = None
    if len(shown) > 1:
        is_separate = _is_below(counted, shown[0].share.code, shown[1].share.code)
    indices = _indices(counted, policy=policy, language=language)
    return FullFormFigures(tuple(figures), is_separate, indices)


def _count(session: Session, selection: Selection, part: Part, pool: Pool | None) -> _Counted:
    scoring = part.form.scoring()
    moments = tallies.moment_tallies(session, part.scope, scoring)

    @cache
    def by_item() -> Designed:
        of_unit = tallies.item_moment_tallies(session, part.scope, scoring)
        return designed_part(session, selection, part, of_unit, by_item=True)

    units = pool or alone(counting.strata_of(session, selection, n=moments.n))
    return _Counted(
        part=part,
        pool=units,
        moments=moments,
        drawn=designed_part(session, selection, part, moments),
        by_item=by_item,
        levels=tallies.level_tallies(session, part.scope).counts,
        effect=units.clustering(moments, units.kept),
        found={},
    )


def _by_lower_limit(figure: FactorFigure) -> tuple[float, str]:
    estimate = figure.share.estimate
    return (estimate.ci_low if estimate else 2.0, figure.share.code)


def _factor(counted: _Counted, factor: Group, *, policy: PolicyValues, language: str) -> FactorFigure:
    """A factor's share over the people who answered any of its items, and its items with their level counts."""
    rows = counted.pool.rows(counted.people(f"a:{factor.code}"))
    shares, means = counted.shares_and_means(rows)
    share = shares[factor.code][0]
    words = factor.title.in_language(language)
    showing = showing_of(share.n_respondents, policy)
    if showing is not Showing.SHOWN:
        n = None if showing is Showing.WITHHELD else share.n_respondents
        return FactorFigure(ShareFigure(factor.code, words, showing, n, None, None), None, ())
    mean = means[factor.code][0]
    items = (_item(counted, item, policy=policy, language=language) for item in factor.counted_items)
    figure = ShareFigure(factor.code, words, showing, share.n_respondents, None, share)
    return FactorFigure(figure, mean, tuple(items))


def _item(counted: _Counted, item: Item, *, policy: PolicyValues, language: str) -> ShareFigure:
    choices = item.choices + item.missing
    by_unit = {choice.code: counted.levels[:, item.slot, choice.position] for choice in choices}
    points = [choice for choice in item.choices if choice.score is not None]
    nobody = np.zeros(len(counted.levels), dtype=np.int64)
    answered = sum((by_unit[choice.code] for choice in points), start=nobody)
    satisfied = sum((by_unit[choice.code] for choice in points if choice.is_satisfied), start=nobody)
    rows = counted.pool.rows(answered)
    estimate = (
        counted.item_share(item.slot, rows)
        if counted.is_divided and answered[rows].any()
        else counted.pool.share(satisfied, answered, counted.moments.n, rows=rows, effect=counted.effect)
    )
    counts = {code: int(n[rows].sum()) for code, n in by_unit.items()}
    return share_figure(
        item.code, item.text.in_language(language), counts=counts, choices=choices,
        estimate=estimate, policy=policy, language=language,
    )  # fmt: skip


def _is_below(counted: _Counted, lower: str, higher: str) -> bool:
    """Whether the difference of two factor shares of the same people excludes zero."""
    pairs = [(f"s:{factor}", f"r:{factor}") for factor in (higher, lower)]
    one, strata = counted.drawn.as_one(counted.pool.kept)
    difference = contrast(design_totals(one, strata), pairs, [1.0, -1.0])
    return bool(difference.value[0] > Z_95 * np.sqrt(difference.variance[0]))


def _indices(counted: _Counted, *, policy: PolicyValues, language: str) -> tuple[IndexFigure, ...]:
    """The four named indices; none below the minimum of complete forms."""
    complete, scoring = counted.people("e"), counted.part.form.scoring()
    rows = counted.pool.rows(complete)
    if complete[rows].sum() < policy.min_index:
        return ()
    figures = []
    for name, words in INDEX_NAMES.items():
        source = counted.by_item() if name == "mean_of_item_shares" else counted.drawn
        one, strata = source.as_one(rows)
        estimate = INDEX_DEFINITIONS[name](one, scoring, strata=strata)[0]
        figures.append(IndexFigure(name, words[language != "vi"], estimate, estimate.n_respondents))
    return tuple(figures)
