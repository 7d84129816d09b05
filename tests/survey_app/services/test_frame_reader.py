"""Lists to draw from: what is kept, what is left out, and every way in which a file is refused."""

import csv
import io
from datetime import date

import pytest

from survey_app.errors import FrameRefused, UnreadableTable
from survey_app.services.case_labels import is_label
from survey_app.services.frame_reader import UnitName, keyed_label, read_frame
from survey_app.signing import Signer
from survey_app.spreadsheets import workbook_bytes

SIGNER = Signer("a secret of the tests only, long enough to sign with")
UNITS = (
    UnitName(1, "QT.1", "19333", "Đông Hà", "phường Đông Hà"),
    UnitName(2, "QT.2", "19400", "Hòa Xuân", "xã Hòa Xuân"),
    UnitName(3, "QT.3", None, "Hòa Xuân", "phường Hòa Xuân"),
)
CODE = "000.00.15.H50-260901-0001"


def as_csv(*rows):
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode("utf-8-sig")


def read(content, *, kind="transactions", only_unit=None, key="mau", signer=SIGNER):
    return read_frame(content, kind=kind, units=UNITS, only_unit=only_unit, key=key, signer=signer)


def faults(content, **changes):
    with pytest.raises(FrameRefused) as refused:
        read(content, **changes)
    return refused.value.faults


def test_short_labels_stay_and_units_are_known_by_code_number_or_name():
    got = read(
        as_csv(
            ["DANH SÁCH HỒ SƠ"], ["Mã hồ sơ", "Đơn vị", "Lĩnh vực", "Ngày trả kết quả"],
            ["HS-0002", "QT.1", "Đất đai", "05/09/2026"], ["HS-0001", "19333", "Hộ tịch", "2026-09-04"],
            ["HS-0001", "xã hoà xuân", "", ""], ["Tổng cộng", "", "3", ""],
        )
    )  # fmt: skip
    assert not got.is_keyed
    assert [(e.unit_id, e.label, e.stratum, e.handled_on) for e in got.entries] == [
        (1, "HS-0001", "Hộ tịch", date(2026, 9, 4)),
        (1, "HS-0002", "Đất đai", date(2026, 9, 5)),
        (2, "HS-0001", "", None),
    ]


def test_codes_of_transactions_become_labels_that_say_nothing():
    rows = [["Mã hồ sơ", "Đơn vị"], [CODE, "QT.1"], ["000.00.15.H50-260901-0002", "QT.1"]]
    got = read(as_csv(*rows))
    assert got.is_keyed
    labels = {entry.label for entry in got.entries}
    assert len(labels) == 2
    assert all(is_label(label) and "H50" not in label for label in labels)
    again = read(as_csv(rows[0], rows[2], rows[1]))
    assert again == got, "the order of the file changes nothing"
    assert keyed_label(f" {CODE.lower()} ", key="mau", signer=SIGNER) in labels
    assert keyed_label(CODE, key="other", signer=SIGNER) not in labels
    assert (
        keyed_label(CODE, key="mau", signer=Signer("another secret, as long as the first one was"))
        not in labels
    )


def test_personal_columns_are_left_out_and_named():
    content = as_csv(
        ["Mã hồ sơ", "Đơn vị", "Họ và tên", "Số điện thoại", "Ghi chú"],
        ["HS-1", "QT.1", "Nguyễn Văn A", "0912345678", "gấp"],
    )
    got = read(content)
    assert got.personal_columns == ("Họ và tên", "Số điện thoại")
    assert got.other_columns == ("Ghi chú",)
    assert "Nguyễn" not in repr(got.entries) and "0912345678" not in repr(got.entries)


def test_names_in_the_column_of_codes_are_never_kept():
    got = read(as_csv(["Mã", "Đơn vị"], ["Nguyễn Văn An", "QT.1"], ["0912345678", "QT.1"]))
    assert got.is_keyed
    assert "Nguyễn" not in repr(got) and "0912345678" not in repr(got)


def test_hamlets_get_numbers_by_name_whatever_the_order_of_the_file():
    rows = [["Thôn", "Số hộ", "Trưởng thôn"], ["Thôn B", "1.250", "x"], ["Thôn A", "90", "y"]]
    got = read(as_csv(*rows), kind="residents", only_unit=1)
    assert [(e.label, e.name, e.size) for e in got.entries] == [
        ("T01", "Thôn A", 90),
        ("T02", "Thôn B", 1250),
    ]
    assert read(as_csv(rows[0], rows[2], rows[1]), kind="residents", only_unit=1) == got


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["Mã hồ sơ", "Đơn vị"]], ((0, "empty"),)),
        ([["Cột", "Khác"], ["1", "2"]], ((0, "no_heading"),)),
        ([["Mã hồ sơ", "Ngày"], ["HS-1", ""]], ((0, "no_unit_column"),)),
        ([["Mã hồ sơ", "Đơn vị"], ["HS-1", "Xã Lạ"], ["", "QT.1"]], ((2, "unknown_unit"), (3, "no_label"))),
        ([["Mã hồ sơ", "Đơn vị"], ["HS-1", "Hòa Xuân"]], ((2, "unknown_unit"),)),
        ([["Mã hồ sơ", "Đơn vị"], ["HS-1", "QT.1"], ["hs-1 ", "QT.1"]], ((3, "twice"),)),
        ([["Mã hồ sơ", "Đơn vị", "Ngày"], ["HS-1", "QT.1", "31/02/2026"]], ((2, "bad_day"),)),
        ([["Mã hồ sơ", "Đơn vị", "Tầng"], ["HS-1", "QT.1", "0912345678"]], ((2, "personal_number"),)),
        ([["Mã hồ sơ", "Đơn vị", "Tầng"], ["HS-1", "QT.1", "x" * 121]], ((2, "too_long"),)),
    ],
)  # fmt: skip
def test_a_faulty_row_refuses_the_whole_list(rows, expected):
    assert faults(as_csv(*rows)) == expected


def test_too_many_strata_are_refused():
    rows = [["Mã hồ sơ", "Đơn vị", "Tầng"], *([f"HS-{n}", "QT.1", f"T{n}"] for n in range(61))]
    assert faults(as_csv(*rows)) == ((0, "too_many_strata"),)


@pytest.mark.parametrize("households", ["", "0", "-3", "1e9", "99999", "=1+1"])
def test_a_number_of_households_that_cannot_be_is_refused(households):
    content = as_csv(["Thôn", "Số hộ"], ["Thôn A", households])
    assert faults(content, kind="residents", only_unit=1) == ((2, "bad_number"),)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04 not a zip", b"\xff\xfe\x00"])
def test_hostile_bytes_are_no_table(content):
    with pytest.raises((UnreadableTable, FrameRefused)):
        read(content)


def test_a_workbook_is_read_as_a_csv_file_is():
    rows = [["HS-1", "QT.1"], ["HS-2", "QT.2"]]
    assert read(workbook_bytes([("a", ["Mã hồ sơ", "Đơn vị"], rows)])) == read(
        as_csv(["Mã hồ sơ", "Đơn vị"], *rows)
    )
