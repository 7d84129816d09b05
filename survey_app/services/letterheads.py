"""Whose documents are made: head, signature, recipients and grounds of an office, in force from a day."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import InvalidField
from survey_app.models import LetterheadVersion
from survey_app.names import clean_name
from survey_app.queries import units
from survey_app.queries.units import UnitRow
from survey_app.services import accounts, audit

BLANK = "……"
MAX_LINES = 12
LIMITS = {"superior": 200, "issuer": 200, "place": 100, "abbreviation": 40, "signer_name": 100}
MAX_LINE = 400
_KINDS = {
    "commune": "XÃ",
    "ward": "PHƯỜNG",
    "special_zone": "ĐẶC KHU",
    "province": "TỈNH",
    "municipality": "THÀNH PHỐ",
}


@dataclass(frozen=True, slots=True)
class OfficeHead:
    """What an office puts on its documents; lines of `issuer` are separated by line breaks.

    Empty `bases` or `recipients` mean those that are stored for the kind of document.
    """

    superior: str
    issuer: str
    place: str
    abbreviation: str
    signer_titles: tuple[str, ...]
    signer_name: str = ""
    recipients: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredHead:
    """A version of an office's head with the day from which it is used."""

    id: int
    effective_from: date
    head: OfficeHead


def head_of(session: Session, *, unit_id: int, on: date) -> OfficeHead:
    """The head of a unit's documents on a day: what the office stored, or what its kind and name say."""
    stored = session.scalars(
        select(LetterheadVersion)
        .where(LetterheadVersion.unit_id == unit_id, LetterheadVersion.effective_from <= on)
        .order_by(LetterheadVersion.effective_from.desc())
        .limit(1)
    ).first()
    return default_head(units.unit_by_id(session, unit_id)) if stored is None else _head(stored)


def versions(session: Session, *, unit_id: int, viewer: accounts.Viewer) -> list[StoredHead]:
    """Every version of an office's head, the newest first."""
    accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    rows = session.scalars(
        select(LetterheadVersion)
        .where(LetterheadVersion.unit_id == unit_id)
        .order_by(LetterheadVersion.effective_from.desc())
    )
    return [StoredHead(row.id, row.effective_from, _head(row)) for row in rows]


def save_head(
    session: Session,
    *,
    unit_id: int,
    head: OfficeHead,
    effective_from: date,
    by: accounts.Viewer,
    now: datetime,
) -> None:
    """Use this head from a day on; a version that begins on the same day is replaced."""
    accounts.require_unit(session, unit_id=unit_id, viewer=by)
    values = _checked(head)
    stored = session.scalar(
        select(LetterheadVersion).where(
            LetterheadVersion.unit_id == unit_id, LetterheadVersion.effective_from == effective_from
        )
    )
    before = {} if stored is None else _stored_values(_head(stored))
    if stored is None:
        stored = LetterheadVersion(unit_id=unit_id, effective_from=effective_from)
        session.add(stored)
    for name, value in values.items():
        setattr(stored, name, value)
    session.flush()
    audit.record(
        session, "letterhead.saved", target=f"unit:{unit_id}", by=by, at=now,
        details={"effective_from": effective_from.isoformat(), **audit.change(before, values)},
    )  # fmt: skip


def default_head(unit: UnitRow) -> OfficeHead:
    """What the kind and the name of a unit say, until the office has stored its own."""
    area = _KINDS.get(unit.kind)
    if area is None:
        return OfficeHead("ỦY BAN NHÂN DÂN TỈNH", unit.name.upper(), BLANK, BLANK, ("THỦ TRƯỞNG CƠ QUAN",))
    return OfficeHead(
        "",
        f"ỦY BAN NHÂN DÂN\n{area} {unit.name.upper()}",
        unit.name,
        "UBND",
        ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
    )


def _head(row: LetterheadVersion) -> OfficeHead:
    return OfficeHead(
        row.superior, row.issuer, row.place, row.abbreviation, tuple(row.signer_titles), row.signer_name,
        tuple(row.recipients), tuple(row.bases),
    )  # fmt: skip


def _stored_values(head: OfficeHead) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(head).items()}


def _checked(head: OfficeHead) -> Mapping[str, Any]:
    """The values as they are stored; raises `InvalidField`."""
    for name, most in LIMITS.items():
        if len(getattr(head, name)) > most:
            raise InvalidField(name, "too_long")
    for name in ("issuer", "place", "abbreviation", "signer_titles"):
        if not getattr(head, name):
            raise InvalidField(name, "empty")
    lists = {name: _lines(name, getattr(head, name)) for name in ("signer_titles", "recipients", "bases")}
    issuer = "\n".join(clean_name(line) for line in head.issuer.split("\n"))
    return {**_stored_values(head), **lists, "issuer": issuer}


def _lines(name: str, lines: Sequence[str]) -> list[str]:
    if len(lines) > MAX_LINES:
        raise InvalidField(name, "too_many")
    if any(len(line) > MAX_LINE for line in lines):
        raise InvalidField(name, "too_long")
    return [clean_name(line) for line in lines]
