"""Small XLSForms made of rows, for the tests beside this file."""

from datetime import date

from survey_app.services.xlsform.reading import read_xlsform
from survey_app.spreadsheets import workbook_bytes

TODAY = date(2026, 1, 15)
LEVELS = [
    ("vs", "Rất hài lòng"), ("s", "Hài lòng"), ("n", "Bình thường"), ("d", "Không hài lòng"),
    ("vd", "Rất không hài lòng"),
]  # fmt: skip
CHOICES = [
    *({"list_name": "level", "name": name, "label::Tiếng Việt (vi)": text} for name, text in LEVELS),
    {"list_name": "yn", "name": "yes", "label::Tiếng Việt (vi)": "Có"},
    {"list_name": "yn", "name": "no", "label::Tiếng Việt (vi)": "Không"},
]
SETTINGS = [{"form_title": "Phiếu", "form_id": "phieu", "default_language": "Tiếng Việt (vi)"}]


def ask(name, kind="select_one yn", **cells):
    return {"type": kind, "name": name, "label::Tiếng Việt (vi)": f"Câu {name}"} | cells


OVERALL = ask("overall", "select_one level")


def group(name, *rows, **cells):
    head = {"type": "begin_group", "name": name, "label::Tiếng Việt (vi)": f"Nhóm {name}"} | cells
    return [head, *rows, {"type": "end_group"}]


def file_of(survey, *, choices=(), settings=SETTINGS, more=()):
    sheets = [("survey", survey), ("choices", [*CHOICES, *choices]), ("settings", settings), *more]
    return workbook_bytes((name, columns(rows), table(rows)) for name, rows in sheets)


def columns(rows):
    return list(dict.fromkeys(column for row in rows for column in row)) or ["type"]


def table(rows):
    return [[row.get(column) for column in columns(rows)] for row in rows]


def read(survey, *, drops_conditions=False, **sheets):
    content = file_of(survey, **sheets)
    return read_xlsform([("form.xlsx", content)], today=TODAY, drops_conditions=drops_conditions)


def said(reading):
    return {(each.what, each.sheet, each.row) for each in reading.findings}
