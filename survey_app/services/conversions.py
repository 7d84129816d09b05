"""Points of a set of criteria for a share: bands are data with a ground and dates, read with exact decimals."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from analysis.types import Estimate
from survey_app.errors import InvalidField, NotFound
from survey_app.models import ConversionTable
from survey_app.names import clean_name
from survey_app.queries import units
from survey_app.services import accounts, audit

BASES = ("continuous", "sample")
MAX_BANDS = 30
# A share is converted as it is printed.
DIGITS = Decimal("0.1")
_NUMBER = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Band:
    """From this percentage on, up to the next band, so many points."""

    starts_at: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion table; bands rise from 0."""

    title: str
    basis: str
    legal_basis: str
    valid_from: date
    valid_to: date | None
    bands: tuple[Band, ...]
    id: int = 0
    unit_id: int = 0


@dataclass(frozen=True, slots=True)
class Converted:
    """Points of a share, and those of the two ends of its interval.

    `edge` is the first border of a band inside the interval, None where all of it gives the same points.
    """

    percent: Decimal
    points: Decimal
    points_low: Decimal
    points_high: Decimal
    edge: Decimal | None

    @property
    def crosses(self) -> bool:
        return self.edge is not None


def convert(estimate: Estimate, conversion: Conversion) -> Converted:
    """The points of a share: a border belongs to the band that it opens."""
    percent, low, high = (as_printed(value) for value in (estimate.value, estimate.ci_low, estimate.ci_high))
    edge = next((band.starts_at for band in conversion.bands if low < band.starts_at <= high), None)
    points, points_low, points_high = (points_of(each, conversion) for each in (percent, low, high))
    return Converted(percent, points, points_low, points_high, edge)


def as_printed(share: float) -> Decimal:
    """A share as the percentage that stands in the report: one decimal, halves away from zero."""
    return Decimal(repr(100 * float(share))).quantize(DIGITS, rounding=ROUND_HALF_UP)


def points_of(percent: Decimal, conversion: Conversion) -> Decimal:
    """What a percentage gives."""
    return [band.points for band in conversion.bands if band.starts_at <= percent][-1]


def conversions_for(session: Session, *, unit_id: int, basis: str, on: date) -> tuple[Conversion, ...]:
    """The tables that hold for a unit on a day: its own office's and those of the offices above."""
    above = units.ancestor_ids(session, unit_id)
    rows = session.scalars(
        select(ConversionTable)
        .where(
            ConversionTable.unit_id.in_(above),
            ConversionTable.basis == basis,
            ConversionTable.valid_from <= on,
            or_(ConversionTable.valid_to.is_(None), ConversionTable.valid_to >= on),
        )
        .order_by(ConversionTable.title, ConversionTable.id)
    )
    return tuple(_conversion(row) for row in rows)


def conversions_of(session: Session, *, unit_id: int, viewer: accounts.Viewer) -> tuple[Conversion, ...]:
    """Every table of an office, the newest first."""
    accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    rows = session.scalars(
        select(ConversionTable)
        .where(ConversionTable.unit_id == unit_id)
        .order_by(ConversionTable.valid_from.desc(), ConversionTable.id)
    )
    return tuple(_conversion(row) for row in rows)


def conversion_of(session: Session, *, conversion_id: int, viewer: accounts.Viewer) -> Conversion:
    """One table of an office that the viewer may see."""
    return _conversion(_stored(session, conversion_id, viewer))


def save_conversion(session: Session, *, conversion: Conversion, by: accounts.Viewer, now: datetime) -> int:
    """Store a table, new (`id` 0) or changed. Raises `InvalidField`."""
    accounts.require_unit(session, unit_id=conversion.unit_id, viewer=by)
    _check(conversion)
    if conversion.id:
        stored = _stored(session, conversion.id, by)
        before = _values(_conversion(stored))
    else:
        stored, before = ConversionTable(unit_id=conversion.unit_id), {}
        session.add(stored)
    values = _values(conversion)
    stored.title, stored.basis = clean_name(conversion.title), conversion.basis
    stored.legal_basis = clean_name(conversion.legal_basis)
    stored.valid_from, stored.valid_to = conversion.valid_from, conversion.valid_to
    stored.bands = [{"from": str(band.starts_at), "points": str(band.points)} for band in conversion.bands]
    session.flush()
    audit.record(
        session, "conversion.saved", target=f"conversion:{stored.id}", by=by, at=now,
        details=audit.change(before, values),
    )  # fmt: skip
    return stored.id


def read_bands(text: str) -> tuple[Band, ...]:
    """Bands as an office types them, one a line: "85 = 2,5". Raises `InvalidField`."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise InvalidField("bands", "empty")
    if len(lines) > MAX_BANDS:
        raise InvalidField("bands", "too_many")
    return tuple(sorted((_band(line) for line in lines), key=lambda band: band.starts_at))


def written_bands(bands: Sequence[Band]) -> str:
    """Bands as they are typed."""
    return "\n".join(f"{band.starts_at} = {band.points}".replace(".", ",") for band in bands)


def _band(line: str) -> Band:
    start, sign, points = (part.strip() for part in line.partition("="))
    if not sign or not _NUMBER.fullmatch(start) or not _NUMBER.fullmatch(points):
        raise InvalidField("bands", "line")
    return Band(Decimal(start.replace(",", ".")), Decimal(points.replace(",", ".")))


def _check(conversion: Conversion) -> None:
    for name in ("title", "legal_basis"):
        if not getattr(conversion, name).strip():
            raise InvalidField(name, "empty")
    if conversion.basis not in BASES:
        raise InvalidField("basis", "unknown_choice")
    if conversion.valid_to is not None and conversion.valid_to < conversion.valid_from:
        raise InvalidField("valid_to", "out_of_range")
    starts = [band.starts_at for band in conversion.bands]
    # Every share from 0 to 100 must fall into one band.
    if not starts or starts[0] != 0 or starts[-1] > 100:
        raise InvalidField("bands", "out_of_range")
    if len(set(starts)) < len(starts):
        raise InvalidField("bands", "twice")


def _values(conversion: Conversion) -> dict[str, object]:
    return {
        "title": conversion.title,
        "basis": conversion.basis,
        "legal_basis": conversion.legal_basis,
        "valid_from": conversion.valid_from.isoformat(),
        "valid_to": conversion.valid_to.isoformat() if conversion.valid_to else None,
        "bands": written_bands(conversion.bands),
    }


def _stored(session: Session, conversion_id: int, viewer: accounts.Viewer) -> ConversionTable:
    stored = session.get(ConversionTable, conversion_id)
    if stored is None:
        raise NotFound(f"conversion table {conversion_id}")
    accounts.require_unit(session, unit_id=stored.unit_id, viewer=viewer)
    return stored


def _conversion(row: ConversionTable) -> Conversion:
    bands = tuple(Band(Decimal(each["from"]), Decimal(each["points"])) for each in row.bands)
    return Conversion(
        row.title, row.basis, row.legal_basis, row.valid_from, row.valid_to, bands, row.id, row.unit_id
    )
