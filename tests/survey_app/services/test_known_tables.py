"""Tables with titles above, headings of two rows, sums among and signatures below the rows."""

import pytest

from survey_app.services.cell_values import read_count, read_day
from survey_app.services.known_tables import Column, Words, read_table, reject_rows
from survey_app.spreadsheets import Row, Sheet

COLUMNS = (
    Column("unit", Words("Đơn vị", "Unit"), str, ("Tên đơn vị",), is_needed=True),
    Column("n", Words("Số hồ sơ", "Files"), read_count, ("Tổng số",)),
    Column("day", Words("Ngày", "Day"), read_day),
)


def sheet(*rows: str, name: str = "") -> Sheet:
    """Rows with cells parted by bars."""
    return Sheet(
        name, tuple(Row(n, tuple(c.strip() for c in row.split("|"))) for n, row in enumerate(rows, 1))
    )


def values(table):
    return [(row.number, dict(row.values)) for row in table.rows]


def test_a_heading_is_found_below_titles_in_whatever_spelling():
    table = read_table(
        [sheet("UBND TỈNH", "", "BÁO CÁO THÁNG 9", "STT | TÊN ĐƠN VỊ | số  hồ sơ", "1 | An | 5")], COLUMNS
    )
    assert values(table) == [(5, {"unit": "An", "n": 5})]
    assert table.above == ("UBND TỈNH", "BÁO CÁO THÁNG 9")
    assert table.rows[0].others == {"STT": "1"}


def test_a_heading_of_two_rows_is_read_as_one_with_or_without_merged_cells():
    merged = sheet("Tên đơn vị | Kết quả | Kết quả", "Tên đơn vị | Xong | Trả", "An | 1 | 2")
    bare = sheet("Tên đơn vị | Kết quả |", " | Xong | Trả", "An | 1 | 2")
    for each in (merged, bare):
        table = read_table([each], COLUMNS, takes_other=lambda text: "/" in text)
        assert table.headings == ("Tên đơn vị", "Kết quả / Xong", "Kết quả / Trả")
        assert table.rows[0].others == {"Kết quả / Xong": "1", "Kết quả / Trả": "2"}


def test_sums_groups_numbers_of_columns_and_signatures_are_left_out_and_named():
    table = read_table(
        [sheet("STT | Đơn vị | Số hồ sơ", "(1) | (2) | (3)", "I | Các phường |", "1 | An | 5", "", " | Cộng | 5",
               "II. Các xã | |", "2 | Bình | 7", " | TỔNG CỘNG | 12", " | Người lập biểu | Thủ trưởng đơn vị",
               " | Nguyễn Văn A |")],
        COLUMNS,
    )  # fmt: skip
    assert [row["unit"] for _, row in values(table)] == ["An", "Bình"]
    assert [number for number, _ in table.left_out] == [2, 3, 6, 7, 9, 10, 11]
    assert not table.errors


def test_a_unit_whose_name_begins_like_a_sum_is_no_sum():
    table = read_table([sheet("Đơn vị | Số hồ sơ", "Cộng Hòa | 5", "Tổng cục A | 7")], COLUMNS)
    left = [text for _, text in table.left_out]
    assert [row["unit"] for _, row in values(table)] == ["Cộng Hòa", "Tổng cục A"], left


def test_a_row_of_data_is_never_taken_for_numbers_of_columns():
    table = read_table([sheet("Đơn vị | Số hồ sơ", "1 | 25", "2 | 3")], COLUMNS)
    assert [row["n"] for _, row in values(table)] == [25, 3]


def test_faults_are_told_by_row_and_heading_in_both_languages():
    table = read_table(
        [sheet("Đơn vị | Số hồ sơ | Ngày", "An | nhiều | 31/02/2026", "Bình | 1 | 01/02/2026")], COLUMNS
    )
    assert [(error.row, error.column, error.found) for error in table.errors] == [
        (2, "Số hồ sơ", "nhiều"), (2, "Ngày", "31/02/2026"),
    ]  # fmt: skip
    assert all(error.expected.vi != error.expected.en for error in table.errors)
    assert [row.number for row in table.rows] == [3]


def test_without_a_needed_column_the_whole_file_is_one_fault():
    table = read_table([sheet("Số hồ sơ", "5")], COLUMNS)
    assert [(error.row, error.expected.vi) for error in table.errors] == [(0, "dòng tên cột có: Đơn vị")]


def test_the_sheet_with_the_table_is_found():
    table = read_table(
        [sheet("Bìa", name="Bìa"), sheet("Đơn vị | Số hồ sơ", "An | 1", name="Biểu 1")], COLUMNS
    )
    assert (table.sheet, len(table.rows)) == ("Biểu 1", 1)


@pytest.mark.parametrize("n_rows", [1, 3])
def test_refused_rows_can_be_kept_with_their_reasons(n_rows):
    table = read_table([sheet("Đơn vị | Số hồ sơ", *["An | x"] * n_rows)], COLUMNS)
    heading, rows = reject_rows(table)
    assert heading == ("Đơn vị", "Số hồ sơ", "Dòng", "Lý do từ chối", "Why refused")
    assert [row[:3] for row in rows] == [("An", "x", str(number)) for number in range(2, n_rows + 2)]
    assert rows[0][3].startswith("Số hồ sơ: số nguyên")
