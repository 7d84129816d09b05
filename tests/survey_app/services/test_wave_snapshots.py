"""A closed wave stands as it was counted: whatever comes or is changed later is told, and never moves its figures."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey_app.errors import AlreadyAnsweredDifferently, NotFound, PeriodNotKept, WaveRefused
from survey_app.models import Exclusion, Period, Response, Wave
from survey_app.queries import lookups, snapshots
from survey_app.queries.tallies import Scope, item_moment_tallies, level_tallies, moment_tallies
from survey_app.services import (
    comparisons,
    date_coarsening,
    forms,
    releases,
    scorecards,
    wave_snapshots,
    wave_states,
)
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment, approve
from survey_app.services.figures import ClosingFigure
from survey_app.services.submissions import receive_response
from survey_app.signing import Signer
from tests.builders import World, make_response, make_submission

SIGNER = Signer("a secret of the tests")
# The sample wave of the world runs in August with thirty days of grace; its books close on 1 October.
CLOSED_ON = date(2026, 10, 1)
NOW = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
# A day of grace on which somebody closes by hand.
EARLY = date(2026, 9, 12)
LEVELS = ("very_satisfied", "satisfied", "neutral", "dissatisfied")


def fill(session: Session, world: World, *, n: int = 40) -> None:
    """Answers over August at two units, some on the same days, a few received in September."""
    for i in range(n):
        on = date(2026, 8, 1 + i * 7 % 28)
        make_response(
            session, world, wave="sample", unit=("Đông Hà", "Hòa Xuân")[i % 2], answers={"overall": LEVELS[i % 3]},
            on=on, received_on=on if i % 5 else date(2026, 9, 10),
        )  # fmt: skip
    make_response(session, world, wave="sample", on=date(2026, 8, 3), is_test=True)
    session.flush()


def close(session: Session, world: World, *, today: date = CLOSED_ON) -> snapshots.SnapshotRow:
    row = lookups.wave_row(session, world.waves["sample"])
    return wave_states.close_books(session, row, reason="", by=None, now=NOW, today=today)


def scope_of(session: Session, world: World, starts_on: date, ends_on: date) -> Scope:
    version_id = world.versions["full_form_v1"]
    n_slots = forms.load_form(session, version_id=version_id).n_slots
    unit_ids = tuple(sorted(world.units.values()))
    return Scope(unit_ids, (world.waves["sample"],), version_id, n_slots, starts_on, ends_on)


def figures(session: Session, world: World, starts_on: date, ends_on: date) -> tuple[object, ...]:
    """Everything a scorecard is made of, as plain lists."""
    scope = scope_of(session, world, starts_on, ends_on)
    scoring = forms.load_form(session, version_id=scope.version_id).scoring()
    levels = level_tallies(session, scope)
    moments = (moment_tallies(session, scope, scoring), item_moment_tallies(session, scope, scoring))
    return (
        levels.counts.tolist(),
        levels.n_responses.tolist(),
        *(
            np.round(part, 6).tolist()
            for m in moments
            for part in (m.n, m.sums, m.products, m.cluster_products)
        ),
    )


WHOLE = (date(2026, 7, 1), date(2026, 9, 30))
# Periods of the world: the second ends on 14 September, so August is whole in it.
PERIOD = (date(2026, 6, 15), date(2026, 9, 14))


def test_figures_of_a_closed_wave_are_what_counting_gave(session, world):
    fill(session, world)
    releases.release_scores(session, minimum_new=5, today=CLOSED_ON)
    before = [figures(session, world, *days) for days in (WHOLE, PERIOD)]
    held = close(session, world)
    assert (held.n_received, held.n_counted, held.revision) == (41, 40, 1)
    assert [figures(session, world, *days) for days in (WHOLE, PERIOD)] == before
    assert not wave_snapshots.verify(session, wave_id=world.waves["sample"]).differences


def test_what_comes_or_is_excluded_after_the_closing_moves_nothing(session, world):
    fill(session, world)
    close(session, world)
    before = figures(session, world, *WHOLE)
    for _ in range(8):
        submission = make_submission(world, wave="sample", age_days=40)
        receive_response(session, submission, signer=SIGNER, today=CLOSED_ON)
    releases.release_scores(session, minimum_new=5, today=date(2026, 10, 9))
    session.add(Exclusion(point_id=world.points["Đông Hà"], from_on=date(2026, 8, 1), to_on=date(2026, 8, 31),
                          reason="thử", is_active=True))  # fmt: skip
    session.flush()
    assert figures(session, world, *WHOLE) == before
    assert snapshots.n_late(session, world.waves["sample"]) == 8
    assert set(session.scalars(select(Response.is_late).where(Response.closed_in == 0))) == {True}


def test_what_comes_on_the_day_of_a_closing_by_hand_is_late_before_and_after_it(session, world):
    """Within grace: neither the hour nor the side of the closing can be told from what is stored."""
    fill(session, world)
    for _ in range(2):
        receive_response(
            session, make_submission(world, wave="sample", age_days=9), signer=SIGNER, today=EARLY
        )
    ahead = wave_states.closing_ahead(session, lookups.wave_row(session, world.waves["sample"]), today=EARLY)
    held = close(session, world, today=EARLY)
    assert (ahead.n_received, ahead.n_counted) == (held.n_received, held.n_counted)
    receive_response(session, make_submission(world, wave="sample", age_days=9), signer=SIGNER, today=EARLY)
    of_the_day = session.execute(
        select(Response.closed_in, Response.is_late).where(Response.received_on == EARLY)
    ).all()
    assert of_the_day == [(0, True)] * 3
    assert set(session.scalars(select(Response.is_late).where(Response.closed_in == 1))) == {False}
    assert not wave_snapshots.verify(session, wave_id=world.waves["sample"]).differences
    # One that slipped in while the closing was being written is named, and the night marks it.
    session.execute(update(Response).where(Response.closed_in == 0).values(is_late=False))
    found = wave_snapshots.verify(session, wave_id=world.waves["sample"]).differences
    assert [each.what for each in found] == ["not_marked_late"]
    assert wave_snapshots.mark_late(session) == 3
    assert not wave_snapshots.verify(session, wave_id=world.waves["sample"]).differences


def test_what_waits_for_a_closing_is_foretold(session, world):
    """Trial ones, excluded ones and units with fewer new answers than a release needs, as the closing then counts."""
    fill(session, world)
    for _ in range(3):
        make_response(session, world, wave="sample", unit="Cồn Cỏ", on=date(2026, 8, 4))
    session.add(Exclusion(point_id=world.points["Hòa Xuân"], from_on=date(2026, 8, 1), to_on=date(2026, 8, 31),
                          reason="thử", is_active=True))  # fmt: skip
    session.flush()
    ahead = wave_states.closing_ahead(
        session, lookups.wave_row(session, world.waves["sample"]), today=CLOSED_ON
    )
    held = close(session, world)
    assert (ahead.n_received, ahead.n_counted) == (held.n_received, held.n_counted) == (44, 20)


def test_fewer_new_answers_than_a_release_needs_stay_out_for_good(session, world):
    fill(session, world)
    releases.release_scores(session, minimum_new=5, today=date(2026, 9, 20))
    for _ in range(3):
        make_response(session, world, wave="sample", on=date(2026, 8, 30), received_on=date(2026, 9, 25))
    session.flush()
    held = close(session, world)
    assert (held.n_received, held.n_counted) == (44, 40)


def test_a_second_part_after_the_closing_is_told_that_the_first_stays(session, world):
    fill(session, world)
    submission = make_submission(world, wave="sample", age_days=31, parts=frozenset({1}))
    receive_response(session, submission, signer=SIGNER, today=date(2026, 9, 1))
    close(session, world)
    both = replace(submission, parts=frozenset({1, 2}), answers={"overall": "satisfied"})
    with pytest.raises(AlreadyAnsweredDifferently):
        receive_response(session, both, signer=SIGNER, today=CLOSED_ON)
    assert not wave_snapshots.verify(session, wave_id=world.waves["sample"]).differences


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE response SET flags = 64 WHERE id = (SELECT min(id) FROM response WHERE wave_id = {wave})", {"root"}),
        ("DELETE FROM response WHERE wave_id = {wave} AND received_on = '2026-09-10'", {"root", "n_received", "counts",
         "n_responses", "moments", "item_moments"}),
    ],
)  # fmt: skip
def test_verify_names_what_was_changed(session, world, change, what):
    fill(session, world)
    close(session, world)
    if session.get_bind().dialect.name == "postgresql":
        change = change.replace("min(id)", "id").replace("{wave})", "{wave} LIMIT 1)")
    session.execute(text(change.format(wave=world.waves["sample"])))
    found = wave_snapshots.verify(session, wave_id=world.waves["sample"]).differences
    assert found
    assert {difference.what for difference in found} <= what
    assert "root" in {difference.what for difference in found}


@pytest.mark.parametrize("statement", ["UPDATE wave_snapshot SET n_counted = 1", "DELETE FROM wave_tally"])
def test_the_database_refuses_to_change_a_snapshot(session, world, statement):
    fill(session, world)
    close(session, world)
    session.commit()
    with pytest.raises(DBAPIError, match="cannot change"):
        session.execute(text(statement))


def test_a_wave_with_answers_released_today_closes_tomorrow(session, world):
    fill(session, world)
    releases.release_import(session, wave_id=world.waves["sample"], minimum_new=5, today=CLOSED_ON)
    with pytest.raises(WaveRefused, match="released_today"):
        close(session, world)


def test_reopening_takes_two_and_closing_again_adds_a_revision(session, world):
    people = [
        create_account(session, name=name, password="mật khẩu đủ dài 1", role=Role.PAR_OFFICE,
                       unit_id=world.province, now=NOW)
        for name in ("mot", "hai")
    ]  # fmt: skip
    fill(session, world)
    first = close(session, world)
    receive_response(
        session, make_submission(world, wave="sample", age_days=40), signer=SIGNER, today=CLOSED_ON
    )
    proposed = wave_states.propose_reopening(
        session, "sample", closes_on=date(2026, 10, 20), reason="Nhập thiếu phiếu giấy", kinds=KINDS, by=people[0],
        now=NOW, today=CLOSED_ON,
    )  # fmt: skip
    approve(session, approval_id=proposed, kinds=KINDS, note="", by=people[1], at=Moment(NOW, CLOSED_ON))
    assert lookups.wave_row(session, world.waves["sample"]).state == "open"
    for _ in range(6):
        make_response(session, world, wave="sample", on=date(2026, 8, 30), received_on=date(2026, 10, 5))
    session.flush()
    second = close(session, world, today=date(2026, 11, 20))
    assert (first.revision, second.revision) == (1, 2)
    assert (second.n_received, second.n_counted) == (48, 47)
    assert not wave_snapshots.verify(session, wave_id=world.waves["sample"]).differences


def coarsen(session: Session, *, today: date) -> list[date_coarsening.Coarsened]:
    due = date_coarsening.waves_due(session, after_days=90, today=today)
    return [date_coarsening.coarsen_wave(session, wave, after_days=90, now=NOW, today=today) for wave in due]


def days_left(session: Session, world: World) -> set[int]:
    rows = session.execute(
        select(Response.collected_on, Response.received_on).where(Response.wave_id == world.waves["sample"])
    )
    return {day.day for row in rows for day in row}


def test_ninety_days_after_the_closing_only_months_are_left_and_no_figure_moves(session, world):
    fill(session, world)
    releases.release_scores(session, minimum_new=5, today=date(2026, 9, 20))
    # Received in the month of the release, and never counted.
    for _ in range(2):
        make_response(session, world, wave="sample", on=date(2026, 8, 30), received_on=date(2026, 9, 25))
    make_response(session, world, on=date(2026, 8, 30))
    session.flush()
    held = close(session, world)
    receive_response(
        session, make_submission(world, wave="sample", age_days=40), signer=SIGNER, today=CLOSED_ON
    )
    before = [figures(session, world, *days) for days in (WHOLE, PERIOD)]
    assert coarsen(session, today=date(2026, 12, 29)) == []
    assert days_left(session, world) != {1}
    (done,) = coarsen(session, today=date(2026, 12, 30))
    session.expire_all()
    assert done.is_first
    assert done.n_answers > 30
    assert days_left(session, world) == {1}
    assert [figures(session, world, *days) for days in (WHOLE, PERIOD)] == before
    checked = wave_snapshots.verify(session, wave_id=world.waves["sample"])
    assert (checked.differences, checked.is_by_month, checked.n_answers) == ((), True, held.n_received)
    assert session.scalar(
        select(Response.collected_on).where(Response.wave_id == world.waves["full"])
    ) == date(2026, 8, 30)
    with pytest.raises(WaveRefused, match="coarsened"):
        wave_states._require_reopenable(
            session, wave_states.waves.planned_wave(session, "sample"), closes_on=CLOSED_ON, today=CLOSED_ON
        )


def test_what_comes_after_the_coarsening_loses_its_day_in_the_next_night(session, world):
    fill(session, world)
    close(session, world)
    coarsen(session, today=date(2026, 12, 30))
    receive_response(
        session, make_submission(world, wave="sample", age_days=150), signer=SIGNER, today=date(2027, 1, 9)
    )
    assert coarsen(session, today=date(2027, 1, 10)) == [date_coarsening.Coarsened(False, 1)]
    assert days_left(session, world) == {1}


def test_a_period_named_later_is_counted_while_days_are_known_and_refused_after(session, world):
    fill(session, world)
    close(session, world)
    cut = (date(2026, 8, 10), date(2026, 8, 20))
    levels = level_tallies(session, scope_of(session, world, *cut))
    assert 0 < levels.n_responses.sum() < 40
    coarsen(session, today=date(2026, 12, 30))
    with pytest.raises(PeriodNotKept):
        level_tallies(session, scope_of(session, world, *cut))


def test_verify_after_coarsening_still_notices_a_changed_answer(session, world):
    fill(session, world)
    close(session, world)
    coarsen(session, today=date(2026, 12, 30))
    wave_id = world.waves["sample"]
    key = session.scalars(select(Response.id).where(Response.wave_id == wave_id, ~Response.is_test)).first()
    other = session.scalars(
        select(Response.answers).where(Response.wave_id == world.waves["sample"], Response.id != key)
    ).all()
    mine = session.scalar(select(Response.answers).where(Response.id == key))
    session.execute(
        update(Response)
        .where(Response.id == key)
        .values(answers=next(each for each in other if each != mine))
    )
    what = {difference.what for difference in wave_snapshots.verify(session, wave_id=wave_id).differences}
    assert what == {"root", "counts"}


def test_received_month_keeps_apart_what_counts():
    through = date(2026, 9, 19)
    assert date_coarsening.received_month(date(2026, 9, 19), released_through=through) == date(2026, 9, 1)
    assert date_coarsening.received_month(date(2026, 9, 20), released_through=through) == date(2026, 10, 1)
    assert date_coarsening.received_month(date(2026, 11, 20), released_through=through) == date(2026, 11, 1)


def test_a_wave_is_due_on_the_day_after_the_grace_and_not_on_a_day_of_import(session, world):
    session.execute(update(Wave).where(Wave.code == "tap").values(state="archived"))
    fill(session, world)
    assert wave_states.waves_due(session, today=date(2026, 9, 30)) == []
    assert [row.code for row in wave_states.waves_due(session, today=CLOSED_ON)] == ["sample"]
    releases.release_import(session, wave_id=world.waves["sample"], minimum_new=5, today=CLOSED_ON)
    assert wave_states.waves_due(session, today=CLOSED_ON) == []


def test_foreign_office_cannot_close(session, world):
    stranger = Viewer(1, Role.PAR_OFFICE, world.units["Đông Hà"])
    with pytest.raises(NotFound):
        wave_states.close_wave(session, "sample", reason="", by=stranger, now=NOW, today=CLOSED_ON)


@pytest.mark.only_database("sqlite")
def test_pages_show_the_same_before_the_closing_after_it_and_without_days(session, world):
    fill(session, world, n=80)
    releases.release_scores(session, minimum_new=5, today=CLOSED_ON)
    office = Viewer(1, Role.PAR_OFFICE, world.province)

    def shown() -> tuple[object, ...]:
        card = scorecards.unit_scorecard(
            session, unit_id=world.units["Đông Hà"], basis="sample", period_code="2026Q3", viewer=office,
            today=CLOSED_ON,
        )  # fmt: skip
        compared = comparisons.compare_units(
            session,
            root_unit_id=world.province,
            basis="sample",
            period_code="2026Q3",
            kind=None,
            viewer=office,
            today=CLOSED_ON,
        )
        closings.append(card.closing)
        return card.overall, card.factors, card.indices, card.n_responses, compared.rows

    closings: list[object] = []
    before = shown()
    assert before[0].estimate is not None
    close(session, world)
    assert shown() == before
    receive_response(
        session, make_submission(world, wave="sample", age_days=40), signer=SIGNER, today=CLOSED_ON
    )
    assert shown() == before
    coarsen(session, today=date(2026, 12, 30))
    session.expire_all()
    assert shown() == before
    # Named too late to be counted: no other period suffers from it.
    session.add(Period(code="late", root_unit_id=world.province, title_vi="Nửa tháng", title_en="Half a month",
                       starts_on=date(2026, 8, 5), ends_on=date(2026, 8, 20)))  # fmt: skip
    session.flush()
    assert shown()[0] == before[0]
    assert closings == [
        ClosingFigure(),
        ClosingFigure(),
        *[ClosingFigure(1)],
        *[ClosingFigure(1, lacks_days=True)] * 2,
    ]
