"""Scores and coverage by group: who is satisfied less, and who is hardly heard at all."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from analysis.comparing.many_comparisons import adjust_p_values
from analysis.intervals.shares import wilson_interval
from analysis.types import Estimate
from survey_app.services import accounts, counting
from survey_app.services.crosstabs import IndependenceTest, independence_test
from survey_app.services.dimensions import (
    OVERALL_SATISFIED,
    UNKNOWN,
    Category,
    Coded,
    Dimension,
    Words,
    coded,
    dimension,
    dimensions,
)
from survey_app.services.figures import PeriodChoice
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.respondent_scope import asked_scope
from survey_app.services.showing import withheld_together

SEED = Path(__file__).resolve().parents[2] / "seeds" / "population_shares.json"
SHOWN, FEW, WITHHELD, NOBODY = "shown", "few", "withheld", "nobody"


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """A group: how many answered, its part of those who told, of the population where known, and its share satisfied.

    `is_less` says that its part lies far below the population's, beyond chance.
    """

    code: str
    label: str
    state: str
    n: int | None
    part: Estimate | None
    population: float | None
    satisfied: Estimate | None
    is_less: bool = False


@dataclass(frozen=True, slots=True)
class EquityTable:
    """The groups of one question, those who did not tell, and whether satisfaction differs between them."""

    code: str
    label: str
    groups: tuple[GroupFigure, ...]
    n_told: int | None
    n_untold: int | None
    test: IndependenceTest | None
    p_adjusted: float | None
    area: str

    @property
    def missing(self) -> tuple[GroupFigure, ...]:
        """Groups of which there is nobody, or so few that nothing can be said of them."""
        return tuple(each for each in self.groups if each.state != SHOWN or each.is_less)


@dataclass(frozen=True, slots=True)
class Equity:
    """Everything on the page; `not_asked` are questions that the form does not ask."""

    period: PeriodChoice
    basis: str
    form_title: str
    tables: tuple[EquityTable, ...]
    not_asked: tuple[str, ...]
    provenance: str
    adjustment: str
    alpha: float
    is_composite: bool
    minimum_base: int
    minimum_shown: int
    is_simulated: bool


@cache
def population_shares() -> dict[str, Any]:
    """What is known of the population, from the seeds, each with where it holds."""
    loaded: dict[str, Any] = json.loads(SEED.read_text(encoding="utf-8"))
    return loaded


def equity(
    session: Session, *, root_unit_id: int, basis: str, period_code: str | None, words: Words,
    viewer: accounts.Viewer, today: date, language: str = "vi",
) -> Equity | None:  # fmt: skip
    """Every question about the person that the form asks, over all units below a root."""
    asked = asked_scope(
        session, root_unit_id=root_unit_id, basis=basis, period_code=period_code, viewer=viewer, today=today
    )
    if asked is None:
        return None
    policy, seed = current_policy(session, today), population_shares()
    offered = dimensions(session, asked.part.form, words, language=language)
    wanted = [code for code in seed["asked_about"] if code in asked.part.form.by_code]
    tables: list[EquityTable] = []
    if wanted and not asked.is_composite:
        chosen = tuple(dimension(offered, code) for code in (*wanted, OVERALL_SATISFIED))
        found = coded(session, asked.part, chosen, asked.units)
        for place, each in enumerate(chosen[:-1]):
            pair = Coded(
                found.people,
                (found.codes[place], found.codes[-1]),
                (found.n_categories[place], found.n_categories[-1]),
            )
            test = independence_test(session, asked.selection, pair)
            tables.append(_table(each, pair, test, seed["shares"].get(each.code, {}), policy))
        tables = _adjusted(tables, policy)
    return Equity(
        counting.period_choice(asked.period, language), basis, asked.part.form.title.in_language(language),
        tuple(tables), tuple(code for code in seed["asked_about"] if code not in wanted),
        seed["provenance"], policy.screen_adjustment, policy.alpha, asked.is_composite, policy.min_staff,
        policy.min_index, asked.selection.is_simulated,
    )  # fmt: skip


def _table(
    asked: Dimension,
    pair: Coded,
    test: IndependenceTest | None,
    population: dict[str, Any],
    policy: PolicyValues,
) -> EquityTable:
    n = np.bincount(pair.codes[0], minlength=len(asked.categories))
    yes, no = (np.bincount(pair.codes[0][pair.codes[1] == k], minlength=len(n)) for k in (0, 1))
    effect = max(1.0, test.design_effect) if test else 1.0
    counts = {category.code: int(count) for category, count in zip(asked.categories, n, strict=True)}
    hidden = withheld_together(counts, minimum=policy.min_staff)
    # With the total, the number of those who told would give away a small number of those who did not.
    n_told = None if UNKNOWN in hidden else int(n[:-1].sum())
    groups = tuple(
        _group(
            category, counts[category.code], n_told, int(yes[place]), int(no[place]),
            is_hidden=category.code in hidden, population=population.get("values", {}).get(category.code),
            effect=effect, policy=policy,
        )
        for place, category in enumerate(asked.categories[:-1])
    )  # fmt: skip
    untold = counts[UNKNOWN]
    return EquityTable(
        asked.code, asked.label, groups, n_told, None if UNKNOWN in hidden else untold, test, None,
        population.get("area", ""),
    )  # fmt: skip


def _group(
    category: Category, n: int, n_told: int | None, yes: int, no: int, *, is_hidden: bool,
    population: float | None, effect: float, policy: PolicyValues,
) -> GroupFigure:  # fmt: skip
    if is_hidden:
        return GroupFigure(category.code, category.label, WITHHELD, None, None, population, None)
    if n == 0:
        return GroupFigure(category.code, category.label, NOBODY, 0, None, population, None)
    level = policy.confidence_level
    part = (
        None
        if n_told is None
        else wilson_interval([n], [n_told], design_effect=effect, confidence_level=level)[0]
    )
    answered = yes + no
    is_less = (
        population is not None
        and part is not None
        and part.ci_high < population_shares()["less_than"] * population
    )
    if answered < policy.min_index:
        return GroupFigure(category.code, category.label, FEW, n, part, population, None, is_less)
    share = wilson_interval([yes], [answered], design_effect=effect, confidence_level=level)[0]
    return GroupFigure(category.code, category.label, SHOWN, n, part, population, share, is_less)


def _adjusted(tables: Sequence[EquityTable], policy: PolicyValues) -> list[EquityTable]:
    """P values adjusted for how many questions are screened at once."""
    known = [place for place, table in enumerate(tables) if table.test and np.isfinite(table.test.p_value)]
    if not known:
        return list(tables)
    p = [table.test.p_value for table in (tables[place] for place in known) if table.test]
    adjusted = dict(zip(known, adjust_p_values(p, method=policy.screen_adjustment).tolist(), strict=True))
    return [
        EquityTable(
            table.code, table.label, table.groups, table.n_told, table.n_untold, table.test,
            adjusted.get(place), table.area,
        )
        for place, table in enumerate(tables)
    ]  # fmt: skip
