"""All units as one: equal to the comparison's whole, weighed by frames, and telling nothing that a unit withholds."""

from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.models import WaveUnit
from survey_app.services import forms
from survey_app.services import whole_breakdowns as wb
from survey_app.services.accounts import Role, Viewer
from survey_app.services.figures import Showing
from survey_app.services.report_content import ReportContent, report_content
from survey_app.vocabulary import Channel
from tests.builders import World, make_response, release_everything

TODAY = date(2026, 9, 20)


def content(session: Session, world: World, *, basis: str, is_public: bool = False) -> ReportContent:
    found = report_content(
        session, root_unit_id=world.province, basis=basis, period_code="2026Q3", today=TODAY,
        viewer=Viewer(account_id=1, role=Role.PAR_OFFICE, unit_id=world.province), is_public=is_public,
    )  # fmt: skip
    assert found is not None and found.whole is not None
    return found


def answer(session: Session, world: World, unit: str, n: int, overall: str, **columns: object) -> None:
    """Full forms of people who answer every item alike, one a day and over again."""
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    every = {item.code: overall for factor in form.factors for item in factor.counted_items}
    reason = "time_bad" if overall == "dissatisfied" else "time_good"
    answers = {"overall": overall, "reasons": (reason,)} | every
    for place in range(n):
        make_response(session, world, unit=unit, on=date(2026, 8, 1) + timedelta(days=place % 30),
                      answers=answers, **columns)  # fmt: skip


def test_a_sample_weighs_each_unit_by_its_frame_in_every_figure(session, world):
    sizes = {"Đông Hà": 9_000, "Hòa Xuân": 1_000, "Cồn Cỏ": 2_000}
    for unit, size in sizes.items():
        session.execute(
            update(WaveUnit)
            .where(WaveUnit.wave_id == world.waves["sample"], WaveUnit.unit_id == world.units[unit])
            .values(population=size)
        )
    satisfied = {"Đông Hà": 20, "Hòa Xuân": 36, "Cồn Cỏ": 30}
    for unit, k in satisfied.items():
        answer(session, world, unit, k, "satisfied", wave="sample", channel=Channel.INTERVIEW)
        answer(session, world, unit, 40 - k, "dissatisfied", wave="sample", channel=Channel.INTERVIEW)
    release_everything(session, world)
    found = content(session, world, basis="sample")
    whole = found.whole
    expected = sum(sizes[unit] * satisfied[unit] / 40 for unit in sizes) / sum(sizes.values())
    assert whole.overall == found.comparison.province
    assert whole.overall.estimate.value == pytest.approx(expected)
    assert {round(factor.share.estimate.value, 9) for factor in whole.factors} == {round(expected, 9)}
    items = [item for factor in whole.factors for item in factor.items]
    assert {round(item.estimate.value, 9) for item in items} == {round(expected, 9)}
    assert {(item.n, item.n_satisfied) for item in items} == {(120, 86)}
    assert {round(index.estimate.value, 9) for index in whole.indices} == {round(expected, 9)}
    (channel,) = whole.channels
    assert (channel.n, channel.share, channel.satisfied.value) == (120, 1.0, pytest.approx(expected))
    named = next(reason for reason in whole.reasons_bad if reason.code == "time_bad")
    assert (named.n_satisfied, named.n) == (34, 120)
    assert named.estimate.value == pytest.approx(1 - expected)
    assert (whole.n_transactions, whole.response_rate, whole.trend) == (300, 0.4, None)


def test_a_stream_counts_people_alike_and_leaves_out_a_withheld_unit(session, world):
    answer(session, world, "Đông Hà", 270, "satisfied")
    answer(session, world, "Hòa Xuân", 90, "dissatisfied")
    answer(session, world, "Cồn Cỏ", 4, "satisfied")
    release_everything(session, world)
    found = content(session, world, basis="continuous")
    whole = found.whole
    assert whole.overall == found.comparison.province
    assert (whole.overall.n, whole.overall.estimate.value) == (360, pytest.approx(0.75))
    assert {item.n for factor in whole.factors for item in factor.items} == {360}
    assert {row.n for row in (*whole.channels, *whole.stages)} == {360}
    assert all(reason.n == 360 for reason in whole.reasons_bad)
    assert sum(point.n for point in whole.trend.points) == 360
    cards = {card.unit.name: card for card in found.cards}
    assert cards["Cồn Cỏ"].overall.showing is Showing.WITHHELD


def test_a_cell_that_one_unit_withholds_is_not_in_the_whole_but_several_hide_each_other(session, world):
    answer(session, world, "Đông Hà", 40, "satisfied", channel=Channel.QR)
    answer(session, world, "Hòa Xuân", 40, "satisfied", channel=Channel.QR)
    answer(session, world, "Cồn Cỏ", 40, "satisfied", channel=Channel.QR)
    answer(session, world, "Đông Hà", 12, "satisfied", channel=Channel.KIOSK)
    answer(session, world, "Hòa Xuân", 12, "satisfied", channel=Channel.KIOSK)
    answer(session, world, "Cồn Cỏ", 3, "dissatisfied", channel=Channel.KIOSK)
    release_everything(session, world)
    found = content(session, world, basis="continuous")
    by_channel = {row.code: row for row in found.whole.channels}
    shown = {
        code: sum(row.n or 0 for card in found.cards for row in card.channels if row.code == code)
        for code in by_channel
    }
    # Cồn Cỏ withholds both, the second so that its total does not tell the first.
    assert {code: row.n for code, row in by_channel.items()} == shown == {"qr": 80, "kiosk": 24}

    answer(session, world, "Hòa Xuân", 4, "satisfied", channel=Channel.PAPER)
    answer(session, world, "Cồn Cỏ", 4, "satisfied", channel=Channel.PAPER)
    answer(session, world, "Đông Hà", 9, "satisfied", channel=Channel.PAPER)
    by_channel = {row.code: row for row in content(session, world, basis="continuous").whole.channels}
    assert by_channel["paper"].n == 17


def test_what_is_published_withholds_below_the_public_minimum(session, world):
    answer(session, world, "Đông Hà", 90, "satisfied")
    answer(session, world, "Hòa Xuân", 30, "satisfied")
    answer(session, world, "Cồn Cỏ", 9, "dissatisfied")
    release_everything(session, world)
    staff = content(session, world, basis="continuous")
    public = content(session, world, basis="continuous", is_public=True)
    assert (staff.whole.overall.n, public.whole.overall.n) == (129, 120)
    assert public.whole.overall == public.comparison.province
    shares = {row.unit.name: row.share for row in public.comparison.rows}
    assert (shares["Cồn Cỏ"].showing, public.whole.minimum_base) == (Showing.WITHHELD, 10)
    for card in (public.whole, *public.cards):
        numbers = [row.n for row in (*card.channels, *card.stages, *card.fields) if row.n is not None]
        assert not [n for n in numbers if 0 < n < 10]


def test_no_hidden_cell_follows_from_the_sums_of_the_whole():
    # Two units hide the same two cells: with both columns told, only their sums are known.
    square = np.ones((2, 2), dtype=bool)
    assert not wb._following(square, np.array([True, True])).any()
    # A unit that hides one cell alone is told by its own total, whatever the columns say.
    assert wb._following(np.array([[True, False]]), np.array([False, False])).all()
    # A cell that joins two such squares is the only way between them, so it follows.
    bridge = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 1], [0, 0, 1, 1]], dtype=bool)
    assert not wb._following(bridge, np.array([True, False, False, True])).any()
    assert wb._following(bridge, np.ones(4, dtype=bool)).any()
