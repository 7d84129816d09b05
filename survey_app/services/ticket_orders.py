"""What a batch of tickets is asked for, from the codes of a form or a call to what they name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import InvalidField, NotFound
from survey_app.queries import lookups

# A batch of one would tell of a single visitor whether they answered.
MIN_SIZE = 20
MAX_SIZE = 5_000
MAX_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOrder:
    """What a batch is for. Without a wave it counts for whichever runs when a person answers."""

    point_id: int
    code: str
    size: int
    expires_on: date
    wave_id: int | None = None
    stage: int = 0
    field_id: int | None = None


def order_by_codes(
    session: Session, asked: Mapping[str, Any], *, unit_ids: Collection[int], today: date
) -> BatchOrder:
    """An order with its codes looked up; a point outside these units is as absent as an unknown one."""
    code = asked["point"].upper()
    place = lookups.find_place(session, code=code, on=today)
    is_live = lookups.is_live_code(session, code, today)
    if place is None or not is_live or place.unit_id not in unit_ids:
        raise NotFound(f"point {code}")
    return BatchOrder(
        point_id=place.point_id,
        code=code,
        size=asked["size"],
        expires_on=asked["expires_on"],
        wave_id=_wave_of_order(session, asked.get("wave"), unit_id=place.unit_id, today=today),
        stage=int(asked.get("stage", 0)),
        field_id=_field_of_order(session, asked.get("field")),
    )


def check_order(order: BatchOrder, today: date) -> None:
    """Refuse a size or a last day out of range."""
    if not MIN_SIZE <= order.size <= MAX_SIZE:
        raise InvalidField("size", "out_of_range")
    if not today <= order.expires_on <= today + timedelta(days=MAX_DAYS):
        raise InvalidField("expires_on", "out_of_range")


def _wave_of_order(session: Session, code: str | None, *, unit_id: int, today: date) -> int | None:
    """The wave of this code, which must still run at the unit."""
    if not code:
        return None
    try:
        wave = lookups.wave_by_code(session, code)
    except NotFound as error:
        raise InvalidField("wave", "unknown") from error
    if wave.state == "draft" or not lookups.takes_part(session, wave_id=wave.id, unit_id=unit_id):
        raise InvalidField("wave", "unknown")
    if wave.is_closed or (wave.closes_on is not None and wave.closes_on < today):
        raise InvalidField("wave", "closed")
    return wave.id


def _field_of_order(session: Session, code: str | None) -> int | None:
    field_id = lookups.service_field_id(session, code)
    if code and field_id is None:
        raise InvalidField("field", "unknown")
    return field_id
