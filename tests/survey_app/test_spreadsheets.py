"""Files from outside are hostile: what they may cost is bounded, and what they say is read as text."""

import io
import resource
import time
import unicodedata
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from survey_app import spreadsheets
from survey_app.errors import UnreadableTable
from survey_app.spreadsheets import Number, check_archive, read_sheets, workbook_bytes

SHEET = "xl/worksheets/sheet1.xml"


def workbook(fill) -> bytes:
    book = Workbook()
    fill(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plain() -> bytes:
    return workbook(lambda sheet: sheet.append(["Đơn vị", 12]))


def with_part(content: bytes, name: str, change) -> bytes:
    """The same archive with one part changed (or added)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {part: old.read(part) for part in old.namelist()}
        parts[name] = change(parts.get(name, b""))
        for part, text in parts.items():
            new.writestr(part, text)
    return out.getvalue()


def outcome(content: bytes) -> list[spreadsheets.Sheet] | str:
    """The sheets, or the reason of the refusal; nothing else may come of any bytes."""
    try:
        return read_sheets(content)
    except UnreadableTable as refused:
        return refused.reason


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableTable) as refused:
        read_sheets(content)
    return refused.value.reason


def bomb(n_bytes: int, *, is_lying: bool = False) -> bytes:
    """An archive of a few dozen kilobytes that unpacks to so many bytes, whatever it says of itself."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/media/image1.png", "w", force_zip64=True) as part,
    ):
        for _ in range(n_bytes // 2**20):
            part.write(bytes(2**20))
    content = out.getvalue()
    if is_lying:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = archive.infolist()[0].file_size.to_bytes(4, "little")
        content = content.replace(size, (1000).to_bytes(4, "little"))
    return content


@pytest.mark.parametrize("is_lying", [False, True])
def test_a_small_file_that_unpacks_to_much_is_refused_at_once_and_cheaply(is_lying):
    content = bomb(200 * 2**20, is_lying=is_lying)
    assert len(content) < 300_000
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    assert refusal(content) in {"too_large", "not_a_table"}
    assert time.monotonic() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_nested_xml_is_bounded_by_what_it_unpacks_to_and_not_by_its_size():
    swollen = with_part(
        plain(), SHEET, lambda _: b"<a>" + b" " * (spreadsheets.MAX_UNPACKED_BYTES + 1) + b"</a>"
    )
    assert len(swollen) < 200_000
    assert refusal(swollen) == "too_large"


@pytest.mark.parametrize(
    "text",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://elsewhere.example/a.dtd"><a/>',
    ],
)
def test_xml_entities_are_refused_in_every_part(text):
    assert refusal(with_part(plain(), SHEET, lambda _: text)) == "entities"
    assert refusal(with_part(plain(), "xl/_rels/workbook.xml.rels", lambda _: text)) == "entities"
    assert refusal(with_part(plain(), "docProps/other.xml", lambda _: text)) == "entities"


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        b"PK\x03\x04" + bytes(200),
        plain()[:-60],
        with_part(plain(), SHEET, lambda text: text[:-30]),
        with_part(plain(), SHEET, lambda _: b"<a/>"),
        with_part(plain(), "xl/workbook.xml", lambda _: b"<workbook/>"),
    ],
)
def test_a_broken_workbook_is_refused_in_words_or_read_as_empty(content):
    found = outcome(content)
    assert found == "not_a_table" or all(not sheet.rows for sheet in found)


def test_an_archive_with_too_many_parts_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(spreadsheets.MAX_PARTS + 1):
            archive.writestr(f"{number}.bin", b"")
    with pytest.raises(UnreadableTable, match="too_large"):
        check_archive(out.getvalue())


def test_rows_columns_cells_and_bytes_are_bounded(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 20)
    assert refusal(b"a\n" * 30) == "too_many_rows"
    assert refusal(workbook(lambda sheet: [sheet.append(["a"]) for _ in range(30)])) == "too_many_rows"
    wide = "x," * (spreadsheets.MAX_COLUMNS + 1)
    assert refusal(wide.encode()) == "too_many_columns"
    assert refusal(workbook(lambda sheet: sheet.cell(1, 300, "x"))) == "too_many_columns"
    assert refusal(b"a" * (spreadsheets.MAX_CELL_CHARACTERS + 1)) == "cell_too_long"
    assert refusal(b"a" * (spreadsheets.MAX_FILE_BYTES + 1)) == "too_large"
    assert refusal(b" \n ") == "empty"


def test_a_sheet_that_claims_a_million_rows_is_refused_quickly():
    far = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
    content = with_part(plain(), SHEET, lambda text: text.replace(b"</sheetData>", far))
    started = time.monotonic()
    assert refusal(content) == "too_many_rows"
    assert time.monotonic() - started < 2


def test_what_lies_beyond_the_stated_extent_of_a_sheet_is_read():
    content = with_part(
        workbook(lambda sheet: [sheet.append([n, n]) for n in range(9)]), SHEET,
        lambda text: text.replace(b'ref="A1:B9"', b'ref="A1:A2"'),
    )  # fmt: skip
    rows = read_sheets(content)[0].rows
    assert [row.cells for row in rows] == [(str(n), str(n)) for n in range(9)]


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "a\x1bb", "a\x7fb"])
def test_control_characters_are_refused_with_their_row(text):
    with pytest.raises(UnreadableTable, match="control_characters") as refused:
        read_sheets(f"tên\n{text}\n".encode())
    assert refused.value.row == 2


def test_a_file_in_another_encoding_is_refused_with_its_row():
    with pytest.raises(UnreadableTable, match="not_utf8") as refused:
        read_sheets("tên\n".encode() + b"\xd0\xf4ng H\xe0\n")
    assert refused.value.row == 2


def test_an_open_quote_is_refused_with_its_row():
    with pytest.raises(UnreadableTable, match="broken_row"):
        read_sheets(b'a,b\n"c,d\n')


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_with_any_usual_delimiter_and_encoding(delimiter, encoding):
    text = delimiter.join(["Đơn vị", "Số hồ sơ"]) + "\r\n" + delimiter.join(["Đông Hà", '"1.234"'])
    (sheet,) = read_sheets(text.encode(encoding))
    assert [row.cells for row in sheet.rows] == [("Đơn vị", "Số hồ sơ"), ("Đông Hà", "1.234")]
    assert [row.number for row in sheet.rows] == [1, 2]


def test_text_comes_composed_and_without_what_is_invisible():
    wanted = "Minh Hóa"
    sent = "\u200b " + unicodedata.normalize("NFD", wanted) + "\u202e\u00a0"
    for content in (sent.encode(), workbook(lambda sheet: sheet.append([sent]))):
        assert read_sheets(content)[0].rows[0].cells[0] == wanted


def test_cells_of_a_workbook_keep_numbers_apart_from_texts_and_days_as_days():
    def fill(sheet):
        sheet.append(["1.234", 1.5, 7, 7.0, date(2026, 9, 1), True, None, "=1+1"])

    cells = read_sheets(workbook(fill))[0].rows[0].cells
    assert cells[:5] == ("1.234", "1.5", "7", "7", "2026-09-01")
    assert [isinstance(cell, Number) for cell in cells[:4]] == [False, True, True, True]
    assert cells[5:7] == ("True", "")


def test_merged_cells_of_the_heading_repeat_and_those_of_the_body_do_not():
    def fill(sheet):
        sheet["A1"], sheet["B1"], sheet["B2"], sheet["C2"] = "Đơn vị", "Kết quả", "Xong", "Trả"
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:C1")
        sheet["A30"] = "x"
        sheet.merge_cells("A30:B30")

    rows = read_sheets(workbook(fill))[0].rows
    assert rows[0].cells == ("Đơn vị", "Kết quả", "Kết quả")
    assert rows[1].cells == ("Đơn vị", "Xong", "Trả")
    assert rows[29].cells == ("x", "", "")
    assert {len(row.cells) for row in rows} == {3}


def test_a_workbook_that_is_written_holds_no_formula_and_no_link():
    texts = ["=1+1", "+cmd", "@x", "http://elsewhere.example", "-2", "12"]
    content = workbook_bytes([("A", ["Đầu"], [[text] for text in texts])])
    sheet = load_workbook(io.BytesIO(content))["A"]
    assert [cell.value for cell in sheet["A"][1:]] == texts
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read(SHEET)
        assert not [name for name in archive.namelist() if "sheet1.xml.rels" in name]


@examples(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(noise):
    for content in (noise, b"PK\x03\x04" + noise):
        assert outcome(content)


@examples(max_examples=40)
@given(st.integers(0, 4000), st.integers(0, 255))
def test_a_workbook_with_one_byte_changed_is_read_or_refused(place, value):
    content = bytearray(PLAIN)
    content[place % len(content)] = value
    assert outcome(bytes(content)) != ""


PLAIN = plain()
