"""Two dimensions against each other: counts with small cells withheld, and a test under the design of the survey."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis import Survey
from analysis.comparing.chi_square import rao_scott_test
from analysis.disclosure.suppression import suppression
from analysis.disclosure.systems import CellSystem, table_system
from analysis.intervals.shares import wilson_interval
from analysis.types import Estimate, FloatArray, IntArray
from survey_app.services import accounts, counting
from survey_app.services.counting import Selection
from survey_app.services.dimensions import (
    OVERALL_SATISFIED,
    Coded,
    Dimension,
    Words,
    coded,
    dimension,
    dimensions,
)
from survey_app.services.figures import PeriodChoice
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.respondent_scope import AskedScope, asked_scope
from survey_app.services.showing import withheld_together


@dataclass(frozen=True, slots=True)
class CrossCell:
    """A cell; None where it is withheld. `share` is of its row, None where the row has too few."""

    n: int | None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class CrossRow:
    """A category of the rows with its cells and total; `satisfied` where the columns are the overall answer."""

    label: str
    cells: tuple[CrossCell, ...]
    total: int | None
    satisfied: Estimate | None = None


@dataclass(frozen=True, slots=True)
class IndependenceTest:
    """Rao and Scott's second-order test with its F, degrees of freedom and Cramér's V."""

    statistic: float
    df1: float
    df2: float
    p_value: float
    cramers_v: float
    design_effect: float


@dataclass(frozen=True, slots=True)
class Crosstab:
    """Everything on the page of cross-tables; without rows where the period only joins shorter ones."""

    period: PeriodChoice
    basis: str
    form_title: str
    dimensions: tuple[Dimension, ...]
    by_rows: Dimension
    by_columns: Dimension
    rows: tuple[CrossRow, ...]
    column_totals: tuple[int | None, ...]
    n: int | None
    n_withheld: int
    test: IndependenceTest | None
    alpha: float
    is_composite: bool
    minimum_base: int
    minimum_shown: int
    is_simulated: bool


def crosstab(
    session: Session,
    *,
    root_unit_id: int,
    basis: str,
    period_code: str | None,
    rows: str,
    columns: str,
    words: Words,
    viewer: accounts.Viewer,
    today: date,
    language: str = "vi",
) -> Crosstab | None:
    """The table over all units below a root; None while the office has no period or no answers on a form."""
    asked = asked_scope(
        session, root_unit_id=root_unit_id, basis=basis, period_code=period_code, viewer=viewer, today=today
    )
    if asked is None:
        return None
    policy = current_policy(session, today)
    offered = dimensions(session, asked.part.form, words, language=language)
    chosen = dimension(offered, rows), dimension(offered, columns)
    content = _Content((), (), None, 0, None)
    if not asked.is_composite and chosen[0].code != chosen[1].code:
        content = _content(session, asked, chosen, policy)
    return Crosstab(
        period=counting.period_choice(asked.period, language), basis=basis,
        form_title=asked.part.form.title.in_language(language), dimensions=offered,
        by_rows=chosen[0], by_columns=chosen[1], rows=content.rows, column_totals=content.column_totals,
        n=content.n, n_withheld=content.n_withheld, test=content.test,
        alpha=policy.alpha, is_composite=asked.is_composite, minimum_base=policy.min_staff,
        minimum_shown=policy.min_index, is_simulated=asked.selection.is_simulated,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Content:
    rows: tuple[CrossRow, ...]
    column_totals: tuple[int | None, ...]
    n: int | None
    n_withheld: int
    test: IndependenceTest | None


def _content(
    session: Session, asked: AskedScope, chosen: tuple[Dimension, Dimension], policy: PolicyValues
) -> _Content:
    found = coded(session, asked.part, chosen, asked.units)
    a, b = found.codes
    shape = tuple(len(each.categories) for each in chosen)
    counts = np.bincount(a * shape[1] + b, minlength=shape[0] * shape[1]).reshape(shape)
    test = independence_test(session, asked.selection, found)
    effect = test.design_effect if test else 1.0
    rows, totals, whole = _shown(counts, chosen, effect=effect, policy=policy)
    n_withheld = sum(cell.n is None for row in rows for cell in row.cells)
    return _Content(rows, totals, whole, n_withheld, test)


def _shown(
    counts: IntArray, chosen: tuple[Dimension, Dimension], *, effect: float, policy: PolicyValues
) -> tuple[tuple[CrossRow, ...], tuple[int | None, ...], int | None]:
    """Counts with their margins, small cells and what would give them away withheld together."""
    whole = np.zeros((counts.shape[0] + 1, counts.shape[1] + 1), dtype=np.int64)
    whole[:-1, :-1] = counts
    whole[:-1, -1], whole[-1, :-1], whole[-1, -1] = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    system = table_system(counts)
    margins = _margins_withheld(counts, system, policy)
    found = suppression(system, k=policy.min_staff, must_withhold=margins)
    hidden = found.is_withheld[system.tables[0]]
    numbers = [
        [None if is_hidden else int(n) for n, is_hidden in zip(*pair, strict=True)]
        for pair in zip(whole, hidden, strict=True)
    ]
    is_overall = chosen[1].code == OVERALL_SATISFIED
    rows = []
    for place, category in enumerate(chosen[0].categories):
        cells, total = numbers[place][:-1], numbers[place][-1]
        enough = total is not None and total >= policy.min_index
        satisfied = None
        if is_overall and enough:
            satisfied = _satisfied(cells, effect, policy)
        rows.append(
            CrossRow(
                category.label,
                tuple(CrossCell(n, n / total if enough and total and n is not None else None) for n in cells),
                total,
                satisfied,
            )
        )
    return tuple(rows), tuple(numbers[-1][:-1]), numbers[-1][-1]


def _margins_withheld(counts: IntArray, system: CellSystem, policy: PolicyValues) -> NDArray[np.bool_]:
    """Totals of rows and columns to withhold: by the margin alone, so that every table withholds the same ones."""
    mask, cells = np.zeros(len(system), dtype=bool), system.tables[0]
    for axis, totals in ((cells[:-1, -1], counts.sum(axis=1)), (cells[-1, :-1], counts.sum(axis=0))):
        numbered = {f"{place:03d}": int(n) for place, n in enumerate(totals)}
        for code in withheld_together(numbered, minimum=policy.min_staff):
            mask[axis[int(code)]] = True
    return mask


def _satisfied(cells: Sequence[int | None], effect: float, policy: PolicyValues) -> Estimate | None:
    """The overall share of a row, of those who answered it."""
    yes, no = cells[0], cells[1]
    if yes is None or no is None or yes + no < policy.min_index:
        return None
    return wilson_interval(
        [yes], [yes + no], design_effect=max(1.0, effect), confidence_level=policy.confidence_level
    )[0]


def independence_test(session: Session, selection: Selection, found: Coded) -> IndependenceTest | None:
    """Second-order Rao–Scott, device-days as clusters; a sample weights its units and has them as strata.

    People of one cluster with the same answers are taken together: totals of clusters, and with them F, its degrees
    of freedom and p, stay the same. None where there is nothing to test.
    """
    a, b = found.codes
    used = found.is_known(0) & found.is_known(1)
    people = found.people
    if not used.any():
        return None
    if min(len(np.unique(codes[used])) for codes in (a, b)) < 2 or len(np.unique(people.clusters[used])) < 2:
        return None
    keys, n = np.unique(
        np.stack([people.units[used], people.clusters[used], a[used], b[used]]), axis=1, return_counts=True
    )
    weights = n * _unit_weights(session, selection, people.units)[keys[0]]
    table = {"cluster": keys[1], "unit": keys[0], "a": keys[2], "b": keys[3], "w": weights}
    survey = Survey(
        table, weights="w", clusters="cluster", strata="unit" if selection.basis == "sample" else None
    )
    test = rao_scott_test(survey, "a", "b")
    whole = test.second_order
    # Pearson's statistic and the design effects grow with the rows alike; people, not rows, are their unit.
    effect = float(np.mean(test.design_effects)) * int(used.sum()) / test.n
    return IndependenceTest(
        float(whole.statistic), float(whole.df), float(whole.df_denominator), float(whole.p_value),
        test.cramers_v, effect,
    )  # fmt: skip


def _unit_weights(session: Session, selection: Selection, units: IntArray) -> FloatArray:
    """People of the frame for each one asked in a sample; everyone alike in a stream."""
    n_units = len(selection.unit_ids)
    strata = counting.strata_of(session, selection)
    if strata is None or strata.population is None:
        return np.ones(n_units)
    asked = np.bincount(units, minlength=n_units)
    return np.asarray(strata.population / np.maximum(asked, 1), dtype=np.float64)
