"""What is hidden must not follow by subtraction: units from the province, quarters from a half-year."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from survey_app.models import Period
from survey_app.services.accounts import Role, Viewer
from survey_app.services.comparisons import compare_units
from survey_app.services.figures import Comparison, Scorecard, Showing
from survey_app.services.scorecards import unit_scorecard
from survey_app.vocabulary import Channel
from tests.builders import World, make_response, release_everything

TODAY = date(2026, 9, 20)
QUARTERS = ("2026Q2", "2026Q3")
HALF = "2026H"


@pytest.fixture
def half_year(session: Session, world: World) -> None:
    """A period that holds both quarters, and units with few answers in the first of them."""
    session.add(
        Period(code=HALF, root_unit_id=world.province, title_vi="6 tháng", title_en="Six months",
               starts_on=date(2026, 3, 15), ends_on=date(2026, 9, 14))
    )  # fmt: skip
    spring, summer = date(2026, 5, 20), date(2026, 7, 10)
    for unit, n_spring, n_summer in (("Đông Hà", 60, 60), ("Hòa Xuân", 3, 40), ("Cồn Cỏ", 0, 3)):
        for place in range(n_spring + n_summer):
            make_response(session, world, unit=unit, on=spring if place < n_spring else summer,
                          channel=Channel.QR if place % 20 else Channel.PAPER,
                          answers={"overall": "satisfied" if place % 5 else "dissatisfied"})  # fmt: skip
    release_everything(session, world)


def viewer(world: World) -> Viewer:
    return Viewer(account_id=1, role=Role.PAR_OFFICE, unit_id=world.province)


def compared(session: Session, world: World, period: str) -> Comparison:
    found = compare_units(
        session, root_unit_id=world.province, basis="continuous", period_code=period, kind=None,
        viewer=viewer(world), today=TODAY,
    )  # fmt: skip
    assert found is not None
    return found


def card_of(session: Session, world: World, unit: str, period: str) -> Scorecard:
    card = unit_scorecard(
        session, unit_id=world.units[unit], basis="continuous", period_code=period,
        viewer=viewer(world), today=TODAY,
    )  # fmt: skip
    assert card is not None
    return card


@pytest.mark.usefixtures("half_year")
@pytest.mark.parametrize("period", [*QUARTERS, HALF])
def test_the_province_holds_exactly_the_units_shown(session, world, period):
    found = compared(session, world, period)
    assert found.province.n == sum(row.share.n or 0 for row in found.rows)
    hidden = [row for row in found.rows if row.share.showing is Showing.WITHHELD]
    assert found.n_withheld == len(hidden) > 0


@pytest.mark.usefixtures("half_year")
def test_a_unit_hidden_in_a_quarter_is_hidden_in_the_half_year(session, world):
    assert card_of(session, world, "Hòa Xuân", "2026Q2").overall.showing is Showing.WITHHELD
    assert card_of(session, world, "Hòa Xuân", "2026Q3").overall.n == 40
    assert card_of(session, world, "Hòa Xuân", HALF).overall.showing is Showing.WITHHELD
    by_unit = {row.unit.name: row.share.showing for row in compared(session, world, HALF).rows}
    assert by_unit["Hòa Xuân"] is Showing.WITHHELD
    assert by_unit["Đông Hà"] is Showing.SHOWN


@pytest.mark.usefixtures("half_year")
def test_a_period_that_holds_others_shows_no_breakdown(session, world):
    quarter, half = card_of(session, world, "Đông Hà", "2026Q3"), card_of(session, world, "Đông Hà", HALF)
    assert quarter.channels
    assert not quarter.is_composite
    assert half.is_composite
    assert half.overall.n == 120
    assert (half.channels, half.stages, half.fields, half.assisted) == ((), (), (), ())
    assert (half.factors, half.indices, half.reasons_bad, half.quality.n_flagged) == ((), (), (), None)
    assert compared(session, world, HALF).channels.rows == ()
    assert compared(session, world, "2026Q3").channels.rows
