"""Open days: hours, holidays, days made up for, closures; and counting in them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from survey_app.errors import DatesReversed, InvalidField, NotFound
from survey_app.models import AuditEntry, CalendarDay, OpeningHours
from survey_app.services import office_calendar, working_days
from survey_app.services.accounts import Role, Viewer
from survey_app.services.scorecards import unit_scorecard
from survey_app.services.working_days import OFFICE_WEEK, add_working_days, is_open, kiosk_week, load_calendar
from tests.builders import make_response, release_everything

TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 3, tzinfo=UTC)
WHEN = {"now": NOW, "today": TODAY}
FRIDAY, SATURDAY, MONDAY = date(2026, 9, 11), date(2026, 9, 12), date(2026, 9, 14)


@pytest.fixture
def office(world):
    return Viewer(None, Role.PAR_OFFICE, world.province)


def enter(session, viewer, day, kind="holiday", **more):
    values = {"title_vi": "Ngày", "title_en": "", "legal_basis": "Thông báo 1/TB", **more}
    office_calendar.add_day(session, day=day, kind=kind, viewer=viewer, **values, **WHEN)


def close(session, viewer, world, first, last, *names, **more):
    units = [world.units[name] for name in names]
    values = {"reason": "storm", "note": "", **more}
    return office_calendar.add_closure(
        session, starts_on=first, ends_on=last, unit_ids=units, viewer=viewer, **values, **WHEN
    )


def test_the_week_holidays_made_up_days_and_closures_decide_whether_a_point_is_open(session, world, office):
    point, unit = world.points["Đông Hà"], world.units["Đông Hà"]
    days = (FRIDAY, SATURDAY, MONDAY)
    assert [is_open(session, point, day) for day in days] == [True, False, True]
    enter(session, office, FRIDAY)
    enter(session, office, SATURDAY, "working_day")
    close(session, office, world, MONDAY, MONDAY, "Đông Hà")
    assert [is_open(session, point, day) for day in days] == [False, True, False]
    assert is_open(session, world.points["Hòa Xuân"], MONDAY)
    calendar = load_calendar(session, FRIDAY, MONDAY, unit_ids=[unit], point_ids=[point])
    assert calendar.hours_on(SATURDAY, unit_id=unit, point_id=point) == OFFICE_WEEK[0]
    usual = kiosk_week(session, point, SATURDAY, usual=OFFICE_WEEK)
    assert usual == (*OFFICE_WEEK[:5], OFFICE_WEEK[0], ())
    assert kiosk_week(session, point, MONDAY, usual=OFFICE_WEEK)[0] == ()


def test_hours_hold_from_their_day_and_later_ones_give_way(session, world, office):
    point = world.points["Đông Hà"]
    morning = (("07:30", "11:30"),)
    with_saturday = (*OFFICE_WEEK[:5], morning, ())
    options = {"point_ids": [point], "viewer": office, **WHEN}
    office_calendar.set_hours(session, week=OFFICE_WEEK, valid_from=date(2026, 12, 1), **options)
    office_calendar.set_hours(session, week=with_saturday, valid_from=date(2026, 9, 7), **options)
    assert [row.valid_from for row in session.scalars(select(OpeningHours))] == [date(2026, 9, 7)]
    assert is_open(session, point, SATURDAY)
    assert not is_open(session, point, SATURDAY - timedelta(days=7))
    calendar = load_calendar(session, SATURDAY, SATURDAY, point_ids=[point])
    assert calendar.hours_on(SATURDAY, point_id=point) == morning
    manager = Viewer(None, Role.MANAGER, world.units["Hòa Xuân"])
    with pytest.raises(NotFound):
        office_calendar.set_hours(
            session, week=OFFICE_WEEK, valid_from=TODAY, **{**options, "viewer": manager}
        )


def test_days_are_counted_over_weekends_holidays_and_the_unit_s_closures(session, world, office):
    unit = world.units["Đông Hà"]
    assert add_working_days(session, FRIDAY, 1) == MONDAY
    assert add_working_days(session, MONDAY, -1) == FRIDAY
    assert add_working_days(session, SATURDAY, 0) == MONDAY
    assert add_working_days(session, FRIDAY, 0) == FRIDAY
    enter(session, office, MONDAY)
    assert add_working_days(session, FRIDAY, 5) == date(2026, 9, 21)
    close(session, office, world, date(2026, 9, 15), date(2026, 9, 16), "Đông Hà")
    assert add_working_days(session, FRIDAY, 5, unit) == date(2026, 9, 23)
    close(session, office, world, date(2026, 9, 17), date(2026, 12, 31), "Đông Hà")
    with pytest.raises(working_days.NoWorkingDay):
        add_working_days(session, FRIDAY, 1, unit)


def test_a_point_closed_by_a_storm_is_not_silent(session, world, office):
    for n in range(40):
        make_response(session, world, on=date(2026, 9, 1) + timedelta(days=n % 4))
    session.flush()
    release_everything(session, world)

    def silent():
        found = unit_scorecard(session, unit_id=world.units["Đông Hà"], basis="continuous", period_code="2026Q3",
                               viewer=office, today=TODAY)  # fmt: skip
        return [(each.kind, each.on) for each in found.to_do]

    assert silent() == [("silent_point", date(2026, 9, 5))]
    closure = close(session, office, world, date(2026, 9, 9), date(2026, 9, 10), "Đông Hà", "Hòa Xuân")
    assert silent() == []
    office_calendar.withdraw_closure(session, closure, viewer=office, **WHEN)
    assert silent() == [("silent_point", date(2026, 9, 5))]
    enter(session, office, date(2026, 9, 8))
    enter(session, office, date(2026, 9, 7))
    assert silent() == []


def test_a_correction_of_a_day_withdraws_the_earlier_row_and_keeps_it(session, world, office):
    assert office_calendar.load_seed_calendar(session, on=TODAY) > 20
    assert office_calendar.load_seed_calendar(session, on=TODAY) == 0
    new_year = session.scalars(select(CalendarDay).where(CalendarDay.day == date(2027, 2, 5))).one()
    assert new_year.is_to_check and "cần kiểm tra" in new_year.legal_basis
    enter(session, office, new_year.day, title_vi="Tết", legal_basis="Thông báo 2/TB")
    rows = session.scalars(
        select(CalendarDay).where(CalendarDay.day == new_year.day).order_by(CalendarDay.id)
    ).all()
    assert [(row.is_to_check, row.withdrawn_on) for row in rows] == [(True, TODAY), (False, None)]
    assert office_calendar.load_seed_calendar(session, on=TODAY) == 0
    office_calendar.withdraw_day(session, rows[1].id, viewer=office, **WHEN)
    assert add_working_days(session, date(2027, 2, 4), 1) == date(2027, 2, 5)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "calendar.day_entered")).one()
    assert entry.details["before"][0][0] == "holiday"
    with pytest.raises(NotFound):
        office_calendar.withdraw_day(session, rows[1].id, viewer=office, **WHEN)


def test_what_cannot_be_entered_is_refused(session, world, office):
    with pytest.raises(DatesReversed):
        close(session, office, world, MONDAY, FRIDAY, "Đông Hà")
    for more in ({"reason": "x"}, {"note": "x" * 301}):
        with pytest.raises(InvalidField):
            close(session, office, world, FRIDAY, MONDAY, "Đông Hà", **more)
    with pytest.raises(InvalidField):
        close(session, office, world, FRIDAY, MONDAY)
    with pytest.raises(InvalidField):
        close(session, office, world, FRIDAY, FRIDAY + timedelta(days=200), "Đông Hà")
    manager = Viewer(None, Role.MANAGER, world.units["Đông Hà"])
    with pytest.raises(NotFound):
        close(session, manager, world, FRIDAY, MONDAY, "Hòa Xuân")
    for more in ({"legal_basis": ""}, {"title_vi": ""}, {"kind": "x"}, {"title_vi": "x" * 121}):
        with pytest.raises(InvalidField):
            enter(session, office, FRIDAY, **more)
