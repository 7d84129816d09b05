"""The demo's calendar: public holidays, hours, a storm and a power cut that are marked as made up."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.demo.places import MANAGED_UNIT, ROOT, STORM, STORM_UNITS, UnitPlace
from survey_app.models import Account
from survey_app.queries import units
from survey_app.services.accounts import Role, Viewer
from survey_app.services.office_calendar import add_closure, load_seed_calendar, set_hours
from survey_app.services.working_days import OFFICE_WEEK

ENTERED_BY = "sonoivu"
HOURS_FROM = date(2026, 3, 1)
POWER_CUT_ON = date(2026, 8, 19)
_MORNING = (("07:30", "11:30"),)


def fill_calendar(session: Session, places: Sequence[UnitPlace]) -> None:
    """Everything is entered as an office would, on the day on which it happened."""
    load_seed_calendar(session, on=HOURS_FROM)
    account_id = session.scalars(select(Account.id).where(Account.name == ENTERED_BY)).one()
    office = Viewer(account_id, Role.PAR_OFFICE, units.unit_by_code(session, ROOT).id)
    own_saturday = {MANAGED_UNIT, "QT.18880", "QT.TTPVHCC"}
    ordinary = [point.id for place in places if place.code not in own_saturday for point in place.points]
    saturday = [point.id for place in places if place.code in own_saturday for point in place.points]
    for point_ids, week in ((ordinary, OFFICE_WEEK), (saturday, (*OFFICE_WEEK[:5], _MORNING, ()))):
        set_hours(
            session, point_ids=point_ids, week=week, valid_from=HOURS_FROM, viewer=office, now=_at(HOURS_FROM),
            today=HOURS_FROM,
        )  # fmt: skip
    storm = [place.id for place in places if place.code in STORM_UNITS]
    closures = (
        (*STORM, "storm", "Bão số 6 (mô phỏng): các đơn vị ven biển ngừng tiếp dân", storm),
        (POWER_CUT_ON, POWER_CUT_ON, "power", "Sửa trạm biến áp (mô phỏng)",
         [place.id for place in places if place.code == "QT.19639"]),
    )  # fmt: skip
    for starts_on, ends_on, reason, note, unit_ids in closures:
        add_closure(
            session, starts_on=starts_on, ends_on=ends_on, reason=reason, note=note, unit_ids=unit_ids,
            viewer=office, now=_at(starts_on), today=starts_on, is_simulated=True,
        )  # fmt: skip


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)
