"""Figures that others publish: kept as published, two decimals, never worked out here."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy.orm import Session

from survey_app.errors import InvalidField, NotFound
from survey_app.models import OfficialFigure
from survey_app.queries import indicators, units
from survey_app.queries.indicators import PublishedFigure
from survey_app.services import accounts, audit
from survey_app.services.nine_indicators import other_numbers

KINDS = ("sipas", "service_quality")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class OtherFigures:
    """The last figures of either kind for a unit or, where it has none, for its province; and their legal bases."""

    sipas: PublishedFigure | None
    service_quality: PublishedFigure | None
    is_of_unit: bool
    sipas_basis: str
    service_quality_basis: str


def figures_of(session: Session, *, unit_id: int, viewer: accounts.Viewer) -> OtherFigures:
    accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    root = units.ancestor_ids(session, unit_id)[-1]
    sipas = indicators.published_figures(session, unit_ids=[root], kind="sipas")
    quality = indicators.published_figures(session, unit_ids=sorted({unit_id, root}), kind="service_quality")
    own = [figure for figure in quality if figure.unit_id == unit_id]
    seeds = other_numbers()
    return OtherFigures(
        sipas[0] if sipas else None, next(iter(own or quality), None), bool(own),
        seeds["sipas"]["legal_basis"], seeds["service_quality"]["legal_basis"],
    )  # fmt: skip


def enter_figure(
    session: Session,
    *,
    unit_id: int,
    kind: str,
    period_title: str,
    value: str,
    published_on: date,
    source: str,
    by: accounts.Viewer,
    now: datetime,
) -> None:
    """Store a published figure in place of an earlier one of the same period; SIPAS belongs to a province."""
    accounts.require_unit(session, unit_id=unit_id, viewer=by)
    if kind not in KINDS:
        raise InvalidField("kind", "unknown_choice")
    if kind == "sipas" and unit_id != units.ancestor_ids(session, unit_id)[-1]:
        raise NotFound(f"office {unit_id}")
    out_of = Decimal(other_numbers()[kind]["out_of"])
    title, origin = " ".join(period_title.split())[:60], " ".join(source.split())[:300]
    for field, text in (("period_title", title), ("source", origin)):
        if not text:
            raise InvalidField(field, "empty")
    number = _as_published(value, out_of)
    row = session.get(OfficialFigure, (unit_id, kind, title)) or OfficialFigure(
        unit_id=unit_id, kind=kind, period_title=title
    )
    row.value, row.out_of, row.published_on, row.source, row.is_simulated = (
        number,
        out_of,
        published_on,
        origin,
        False,
    )
    session.add(row)
    details = {"kind": kind, "period": title, "value": str(number), "source": origin}
    audit.record(
        session, "indicators.figure_entered", target=f"unit:{unit_id}", by=by, at=now, details=details
    )


def _as_published(value: str, out_of: Decimal) -> Decimal:
    """ "83,94" or "83.94"; more than two decimals is no published figure."""
    try:
        number = Decimal(value.strip().replace(",", "."))
    except InvalidOperation as error:
        raise InvalidField("value", "not_a_number") from error
    if not number.is_finite() or number != number.quantize(CENT) or not 0 <= number <= out_of:
        raise InvalidField("value", "out_of_range")
    return number.quantize(CENT)
