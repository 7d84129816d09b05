"""Printed pages of paper forms: the sheets of a pad, a specimen of a form, and the record of an opened box."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from survey_app import formatting
from survey_app.documents import typesetting
from survey_app.queries.paper import CountRow, OpeningRow, PadRow
from survey_app.services.form_items import Text
from survey_app.services.forms import Form
from survey_app.services.paper_sheet import Column, SheetChoice

WORDS = {
    "vi": {
        "title": "Phiếu lấy ý kiến về việc phục vụ",
        "specimen": "PHIẾU MẪU – KHÔNG PHÁT",
        "simulated": "DỮ LIỆU MÔ PHỎNG",
        "tear": "Xin xé bỏ dải này trước khi bỏ phiếu vào hòm; số chỉ để đếm phiếu đã phát.",
        "sheet": "Phiếu số",
        "pad": "Tập",
        "page": "Trang",
        "anonymous": "Xin không ghi họ tên, số điện thoại, số căn cước. "
        "Hòm phiếu do hai người cùng mở; ý kiến chỉ được tổng hợp chung.",
        "how": "Mỗi câu đánh dấu X vào một ô. Câu nào không muốn trả lời, xin để trống.",
        "many": "Có thể đánh dấu nhiều ô.",
        "most": "Đánh dấu nhiều nhất {n} ô.",
        "comment": "Ông/Bà góp ý thêm điều gì?",
        "comment_hint": "Không bắt buộc, được nhập riêng, tách khỏi các câu trên. "
        "Đây không phải nơi nộp đơn khiếu nại, tố cáo.",
        "where": "Trả lời xong, xin tự tay bỏ phiếu vào hòm phiếu tại:",
        "thanks": "Xin cảm ơn Ông/Bà.",
        "revised": "{title}, phiên bản {version}, hiệu lực từ {day}. Số nhỏ cạnh ô để nhập liệu.",
        "unofficial": "",
    },
    "en": {
        "title": "Your opinion of the service",
        "specimen": "SPECIMEN – NOT FOR USE",
        "simulated": "SIMULATED DATA",
        "tear": "Please tear this strip off before you drop the form: it only counts forms handed out.",
        "sheet": "Form no.",
        "pad": "Pad",
        "page": "Page",
        "anonymous": "Please write no name, telephone or identity card number. "
        "Two people open the box; only totals are reported.",
        "how": "Put an X into one box for each question, or leave the question blank.",
        "many": "You may mark several boxes.",
        "most": "Mark at most {n} boxes.",
        "comment": "Is there anything you would like to add?",
        "comment_hint": "Optional; keyed apart. Not the place for a formal complaint.",
        "where": "Please put the form yourself into the box at:",
        "thanks": "Thank you.",
        "revised": "{title}, version {version}, in force from {day}. Small digits are for data entry.",
        "unofficial": "Unofficial translation.",
    },
}

SHORT_FORM = 5


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """Where a form is handed out and dropped, and from which day the form holds."""

    unit_title: str
    point_name: str
    form_from: date
    is_simulated: bool


def pad_pdf(pad: PadRow, *, form: Form, columns: Sequence[Column], place: SheetPlace) -> bytes:
    """Every sheet of a pad, each beginning on a page of its own."""
    numbers = list(range(pad.first_sheet, pad.last_sheet + 1))
    data = _sheet(form, columns, place, pad.language) | {"pad": str(pad.number), "sheets": numbers}
    return typesetting.pdf("paper_sheet", data)


def specimen_pdf(form: Form, *, columns: Sequence[Column], place: SheetPlace, language: str) -> bytes:
    """One sheet without a number, marked so that nobody hands it out."""
    data = _sheet(form, columns, place, language) | {"pad": "", "sheets": [0]}
    return typesetting.pdf("paper_sheet", data)


def minutes_pdf(
    opening: OpeningRow, counts: Sequence[CountRow], *, is_simulated: bool, is_demo: bool
) -> bytes:
    """Biên bản mở hòm phiếu: what was counted, with blanks for what the office writes by hand."""
    rows = [
        [count.pad_number, f"{count.first_sheet:04d}–{count.last_sheet:04d}", count.n_handed_out,
         count.n_collected, count.n_blank, count.n_spoiled, count.n_to_key]
        for count in counts
    ]  # fmt: skip
    total = [sum(column) for column in list(zip(*rows, strict=True))[2:]] if rows else [0] * 5
    day = opening.opened_on
    data = {
        "unit": opening.unit_title.upper(),
        "point": opening.point_name,
        "day": [f"{day.day:02d}", f"{day.month:02d}", str(day.year)],
        "people": [opening.first_opener, opening.second_opener],
        "rows": [[cell if isinstance(cell, str) else formatting.count(cell) for cell in row] for row in rows],
        "total": [formatting.count(cell) for cell in total],
        "simulated": WORDS["vi"]["simulated"] if is_simulated or is_demo else "",
    }
    return typesetting.pdf("paper_minutes", data)


def _sheet(form: Form, columns: Sequence[Column], place: SheetPlace, language: str) -> dict[str, Any]:
    words = WORDS[language]
    day = formatting.short_date(place.form_from, language=language)
    return {
        "lang": language,
        "words": words
        | {
            "revised": words["revised"].format(
                title=form.title.in_language(language), version=form.version, day=day
            )
        }
        | ({} if place.is_simulated else {"simulated": ""}),
        "unit": place.unit_title,
        "point": place.point_name,
        # A short form keeps to one page.
        "comment_lines": 4 if len(columns) > SHORT_FORM else 2,
        "blocks": list(_blocks(columns, language)),
    }


def _blocks(columns: Sequence[Column], language: str) -> Iterator[dict[str, Any]]:
    """Questions with the same answers stand together in one table; each of the others is a list of boxes."""
    start = 0
    while start < len(columns):
        stop = start + 1
        while stop < len(columns) and _go_together(columns[start], columns[stop]):
            stop += 1
        group = columns[start:stop]
        yield _table(group, language) if len(group) > 1 else _list(group[0], language)
        start = stop


def _go_together(first: Column, other: Column) -> bool:
    same = [(choice.key, choice.code) for choice in first.choices]
    return (
        bool(first.item)
        and first.kind == other.kind
        and not first.is_multiple
        and first.heading is not None
        and other.heading is not None
        and same == [(choice.key, choice.code) for choice in other.choices]
    )


def _table(columns: Sequence[Column], language: str) -> dict[str, Any]:
    """Rows under their factors; a note that holds for a whole factor is said once, with it."""
    parts = [
        _part(list(group), heading, language)
        for heading, group in groupby(columns, key=lambda column: _said(column.heading, language))
    ]
    return {"kind": "table", "choices": _choices(columns[0].choices, language), "parts": parts}


def _part(columns: Sequence[Column], heading: str, language: str) -> dict[str, Any]:
    notes = {_said(column.note, language) for column in columns}
    shared = notes.pop() if len(notes) == 1 else ""
    rows = []
    for column in columns:
        text, note = column.text.in_language(language), _said(column.note, language)
        rows.append([column.number, f"{text} ({note})" if note and not shared else text])
    return {"heading": heading, "note": shared, "rows": rows}


def _list(column: Column, language: str) -> dict[str, Any]:
    words = WORDS[language]
    hint = _said(column.note, language)
    if column.is_multiple:
        is_limited = column.max_choices < len(column.choices)
        how = words["most"].format(n=column.max_choices) if is_limited else words["many"]
        hint = f"{hint}. {how}" if hint else how
    return {
        "kind": "list",
        "number": column.number,
        "text": column.text.in_language(language),
        "hint": hint,
        "choices": _choices(column.choices, language),
        "is_scale": column.kind == "satisfaction",
    }


def _choices(choices: Sequence[SheetChoice], language: str) -> list[list[str]]:
    return [[choice.key, choice.label.in_language(language)] for choice in choices]


def _said(text: Text | None, language: str) -> str:
    return "" if text is None else text.in_language(language)
