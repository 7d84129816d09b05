"""Opening a wave and naming a period: once, whoever runs it again."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from survey_app.errors import AlreadyExists, DatesReversed, NotFound
from survey_app.models import AuditEntry, Period, Wave, WaveUnit
from survey_app.services.waves import NewPeriod, NewWave, add_period, open_wave
from tests.builders import make_unit

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
WAVE = NewWave(
    "2027", "Đợt năm 2027", "Wave 2027", "sample", "full_form", "QT", date(2027, 1, 1), date(2027, 3, 31)
)
PERIOD = NewPeriod("2027Q1", "Quý I/2027", "Q1 2027", "QT", date(2026, 12, 15), date(2027, 3, 14))


def members(session, code: str) -> set[int]:
    statement = select(WaveUnit.unit_id).join(Wave, Wave.id == WaveUnit.wave_id).where(Wave.code == code)
    return set(session.scalars(statement))


def test_open_wave_takes_every_unit_with_a_point(session, world):
    make_unit(session, "Không có điểm", parent_id=world.province)
    assert open_wave(session, WAVE, now=NOW) == 3
    assert members(session, "2027") == {world.units[name] for name in world.points}
    wave = session.scalars(select(Wave).where(Wave.code == "2027")).one()
    assert (wave.version_id, wave.grace_days, wave.is_simulated) == (
        world.versions["full_form_v1"],
        30,
        False,
    )


def test_open_wave_twice_changes_nothing(session, world):
    assert open_wave(session, WAVE, now=NOW) == open_wave(session, WAVE, now=NOW) == 3
    assert len(members(session, "2027")) == 3


def test_open_wave_under_a_code_with_other_dates_is_refused(session, world):
    open_wave(session, WAVE, now=NOW)
    with pytest.raises(AlreadyExists):
        open_wave(session, replace(WAVE, closes_on=date(2027, 4, 30)), now=NOW)


@pytest.mark.parametrize("unknown", [{"questionnaire": "khong_co"}, {"root_code": "XX"}])
def test_open_wave_on_something_unknown_is_refused(session, world, unknown):
    with pytest.raises(NotFound):
        open_wave(session, replace(WAVE, **unknown), now=NOW)


def test_add_period_twice_keeps_one(session, world):
    add_period(session, PERIOD, now=NOW)
    add_period(session, PERIOD, now=NOW)
    stored = session.scalars(select(Period).where(Period.code == "2027Q1")).one()
    assert (stored.starts_on, stored.ends_on) == (date(2026, 12, 15), date(2027, 3, 14))


def test_add_period_under_a_code_with_other_days_is_refused(session, world):
    add_period(session, PERIOD, now=NOW)
    with pytest.raises(AlreadyExists):
        add_period(session, replace(PERIOD, ends_on=date(2027, 3, 31)), now=NOW)


def test_dates_in_the_wrong_order_are_refused(session, world):
    with pytest.raises(DatesReversed):
        open_wave(session, replace(WAVE, closes_on=date(2026, 12, 31)), now=NOW)
    with pytest.raises(DatesReversed):
        add_period(session, replace(PERIOD, ends_on=date(2026, 12, 14)), now=NOW)


def test_what_is_new_is_audited_once(session, world):
    for _ in range(2):
        open_wave(session, WAVE, now=NOW)
        add_period(session, PERIOD, now=NOW)
    session.flush()
    entries = session.execute(select(AuditEntry.action, AuditEntry.target, AuditEntry.at))
    assert sorted(entries) == [("period.added", "2027Q1", NOW), ("wave.added", "2027", NOW)]
