"""Before and after a remedy: whole weeks, a control group, and no sum that gives a few people away."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.services.accounts import Role, Viewer
from survey_app.services.remedies import RemedyFigure, RemedyQuestion, remedy_figure
from tests.builders import World, make_response, release_everything

TODAY = date(2026, 9, 20)
ON = date(2026, 7, 6)  # a Monday


def asked(session: Session, world: World, question: RemedyQuestion) -> RemedyFigure:
    viewer = Viewer(account_id=1, role=Role.PAR_OFFICE, unit_id=world.province)
    return remedy_figure(session, question, root_unit_id=world.province, viewer=viewer, today=TODAY)


def weeks(
    session: Session, world: World, unit: str, *, first: date, n_weeks: int, good: int, bad: int
) -> None:
    for week in range(n_weeks):
        for place in range(good + bad):
            on = first + timedelta(days=7 * week + place % 5)
            overall = "satisfied" if place < good else "dissatisfied"
            make_response(session, world, unit=unit, on=on, answers={"overall": overall})


def test_a_change_beside_a_control_group_that_did_not_change(session, world):
    before, ids = ON - timedelta(days=28), world.units
    weeks(session, world, "Đông Hà", first=before, n_weeks=4, good=6, bad=18)
    weeks(session, world, "Đông Hà", first=ON, n_weeks=4, good=21, bad=3)
    weeks(session, world, "Hòa Xuân", first=before, n_weeks=8, good=16, bad=8)
    # One person in one week of a unit: in no sum.
    weeks(session, world, "Cồn Cỏ", first=before, n_weeks=1, good=1, bad=0)
    release_everything(session, world)
    found = asked(session, world, RemedyQuestion((ids["Đông Hà"],), ON, 4, "others"))
    assert (found.together.n_before, found.together.n_after) == (96, 96)
    assert found.together.difference is not None
    assert found.together.difference.value == pytest.approx(0.625)
    assert found.control is not None
    assert (found.control.n_before, found.control.n_after) == (96, 96)
    assert found.net is not None
    assert found.net.value == pytest.approx(0.625)
    assert found.net.ci_low > 0
    assert found.net.p_value < 0.05


def test_the_week_of_the_day_is_left_out_and_several_units_are_adjusted(session, world):
    ids = world.units
    for unit in ("Đông Hà", "Hòa Xuân"):
        weeks(session, world, unit, first=ON - timedelta(days=28), n_weeks=9, good=10, bad=5)
    release_everything(session, world)
    question = RemedyQuestion((ids["Đông Hà"], ids["Hòa Xuân"]), ON + timedelta(days=2), 4)
    found = asked(session, world, question)
    # Of nine weeks the fifth holds the day.
    assert (found.together.n_before, found.together.n_after) == (120, 120)
    assert [row.p_adjusted for row in found.each] == pytest.approx([1.0, 1.0])
    assert found.control is None
    assert found.net is None


def test_too_little_shows_no_difference_and_a_foreign_unit_does_not_exist(session, world):
    weeks(session, world, "Cồn Cỏ", first=ON - timedelta(days=28), n_weeks=8, good=3, bad=1)
    release_everything(session, world)
    found = asked(session, world, RemedyQuestion((world.units["Cồn Cỏ"],), ON, 4))
    assert (found.together.n_before, found.together.difference, found.together.reason) == (0, None, "too_few")
    for unit_ids, number in (((0,), 4), ((), 4), ((world.units["Cồn Cỏ"],), 5)):
        with pytest.raises(NotFound):
            asked(session, world, RemedyQuestion(unit_ids, ON, number))
