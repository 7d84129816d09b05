"""Slices of a unit and the trail of a figure: added up by hand, and nothing withheld that a total gives away."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from survey_app.errors import NotFound
from survey_app.models import Desk
from survey_app.services import forms, scorecards, slices, trails
from survey_app.services.accounts import Role, Viewer
from survey_app.services.expectations import expected_factors
from survey_app.services.policy import current_policy
from tests.builders import make_response, release_everything

TODAY = date(2026, 9, 20)


def answer(session, world, n, overall="satisfied", *, more=None, **columns):
    for place in range(n):
        on = date(2026, 7, 1) + timedelta(days=place % 28)
        make_response(session, world, on=on, answers={"overall": overall} | (more or {}), **columns)


def breakdown(session, world, by, *, role=Role.MANAGER, at="Đông Hà", period="2026Q3"):
    found = slices.unit_breakdown(
        session, unit_id=world.units["Đông Hà"], by=by, basis="continuous", period_code=period,
        viewer=Viewer(account_id=1, role=role, unit_id=world.units[at]), today=TODAY,
    )  # fmt: skip
    assert found is not None
    return found


def desks(session, world, *names, single=()):
    """More desks at the point of Đông Hà; their ids by name."""
    point = world.points["Đông Hà"]
    session.add_all(
        Desk(code=name, point_id=point, name=name, is_single_officer=name in single) for name in names
    )
    session.flush()
    return {desk.name: desk.id for desk in session.query(Desk).filter_by(point_id=point)}


def shown(found):
    return {row.label: row.n for group in found.groups for row in group.rows}


def test_a_desk_of_one_officer_is_for_the_director_and_never_follows_from_the_rest(session, world):
    ids = desks(session, world, "Hai", "Ba", single=("Hai",))
    answer(session, world, 60, desk_id=ids["Hai"])
    answer(session, world, 40, desk_id=ids["Ba"])
    answer(session, world, 50, desk_id=ids["Quầy 1"])
    release_everything(session, world)
    assert shown(breakdown(session, world, "desk")) == {"Hai": 60, "Quầy 1": 50, "Ba": 40}
    above = breakdown(session, world, "desk", role=Role.PAR_OFFICE, at="Quảng Trị")
    # The smallest of the others goes with it: 150 less those shown leaves two desks together.
    assert shown(above) == {"Quầy 1": 50, "Hai": None, "Ba": None}
    session.execute(update(Desk).where(Desk.id == ids["Ba"]).values(is_single_officer=True))
    # 40 are below the minimum for one officer, even for the director.
    assert shown(breakdown(session, world, "desk"))["Ba"] is None


def test_slices_by_an_answer_about_the_person_add_up_and_small_ones_take_company(session, world):
    for band, n in (("under_25", 3), ("25_34", 20), ("35_49", 35)):
        answer(session, world, n, more={"age_band": band})
    answer(session, world, 10, "dissatisfied")  # nobody asked them
    release_everything(session, world)
    rows = {row.code: row for row in breakdown(session, world, "age_band").groups[0].rows}
    assert {code: row.n for code, row in rows.items()} == {
        "under_25": None, "25_34": 20, "35_49": 35, "unknown": None,
    }  # fmt: skip
    assert rows["35_49"].satisfied.value == 1.0
    assert rows["25_34"].satisfied is None


def test_a_period_that_holds_shorter_ones_and_an_unknown_dimension_are_not_sliced(session, world):
    answer(session, world, 40)
    release_everything(session, world)
    assert breakdown(session, world, "channel", period="2026Q3").groups
    with pytest.raises(NotFound):
        breakdown(session, world, "confidential")
    with pytest.raises(NotFound):
        breakdown(session, world, "channel", role=Role.MANAGER, at="Cồn Cỏ")


def test_the_trail_of_a_factor_divides_to_its_share_and_names_what_is_no_figure(session, world):
    items = {f"F2.{i}": "satisfied" for i in range(1, 6)}
    answer(session, world, 32, more=items)
    answer(session, world, 8, more=items | {"F2.1": "neutral", "F2.3": "very_dissatisfied"})
    release_everything(session, world)
    unit = world.units["Đông Hà"]
    card = scorecards.unit_scorecard(
        session, unit_id=unit, basis="continuous", period_code="2026Q3", today=TODAY,
        viewer=Viewer(account_id=1, role=Role.MANAGER, unit_id=unit),
    )  # fmt: skip
    trail = trails.figure_trail(card, "F2")
    assert (trail.n_satisfied_answers, trail.n_answers) == (184, 200)
    assert trail.share.estimate.value == pytest.approx(184 / 200)
    assert trails.figure_trail(card, "F2.1").share.n_satisfied == 32
    with pytest.raises(NotFound):
        trails.figure_trail(card, "confidential")


def test_expectations_count_people_not_picks(session, world):
    every = forms.load_form(session, version_id=world.versions["full_form_v1"])
    items = {item.code: "satisfied" for factor in every.factors for item in factor.counted_items}
    answer(session, world, 30, more=items | {"expectations": ["lower_fees", "fewer_papers", "digital"]})
    answer(session, world, 10, more=items | {"expectations": ["better_skills"]})
    release_everything(session, world)
    unit = world.units["Đông Hà"]
    card = scorecards.unit_scorecard(
        session, unit_id=unit, basis="continuous", period_code="2026Q3", today=TODAY,
        viewer=Viewer(account_id=1, role=Role.MANAGER, unit_id=unit),
    )  # fmt: skip
    assert card.expected.n_asked == 40
    assert {row.code: row.n_chosen for row in card.expected.rows} == {"F1": 30, "F2": 30, "F3": 10, "F5": 0}
    policy = current_policy(session, TODAY)
    selection = scorecards.counting.select_responses(
        session, unit_ids=[unit], basis="continuous", starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 5)
    )
    assert expected_factors(session, selection, card.factors, policy=policy, design_effect=1.0) is None
