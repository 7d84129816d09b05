"""Figures across a merger and a split: exact by point, estimated by people, and nothing where nothing can be said."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from analysis.comparing.hypothesis_tests import NoTest
from survey_app.errors import NotFound
from survey_app.models import Account, PointUnit
from survey_app.queries import units
from survey_app.services import unit_trends
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approvals import Moment
from survey_app.services.registry_changes.operations import carry_out_simulated
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit
from tests.builders import make_point, make_response, release_everything

pytestmark = pytest.mark.only_database("sqlite")

ON = date(2026, 7, 1)
TODAY = date(2026, 9, 15)
NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)
BEFORE, AFTER = date(2026, 6, 10), date(2026, 8, 12)
OLD = ("Đông Hà", "Hòa Xuân", "Cồn Cỏ")


@pytest.fixture
def viewer(session, world) -> Viewer:
    account = Account(name="ai", password_hash="x", role="admin", unit_id=world.province, language="vi")
    session.add(account)
    session.flush()
    return Viewer(account.id, Role.ADMIN, world.province)


def answers(session, world, unit, n, n_satisfied, on, **columns):
    for number in range(n):
        said = "satisfied" if number < n_satisfied else "dissatisfied"
        make_response(session, world, unit=unit, on=on, answers={"overall": said}, **columns)


def merge(session, world, viewer) -> int:
    request = ChangeRequest(
        kind="merge", unit_ids=tuple(world.units[name] for name in OLD), on=ON,
        successors=(NewUnit("QT.M", "Mới", "ward", None, 60_000),),
    )  # fmt: skip
    carry_out_simulated(session, request, viewer=viewer, at=Moment(NOW, ON))
    return units.unit_by_code(session, "QT.M").id


def trend(session, world, viewer, unit_id):
    session.flush()
    release_everything(session, type(world).read(session))
    return unit_trends.unit_trend(session, unit_id=unit_id, viewer=viewer, today=TODAY)


def month(line, on):
    [figure] = [each for each in line.months if each.month == on.replace(day=1)]
    return figure


def test_a_merged_unit_has_the_answers_of_its_old_ones_exactly_by_point(session, world, viewer):
    for name, n, k in (("Đông Hà", 60, 48), ("Hòa Xuân", 40, 38), ("Cồn Cỏ", 50, 30)):
        answers(session, world, name, n, k, BEFORE)
    made = merge(session, world, viewer)
    for name, n, k in (("Đông Hà", 80, 70), ("Hòa Xuân", 35, 35), ("Cồn Cỏ", 31, 20)):
        answers(session, world, name, n, k, AFTER, unit_id=made)
    found = trend(session, world, viewer, made)
    now = month(found.as_now, BEFORE)
    assert (now.state, now.n, now.is_estimated) == ("shown", 150, False)
    assert now.estimate.value == pytest.approx(116 / 150)
    then = {line.unit.name: line for line in found.as_then}
    assert month(then["Cồn Cỏ"], BEFORE).estimate.value == pytest.approx(0.6)
    assert month(then["Cồn Cỏ"], AFTER).n == 31
    assert month(then["Đông Hà"], AFTER).estimate.value == pytest.approx(70 / 80)
    change = found.comparison
    assert (change.reason, change.n_before, change.n_after) == (NoTest.TESTED, 150, 146)
    assert change.value == pytest.approx(125 / 146 - 116 / 150)
    assert change.ci_low < change.value < change.ci_high
    assert change.rate_part + change.mix_part == pytest.approx(change.value)


def test_no_comparison_where_an_old_unit_has_no_answers(session, world, viewer):
    for name in OLD[:2]:
        answers(session, world, name, 40, 30, BEFORE)
    made = merge(session, world, viewer)
    answers(session, world, "Đông Hà", 40, 30, AFTER, unit_id=made)
    found = trend(session, world, viewer, made)
    assert found.comparison.reason is NoTest.NO_COUNTERPART
    assert found.comparison.missing == ("đặc khu Cồn Cỏ",)
    assert (found.comparison.value, found.comparison.n_before) == (None, None)
    figure = month(found.as_now, BEFORE)
    assert (figure.state, figure.missing, figure.estimate) == ("incomplete", ("đặc khu Cồn Cỏ",), None)


def test_a_small_part_is_not_told_by_the_sum_nor_by_the_others(session, world, viewer):
    for name, n in (("Đông Hà", 60), ("Hòa Xuân", 60), ("Cồn Cỏ", 3)):
        answers(session, world, name, n, n, BEFORE)
    made = merge(session, world, viewer)
    for name, n in (("Đông Hà", 60), ("Hòa Xuân", 60), ("Cồn Cỏ", 3)):
        answers(session, world, name, n, n, AFTER, unit_id=made)
    found = trend(session, world, viewer, made)
    assert month(found.as_now, BEFORE).state == "withheld"
    assert {month(line, AFTER).state for line in found.as_then} == {"withheld"}
    assert (found.comparison.value, found.comparison.n_before) == (None, None)


def test_a_split_is_exact_by_point_and_an_estimate_where_a_point_has_closed(session, world, viewer):
    second = make_point(session, "hai", unit_id=world.units["Đông Hà"], code8="DHBBBBB2")
    closed = make_point(session, "ba", unit_id=world.units["Đông Hà"], code8="DHCCCCC2")
    session.scalars(select(PointUnit).where(PointUnit.point_id == closed)).one().valid_to = date(2026, 6, 20)
    answers(session, world, "Đông Hà", 100, 80, BEFORE)
    answers(session, world, "Đông Hà", 60, 30, BEFORE, point_id=second)
    answers(session, world, "Đông Hà", 40, 40, date(2026, 5, 5), point_id=closed)
    request = ChangeRequest(
        kind="split", unit_ids=(world.units["Đông Hà"],), on=ON, points={world.points["Đông Hà"]: 0, second: 1},
        successors=(
            NewUnit("S.1", "Một", "ward", None, 15_000, 0.75), NewUnit("S.2", "Hai", "ward", None, 5_000, 0.25),
        ),
    )  # fmt: skip
    carry_out_simulated(session, request, viewer=viewer, at=Moment(NOW, ON))
    first = units.unit_by_code(session, "S.1").id
    answers(session, world, "Đông Hà", 50, 40, AFTER, unit_id=first)
    found = trend(session, world, viewer, first)
    exact, estimated = month(found.as_now, BEFORE), month(found.as_now, date(2026, 5, 5))
    assert (exact.n, exact.is_estimated) == (100, False)
    assert exact.estimate.value == pytest.approx(0.8)
    assert (estimated.n, estimated.is_estimated) == (30, True)
    assert found.origins[0].share == 0.75
    assert found.comparison.reason is NoTest.ESTIMATED
    assert found.comparison.value == pytest.approx(40 / 50 - 110 / 130)
    assert (found.comparison.ci_low, found.comparison.p_value, found.comparison.rate_part) == (
        None,
        None,
        None,
    )


def test_a_unit_without_a_past_and_a_foreign_one(session, world, viewer):
    answers(session, world, "Đông Hà", 40, 30, BEFORE)
    found = trend(session, world, viewer, world.units["Đông Hà"])
    assert (found.origins, found.as_then, found.comparison) == ((), (), None)
    assert month(found.as_now, BEFORE).n == 40
    stranger = Viewer(viewer.account_id, Role.MANAGER, world.units["Cồn Cỏ"])
    with pytest.raises(NotFound):
        trend(session, world, stranger, world.units["Đông Hà"])
