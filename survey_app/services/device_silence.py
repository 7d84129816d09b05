"""For how many open days a kiosk has not been heard of, and why its point is closed today: nights, weekends,
holidays and storms are no silence."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from sqlalchemy.orm import Session

from survey_app.services.devices import IN_USE, DeviceStanding
from survey_app.services.working_days import load_calendar

# Days on which the point was open, before today, without a word of the kiosk.
SILENT_DAYS = 1
# Whoever was not heard for so long is silent whatever the calendar says; further back nothing is counted.
LONGEST = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class DeviceSilence:
    """Open days without contact, up to yesterday; and the reason for which today is none, empty on an open day."""

    n_open_days: int
    closed_for_vi: str = ""
    closed_for_en: str = ""
    closure_reason: str = ""

    @property
    def is_silent(self) -> bool:
        return self.n_open_days >= SILENT_DAYS


def silences(
    session: Session, standings: Collection[DeviceStanding], *, today: date, zone: tzinfo
) -> dict[int, DeviceSilence]:
    """By device, of those in use that have been heard of at least once."""
    heard = {
        each.device.id: (each, each.state.seen_at.astimezone(zone).date())
        for each in standings
        if each.state is not None and each.device.state in IN_USE
    }
    if not heard:
        return {}
    start = max(min(day for _, day in heard.values()), today - LONGEST)
    calendar = load_calendar(
        session,
        start,
        today,
        unit_ids={each.unit_id for each, _ in heard.values()},
        point_ids={each.device.point_id for each, _ in heard.values()},
    )
    found = {}
    for device_id, (each, seen_on) in heard.items():
        place = {"unit_id": each.unit_id, "point_id": each.device.point_id}
        n = calendar.open_days(max(seen_on, today - LONGEST), today - timedelta(days=1), **place)
        day_off, closure = calendar.day_off(today), calendar.closure_of(each.unit_id, today)
        found[device_id] = DeviceSilence(
            n,
            day_off.title_vi if day_off else "",
            day_off.title_en if day_off else "",
            closure.reason if closure and not day_off else "",
        )
    return found
