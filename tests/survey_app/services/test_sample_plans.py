"""Plans: people per unit from assumptions, what is refused, and plans kept and put side by side."""

from dataclasses import replace
from datetime import date

import pytest

from survey_app.errors import InvalidField, NotFound
from survey_app.models import AuditEntry, Unit
from survey_app.services import saved_plans
from survey_app.services.accounts import Role
from survey_app.services.sample_plans import make_plan
from survey_app.services.sample_questions import PlanAsked, TypedSize, from_stored, to_stored
from tests.builders import make_transactions
from tests.survey_app.interviewing import NOW, TODAY, make_account

USUAL = PlanAsked(kinds=("commune", "ward", "special_zone"), response_rate=1.0)


@pytest.fixture
def office(session, world):
    session.get_one(Unit, world.units["Cồn Cỏ"]).population = 139
    session.flush()
    return make_account(session, "sonoivu", Role.PAR_OFFICE, world.province)


@pytest.fixture
def planned(session, world, office):
    def plan(asked=USUAL, **changes):
        question = replace(asked, **changes)
        return make_plan(session, unit_id=world.province, asked=question, viewer=office, today=TODAY)

    return plan


def by_title(plan):
    return {row.title: row for row in plan.rows}


def test_units_of_their_own_margin_against_the_reference_card(planned):
    """90 % ± 5 points: 139 people of a very large unit, fewer of a finite one (Cochran 4.4)."""
    rows = by_title(planned(aim="units"))
    assert rows["Phường Đông Hà"].n == 138
    assert rows["Đặc khu Cồn Cỏ"].n == 70
    assert rows["Đặc khu Cồn Cỏ"].yamane == 103
    assert all(row.margin <= 0.05 for row in rows.values())


def test_change_and_simple_size_against_the_reference_card(planned):
    plan = planned(margin=0.03, before=0.85, after=0.9)
    assert plan.n_change == 686
    assert plan.n_simple == pytest.approx(385, abs=5)
    assert planned(before=0.8, after=0.83, intraclass_correlation=0.05, take=21).n_change == pytest.approx(
        2629 * 2, abs=1
    )


def test_design_effect_follows_from_icc_and_cluster_size(planned):
    assert planned(intraclass_correlation=0.07, take=10).design_effect == pytest.approx(1.63)
    assert planned(design_effect=2.0).design_effect == 2.0


def test_whole_margin_is_met_with_the_fewest_people(planned):
    plan = planned(margin=0.03, allocation="equal")
    assert plan.is_margin_met
    assert plan.margin == pytest.approx(0.03, abs=2e-4)
    assert planned(margin=0.03, allocation="equal", total=plan.n - 20).is_margin_met is False


def test_groups_each_have_their_margin(planned):
    plan = planned(aim="groups", margin=0.04)
    assert {group.kind for group in plan.groups} == {"commune", "ward", "special_zone"}
    assert all(group.margin <= 0.04 for group in plan.groups)


def test_minimum_of_a_unit_stops_at_its_population_and_says_so(planned):
    rows = by_title(planned(minimum=200))
    assert rows["Đặc khu Cồn Cỏ"].n == 139
    assert "census" in rows["Đặc khu Cồn Cỏ"].signs
    assert rows["Phường Đông Hà"].n >= 200


def test_a_response_rate_that_asks_for_more_people_than_there_are_is_told(planned):
    rows = by_title(planned(aim="units", margin=0.02, response_rate=0.5))
    assert "unreachable" in rows["Đặc khu Cồn Cỏ"].signs
    assert rows["Đặc khu Cồn Cỏ"].n_invited == 139
    assert "unreachable" not in rows["Phường Đông Hà"].signs


def test_cost_and_days(planned):
    plan = planned(total=300, cost_interview=40_000, cost_unit=100_000, cost_fixed=5_000_000, n_interviewers=4,
                   interviews_a_day=7)  # fmt: skip
    assert plan.cost == 5_000_000 + 3 * 100_000 + 300 * 40_000
    assert plan.n_days == 11


def test_neyman_gives_more_to_the_unit_that_is_less_sure(planned):
    typed = (TypedSize("U-Đông Hà", 20_000, 0.5), TypedSize("U-Hòa Xuân", 20_000, 0.95))
    plan = planned(source="typed", typed=typed, allocation="neyman", total=200)
    rows = by_title(plan)
    # N1 s1 : N2 s2 = 0.5 : 0.2179
    assert (rows["Phường Đông Hà"].n, rows["Xã Hòa Xuân"].n) == (139, 61)


def test_transactions_of_the_last_year_are_a_population(planned, session, world):
    make_transactions(session, world, date(2026, 5, 1), 640)
    session.flush()
    plan = planned(source="transactions")
    assert [(row.title, row.population) for row in plan.rows] == [("Phường Đông Hà", 640)]
    assert len(plan.left_out) == 2


REFUSED = [
    ({"share": 1.0}, "share", "out_of_range"),
    ({"margin": 0.0}, "margin", "out_of_range"),
    ({"aim": "none"}, "aim", "unknown_choice"),
    ({"after": 0.85}, "after", "same_as_before"),
    ({"source": "typed"}, "typed", "empty"),
    ({"source": "typed", "typed": (TypedSize("X", 5),)}, "typed", "unknown_unit:X"),
    ({"source": "typed", "typed": (TypedSize("U-Đông Hà", 5),) * 2}, "typed", "twice"),
    ({"source": "typed", "typed": (TypedSize("U-Đông Hà", 0),)}, "typed", "out_of_range"),
    ({"total": 2}, "total", "below_minimum"),
    ({"source": "transactions"}, "source", "no_population"),
]


def test_what_no_plan_can_be_made_of_is_refused_by_field(planned):
    for changes, field, reason in REFUSED:
        with pytest.raises(InvalidField) as refused:
            planned(**changes)
        assert (refused.value.field, refused.value.reason) == (field, reason)


def test_a_question_is_read_back_as_it_was_stored():
    asked = replace(USUAL, source="typed", typed=(TypedSize("a", 5, 0.7), TypedSize("b", 9)), total=40)
    assert from_stored(to_stored(asked)) == asked
    assert from_stored({"share": 0.8, "gone": 1}) == PlanAsked(share=0.8)


def test_plans_are_kept_compared_and_deleted_by_their_own_office(session, world, office):
    def save(title, asked):
        return saved_plans.save_plan(session, unit_id=world.province, title=title, asked=asked, viewer=office,
                                     now=NOW, today=TODAY)  # fmt: skip

    first, second = save(" Phương  án 1 ", USUAL), save("2", replace(USUAL, aim="units"))
    compared = saved_plans.compare_plans(session, plan_ids=[first, second, first], viewer=office, today=TODAY)
    assert [stored.title for stored, _plan in compared] == ["Phương án 1", "2"]
    assert compared[0][1].n < compared[1][1].n
    with pytest.raises(InvalidField):
        saved_plans.compare_plans(session, plan_ids=[first], viewer=office, today=TODAY)
    stranger = make_account(session, "xa", Role.PAR_OFFICE, world.units["Hòa Xuân"])
    with pytest.raises(NotFound):
        saved_plans.open_plan(session, plan_id=first, viewer=stranger)
    saved_plans.delete_plan(session, plan_id=first, viewer=office, now=NOW)
    with pytest.raises(NotFound):
        saved_plans.open_plan(session, plan_id=first, viewer=office)
    actions = [entry.action for entry in session.query(AuditEntry).order_by(AuditEntry.id)]
    assert actions == ["sample_plan.saved", "sample_plan.saved", "sample_plan.deleted"]


def test_a_plan_needs_a_name_of_a_fitting_length(session, world, office):
    for title in ("", "   ", "x" * 121):
        with pytest.raises(InvalidField):
            saved_plans.save_plan(
                session, unit_id=world.province, title=title, asked=USUAL, viewer=office, now=NOW, today=TODAY
            )
