"""What an office enters in its calendar: hours of points, days off and worked, closures of many units at once."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey_app.errors import DatesReversed, InvalidField, NotFound
from survey_app.models import CalendarDay, Closure, ClosureUnit, OpeningHours
from survey_app.models.calendar import CLOSURE_REASONS, DAY_KINDS
from survey_app.queries import openings
from survey_app.services import audit
from survey_app.services.accounts import Role, Viewer, visible_unit_ids
from survey_app.services.device_profile import DAYS, Span

SEED = Path(__file__).resolve().parents[2] / "seeds" / "calendar.json"
WRITERS = (Role.ADMIN, Role.PAR_OFFICE)
MAX_CLOSURE_DAYS = 120

REASON_WORDS: Mapping[str, tuple[str, str]] = {
    "storm": ("Bão", "Storm"),
    "flood": ("Lũ lụt", "Flood"),
    "power": ("Mất điện", "Power cut"),
    "network": ("Mất mạng", "No network"),
    "tet": ("Nghỉ Tết", "Tết holiday"),
    "repair": ("Sửa chữa trụ sở", "Repairs"),
    "other": ("Lý do khác", "Other reason"),
}


def load_seed_calendar(session: Session, *, on: date, seed: Path = SEED) -> int:
    """Public holidays that come with the product, each once: a day that the office has touched stays as it is."""
    content = json.loads(seed.read_text(encoding="utf-8"))
    known = set(session.scalars(select(CalendarDay.day)))
    bases = content["bases"]
    new = [row for row in content["days"] if date.fromisoformat(row["day"]) not in known]
    for row in new:
        session.add(
            CalendarDay(
                day=date.fromisoformat(row["day"]), kind=row["kind"], title_vi=row["vi"], title_en=row["en"],
                legal_basis=bases[row["basis"]], is_to_check=row.get("to_check", False), entered_on=on,
            )
        )  # fmt: skip
    session.flush()
    return len(new)


def add_day(
    session: Session,
    *,
    day: date,
    kind: str,
    title_vi: str,
    title_en: str,
    legal_basis: str,
    viewer: Viewer,
    now: datetime,
    today: date,
) -> None:
    """Enter a day off or a worked weekend day with its basis; what stood for this day before is withdrawn."""
    if kind not in DAY_KINDS:
        raise InvalidField("kind", "unknown_choice")
    for name, text, most in (("title_vi", title_vi, 120), ("legal_basis", legal_basis, 300)):
        if not text:
            raise InvalidField(name, "missing")
        if len(text) > most:
            raise InvalidField(name, "too_long")
    earlier = openings.special_days(session, day, day)
    for each in earlier:
        _withdraw(session, each.id, today)
    row = CalendarDay(
        day=day, kind=kind, title_vi=title_vi, title_en=title_en or title_vi, legal_basis=legal_basis,
        is_to_check=False, entered_on=today,
    )  # fmt: skip
    session.add(row)
    session.flush()
    before = [[each.kind, each.title_vi, each.legal_basis] for each in earlier]
    details = {
        "day": day.isoformat(),
        "kind": kind,
        "title": title_vi,
        "basis": legal_basis,
        "before": before,
    }
    audit.record(session, "calendar.day_entered", target=f"calendar_day:{row.id}", by=viewer, at=now,
                 details=details)  # fmt: skip


def withdraw_day(session: Session, day_id: int, *, viewer: Viewer, now: datetime, today: date) -> None:
    """Take a day out of the calendar; its row stays as history."""
    found = openings.special_day(session, day_id)
    if found is None or found.withdrawn_on is not None:
        raise NotFound(f"calendar day {day_id}")
    _withdraw(session, day_id, today)
    details = {"day": found.day.isoformat(), "kind": found.kind, "title": found.title_vi}
    audit.record(session, "calendar.day_withdrawn", target=f"calendar_day:{day_id}", by=viewer, at=now,
                 details=details)  # fmt: skip


def add_closure(
    session: Session,
    *,
    starts_on: date,
    ends_on: date,
    reason: str,
    note: str,
    unit_ids: Collection[int],
    viewer: Viewer,
    now: datetime,
    today: date,
    is_simulated: bool = False,
) -> int:
    """Close many units on some days at once; units that the viewer may not see are refused."""
    if ends_on < starts_on:
        raise DatesReversed
    if (ends_on - starts_on).days >= MAX_CLOSURE_DAYS:
        raise InvalidField("ends_on", "out_of_range")
    if reason not in CLOSURE_REASONS:
        raise InvalidField("reason", "unknown_choice")
    if not unit_ids:
        raise InvalidField("units", "missing")
    if not set(unit_ids) <= visible_unit_ids(session, viewer=viewer):
        raise NotFound("units of a closure")
    if len(note) > 300:
        raise InvalidField("note", "too_long")
    row = Closure(
        starts_on=starts_on, ends_on=ends_on, reason=reason, note=note, is_simulated=is_simulated, entered_on=today
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(ClosureUnit(closure_id=row.id, unit_id=unit_id) for unit_id in sorted(set(unit_ids)))
    session.flush()
    details = {
        "from": starts_on.isoformat(), "to": ends_on.isoformat(), "reason": reason, "note": note,
        "unit_ids": sorted(set(unit_ids)),
    }  # fmt: skip
    audit.record(
        session, "calendar.closure_entered", target=f"closure:{row.id}", by=viewer, at=now, details=details
    )
    return row.id


def withdraw_closure(
    session: Session, closure_id: int, *, viewer: Viewer, now: datetime, today: date
) -> None:
    """Take a closure back: the days count as open again. Only of units that the viewer may see."""
    row = session.get(Closure, closure_id)
    members = set(session.scalars(select(ClosureUnit.unit_id).where(ClosureUnit.closure_id == closure_id)))
    if row is None or row.withdrawn_on or not members <= visible_unit_ids(session, viewer=viewer):
        raise NotFound(f"closure {closure_id}")
    row.withdrawn_on = max(today, row.entered_on)
    session.flush()
    audit.record(session, "calendar.closure_withdrawn", target=f"closure:{closure_id}", by=viewer, at=now)


def set_hours(
    session: Session,
    *,
    point_ids: Collection[int],
    week: Sequence[Sequence[Span]],
    valid_from: date,
    viewer: Viewer,
    now: datetime,
    today: date,
) -> None:
    """Hours of many points from a day on; rows that were to begin on the same day or later give way."""
    if len(week) != len(DAYS):
        raise InvalidField("week", "wrong_shape")
    if not point_ids:
        raise InvalidField("points", "missing")
    owners = openings.units_of_points(session, point_ids, max(valid_from, today))
    if not set(point_ids) <= owners.keys() or not set(owners.values()) <= visible_unit_ids(
        session, viewer=viewer
    ):
        raise NotFound("points of opening hours")
    session.execute(
        delete(OpeningHours).where(
            OpeningHours.point_id.in_(point_ids), OpeningHours.valid_from >= valid_from
        )
    )
    stored = [[list(span) for span in day] for day in week]
    session.add_all(
        OpeningHours(point_id=each, valid_from=valid_from, week=stored) for each in sorted(set(point_ids))
    )
    session.flush()
    details = {"point_ids": sorted(set(point_ids)), "from": valid_from.isoformat(), "week": stored}
    audit.record(session, "calendar.hours_set", target=f"points:{len(set(point_ids))}", by=viewer, at=now,
                 details=details)  # fmt: skip


def _withdraw(session: Session, day_id: int, today: date) -> None:
    row = session.get_one(CalendarDay, day_id)
    session.execute(
        update(CalendarDay).where(CalendarDay.id == day_id).values(withdrawn_on=max(today, row.entered_on))
    )
