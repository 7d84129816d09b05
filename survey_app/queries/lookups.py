"""One thing by its key, as a frozen value, for the paths where no ORM object is wanted."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound, UnknownCode
from survey_app.models import (
    Desk,
    Point,
    PointCode,
    PointUnit,
    Response,
    ServiceField,
    Unit,
    UnitPeriod,
    Wave,
    WaveBridge,
    WaveUnit,
)
from survey_app.names import unit_title
from survey_app.queries.unit_days import kind_on, name_on


@dataclass(frozen=True, slots=True)
class StoredDigests:
    """What is stored under a submission id."""

    first: bytes
    supplement: bytes | None
    answers: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """A collection point and the unit it belongs to on a day."""

    point_id: int
    point_name: str
    unit_id: int
    unit_name: str
    unit_kind: str
    collected_on: date

    @property
    def unit_title(self) -> str:
        """The unit as it is named on its own: "Phường Đông Hà"."""
        return unit_title(self.unit_kind, self.unit_name)


CLOSED = ("closed", "archived")


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave, with its own rule of what is late."""

    id: int
    code: str
    title_vi: str
    title_en: str
    basis: str
    version_id: int
    opens_on: date
    closes_on: date | None
    grace_days: int
    is_simulated: bool
    state: str = "open"
    # Where and in which languages answers are offered; None is everywhere, in every language of the installation.
    channels: list[int] | None = None
    languages: list[str] | None = None
    # The second form of a wave that measures what a new form changes.
    bridge_version_id: int | None = None
    bridge_share: float | None = None

    def is_open(self, on: date) -> bool:
        """Whether answers are asked for."""
        return self.state == "open" and self.spans(on)

    def spans(self, on: date) -> bool:
        return self.opens_on <= on and (self.closes_on is None or on <= self.closes_on)

    def is_late(self, on: date) -> bool:
        """Whether an answer that comes on this day comes too late: the wave is closed, or past its grace."""
        if self.is_closed:
            return True
        return self.closes_on is not None and on > self.closes_on + timedelta(days=self.grace_days)

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED

    def offers(self, channel: int) -> bool:
        """Whether answers are asked for on this channel."""
        return self.channels is None or channel in self.channels

    @property
    def version_ids(self) -> tuple[int, ...]:
        """The form of the wave, and the second one of a bridge."""
        second = () if self.bridge_version_id is None else (self.bridge_version_id,)
        return (self.version_id, *second)


WAVE_COLUMNS: tuple[Any, ...] = (
    Wave.id, Wave.code, Wave.title_vi, Wave.title_en, Wave.basis, Wave.version_id,
    Wave.opens_on, Wave.closes_on, Wave.grace_days, Wave.is_simulated, Wave.state, Wave.channels, Wave.languages,
    select(WaveBridge.version_id).where(WaveBridge.wave_id == Wave.id).scalar_subquery(),
    select(WaveBridge.share).where(WaveBridge.wave_id == Wave.id).scalar_subquery(),
)  # fmt: skip
# A wave that is still being prepared exists for those who prepare it.
IS_DECIDED = Wave.state != "draft"


def stored_digests(session: Session, submission_id: UUID) -> StoredDigests | None:
    row = session.execute(
        select(Response.digest, Response.supplement_digest, Response.answers).where(
            Response.id == submission_id
        )
    ).one_or_none()
    return None if row is None else StoredDigests(*row)


def stored_answers(session: Session, submission_id: UUID) -> tuple[int, bytes] | None:
    """The version and the packed answers of a stored response."""
    row = session.execute(
        select(Response.version_id, Response.answers).where(Response.id == submission_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def place_of_answer(session: Session, *, code: str, on: date) -> Place:
    """The point behind a printed code and its unit on the day; a code revoked since still names its point."""
    place = find_place(session, code=code, on=on)
    if place is None:
        raise UnknownCode(code)
    return place


def find_place(session: Session, *, code: str, on: date) -> Place | None:
    """The same, or None where no unit had the point on the day."""
    row = session.execute(
        _places_of(code, on).where(or_(PointUnit.valid_to.is_(None), PointUnit.valid_to >= on))
    ).one_or_none()
    return None if row is None else Place(*row, on)


def latest_place(session: Session, *, code: str, by: date) -> Place:
    """The point and the unit it belongs to, or last belonged to if no unit has it any more."""
    row = session.execute(_places_of(code, by).order_by(PointUnit.valid_from.desc()).limit(1)).one_or_none()
    if row is None:
        raise UnknownCode(code)
    return Place(*row, by)


def _places_of(code: str, on: date) -> Select[int, str, int, str, str]:
    """The point with every unit that it had begun to belong to by the day."""
    return (
        select(Point.id, Point.name, Unit.id, name_on(on), kind_on(on))
        .join(PointCode, PointCode.point_id == Point.id)
        .join(PointUnit, PointUnit.point_id == Point.id)
        .join(Unit, Unit.id == PointUnit.unit_id)
        .where(PointCode.code == code, PointUnit.valid_from <= on)
    )


def is_live_code(session: Session, code: str, on: date) -> bool:
    """Whether a printed code still opens a form."""
    revoked_on = session.execute(select(PointCode.revoked_on).where(PointCode.code == code)).one_or_none()
    return revoked_on is not None and (revoked_on[0] is None or revoked_on[0] > on)


def place_of_response(session: Session, submission_id: UUID) -> Place:
    """Where and on which day a stored response was given."""
    day = Response.collected_on
    row = session.execute(
        select(Point.id, Point.name, Unit.id, name_on(day), kind_on(day), day)
        .join(Response, Response.point_id == Point.id)
        .join(Unit, Unit.id == Response.unit_id)
        .where(Response.id == submission_id)
    ).one()
    return Place(*row)


def wave_row(session: Session, wave_id: int) -> WaveRow:
    row = session.execute(select(*WAVE_COLUMNS).where(Wave.id == wave_id)).one_or_none()
    if row is None:
        raise NotFound(f"wave {wave_id}")
    return WaveRow(*row)


def wave_by_code(session: Session, code: str) -> WaveRow:
    row = session.execute(select(*WAVE_COLUMNS).where(Wave.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"wave {code}")
    return WaveRow(*row)


def open_continuous_wave(
    session: Session, *, unit_id: int, on: date, channel: int | None = None
) -> WaveRow | None:
    """The self-selected stream that runs at a unit on a day and, if one is named, on a channel.

    Where several do, the one that opened last answers, and of those the one that was entered last.
    """
    running = continuous_waves(session, unit_id=unit_id, on=on)
    return next((wave for wave in running if channel is None or wave.offers(channel)), None)


def continuous_waves(session: Session, *, unit_id: int, on: date) -> list[WaveRow]:
    """Every self-selected stream that runs at a unit on a day, the one that answers first."""
    rows = session.execute(
        select(*WAVE_COLUMNS)
        .where(Wave.id.in_(select(WaveUnit.wave_id).where(WaveUnit.unit_id == unit_id)))
        .where(Wave.basis == "continuous", IS_DECIDED, Wave.opens_on <= on)
        .where(or_(Wave.closes_on.is_(None), Wave.closes_on >= on))
        .order_by(Wave.opens_on.desc(), Wave.id.desc())
    )
    return [WaveRow(*row) for row in rows]


def next_change(session: Session, *, point_id: int, after: date, until: date) -> date | None:
    """The next day on which a point may ask something else: a wave opens or ends, another unit takes it over."""
    unit_ids = select(PointUnit.unit_id).where(PointUnit.point_id == point_id)
    waves = (
        select(Wave.opens_on, Wave.closes_on)
        .join(WaveUnit, WaveUnit.wave_id == Wave.id)
        .where(WaveUnit.unit_id.in_(unit_ids), Wave.basis == "continuous", IS_DECIDED)
    )
    days = {*session.scalars(select(PointUnit.valid_from).where(PointUnit.point_id == point_id))}
    days |= {*session.scalars(select(UnitPeriod.valid_from).where(UnitPeriod.unit_id.in_(unit_ids)))}
    for opens_on, closes_on in session.execute(waves):
        days |= {opens_on} | ({closes_on + timedelta(days=1)} if closes_on else set())
    return min((day for day in days if after < day <= until), default=None)


def takes_part(session: Session, *, wave_id: int, unit_id: int) -> bool:
    """Whether a unit is one of those that a wave asks at."""
    statement = select(WaveUnit.unit_id).where(WaveUnit.wave_id == wave_id, WaveUnit.unit_id == unit_id)
    return session.execute(statement.limit(1)).first() is not None


def service_field_id(session: Session, code: str | None) -> int | None:
    """A field's id; an unknown code counts as not said."""
    return session.scalar(select(ServiceField.id).where(ServiceField.code == code)) if code else None


def desk_id(session: Session, code: str | None, *, point_id: int) -> int | None:
    """A desk of this point; a desk of another point counts as not known."""
    if not code:
        return None
    return session.scalar(select(Desk.id).where(Desk.code == code, Desk.point_id == point_id))
