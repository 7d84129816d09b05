"""Estimates of a sample wave weight the strata that a unit was drawn in; checked by hand and by `analysis.Survey`."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select, update

from analysis import Survey
from survey_app.models import Response, WaveUnit
from survey_app.queries import lookups
from survey_app.services import comparisons, rollups, scorecards, wave_scores, wave_snapshots, wave_states
from survey_app.services.accounts import Role, Viewer
from tests.builders import make_response, make_transactions, release_everything

PERIOD = "2026Q3"
TODAY = date(2026, 9, 5)


@pytest.fixture
def office(world):
    return Viewer(1, Role.PAR_OFFICE, world.province)


def frame(session, world, sizes):
    """Give units of the sample wave their strata."""
    wave_id = world.waves["sample"]
    session.execute(delete(WaveUnit).where(WaveUnit.wave_id == wave_id))
    session.add_all(
        WaveUnit(wave_id=wave_id, unit_id=world.units[unit], stratum=stratum, population=n, target=50)
        for (unit, stratum), n in sizes.items()
    )
    session.flush()


def answered(session, world, unit, stratum, *, yes, no):
    """Answers of one stratum; each is a cluster of its own, as in a simple random sample."""
    for i in range(yes + no):
        make_response(
            session, world, unit=unit, wave="sample", stratum=stratum, collector=f"K{stratum}-{i}",
            on=date(2026, 8, 1 + i % 28), answers={"overall": "satisfied" if i < yes else "dissatisfied"},
        )  # fmt: skip
    session.flush()


def card_of(session, world, office, unit="Đông Hà"):
    return scorecards.unit_scorecard(
        session, unit_id=world.units[unit], basis="sample", period_code=PERIOD, viewer=office, today=TODAY
    )


def compared(session, world, office):
    return comparisons.compare_units(
        session, root_unit_id=world.province, basis="sample", period_code=PERIOD, kind=None, viewer=office,
        today=TODAY,
    )  # fmt: skip


@pytest.fixture
def two_strata(session, world):
    """Đông Hà in two strata, drawn far from proportionally; Hòa Xuân undivided."""
    frame(session, world, {("Đông Hà", 1): 900, ("Đông Hà", 2): 100, ("Hòa Xuân", 0): 500, ("Cồn Cỏ", 0): 40})
    answered(session, world, "Đông Hà", 1, yes=30, no=10)
    answered(session, world, "Đông Hà", 2, yes=10, no=30)
    answered(session, world, "Hòa Xuân", 0, yes=45, no=5)
    release_everything(session, world, through=date(2026, 9, 1))


def by_hand():
    """Share and standard error of Đông Hà by the textbook: Cochran (1977), chapter 5."""
    share = 0.9 * 0.75 + 0.1 * 0.25
    variance = sum(
        weight**2 * (1 - 40 / size) * p * (1 - p) / 39
        for weight, size, p in ((0.9, 900, 0.75), (0.1, 100, 0.25))
    )
    return share, variance**0.5


def test_a_units_strata_are_weighted_by_their_lists_against_hand_and_survey(
    session, world, office, two_strata
):
    share, error = by_hand()
    survey = Survey(
        {"h": [1] * 40 + [2] * 40, "N": [900] * 40 + [100] * 40, "top": [1] * 30 + [0] * 10 + [1] * 10 + [0] * 30},
        strata="h", fpc="N",
    )  # fmt: skip
    of_survey = survey.mean("top")["top"]
    assert (of_survey.value, of_survey.standard_error) == pytest.approx((share, error))

    estimate = card_of(session, world, office).overall.estimate
    assert (estimate.value, estimate.standard_error) == pytest.approx((share, error))
    assert estimate.n_respondents == 80

    found = compared(session, world, office)
    shown = {row.unit.name: row.share.estimate for row in found.rows if row.share.estimate}
    assert shown["Đông Hà"].value == pytest.approx(share)
    assert shown["Hòa Xuân"].value == pytest.approx(0.9), "an undivided unit is what it was"
    # Every stratum of the province by its list: 900, 100 and 500; nobody answered in Cồn Cỏ.
    assert found.province.estimate.value == pytest.approx((900 * 0.75 + 100 * 0.25 + 500 * 0.9) / 1500)
    whole = wave_scores.wave_scores(session, wave_code="sample", today=TODAY).overall.estimate
    assert whole.value == pytest.approx(found.province.estimate.value)


def test_rollup_and_closing_keep_the_strata(session, world, office, two_strata):
    live = card_of(session, world, office)
    rollups.rebuild_rollups(session, today=date(2026, 11, 1))
    assert card_of(session, world, office).overall == live.overall
    row = lookups.wave_row(session, world.waves["sample"])
    wave_states.close_books(session, row, reason="", by=None, now=datetime(2026, 10, 1, 2, tzinfo=UTC),
                            today=date(2026, 10, 1))  # fmt: skip
    session.expire_all()
    share, error = by_hand()
    frozen = card_of(session, world, office).overall.estimate
    assert (frozen.value, frozen.standard_error) == pytest.approx((share, error))
    assert not wave_snapshots.verify(session, wave_id=world.waves["sample"]).differences
    # A row that changes its stratum after the closing moves no figure, and the check tells.
    first = session.scalars(select(Response.id).where(Response.stratum == 2)).first()
    session.execute(update(Response).where(Response.id == first).values(stratum=1))
    assert card_of(session, world, office).overall.estimate.value == pytest.approx(share)
    told = wave_snapshots.verify(session, wave_id=world.waves["sample"]).differences
    assert {each.what for each in told} >= {"moments", "item_moments"}


def test_what_cannot_be_told_apart_is_put_together(session, world, office):
    frame(session, world, {("Đông Hà", 1): 600, ("Đông Hà", 2): 300, ("Đông Hà", 3): 100})
    answered(session, world, "Đông Hà", 1, yes=30, no=10)
    answered(session, world, "Đông Hà", 3, yes=10, no=30)
    release_everything(session, world)
    value = card_of(session, world, office).overall.estimate.value
    assert value == pytest.approx(0.9 * 0.75 + 0.1 * 0.25), "an empty stratum joins the one before it"
    # One answer without a stratum: nobody knows whom it stands for, so the unit is one again.
    make_response(session, world, unit="Đông Hà", wave="sample", on=date(2026, 8, 2), collector="one")
    session.flush()
    value = card_of(session, world, office).overall.estimate.value
    assert value == pytest.approx(41 / 81)


def test_files_of_the_office_are_the_population_where_a_sample_wave_has_no_frame(session, world, office):
    frame(session, world, {("Đông Hà", 0): None})
    answered(session, world, "Đông Hà", 0, yes=30, no=10)
    release_everything(session, world)
    plain = card_of(session, world, office).overall.estimate
    make_transactions(session, world, date(2026, 7, 1), 500)
    assert card_of(session, world, office).overall.estimate == plain, "the wave ran in August"
    make_transactions(session, world, date(2026, 8, 1), 120)
    corrected = card_of(session, world, office).overall.estimate
    expected = (1 - 40 / 120) * 0.75 * 0.25 / 39
    assert corrected.standard_error**2 == pytest.approx(expected)
    assert corrected.ci_high - corrected.ci_low < plain.ci_high - plain.ci_low
