"""Figures move once a day and only by enough people: no page shows a single visitor coming."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import RollupDirty, ScoreRelease
from survey_app.services import releases, rollups
from survey_app.services.accounts import Role, Viewer
from survey_app.services.scorecards import Scorecard, unit_scorecard
from survey_app.services.submissions import receive_response
from survey_app.signing import Signer
from tests.builders import World, make_response, make_submission

SIGNER = Signer("a secret of the tests")
TODAY = date(2026, 9, 10)
K = 5


def release(session: Session, today: date = TODAY) -> int:
    session.flush()
    return releases.release_scores(session, minimum_new=K, today=today)


def released_through(session: Session) -> dict[int, date]:
    session.expire_all()
    return {row.unit_id: row.released_through for row in session.scalars(select(ScoreRelease))}


def answers(
    session: Session, world: World, n: int, on: date = TODAY - timedelta(days=1), **columns: object
) -> None:
    for _ in range(n):
        make_response(session, world, on=on, **columns)


def page(session: Session, world: World, period: str | None = None) -> Scorecard | None:
    viewer = Viewer(account_id=1, role=Role.MANAGER, unit_id=world.units["Đông Hà"])
    return unit_scorecard(
        session,
        unit_id=world.units["Đông Hà"],
        basis="continuous",
        period_code=period,
        viewer=viewer,
        today=TODAY,
    )


@pytest.mark.parametrize(("n_new", "n_units"), [(4, 0), (5, 1), (6, 1)])
def test_a_unit_is_released_from_five_new_answers_on(session, world, n_new, n_units):
    answers(session, world, n_new)
    assert release(session) == n_units
    assert len(released_through(session)) == n_units


def test_what_came_today_waits_for_tomorrow(session, world):
    answers(session, world, 5, on=TODAY)
    assert release(session) == 0
    assert release(session, TODAY + timedelta(days=1)) == 1
    assert set(released_through(session).values()) == {TODAY}


def test_each_unit_and_wave_needs_its_own_five(session, world):
    answers(session, world, 5)
    answers(session, world, 4, unit="Hòa Xuân")
    answers(session, world, 4, wave="sample")
    assert release(session) == 1
    assert set(released_through(session)) == {world.units["Đông Hà"]}


def test_tests_of_the_device_do_not_make_up_the_number(session, world):
    answers(session, world, 4)
    answers(session, world, 3, is_test=True)
    assert release(session) == 0


def test_fewer_than_five_new_answers_move_nothing(session, world):
    answers(session, world, 40)
    release(session)
    before, through = page(session, world), released_through(session)
    for day in range(1, 4):
        answers(session, world, 1, on=TODAY + timedelta(days=day))
        assert release(session, TODAY + timedelta(days=day + 1)) == 0
        assert released_through(session) == through
        assert repr(page(session, world)) == repr(before)


def test_a_page_before_and_after_one_visitor_is_the_same(session, world):
    answers(session, world, 40)
    release(session)
    before = page(session, world)
    assert before is not None
    assert before.overall.n == 40
    visit = make_submission(world, answers={"overall": "very_dissatisfied"}, comment="Chờ lâu.")
    receive_response(session, visit, signer=SIGNER, today=TODAY)
    session.flush()
    after = page(session, world)
    assert repr(after).replace("n_comments_waiting=True", "n_comments_waiting=False") == repr(before)


def test_a_late_answer_leaves_the_month_as_it_was_until_enough_came(session, world):
    answers(session, world, 40, on=date(2026, 5, 20))
    release(session)
    rollups.rebuild_rollups(session, today=TODAY)
    before = page(session, world, "2026Q2")
    late = {"on": date(2026, 5, 21), "received_on": TODAY, "answers": {"overall": "very_dissatisfied"}}
    make_response(session, world, **late)
    rollups.mark_dirty(session, point_id=world.points["Đông Hà"], month=date(2026, 5, 1), mark=uuid4())
    tomorrow = TODAY + timedelta(days=1)
    assert release(session, tomorrow) == 0
    assert repr(page(session, world, "2026Q2")) == repr(before)
    rollups.rebuild_rollups(session, today=tomorrow)
    assert repr(page(session, world, "2026Q2")) == repr(before)
    for _ in range(4):
        make_response(session, world, **late)
    assert release(session, tomorrow) == 1
    assert page(session, world, "2026Q2").overall.n == 45
    rollups.rebuild_rollups(session, today=tomorrow)
    assert page(session, world, "2026Q2").overall.n == 45


def test_a_release_marks_the_months_it_adds_to(session, world):
    answers(session, world, 5, on=date(2026, 5, 20))
    answers(session, world, 5, on=date(2026, 6, 20))
    release(session)
    assert set(session.execute(select(RollupDirty.point_id, RollupDirty.month))) == {
        (world.points["Đông Hà"], date(2026, 5, 1)),
        (world.points["Đông Hà"], date(2026, 6, 1)),
    }


def test_releasing_twice_a_night_moves_nothing_more(session, world):
    answers(session, world, 7)
    assert release(session) == 1
    through = released_through(session)
    assert release(session) == 0
    assert released_through(session) == through


def test_an_import_is_released_at_once_and_no_other_wave_with_it(session, world):
    answers(session, world, 6, on=TODAY, wave="sample")
    answers(session, world, 6, on=TODAY)
    session.flush()
    wave_id = world.waves["sample"]
    assert releases.release_import(session, wave_id=wave_id, minimum_new=K, today=TODAY) == 1
    assert session.scalars(select(ScoreRelease.wave_id)).all() == [wave_id]


def test_an_import_of_too_few_stays_hidden(session, world):
    answers(session, world, 4, on=TODAY, wave="sample")
    session.flush()
    assert releases.release_import(session, wave_id=world.waves["sample"], minimum_new=K, today=TODAY) == 0
