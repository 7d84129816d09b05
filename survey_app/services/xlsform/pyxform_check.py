"""Whether the rows are an XLSForm at all: asked of pyxform, the tool by which ODK and Kobo make forms of them.

It is given rows of text that were read here, never the file itself.
"""

import re
from typing import Any

from survey_app.services.xlsform.findings import Findings
from survey_app.services.xlsform.workbook import Table, Tables

_SHEET = re.compile(r"'(survey|choices|settings)' sheet")
_ROW = re.compile(r"\[row : (\d+)\]")
# What pyxform raises, its own error apart, when it stumbles over a row.
_STUMBLES = (KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError)


def check_with_pyxform(tables: Tables, findings: Findings) -> list[str]:
    """Add what pyxform refuses, by row; return its warnings."""
    # Loaded when a form is read: it takes a fifth of a second that no start of the application should.
    from pyxform.errors import PyXFormError  # type: ignore[import-untyped]  # noqa: PLC0415
    from pyxform.xls2xform import convert  # type: ignore[import-untyped]  # noqa: PLC0415

    warnings: list[str] = []
    try:
        convert(xlsform=_workbook(tables), warnings=warnings, form_name="data")
    except PyXFormError as error:
        context = error.context or {}
        row, sheet = context.get("row"), context.get("sheet")
        findings.add(
            "pyxform",
            sheet if isinstance(sheet, str) else _sheet_in(str(error)),
            row if isinstance(row, int) else _row_in(str(error)),
            str(context.get("column") or ""),
            str(error),
        )
    except _STUMBLES as error:
        findings.add("pyxform", "survey", detail=type(error).__name__)
    return warnings


def _workbook(tables: Tables) -> dict[str, Any]:
    """The sheets in pyxform's own form; blank rows keep their places, so that its row numbers are ours."""
    workbook: dict[str, Any] = {"sheet_names": list(tables), "fallback_form_name": "form"}
    for name, table in tables.items():
        workbook[name] = _rows(table)
        workbook[f"{name}_header"] = [dict.fromkeys(table.headings.values())]
    return workbook


def _rows(table: Table) -> list[dict[str, str]]:
    by_number = {line.number: line for line in table.lines}
    last = max(by_number, default=1)
    return [
        {table.headings[column]: text for column, text in by_number[number].cells.items()}
        if number in by_number
        else {}
        for number in range(2, last + 1)
    ]


def _sheet_in(message: str) -> str:
    found = _SHEET.search(message)
    return found.group(1) if found else "survey"


def _row_in(message: str) -> int:
    found = _ROW.search(message)
    return int(found.group(1)) if found else 0
