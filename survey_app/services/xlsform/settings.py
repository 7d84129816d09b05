"""The head and the index of a definition: from our own columns, or assumed for a foreign form and said so."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from survey_app.services.definitions import is_counted, items_under, nodes_under
from survey_app.services.xlsform.findings import Findings
from survey_app.services.xlsform.texts import code_from
from survey_app.services.xlsform.workbook import Line, Table, Tables

_NO_BASIS = "Chưa nêu căn cứ."
_PROVENANCE = "Nhập từ tệp XLSForm."
_TITLE = "hailong_title_"
_OVERALL = "overall"


def settings_line(tables: Tables) -> Line:
    """The one row of the settings sheet; an empty one where there is none."""
    table = tables.get("settings")
    return table.lines[0] if table is not None and table.lines else Line(0, {})


def read_head(
    tables: Tables, line: Line, tree: Sequence[Any], findings: Findings, *, today: date, is_ours: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Everything of a definition but its scales and its tree; then its index."""
    head: dict[str, Any] = {
        "code": _code(line),
        "version": _version(tables.get("settings"), line, findings, is_ours=is_ours),
        "title": {"vi": line.get("form_title") or line.get("form_id") or "XLSForm"} | dict(_titles(line)),
        "legal_basis": line.get("hailong_legal_basis") or _NO_BASIS,
        "provenance": line.get("hailong_provenance") or _PROVENANCE,
        "effective_from": line.get("hailong_effective_from") or today.isoformat(),
    }
    if line.get("hailong_english"):
        head["english"] = line.get("hailong_english")
    if is_ours:
        factors = line.get("hailong_factors").split()
        return head, {"headline": line.get("hailong_headline"), "factors": factors}
    index = _assumed_index(tree)
    said = (
        f"{head['code']} v{head['version']}; {index['headline'] or '–'}; {' '.join(index['factors']) or '–'}"
    )
    findings.add("settings_assumed", "settings", line.number, detail=said)
    return head, index


def _code(line: Line) -> str:
    return code_from(line.get("form_id") or line.get("form_title") or "xlsform") or "xlsform"


def _titles(line: Line) -> Iterator[tuple[str, str]]:
    for column, text in line.cells.items():
        if column.startswith(_TITLE):
            yield column.removeprefix(_TITLE), text


def _version(table: Table | None, line: Line, findings: Findings, *, is_ours: bool) -> int:
    """Ours is a whole number; a foreign one may be anything, and begins anew."""
    text = line.get("version")
    if is_ours and text.isdecimal() and 1 <= len(text) <= 6:
        return int(text)
    if is_ours and table is not None:
        findings.add("bad_own_value", "settings", line.number, table.heading("version"), text)
    return 1


def _assumed_index(tree: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The question called overall, else the first scored one outside every factor, else the first scored one."""
    factors = [node for node in nodes_under(tree) if node["kind"] == "factor"]
    inside = {item["code"] for node in factors for item in items_under(node["children"])}
    counted = [item["code"] for item in items_under(tree) if is_counted(item)]
    free = [code for code in counted if code not in inside]
    headline = _OVERALL if _OVERALL in counted else next(iter([*free, *counted]), "")
    taken, named = {headline}, []
    for node in factors:
        scored = {item["code"] for item in items_under(node["children"]) if is_counted(item)}
        if scored and not scored & taken:
            named.append(node["code"])
            taken |= scored
    return {"headline": headline, "factors": named}
