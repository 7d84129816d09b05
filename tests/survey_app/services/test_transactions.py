"""Counts of files: read from tables as offices make them, stored once, and given as denominators and targets."""

import io
import unicodedata
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from survey_app.errors import InvalidField, NotFound
from survey_app.models import AuditEntry, TransactionBatch, TransactionCount
from survey_app.months import month_of
from survey_app.queries import transactions as queries
from survey_app.services.accounts import Role, Viewer
from survey_app.services.transaction_import import enter_month, month_grid, store_count_file, try_count_file
from survey_app.services.transaction_tables import CountEntry
from survey_app.services.transactions import Source, plan_counts, store_counts
from survey_app.vocabulary import FileOutcome, FilingMode

TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 3, tzinfo=UTC)
AUGUST = month_of(date(2026, 8, 1))


@pytest.fixture
def office(world):
    return Viewer(1, Role.PAR_OFFICE, world.province)


def trial(session, viewer, content, *, period=None, replaces=False):
    content = content.encode() if isinstance(content, str) else content
    return try_count_file(session, content, viewer=viewer, today=TODAY, period=period, replaces=replaces)


def load(session, viewer, content, **options):
    content = content.encode() if isinstance(content, str) else content
    found = trial(session, viewer, content, **options)
    assert not found.errors, found.errors[:3]
    store_count_file(
        session, found, content, name="so.csv", viewer=Viewer(None, viewer.role, viewer.unit_id), now=NOW
    )
    return found


def stored(session):
    rows = session.scalars(select(TransactionCount).order_by(TransactionCount.key))
    return [(r.unit_id, r.starts_on, r.ends_on, r.mode, r.outcome, r.n_files) for r in rows]


def office_report() -> bytes:
    """A report with a title, merged headings of two rows, decomposed names, groups, sums and signatures."""
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "TỔNG HỢP TÌNH HÌNH GIẢI QUYẾT HỒ SƠ THÁNG 8 NĂM 2026"
    sheet.merge_cells("A1:G1")
    for cell, text in {"A3": "STT", "B3": unicodedata.normalize("NFD", "Tên đơn vị"), "C3": "Tổng số",
                       "D3": "Kết quả giải quyết", "D4": "Đã giải quyết đúng hạn", "E4": "Đã giải quyết quá hạn",
                       "F4": "Yêu cầu bổ sung", "G4": "Từ chối"}.items():  # fmt: skip
        sheet[cell] = text
    for merged in ("A3:A4", "B3:B4", "C3:C4", "D3:G3"):
        sheet.merge_cells(merged)
    sheet.append([f"({n})" for n in range(1, 8)])
    sheet.append(["I", "Các xã, phường"])
    sheet.append([1, unicodedata.normalize("NFD", "UBND P. Đông Hà"), "1.900", 1700, "100", 60, 40])
    sheet.append([2, "Trung tâm PVHCC xã Hoà Xuân", 300, 280, None, 12, 8])
    sheet.append([None, "TỔNG CỘNG", 2200, 1980, 100, 72, 48])
    sheet.append([])
    sheet.append([None, "Người lập biểu", None, None, None, "Thủ trưởng đơn vị"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_report_as_an_office_makes_it_is_read(session, world, office):
    found = load(session, office, office_report())
    dong_ha, hoa_xuan = world.units["Đông Hà"], world.units["Hòa Xuân"]
    done, more, refused = FileOutcome.DONE, FileOutcome.SUPPLEMENT, FileOutcome.REFUSED
    assert stored(session) == sorted(
        [(dong_ha, *AUGUST, 0, done, 1800), (dong_ha, *AUGUST, 0, more, 60), (dong_ha, *AUGUST, 0, refused, 40),
         (hoa_xuan, *AUGUST, 0, done, 280), (hoa_xuan, *AUGUST, 0, more, 12), (hoa_xuan, *AUGUST, 0, refused, 8)],
        key=lambda row: f"{row[0]}|{row[1]}|{row[3]}|{row[4]}",
    )  # fmt: skip
    assert found.file.unused == ("STT", "Tổng số")
    assert [number for number, _ in found.file.table.left_out] == [5, 6, 9, 11]


@pytest.mark.parametrize(
    ("headings", "cells", "expected", "unused"),
    [
        ("Đúng hạn;Quá hạn", "90;10", [(FileOutcome.DONE, 100)], ()),
        ("Đã giải quyết;Đúng hạn", "100;90", [(FileOutcome.DONE, 100)], ("Đúng hạn",)),
        ("Đã giải quyết;Đúng hạn;Quá hạn", "100;90;10", [(FileOutcome.DONE, 100)], ("Đúng hạn", "Quá hạn")),
        ("Tổng số;Đúng hạn;Từ chối", "120;90;3", [(0, 120)], ("Đúng hạn", "Từ chối")),
        ("Đúng hạn", "90", None, ()),
        ("Trả kết quả quá hạn;Từ chối", "10;3", None, ()),
    ],
)
def test_files_in_time_are_all_files_only_beside_the_late_ones(
    session, world, office, headings, cells, expected, unused
):
    found = trial(session, office, f"Đơn vị;Tháng;{headings}\nĐông Hà;08/2026;{cells}\n")
    if expected is None:
        (error,) = found.errors
        assert (error.row, error.column) == (0, headings.split(";")[0])
        assert "đúng hạn và quá hạn" in error.expected.vi and "in time and late" in error.expected.en
        assert not found.file.entries and not found.can_store
    else:
        assert not found.errors
        assert [(each.outcome, each.n_files) for each in found.file.entries] == expected
        assert found.file.unused == unused


def test_a_long_table_with_every_dimension_is_read(session, world, office):
    text = (
        "Mã đơn vị;Mã quầy;Lĩnh vực;Từ ngày;Đến ngày;Hình thức nộp;Kết quả;Số hồ sơ\n"
        "U-Đông Hà;D-Đông Hà;Hộ tịch;01/08/2026;15/8/2026;Trực tuyến;Đã giải quyết;12\n"
        "U-Đông Hà;Quầy 1;land;01/08/2026;15/08/2026;online;refused;3\n"
    )
    load(session, office, text)
    rows = session.scalars(select(TransactionCount).order_by(TransactionCount.n_files)).all()
    assert [(r.mode, r.outcome, r.n_files) for r in rows] == [
        (FilingMode.ONLINE, FileOutcome.REFUSED, 3), (FilingMode.ONLINE, FileOutcome.DONE, 12),
    ]  # fmt: skip
    assert len({r.desk_id for r in rows}) == 1 and None not in {r.desk_id for r in rows}
    assert len({r.field_id for r in rows}) == 2


def test_a_unit_is_known_by_the_ways_of_writing_it(session, world, office):
    names = ("Đông Hà", "phường Đông Hà", "PHƯỜNG ĐÔNG HÀ", "P. Đông Hà", "UBND phường Đông Hà", "U-Đông Hà",
             "Ủy ban nhân dân P.Đông Hà", "Trung tâm Phục vụ hành chính công phường Đông Hà", "dong ha",
             "Bộ phận Một cửa phường Đông Hà")  # fmt: skip
    for name in names:
        found = trial(session, office, f"Đơn vị,Tháng,Số hồ sơ\n{name},08/2026,5\n")
        assert [each.unit_id for each in found.file.entries] == [world.units["Đông Hà"]], name


def test_a_bad_cell_refuses_the_whole_file_and_is_named(session, world, office):
    rows = {"Xã Lạ,08/2026,5,": "Đơn vị", "Đông Hà,08/2026,nhiều,": "Số hồ sơ", "Đông Hà,10/2026,5,": "Kỳ",
            "Đông Hà,hôm qua,5,": "Tháng", "Đông Hà,08/2026,5,Lạ": "Lĩnh vực"}  # fmt: skip
    for row, column in rows.items():
        found = trial(session, office, f"Đơn vị,Tháng,Số hồ sơ,Lĩnh vực\nHòa Xuân,08/2026,5,\n{row}\n")
        assert [(error.row, error.column) for error in found.errors] == [(3, column)]
        assert not found.can_store
    with pytest.raises(InvalidField, match="rejected_rows"):
        store_count_file(session, found, b"", name="", viewer=office, now=NOW)


def test_the_same_file_again_changes_nothing_and_a_corrected_one_replaces_by_key(session, world, office):
    text = "Đơn vị,Tháng,Số hồ sơ\nĐông Hà,08/2026,{}\nHòa Xuân,08/2026,7\n"
    load(session, office, text.format(100))
    before = stored(session), session.scalar(select(func.count()).select_from(AuditEntry))
    again = trial(session, office, text.format(100))
    assert (again.plan.n_unchanged, again.can_store) == (2, False)
    assert store_counts(session, again.plan, Source("file", "so.csv"), now=NOW) is None
    assert (stored(session), session.scalar(select(func.count()).select_from(AuditEntry))) == before
    load(session, office, text.format(120))
    assert sorted(row[-1] for row in stored(session)) == [7, 120]
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    key = f"{world.units['Đông Hà']}|20260801|20260831|0|0|0|0"
    assert entry.details["changed"] == [[key, 100, 120]]
    batches = session.scalars(select(TransactionBatch).order_by(TransactionBatch.id)).all()
    assert [len(each.digest) for each in batches] == [32, 32]


def test_numbers_that_would_count_twice_are_refused(session, world, office):
    told = {
        "Đông Hà,08/2026,,5\nĐông Hà,08/2026,,6\n": "lặp lại",
        "Đông Hà,08/2026,,5\nĐông Hà,Quý II/2026,,6\nĐông Hà,06/2026,,6\n": "chồng",
        "Đông Hà,08/2026,,30\nĐông Hà,08/2026,land,10\nĐông Hà,08/2026,civil,20\n": "hai lần",
    }
    for rows, words in told.items():
        found = trial(session, office, f"Đơn vị,Kỳ,Lĩnh vực,Số hồ sơ\n{rows}")
        assert [words in error.expected.vi for error in found.errors] == [True], rows


def test_a_month_split_otherwise_gives_way_when_asked_and_stays_in_the_audit(session, world, office):
    load(session, office, "Đơn vị,Tháng,Số hồ sơ\nĐông Hà,08/2026,100\nHòa Xuân,08/2026,50\n")
    split = "Đơn vị,Tháng,Lĩnh vực,Số hồ sơ\nĐông Hà,08/2026,land,60\nĐông Hà,08/2026,civil,45\n"
    assert "phân loại" in trial(session, office, split).errors[0].expected.vi
    load(session, office, split, replaces=True)
    assert sorted(row[-1] for row in stored(session)) == [45, 50, 60]
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert [n for _, n in entry.details["removed"]] == [100]
    half = "Đơn vị,Từ ngày,Đến ngày,Số hồ sơ\nĐông Hà,01/08/2026,15/08/2026,60\n"
    assert "chồng" in trial(session, office, half).errors[0].expected.vi


def test_a_period_may_come_from_the_title_or_be_chosen(session, world, office):
    titled = trial(session, office, "Báo cáo tháng 7 năm 2026\nĐơn vị,Số hồ sơ\nĐông Hà,5\n")
    assert titled.file.entries[0].starts_on == date(2026, 7, 1)
    bare = "Đơn vị,Số hồ sơ\nĐông Hà,5\n"
    assert trial(session, office, bare).errors
    assert not trial(session, office, bare, period=AUGUST).errors


def test_a_manager_loads_for_the_own_unit_only(session, world):
    manager = Viewer(1, Role.MANAGER, world.units["Đông Hà"])
    assert not trial(session, manager, "Đơn vị,Tháng,Số hồ sơ\nĐông Hà,08/2026,5\n").errors
    assert trial(session, manager, "Đơn vị,Tháng,Số hồ sơ\nHòa Xuân,08/2026,5\n").errors
    with pytest.raises(NotFound):
        month_grid(session, unit_id=world.units["Hòa Xuân"], month=AUGUST[0], viewer=manager)


def test_a_month_by_hand_is_the_whole_of_that_month(session, world, office):
    by = Viewer(None, office.role, office.unit_id)
    options = {
        "unit_id": world.units["Đông Hà"],
        "month": AUGUST[0],
        "viewer": by,
        "now": NOW,
        "today": TODAY,
    }
    enter_month(session, {(1, 1): 80, (2, 1): 20}, replaces=False, **options)
    enter_month(session, {(1, 1): 85}, replaces=False, **options)
    grid = month_grid(session, unit_id=world.units["Đông Hà"], month=AUGUST[0], viewer=office)
    assert (grid.cells, grid.is_split_otherwise, grid.n_files) == ({(1, 1): 85}, False, 85)
    with pytest.raises(InvalidField, match="other_detail"):
        enter_month(session, {(0, 0): 90}, replaces=False, **options)
    enter_month(session, {(0, 0): 90}, replaces=True, **options)
    assert [row[-1] for row in stored(session)] == [90]
    for bad in ({"month": date(2026, 9, 1)}, {}):
        with pytest.raises(InvalidField):
            enter_month(session, {(0, 0): 1} if bad else {}, replaces=False, **{**options, **bad})


def put(session, *entries: CountEntry):
    plan = plan_counts(session, entries)
    assert not plan.problems
    store_counts(session, plan, Source("hand", ""), now=NOW)


def test_denominators_coverage_populations_and_targets_come_from_the_same_numbers(session, world):
    one, two = world.units["Đông Hà"], world.units["Hòa Xuân"]
    july, august = month_of(date(2026, 7, 1)), AUGUST
    half = date(2026, 9, 1), date(2026, 9, 14)
    put(
        session,
        CountEntry(one, *july, 310, mode=1, outcome=1), CountEntry(one, *august, 200, mode=1, outcome=1),
        CountEntry(one, *august, 110, mode=2, outcome=1), CountEntry(one, *half, 140, mode=2, outcome=3),
        CountEntry(two, *august, 62),
    )  # fmt: skip
    span = {"unit_ids": [one, two], "starts_on": date(2026, 7, 22), "ends_on": date(2026, 9, 30)}
    assert queries.transactions_between(session, **span) == {one: 100 + 310 + 140, two: 62}
    populations = queries.finite_populations(session, **span)
    assert (populations[one].n, populations[one].n_days_known, populations[one].is_whole) == (
        550,
        10 + 31 + 14,
        False,
    )
    assert queries.finite_populations(session, unit_ids=[two], starts_on=august[0], ends_on=august[1])[
        two
    ].is_whole
    targets = queries.poststratification_targets(session, by="mode", **span)
    assert targets == {(one, 1): 300, (one, 2): 250}
    assert queries.totals_by(session, by="outcome", **span) == {0: 62, 1: 410, 3: 140}
    assert queries.shares_known(session, **span) == {"desk": 0, "field": 0, "mode": 550, "outcome": 550}
    months = queries.coverage_by_month(
        session, unit_ids=[one, two], months=[date(2026, m, 1) for m in (7, 8, 9)]
    )
    assert {key: (each.n_files, each.n_days_known) for key, each in months.items()} == {
        (one, date(2026, 7, 1)): (310, 31), (one, date(2026, 8, 1)): (310, 31), (one, date(2026, 9, 1)): (140, 14),
        (two, date(2026, 8, 1)): (62, 31),
    }  # fmt: skip
    assert not months[one, date(2026, 9, 1)].is_whole
