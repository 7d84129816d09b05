"""Points, totals and classes of the nine indicators at their exact bounds, and figures of others as published."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from config import ROOT
from survey_app.errors import InvalidField, NotFound
from survey_app.models import AuditEntry, IndicatorSet
from survey_app.services import nine_indicators, other_figures
from survey_app.services.accounts import Role, Viewer
from survey_app.services.nine_indicators import (
    choose_basis,
    class_of,
    enter_counts,
    mean_points,
    unit_indicators,
)
from tests.builders import make_response, release_everything

TODAY = date(2026, 9, 20)
NOW = datetime(2026, 9, 20, 3, tzinfo=UTC)
OFFICE = "Quảng Trị"


def viewer(world, role=Role.PAR_OFFICE, at=OFFICE):
    return Viewer(account_id=1, role=role, unit_id=world.units[at])


def page(session, world, by=None):
    return unit_indicators(
        session, unit_id=world.units["Đông Hà"], period_code="2026Q3", viewer=by or viewer(world), today=TODAY
    )


@pytest.fixture
def switched_on(session, world, staff_account):
    set_id = session.scalars(select(IndicatorSet.id)).first()
    choose_basis(
        session, unit_id=world.province, set_id=set_id, legal_basis="Quyết định số 1 của tỉnh",
        by=staff_account, today=TODAY, now=NOW,
    )  # fmt: skip


@pytest.fixture
def staff_account(session, world):
    from survey_app.services.accounts import create_account

    return create_account(
        session, name="sonoivu", password="con đò nhỏ qua sông lúc rạng sáng", role=Role.PAR_OFFICE,
        unit_id=world.province, now=NOW,
    )  # fmt: skip


def enter(session, world, by, counts, officer=""):
    enter_counts(
        session, unit_id=world.units["Đông Hà"], period_code="2026Q3", officer=officer, counts=counts,
        by=by, today=TODAY, now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "points"),
    [((1, 0, 0), "2.0"), ((0, 0, 3), "0.0"), ((1, 1, 1), "1.0"), ((5, 15, 80), "0.3"), ((1, 3, 16), "0.3")],
)
def test_points_are_a_decimal_mean_with_halves_up(counts, points):
    # 25 points over 100 files and 5 over 20 are exactly 0.25, which binary arithmetic rounds to 0.2.
    assert mean_points(counts, decimals=1) == Decimal(points)


@pytest.mark.parametrize(
    ("total", "name", "title"),
    [
        ("18.0", "unit", "Xuất sắc"), ("15.0", "unit", "Xuất sắc"), ("14.9", "unit", "Tốt"), ("12.0", "unit", "Tốt"),
        ("11.9", "unit", "Khá"), ("9.0", "unit", "Khá"), ("8.9", "unit", "Trung bình"), ("6.0", "unit", "Trung bình"),
        ("5.9", "unit", "Yếu"), ("0", "unit", "Yếu"), ("5.0", "officer", "Hoàn thành 100%"),
        ("4.9", "officer", "Hoàn thành từ 70% đến dưới 100%"), ("3.5", "officer", "Hoàn thành từ 70% đến dưới 100%"),
        ("3.4", "officer", "Hoàn thành dưới 70%"),
    ],
)  # fmt: skip
def test_a_class_begins_exactly_at_its_bound(total, name, title):
    definition = json.loads((ROOT / "seeds" / "indicators" / "tt01_2018_v1.json").read_text(encoding="utf-8"))
    bounds = nine_indicators._bounds(definition, name, "vi")
    assert class_of(Decimal(total), bounds) == title


def test_nothing_is_shown_until_an_office_names_a_text_and_the_log_keeps_it(session, world, staff_account):
    assert page(session, world).chosen is None
    with pytest.raises(NotFound):
        enter(session, world, staff_account, {1: (1, 0, 0)})
    set_id = session.scalars(select(IndicatorSet.id)).first()
    for unit, basis, error in (("Đông Hà", "x", NotFound), (OFFICE, " ", InvalidField)):
        with pytest.raises(error):
            choose_basis(
                session, unit_id=world.units[unit], set_id=set_id, legal_basis=basis,
                by=staff_account, today=TODAY, now=NOW,
            )  # fmt: skip
    choose_basis(
        session, unit_id=world.province, set_id=set_id, legal_basis="Văn bản A",
        by=staff_account, today=TODAY, now=NOW,
    )  # fmt: skip
    assert page(session, world).chosen.legal_basis == "Văn bản A"
    session.flush()
    assert "indicators.basis_chosen" in set(session.scalars(select(AuditEntry.action)))


def test_a_missing_indicator_means_no_class_and_exactly_fifteen_is_excellent(
    session, world, switched_on, staff_account
):
    rows = dict.fromkeys(range(1, 7), (1, 0, 0)) | {7: (0, 1, 0), 8: (0, 1, 0)}
    enter(session, world, staff_account, rows)
    total = page(session, world).total
    assert (total.points, total.missing, total.class_title) == (Decimal("14.0"), (9,), None)
    enter(session, world, staff_account, rows | {9: (0, 1, 0)})
    total = page(session, world).total
    assert (total.points, total.missing, total.class_title) == (Decimal("15.0"), (), "Xuất sắc")
    with pytest.raises(InvalidField):
        enter(session, world, staff_account, {5: (1, 0, 0)}, officer="CB-01")


def test_points_of_an_officer_are_for_the_director_and_the_office(session, world, switched_on, staff_account):
    enter(session, world, staff_account, dict.fromkeys((1, 2, 3, 4, 7), (1, 0, 0)), officer="CB-01")
    assert page(session, world).officers[0].points == Decimal("10.0")
    assert page(session, world, viewer(world, Role.MANAGER, "Đông Hà")).officers
    assert not page(session, world, viewer(world, Role.VIEWER)).officers
    assert not page(session, world, viewer(world, Role.STATE_INSPECTOR)).officers


def test_answers_stand_in_for_files_where_a_form_asks_and_enough_answered(session, world, switched_on):
    for place in range(30):
        visits = ("one", "two", "three_or_more")[place // 10]
        make_response(session, world, answers={"overall": "satisfied", "visits": visits})
    release_everything(session, world)
    third = page(session, world).total.scores[2]
    assert (third.counts, third.points, third.is_from_forms) == ((10, 10, 10), Decimal("1.0"), True)


def test_a_published_figure_is_kept_as_published(session, world, staff_account):
    def publish(unit, kind, value):
        other_figures.enter_figure(
            session, unit_id=world.units[unit], kind=kind, period_title="Năm 2025", value=value,
            published_on=TODAY, source="Báo cáo", by=staff_account, now=NOW,
        )  # fmt: skip

    publish(OFFICE, "sipas", "83,94")
    for unit, kind, value, error in (
        ("Đông Hà", "sipas", "80", NotFound),
        (OFFICE, "sipas", "83.945", InvalidField),
        (OFFICE, "service_quality", "6.01", InvalidField),
        (OFFICE, "service_quality", "NaN", InvalidField),
    ):
        with pytest.raises(error):
            publish(unit, kind, value)
    publish(OFFICE, "sipas", "84.10")
    found = other_figures.figures_of(session, unit_id=world.units["Đông Hà"], viewer=viewer(world))
    assert (found.sipas.value, found.service_quality) == (Decimal("84.10"), None)
