"""A release as open data: CSV a table, one workbook, JSON, a codebook and a data package under CC-BY 4.0.

It takes content that was withheld for the public and writes its tables out; it computes and withholds nothing.
"""

import json
from collections.abc import Iterator
from datetime import date

from flask_babel import gettext as _

from survey_app.csv_export import csv_bytes
from survey_app.result_tables import (
    Cell,
    Column,
    Kind,
    Missing,
    ResultTable,
    comparison_tables,
    unit_tables,
)
from survey_app.services.figures import Scorecard
from survey_app.services.report_content import ReportContent
from survey_app.spreadsheets import workbook_bytes

LICENCE = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": "CC BY 4.0"}
WHOLE = "*"
_TYPES = {
    Kind.TEXT: "string", Kind.COUNT: "integer", Kind.SHARE: "number", Kind.DIFFERENCE: "number",
    Kind.NUMBER: "number", Kind.DATE: "date",
}  # fmt: skip


def open_data_files(content: ReportContent, language: str) -> dict[str, bytes]:
    """Files by name, of content that was withheld for the public; texts are in the language of the request."""
    tables = tuple(open_tables(content))
    files = {f"{table.code}.csv": _csv(table) for table in tables}
    files["tables.xlsx"] = workbook_bytes(
        [
            (table.code, [column.title for column in table.columns], map(_plain_row, table.rows))
            for table in tables
        ]
    )
    files["tables.json"] = _json(tables_json(tables))
    files["codebook.csv"] = _codebook(tables)
    files["datapackage.json"] = _json(_package(content, tables, language))
    return files


def open_tables(content: ReportContent) -> Iterator[ResultTable]:
    """The comparison, and each table of the scorecards over all units in one long table."""
    yield from comparison_tables(content.comparison)
    cards = [*(content.cards), *((content.whole,) if content.whole else ())]
    by_code: dict[str, list[tuple[Scorecard, ResultTable]]] = {}
    for card in cards:
        for table in unit_tables(card):
            by_code.setdefault(table.code, []).append((card, table))
    for code, parts in by_code.items():
        first = parts[0][1]
        columns = (
            Column("unit_code", _("Mã đơn vị"), Kind.TEXT),
            Column("unit", _("Đơn vị"), Kind.TEXT),
            *first.columns,
        )
        rows = tuple(
            (WHOLE if card is content.whole else card.unit.code, card.unit.label, *row)
            for card, table in parts
            for row in table.rows
        )
        yield ResultTable(f"by_unit_{code}", first.title, columns, rows)


def tables_json(tables: tuple[ResultTable, ...]) -> dict[str, object]:
    """Tables as JSON: codes, and why a cell is empty where it is."""
    return {"tables": [table_json(table) for table in tables]}


def table_json(table: ResultTable) -> dict[str, object]:
    """One table; a cell without a value is an object that says why."""
    return {
        "code": table.code,
        "title": table.title,
        "columns": [
            {"code": column.code, "title": column.title, "kind": column.kind.value}
            for column in table.columns
        ],
        "rows": [[_json_cell(cell) for cell in row] for row in table.rows],
    }


def _json_cell(cell: Cell) -> object:
    if isinstance(cell, Missing):
        return {"missing": cell.value}
    return cell.isoformat() if isinstance(cell, date) else cell


def _csv(table: ResultTable) -> bytes:
    """Codes as headings, numbers with a point; the reason stands where a number is missing."""
    return csv_bytes([column.code for column in table.columns], map(_plain_row, table.rows))


def _plain_row(row: tuple[Cell, ...]) -> list[object]:
    return [cell.value if isinstance(cell, Missing) else cell for cell in row]


def _codebook(tables: tuple[ResultTable, ...]) -> bytes:
    rows: list[tuple[str, ...]] = [
        (table.code, table.title, column.code, column.title, column.kind.value)
        for table in tables
        for column in table.columns
    ]
    reasons = {
        Missing.WITHHELD: _("Không công bố để bảo vệ danh tính"),
        Missing.TOO_FEW: _("Chưa đủ dữ liệu"),
        Missing.NOT_APPLICABLE: _("Không áp dụng"),
    }
    rows += [("*", "", missing.value, str(words), "missing") for missing, words in reasons.items()]
    return csv_bytes(("table", "table_title", "column", "column_title", "kind"), rows)


def _package(content: ReportContent, tables: tuple[ResultTable, ...], language: str) -> dict[str, object]:
    """A Frictionless data package over the CSV files."""
    compared = content.comparison
    return {
        "profile": "tabular-data-package",
        "name": f"{compared.basis}-{compared.period.code}".lower(),
        "title": f"{compared.root.label}: {compared.period.title}",
        "description": " ".join(_notes(content)),
        "languages": [language],
        "licenses": [LICENCE],
        "version": compared.method_version,
        "resources": [_resource(table) for table in tables],
    }


def _notes(content: ReportContent) -> list[str]:
    compared = content.comparison
    return [
        *([_("DỮ LIỆU MÔ PHỎNG, không phải ý kiến thật.")] if compared.is_simulated else []),
        _("Ô dưới %(n)s phiếu, và ô có thể suy ra từ ô khác, không được công bố.", n=compared.minimum_base),
        _("Tỷ lệ chỉ có khi từ %(n)s phiếu.", n=compared.minimum_shown),
    ]


def _resource(table: ResultTable) -> dict[str, object]:
    return {
        "name": table.code.replace("_", "-"),
        "path": f"{table.code}.csv",
        "title": table.title,
        "profile": "tabular-data-resource",
        "encoding": "utf-8-sig",
        "format": "csv",
        "schema": {
            "fields": [
                {"name": column.code, "title": column.title, "type": _TYPES[column.kind]}
                for column in table.columns
            ],
            "missingValues": ["", *(missing.value for missing in Missing)],
        },
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode()
