"""What is really on the printed pages: the words, the digits, the numbers, and letters large enough."""

import ctypes
import json
import re
from collections.abc import Iterator
from datetime import date

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from survey_app.documents import paper as documents
from survey_app.documents.paper import SheetPlace
from survey_app.queries import questionnaires, units
from survey_app.queries.paper import CountRow, OpeningRow, PadRow
from survey_app.services import forms
from survey_app.services.definitions import items_under
from survey_app.services.paper_sheet import sheet_columns

BODY = 14
PLACE = SheetPlace("Phường Đông Hà", "Sảnh Đông Hà", date(2026, 1, 1), is_simulated=False)
OPENING = OpeningRow(
    1, 1, "Sảnh Đông Hà", 1, "ward", "Đông Hà", date(2026, 9, 15), "Nguyễn Văn An", "Trần Thị Bình", 12, 1, 2
)


def pages(content: bytes) -> list[str]:
    """The text of each page, its lines joined as a reader reads on."""
    with pypdfium2.PdfDocument(content) as pdf:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]


def sizes(content: bytes) -> Iterator[tuple[str, float]]:
    """Every letter with its size in points."""
    with pypdfium2.PdfDocument(content) as pdf:
        for page in pdf:
            text = page.get_textpage()
            for place in range(text.count_chars()):
                letter = chr(pdfium.FPDFText_GetUnicode(text.raw, ctypes.c_int(place)))
                yield letter, pdfium.FPDFText_GetFontSize(text.raw, ctypes.c_int(place))


def pad(language: str = "vi", first: int = 101, last: int = 103) -> PadRow:
    return PadRow(1, 1, "Sảnh Đông Hà", 1, 1, "full_form", 1, language, 3, first, last, 0, 0, date(2026, 9, 1),
                  False, 0, 0, 0)  # fmt: skip


def printed(session, world, version: str = "full_form_v1", language: str = "vi", **changes: int) -> bytes:
    form = forms.load_form(session, version_id=world.versions[version])
    columns = sheet_columns(form, units.service_fields(session))
    return documents.pad_pdf(pad(language, **changes), form=form, columns=columns, place=PLACE)


def test_every_sheet_of_a_pad_has_its_number_once_on_the_strip(session, world):
    found = pages(printed(session, world))
    starts = [text for text in found if "Phiếu số" in text]
    assert [number in text for number, text in zip(("0101", "0102", "0103"), starts, strict=True)] == [
        True
    ] * 3
    assert all("xé bỏ dải này" in text for text in starts)
    assert len(found) % 3 == 0
    assert all("Tập 3 · Trang" in text for text in found), "a loose page is found again by pad and page only"
    others = [text for text in found if text not in starts]
    assert not [text for text in others if "0101" in text or "0102" in text]


def test_sheet_says_what_a_person_must_know(session, world):
    text = " ".join(pages(printed(session, world, first=1, last=1)))
    for words in ("Xin không ghi họ tên, số điện thoại, số căn cước", "Ông/Bà góp ý thêm điều gì?",
                  "bỏ phiếu vào hòm phiếu tại: Sảnh Đông Hà",
                  "Phường Đông Hà", "hiệu lực từ 01/01/2026", "phiên bản 1"):  # fmt: skip
        assert words in text, words
    assert "DỮ LIỆU MÔ PHỎNG" not in text


def test_every_question_and_answer_of_the_form_is_printed(session, world):
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    columns = sheet_columns(form, units.service_fields(session))
    for language in ("vi", "en"):
        text = "".join(" ".join(pages(printed(session, world, language=language, first=1, last=1))).split())
        for column in columns:
            assert "".join(column.text.in_language(language).split()) in text, column.code
            for choice in column.choices:
                if column.code.startswith(("reasons", "expectations", "education")):
                    assert "".join(choice.label.in_language(language).split()) in text, choice


def test_questions_and_answers_are_in_large_print(session, world):
    """Only the digits for keying, the strip, the footer, the unit's name and the title have sizes of their own."""
    found = [size for letter, size in sizes(printed(session, world, first=1, last=1)) if letter.isalpha()]
    at_body = sum(size >= BODY - 0.01 for size in found)
    assert at_body / len(found) > 0.85
    assert {round(size, 1) for size in found if size < BODY - 0.01} <= {8, 9, 10, 12}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_one_tap_sheet_is_one_page(session, world, language):
    assert len(pages(printed(session, world, "one_tap_v1", language, first=1, last=1))) == 1


def test_scale_is_printed_in_its_stored_order_with_its_digits(session, world):
    text = pages(printed(session, world, "one_tap_v1", first=1, last=1))[0]
    order = ["1 Rất hài lòng", "2 Hài lòng", "3 Bình thường", "4 Không hài lòng", "5 Rất không hài lòng",
             "0 Không có ý kiến"]  # fmt: skip
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)


def test_specimen_has_no_number_and_says_what_it_is(session, world):
    form = forms.load_form(session, version_id=world.versions["one_tap_v1"])
    columns = sheet_columns(form, units.service_fields(session))
    for language, mark in (("vi", "PHIẾU MẪU – KHÔNG PHÁT"), ("en", "SPECIMEN – NOT FOR USE")):
        (text,) = pages(documents.specimen_pdf(form, columns=columns, place=PLACE, language=language))
        assert mark in text
        assert "Phiếu số" not in text
        assert "Form no." not in text


def test_what_hangs_on_an_earlier_answer_says_so_beside_its_own_question(session, world):
    full = questionnaires.version_definition(session, world.versions["full_form_v1"])
    definition = json.loads(json.dumps(full))
    for item in items_under(definition["tree"]):
        if item["code"] in {"F1.2", "expectations", "visits"}:
            item["relevant"] = {"answers": {"overall": ["dissatisfied"]}}
    form = forms.compile_version(definition)
    columns = sheet_columns(form, units.service_fields(session))
    made = documents.specimen_pdf(form, columns=columns, place=PLACE, language="vi")
    text = " ".join(" ".join(pages(made)).split())
    assert text.count("Chỉ trả lời nếu “Ông/Bà hài lòng") == 3
    assert re.search(r"Trang thiết bị phục vụ người dân tại cơ quan đầy đủ \(Chỉ trả lời nếu", text)
    assert "Không hài lòng. Đánh dấu nhiều nhất 3 ô." in text


def test_simulated_sheets_and_records_say_so(session, world):
    form = forms.load_form(session, version_id=world.versions["one_tap_v1"])
    columns = sheet_columns(form, units.service_fields(session))
    place = SheetPlace("Phường Đông Hà", "Sảnh", date(2026, 1, 1), is_simulated=True)
    made = documents.specimen_pdf(form, columns=columns, place=place, language="vi")
    record = documents.minutes_pdf(OPENING, [], is_simulated=False, is_demo=True)
    assert all("DỮ LIỆU MÔ PHỎNG" in pages(content)[0] for content in (made, record))


@pytest.mark.only_database("sqlite")
def test_record_of_an_opened_box_is_laid_out_as_one_and_invents_nothing(database_kind):
    counts = [CountRow(1, 3, 101, 150, 30, 10, 1, 1), CountRow(2, 4, 151, 200, 5, 2, 0, 1)]
    (text,) = pages(documents.minutes_pdf(OPENING, counts, is_simulated=False, is_demo=False))
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "PHƯỜNG ĐÔNG HÀ", "BIÊN BẢN",
                  "ngày 15 tháng 09 năm 2026", "Nguyễn Văn An", "Trần Thị Bình", "NGƯỜI MỞ HÒM THỨ NHẤT",
                  "NGƯỜI MỞ HÒM THỨ HAI", "3 0101–0150 30 10 1 1 8", "Cộng 35 12 1 2 9"):  # fmt: skip
        assert words in text, words
    assert "Số: /BB" in text, "the office writes its number by hand"
    assert "DỮ LIỆU MÔ PHỎNG" not in text
