"""From a pad to booked responses: counts that hold, drafts that survive, a check that is blind, and no way back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from analysis.packing import Missing
from survey_app.db import write_transaction
from survey_app.errors import (
    AlreadyExists,
    BatchNotReady,
    CountsDoNotFit,
    DayOutOfRange,
    DifferenceUnexplained,
    InvalidAnswer,
    InvalidBody,
    NotFound,
    RowKeyedElsewhere,
    SamePersonTwice,
)
from survey_app.models import Account, AuditEntry, Comment, PaperRow, Response, RollupDirty, Wave
from survey_app.queries import paper, units
from survey_app.services import forms, paper_checks, paper_comments, paper_entry, paper_openings, paper_pads
from survey_app.services.accounts import Role, Viewer
from survey_app.services.paper_booking import Booked, book_batch
from survey_app.services.paper_entry import FIRST, SECOND, KeyedSheet
from survey_app.services.paper_openings import BoxCount, NewOpening
from survey_app.services.paper_pads import NewPad
from survey_app.services.paper_sheet import Column, read_cells, sheet_columns
from survey_app.signing import Signer
from survey_app.vocabulary import Channel, QualityFlag, Stage
from tests.builders import World

TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
SIGNER = Signer("a secret of the tests")
FIRST_NAME, SECOND_NAME = "Nguyễn Văn An", "Trần Thị Bình"


def make_viewer(session: Session, unit_id: int, *, name: str, role: Role = Role.DESK_STAFF) -> Viewer:
    account = Account(name=name, password_hash="none", role=role.value, unit_id=unit_id)
    session.add(account)
    session.flush()
    return Viewer(account.id, role, unit_id)


@pytest.fixture
def manager(session: Session, world: World) -> Viewer:
    return make_viewer(session, world.units["Đông Hà"], name="lan", role=Role.MANAGER)


@pytest.fixture
def office(session: Session, world: World) -> Viewer:
    return make_viewer(session, world.province, name="so", role=Role.PAR_OFFICE)


def make_pad(session: Session, world: World, viewer: Viewer, *, n: int = 50, wave: str = "full") -> int:
    new = NewPad(world.points["Đông Hà"], world.waves[wave], "vi", n)
    return paper_pads.add_pad(session, new, viewer=viewer, today=TODAY, now=NOW)


def open_box(
    session: Session, world: World, viewer: Viewer, counts: dict[int, BoxCount], **changes: object
) -> int:
    values = {"point_id": world.points["Đông Hà"], "opened_on": TODAY, "first_opener": FIRST_NAME,
              "second_opener": SECOND_NAME, "counts": counts}  # fmt: skip
    new = NewOpening(**(values | changes))  # type: ignore[arg-type]
    return paper_openings.open_box(session, new, viewer=viewer, today=TODAY, now=NOW)


def make_batch(session: Session, world: World, viewer: Viewer, n: int = 10, wave: str = "full") -> int:
    pad_id = make_pad(session, world, viewer, wave=wave)
    opening_id = open_box(session, world, viewer, {pad_id: BoxCount(n)})
    (batch,) = paper.batches_of_opening(session, opening_id)
    return batch.id


def columns_of(session: Session, world: World, version: str = "full_form_v1") -> tuple[Column, ...]:
    form = forms.load_form(session, version_id=world.versions[version])
    return sheet_columns(form, units.service_fields(session))


def cells(columns: tuple[Column, ...], **keys: str) -> tuple[str, ...]:
    """A sheet answered only at these columns; `reasons_good` names the column "reasons:good"."""
    wanted = {
        name.replace("_", ":", 1) if name.startswith("reasons_") else name: key for name, key in keys.items()
    }
    assert wanted.keys() <= {column.code for column in columns}
    return tuple(wanted.get(column.code, "") for column in columns)


def key(
    session: Session, batch_id: int, viewer: Viewer, position: int, sheet: tuple[str, ...], **changes: object
) -> None:
    values = {"keyed_round": FIRST, "position": position, "cells": sheet, "is_finished": True, "before": None}
    keyed = KeyedSheet(**(values | changes))  # type: ignore[arg-type]
    paper_entry.save_row(session, keyed, batch_id=batch_id, viewer=viewer, today=TODAY)


def key_all(session: Session, world: World, batch_id: int, viewer: Viewer, n: int = 10) -> tuple[Column, ...]:
    columns = columns_of(session, world)
    for position in range(1, n + 1):
        key(session, batch_id, viewer, position, cells(columns, overall=str(1 + position % 5), stage="3"))
    return columns


def check_again(session: Session, batch_id: int, viewer: Viewer) -> None:
    """Key every drawn sheet exactly as it was keyed the first time, and compare."""
    paper_checks.start_check(session, batch_id=batch_id, viewer=viewer, today=TODAY, rng=Random(1))
    for row in paper.keyed_rows(session, batch_id, keyed_round=FIRST):
        if row.is_sampled:
            key(session, batch_id, viewer, row.position, tuple(row.cells), keyed_round=SECOND)
    paper_checks.compare(session, batch_id=batch_id, viewer=viewer, today=TODAY)


def book(session: Session, batch_id: int, viewer: Viewer, reason: str = "", today: date = TODAY) -> Booked:
    return book_batch(
        session, batch_id=batch_id, reason=reason, viewer=viewer, signer=SIGNER, today=today, now=NOW,
        rng=Random(7),
    )  # fmt: skip


# Pads


def test_sheets_of_a_new_pad_follow_those_of_the_last_one(session, world, manager):
    first, second = (paper.pad(session, make_pad(session, world, manager, n=n)) for n in (50, 20))
    assert (first.number, first.first_sheet, first.last_sheet) == (1, 1, 50)
    assert (second.number, second.first_sheet, second.last_sheet) == (2, 51, 70)


@pytest.mark.parametrize("n", [0, 201])
def test_pad_of_impossible_size_is_refused(session, world, manager, n):
    with pytest.raises(CountsDoNotFit):
        make_pad(session, world, manager, n=n)


def test_pad_for_a_wave_that_has_ended_is_refused(session, world, manager):
    with pytest.raises(NotFound):
        make_pad(session, world, manager, wave="tap")


def test_pad_of_another_unit_is_as_if_it_did_not_exist(session, world, manager):
    pad_id = make_pad(session, world, manager)
    stranger = make_viewer(session, world.units["Cồn Cỏ"], name="dao", role=Role.MANAGER)
    with pytest.raises(NotFound):
        paper_pads.count_pad(
            session, pad_id=pad_id, n_handed_out=1, n_spoiled=0, viewer=stranger, today=TODAY
        )


def test_counts_of_a_pad_add_up(session, world, manager):
    pad_id = make_pad(session, world, manager)
    paper_pads.count_pad(session, pad_id=pad_id, n_handed_out=30, n_spoiled=2, viewer=manager, today=TODAY)
    open_box(session, world, manager, {pad_id: BoxCount(12, 1, 2)})
    pad = paper.pad(session, pad_id)
    assert (pad.n_unused, pad.n_collected, pad.n_spoiled, pad.n_not_returned) == (18, 12, 4, 18)


@pytest.mark.parametrize(("handed_out", "spoiled"), [(51, 0), (40, 11), (-1, 0), (0, -1)])
def test_pad_counts_beyond_the_pad_are_refused(session, world, manager, handed_out, spoiled):
    pad_id = make_pad(session, world, manager)
    with pytest.raises(CountsDoNotFit):
        paper_pads.count_pad(
            session, pad_id=pad_id, n_handed_out=handed_out, n_spoiled=spoiled, viewer=manager, today=TODAY
        )


# Openings


@pytest.mark.parametrize("second", [FIRST_NAME, "  nguyễn  văn an ", "", "  "])
def test_box_opened_by_one_person_is_refused(session, world, manager, second):
    pad_id = make_pad(session, world, manager)
    with pytest.raises(SamePersonTwice):
        open_box(session, world, manager, {pad_id: BoxCount(1)}, second_opener=second)


@pytest.mark.parametrize("count", [BoxCount(51), BoxCount(3, 2, 2), BoxCount(-1), BoxCount(2, -1)])
def test_box_counts_that_cannot_be_are_refused(session, world, manager, count):
    pad_id = make_pad(session, world, manager)
    with pytest.raises(CountsDoNotFit):
        open_box(session, world, manager, {pad_id: count})


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY - timedelta(days=1)])
def test_box_opened_before_its_pad_or_tomorrow_is_refused(session, world, manager, day):
    pad_id = make_pad(session, world, manager)
    with pytest.raises(DayOutOfRange):
        open_box(session, world, manager, {pad_id: BoxCount(1)}, opened_on=day)


def test_box_is_opened_once_a_day(session, world, manager):
    pad_id = make_pad(session, world, manager)
    open_box(session, world, manager, {pad_id: BoxCount(1)})
    with pytest.raises(AlreadyExists):
        open_box(session, world, manager, {pad_id: BoxCount(1)})


def test_sheets_of_one_form_make_one_batch_and_an_empty_box_none(session, world, manager):
    pads = [make_pad(session, world, manager) for _ in range(2)]
    opening_id = open_box(session, world, manager, {pads[0]: BoxCount(9, 1, 1), pads[1]: BoxCount(4)})
    (batch,) = paper.batches_of_opening(session, opening_id)
    assert (batch.n_to_key, batch.state, batch.unit_id) == (11, "keying", world.units["Đông Hà"])
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "paper.box_opened"))
    assert (entry.account_id, entry.details["collected"]) == (manager.account_id, 13)


def test_box_with_nothing_to_key_has_no_batch(session, world, manager):
    pad_id = make_pad(session, world, manager)
    opening_id = open_box(session, world, manager, {pad_id: BoxCount(2, 1, 1)})
    assert paper.batches_of_opening(session, opening_id) == []


# Keying


def test_row_is_stored_at_once_and_again_without_harm(session, world, manager):
    batch_id = make_batch(session, world, manager)
    sheet = cells(columns_of(session, world), overall="1", reasons_good="13")
    for _ in range(2):
        key(session, batch_id, manager, 4, sheet)
    (row,) = paper.keyed_rows(session, batch_id, keyed_round=FIRST)
    assert (row.position, tuple(row.cells), row.keyed_by, row.is_own_staff) == (
        4,
        sheet,
        manager.account_id,
        True,
    )


def test_row_keyed_by_somebody_else_in_the_meantime_stays(session, world, manager):
    batch_id = make_batch(session, world, manager)
    columns = columns_of(session, world)
    theirs, mine, better = (cells(columns, overall=digit) for digit in "123")
    key(session, batch_id, manager, 1, theirs)
    with pytest.raises(RowKeyedElsewhere):
        key(session, batch_id, manager, 1, mine)
    key(session, batch_id, manager, 1, better, before=theirs)
    assert paper.keyed_row(session, batch_id, keyed_round=FIRST, position=1).cells == list(better)


def test_row_cleared_again_is_no_row(session, world, manager):
    batch_id = make_batch(session, world, manager)
    columns = columns_of(session, world)
    sheet = cells(columns, overall="1")
    key(session, batch_id, manager, 1, sheet)
    key(session, batch_id, manager, 1, cells(columns), before=sheet)
    assert paper.keyed_rows(session, batch_id, keyed_round=FIRST) == []


@pytest.mark.parametrize(
    ("keys", "reason"),
    [({"overall": "6"}, "unknown_choice"), ({"overall": "12"}, "unknown_choice"), ({"field": "7"}, "unknown_choice"),
     ({"reasons_good": "11"}, "unknown_choice"), ({"expectations:0": "1234"}, "too_many_choices")],
)  # fmt: skip
def test_digits_that_the_sheet_does_not_offer_are_refused(session, world, manager, keys, reason):
    batch_id = make_batch(session, world, manager)
    columns = columns_of(session, world)
    sheet = cells(columns, **keys)
    with pytest.raises(InvalidAnswer) as refused:
        key(session, batch_id, manager, 1, sheet)
    assert refused.value.reason == reason


def test_row_of_another_length_or_place_is_refused(session, world, manager):
    batch_id = make_batch(session, world, manager)
    sheet = cells(columns_of(session, world), overall="1")
    with pytest.raises(InvalidBody):
        key(session, batch_id, manager, 1, sheet[:-1])
    for position in (0, paper_entry.MOST_ROWS + 1):
        with pytest.raises(NotFound):
            key(session, batch_id, manager, position, sheet)


def test_batch_of_another_unit_cannot_be_keyed(session, world, manager):
    batch_id = make_batch(session, world, manager)
    stranger = make_viewer(session, world.units["Hòa Xuân"], name="hoa")
    with pytest.raises(NotFound):
        key(session, batch_id, stranger, 1, cells(columns_of(session, world), overall="1"))


# The second keying


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (5, 5), (10, 5), (50, 5), (51, 6), (200, 20)])
def test_sample_is_a_tenth_and_at_least_five(n, expected):
    assert paper_checks.sample_size(n) == expected


def test_check_waits_for_unfinished_sheets_and_closes_the_first_keying(session, world, manager):
    batch_id = make_batch(session, world, manager, n=2)
    sheet = cells(columns_of(session, world), overall="1")
    key(session, batch_id, manager, 1, sheet, is_finished=False)
    start = {"batch_id": batch_id, "viewer": manager, "today": TODAY, "rng": Random(1)}
    with pytest.raises(BatchNotReady):
        paper_checks.start_check(session, **start)
    key(session, batch_id, manager, 1, sheet, before=sheet)
    paper_checks.start_check(session, **start)
    with pytest.raises(BatchNotReady):
        key(session, batch_id, manager, 2, sheet)


def test_only_drawn_sheets_are_keyed_twice(session, world, manager):
    batch_id = make_batch(session, world, manager)
    columns = key_all(session, world, batch_id, manager)
    paper_checks.start_check(session, batch_id=batch_id, viewer=manager, today=TODAY, rng=Random(1))
    drawn = paper_entry.sampled_positions(session, batch_id)
    assert len(drawn) == 5
    other = next(position for position in range(1, 11) if position not in drawn)
    with pytest.raises(NotFound):
        key(session, batch_id, manager, other, cells(columns, overall="1"), keyed_round=SECOND)
    with pytest.raises(BatchNotReady):
        paper_checks.compare(session, batch_id=batch_id, viewer=manager, today=TODAY)


def test_disagreement_is_counted_once_and_settled_for_both(session, world, manager, office):
    batch_id = make_batch(session, world, manager)
    columns = key_all(session, world, batch_id, manager)
    paper_checks.start_check(session, batch_id=batch_id, viewer=manager, today=TODAY, rng=Random(1))
    drawn = paper_entry.sampled_positions(session, batch_id)
    for place, position in enumerate(drawn):
        (first,) = (
            r for r in paper.keyed_rows(session, batch_id, keyed_round=FIRST) if r.position == position
        )
        again = tuple(first.cells) if place else cells(columns, overall=first.cells[0], stage="2", sex="1")
        key(session, batch_id, office, position, again, keyed_round=SECOND)
    paper_checks.compare(session, batch_id=batch_id, viewer=manager, today=TODAY)
    batch = paper.batch(session, batch_id)
    found = paper_checks.open_differences(session, batch)
    assert [(each.position, each.column.code, each.first, each.second) for each in found] == [
        (drawn[0], "stage", "3", "2"), (drawn[0], "sex", "", "1"),
    ]  # fmt: skip
    with pytest.raises(BatchNotReady):
        book(session, batch_id, manager)
    settle = {"batch_id": batch_id, "position": drawn[0], "viewer": manager, "today": TODAY}
    with pytest.raises(NotFound):
        paper_checks.settle(session, **settle, cells={"overall": "1"})
    with pytest.raises(InvalidAnswer):
        paper_checks.settle(session, **settle, cells={"stage": "8"})
    paper_checks.settle(session, **settle, cells={"stage": "2", "sex": ""})
    assert paper_checks.open_differences(session, batch) == []
    shown = paper_checks.figures(paper.batch(session, batch_id).check_result)
    assert (shown.n_sampled, shown.n_sheets_different, shown.n_cells_different) == (5, 1, 2)
    assert shown.n_cells == 5 * len(columns)
    assert (shown.n_same_keyer, shown.overall.value) == (0, 0.2)
    assert 0 < shown.overall.ci_low < 0.2 < shown.overall.ci_high < 1
    assert {each.code for each in shown.items if each.n_different} == {"stage", "sex"}
    assert book(session, batch_id, manager).n_booked == 10


def test_choices_keyed_in_another_order_agree(session, world, manager):
    batch_id = make_batch(session, world, manager, n=1)
    columns = columns_of(session, world)
    key(session, batch_id, manager, 1, cells(columns, overall="1", reasons_bad="135"))
    paper_checks.start_check(session, batch_id=batch_id, viewer=manager, today=TODAY, rng=Random(1))
    key(session, batch_id, manager, 1, cells(columns, overall="1", reasons_bad="531"), keyed_round=SECOND)
    paper_checks.compare(session, batch_id=batch_id, viewer=manager, today=TODAY)
    assert paper_checks.open_differences(session, paper.batch(session, batch_id)) == []


def test_same_person_keying_twice_is_counted(session, world, manager):
    batch_id = make_batch(session, world, manager)
    key_all(session, world, batch_id, manager)
    check_again(session, batch_id, manager)
    assert paper_checks.figures(paper.batch(session, batch_id).check_result).n_same_keyer == 5


def test_reopened_batch_forgets_its_check(session, world, manager):
    batch_id = make_batch(session, world, manager)
    columns = key_all(session, world, batch_id, manager, n=9)
    check_again(session, batch_id, manager)
    paper_checks.reopen(session, batch_id=batch_id, viewer=manager, today=TODAY, now=NOW)
    batch = paper.batch(session, batch_id)
    assert (batch.state, batch.check_result) == ("keying", None)
    assert paper.keyed_rows(session, batch_id, keyed_round=SECOND) == []
    key(session, batch_id, manager, 10, cells(columns, overall="1"))
    check_again(session, batch_id, manager)
    assert book(session, batch_id, manager).n_booked == 10


# Booking


def stored(session: Session) -> list[Response]:
    return list(session.scalars(select(Response)))


def test_booked_sheets_are_responses_once_and_the_drafts_are_gone(session, world, manager):
    batch_id = make_batch(session, world, manager)
    key_all(session, world, batch_id, manager)
    check_again(session, batch_id, manager)
    assert book(session, batch_id, manager) == Booked(10, is_new=True)
    assert book(session, batch_id, manager) == Booked(10, is_new=False)
    assert len(stored(session)) == 10
    assert session.scalar(select(func.count()).select_from(PaperRow)) == 0
    batch = paper.batch(session, batch_id)
    assert (batch.state, batch.n_booked, batch.n_own_staff, batch.booked_on) == ("booked", 10, 10, TODAY)
    with pytest.raises(BatchNotReady):
        key(session, batch_id, manager, 11, cells(columns_of(session, world), overall="1"))


def test_booked_response_says_what_the_sheet_said(session, world, manager):
    batch_id = make_batch(session, world, manager, n=1)
    columns = columns_of(session, world)
    sheet = cells(
        columns, overall="2", reasons_good="10", reasons_bad="3", stage="3", field="2", is_proxy="2", assisted_by="2",
        capacity="0", residence="2", confidential="0", sex="2", **{"F1.1": "1", "F4.1": "0"},
    )  # fmt: skip
    key(session, batch_id, manager, 1, sheet)
    check_again(session, batch_id, manager)
    book(session, batch_id, manager)
    (row,) = stored(session)
    assert (row.channel, row.stage, row.capacity, row.assisted_by, row.residence) == (
        Channel.PAPER,
        3,
        0,
        2,
        2,
    )
    assert (row.is_proxy, row.language, row.collector, row.is_test, row.is_late) == (
        1,
        "vi",
        None,
        False,
        False,
    )
    assert (row.collected_on, row.received_on, row.flags) == (TODAY, TODAY, 0)
    assert row.unit_id == world.units["Đông Hà"]
    assert row.id.version == 4
    said = forms.load_form(session, version_id=row.version_id).unpack(row.answers)
    assert said["overall"] == "satisfied"
    assert set(said["reasons"]) == {"time_good", "other_good", "guidance_bad"}
    assert (said["F1.1"], said["F4.1"], said["confidential"], said["sex"]) == (
        "very_satisfied", "dont_know", "refused", "female",
    )  # fmt: skip
    assert said["F1.2"] == Missing.LEFT_BLANK.name.lower()


def test_sheet_that_leaves_the_overall_question_blank_is_kept(session, world, manager):
    batch_id = make_batch(session, world, manager, n=1)
    key(session, batch_id, manager, 1, cells(columns_of(session, world), **{"F1.1": "4"}))
    check_again(session, batch_id, manager)
    book(session, batch_id, manager)
    (row,) = stored(session)
    assert forms.load_form(session, version_id=row.version_id).unpack(row.answers)["overall"] == "left_blank"


def test_batch_short_of_its_count_needs_a_reason_which_stays(session, world, manager):
    batch_id = make_batch(session, world, manager, n=10)
    key_all(session, world, batch_id, manager, n=8)
    check_again(session, batch_id, manager)
    with pytest.raises(DifferenceUnexplained):
        book(session, batch_id, manager, reason="   ")
    assert stored(session) == []
    book(session, batch_id, manager, reason="Hai phiếu rách, không đọc được")
    assert paper.batch(session, batch_id).difference_reason == "Hai phiếu rách, không đọc được"
    assert len(stored(session)) == 8


def test_batch_that_was_not_checked_is_not_booked(session, world, manager):
    batch_id = make_batch(session, world, manager)
    key_all(session, world, batch_id, manager)
    with pytest.raises(BatchNotReady):
        book(session, batch_id, manager)


def test_entry_day_is_apart_from_collection_day_and_marks_its_month(session, world, manager):
    batch_id = make_batch(session, world, manager, n=1)
    key_all(session, world, batch_id, manager, n=1)
    check_again(session, batch_id, manager)
    later = date(2026, 10, 3)
    book(session, batch_id, manager, today=later)
    (row,) = stored(session)
    assert (row.collected_on, row.received_on) == (TODAY, later)
    assert [(each.point_id, each.month) for each in session.scalars(select(RollupDirty))] == [
        (world.points["Đông Hà"], date(2026, 9, 1))
    ]


def test_sheets_count_within_their_wave_and_are_late_after_its_grace(session, world, manager):
    batch_id = make_batch(session, world, manager, n=1)
    key_all(session, world, batch_id, manager, n=1)
    check_again(session, batch_id, manager)
    ended = TODAY - timedelta(days=3)
    session.execute(update(Wave).where(Wave.code == "full").values(closes_on=ended))
    book(session, batch_id, manager, today=ended + timedelta(days=31))
    (row,) = stored(session)
    assert (row.collected_on, row.is_late) == (ended, True)


def test_one_answer_to_everything_is_flagged(session, world, manager):
    batch_id = make_batch(session, world, manager, n=1)
    columns = columns_of(session, world)
    key(session, batch_id, manager, 1, tuple("1" if column.item[:1] == "F" else "" for column in columns))
    check_again(session, batch_id, manager)
    book(session, batch_id, manager)
    assert stored(session)[0].flags == QualityFlag.STRAIGHT_LINE


def test_nothing_leads_from_a_sheet_or_its_keyer_to_a_response(session, world, manager):
    """The order of keys is not that of the pile, and no table but the batch's own shares a value with the rows."""
    batch_id = make_batch(session, world, manager, n=30)
    key_all(session, world, batch_id, manager, n=30)
    pile = [row.cells[0] for row in paper.keyed_rows(session, batch_id, keyed_round=FIRST)]
    check_again(session, batch_id, manager)
    book(session, batch_id, manager)
    session.commit()
    session.expire_all()
    rows = stored(session)
    assert {row.collector for row in rows} == {None}
    assert len({row.batch for row in rows}) == 1
    answered = [str(row.answers[0]) for row in sorted(rows, key=lambda row: row.id.bytes)]
    assert sorted(answered) == sorted(pile)
    assert answered != pile
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "paper.batch_booked")).all()
    assert [entry.details for entry in entries] == [{"booked": 30, "counted": 30}]


def test_share_of_own_staff_tells_units_and_months_apart(session, world, manager, office):
    batch_id = make_batch(session, world, manager)
    columns = columns_of(session, world)
    for position in range(1, 11):
        keyer = office if position <= 4 else manager
        key(session, batch_id, keyer, position, cells(columns, overall="1"))
    check_again(session, batch_id, office)
    book(session, batch_id, office)
    (share,) = paper.own_shares(session, [world.points["Đông Hà"]])
    assert (share.unit_title, share.month, share.n_booked, share.n_own_staff) == (
        "Phường Đông Hà", date(2026, 9, 1), 10, 6,
    )  # fmt: skip
    assert paper.own_shares(session, [world.points["Cồn Cỏ"]]) == []


# Words


def add_comment(session: Session, batch_id: int, viewer: Viewer, text: str, polarity: str = "bad") -> None:
    paper_comments.add_comment(
        session, batch_id=batch_id, text=text, polarity=polarity, viewer=viewer, today=TODAY
    )


def test_words_on_a_sheet_are_stored_apart_for_the_month_of_the_box(session, world, manager):
    batch_id = make_batch(session, world, manager)
    add_comment(session, batch_id, manager, "  Cần thêm ghế ngồi chờ. ")
    (stored,) = session.scalars(select(Comment))
    assert (stored.unit_id, stored.month, stored.polarity, stored.language, stored.text, stored.released_on) == (
        world.units["Đông Hà"], date(2026, 9, 1), "bad", "vi", "Cần thêm ghế ngồi chờ.", None,
    )  # fmt: skip


@pytest.mark.parametrize(("text", "polarity"), [("   ", "bad"), ("a" * 1201, "bad"), ("Tốt", "angry")])
def test_words_that_are_none_or_too_many_are_refused(session, world, manager, text, polarity):
    batch_id = make_batch(session, world, manager)
    with pytest.raises(InvalidAnswer):
        add_comment(session, batch_id, manager, text, polarity)


def test_words_after_booking_or_of_another_unit_are_refused(session, world, manager):
    batch_id = make_batch(session, world, manager)
    stranger = make_viewer(session, world.units["Hòa Xuân"], name="hoa")
    with pytest.raises(NotFound):
        add_comment(session, batch_id, stranger, "Tốt")
    key_all(session, world, batch_id, manager)
    check_again(session, batch_id, manager)
    book(session, batch_id, manager)
    with pytest.raises(BatchNotReady):
        add_comment(session, batch_id, manager, "Tốt")


# Many at once


def test_batch_booked_by_four_at_once_is_booked_once(session, engine, world, manager):
    batch_id = make_batch(session, world, manager)
    key_all(session, world, batch_id, manager)
    check_again(session, batch_id, manager)
    session.commit()

    def try_it(_: int) -> Booked:
        with Session(engine, expire_on_commit=False) as own, write_transaction(own):
            return book(own, batch_id, manager)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(try_it, range(4)))
    assert sorted(outcome.is_new for outcome in outcomes) == [False, False, False, True]
    assert {outcome.n_booked for outcome in outcomes} == {10}
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Response)) == 10


def test_sheet_saved_while_the_batch_is_closed_is_either_drawn_from_or_refused(
    session, engine, world, manager
):
    """No sheet slips in beside the drawing of the sample: what was acknowledged is in the batch."""
    batch_id = make_batch(session, world, manager, n=30)
    columns = key_all(session, world, batch_id, manager, n=10)
    session.commit()

    def try_it(position: int) -> bool:
        with Session(engine, expire_on_commit=False) as own, write_transaction(own):
            if position == 15:
                paper_checks.start_check(own, batch_id=batch_id, viewer=manager, today=TODAY, rng=Random(1))
                return True
            try:
                key(own, batch_id, manager, position, cells(columns, overall="1"))
            except BatchNotReady:
                return False
            return True

    places = range(11, 20)
    with ThreadPoolExecutor(4) as pool:
        acknowledged = [place for place, ok in zip(places, pool.map(try_it, places), strict=True) if ok]
    session.expire_all()
    stored_places = {row.position for row in paper.keyed_rows(session, batch_id, keyed_round=FIRST)}
    assert stored_places == {*range(1, 11), *acknowledged} - {15}
    assert paper.batch(session, batch_id).state == "checking"


# The sheet


def test_sheet_leaves_out_what_paper_does_not_ask(session, world):
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    codes = [column.code for column in sheet_columns(form, units.service_fields(session))]
    assert codes[:5] == ["overall", "reasons:good", "reasons:bad", "stage", "field"]
    assert "confidential" in codes, "a form on paper may ask what a kiosk must not"
    assert len(codes) == len(set(codes))


def test_one_tap_sheet_asks_two_questions(session, world):
    columns = columns_of(session, world, "one_tap_v1")
    assert [(column.code, column.number) for column in columns] == [
        ("overall", "1"), ("reasons:good", "2a"), ("reasons:bad", "2b"),
    ]  # fmt: skip


def test_every_answer_of_every_question_has_a_key_of_its_own(session, world):
    for column in columns_of(session, world):
        keys = [choice.key for choice in column.choices]
        assert len(set(keys)) == len(keys), column.code
        assert {len(each) for each in keys} == {column.key_length}, column.code


def test_every_key_of_the_sheet_packs(session, world):
    """What is printed can be keyed and stored: each answer of each question, one at a time."""
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    columns = columns_of(session, world)
    for place, column in enumerate(columns):
        for choice in column.choices:
            sheet = ["" for _ in columns]
            sheet[place] = choice.key
            read = read_cells(columns, sheet)
            if column.item:
                packed = form.pack(
                    read.values, stage=Stage.COLLECT_RESULT, channel=Channel.PAPER, reached=None
                )
                said = form.unpack(packed)[column.item]
                assert choice.code in said if column.is_multiple else said == choice.code
            else:
                assert read.visit == {column.code: choice.code}
