"""The chosen set of indicators, counted points, and figures that others publish."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.models import IndicatorChoice, IndicatorCount, IndicatorSet, OfficialFigure


@dataclass(frozen=True, slots=True)
class ChosenSet:
    """The set an office uses, with the legal basis it named."""

    set_id: int
    definition: dict[str, Any]
    legal_basis: str
    chosen_on: date


@dataclass(frozen=True, slots=True)
class PointCount:
    """How many files got 2, 1 and 0 points on one indicator."""

    officer: str
    number: int
    n_two: int
    n_one: int
    n_zero: int
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A figure as another body published it."""

    unit_id: int
    period_title: str
    value: Decimal
    out_of: Decimal
    published_on: date
    source: str
    is_simulated: bool


def chosen_set(session: Session, root_unit_id: int) -> ChosenSet | None:
    row = session.execute(
        select(
            IndicatorChoice.set_id,
            IndicatorSet.definition,
            IndicatorChoice.legal_basis,
            IndicatorChoice.chosen_on,
        )
        .join(IndicatorSet, IndicatorSet.id == IndicatorChoice.set_id)
        .where(IndicatorChoice.root_unit_id == root_unit_id)
    ).first()
    return None if row is None else ChosenSet(*row)


def point_counts(session: Session, *, unit_id: int, period_id: int) -> list[PointCount]:
    one = IndicatorCount
    rows = session.execute(
        select(one.officer, one.number, one.n_two, one.n_one, one.n_zero, one.is_simulated)
        .where(one.unit_id == unit_id, one.period_id == period_id)
        .order_by(one.officer, one.number)
    )
    return [PointCount(*row) for row in rows]


def remove_point_counts(session: Session, *, unit_id: int, period_id: int, officer: str) -> None:
    one = IndicatorCount
    session.execute(
        delete(one).where(one.unit_id == unit_id, one.period_id == period_id, one.officer == officer)
    )


def published_figures(session: Session, *, unit_ids: list[int], kind: str) -> list[PublishedFigure]:
    """Figures of a kind of any of the units, the last published first."""
    one = OfficialFigure
    rows = session.execute(
        select(
            one.unit_id,
            one.period_title,
            one.value,
            one.out_of,
            one.published_on,
            one.source,
            one.is_simulated,
        )
        .where(one.unit_id.in_(unit_ids), one.kind == kind)
        .order_by(one.published_on.desc(), one.unit_id, one.period_title)
    )
    return [PublishedFigure(*row) for row in rows]
