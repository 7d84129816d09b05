"""Labels of a foreign form: in which language each column is, and the words of a row in all of them."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from survey_app.languages import AUTHORITATIVE
from survey_app.services.xlsform.findings import Findings
from survey_app.services.xlsform.layout import LABEL, TEXT_LENGTH, language_code
from survey_app.services.xlsform.workbook import Line, Table

_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|\*\*|__|^#{1,6} |\]\(|&#?\w+;", re.MULTILINE)
_PIPED = re.compile(r"\$\{")
_NOT_OF_A_CODE = re.compile(r"[^A-Za-z0-9_.-]+")
_CODE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Wording:
    """The label columns of one sheet, each with its language, and the language that stands in for a missing one."""

    sheet: str
    table: Table
    columns: tuple[tuple[str, str], ...]
    has_vietnamese: bool

    def texts(self, line: Line, findings: Findings) -> dict[str, str]:
        """The words by language; empty if there are none. Without Vietnamese the first language stands in for it."""
        found: dict[str, str] = {}
        for column, language in self.columns:
            text = line.get(column)
            if text and language not in found:
                found[language] = text
                self._check(line, column, text, findings)
        if found and AUTHORITATIVE not in found:
            if self.has_vietnamese:
                findings.add("no_vietnamese", self.sheet, line.number)
            found = {AUTHORITATIVE: next(iter(found.values())), **found}
        return found

    def _check(self, line: Line, column: str, text: str, findings: Findings) -> None:
        heading = self.table.heading(column)
        if len(text) > TEXT_LENGTH:
            findings.add("too_long", self.sheet, line.number, heading, text)
        if _MARKUP.search(text):
            findings.add("markup", self.sheet, line.number, heading, text)
        if _PIPED.search(text):
            findings.add("piping", self.sheet, line.number, heading, text)


def wording_of(table: Table, default_language: str, findings: Findings) -> Wording:
    """Which columns hold labels; what is in a language that nobody named is left out and said."""
    default = language_code(default_language)
    columns: list[tuple[str, str]] = []
    for column, heading in table.headings.items():
        if column != LABEL and not column.startswith(f"{LABEL}::"):
            continue
        language = default or AUTHORITATIVE if column == LABEL else language_code(column.partition("::")[2])
        if language:
            columns.append((column, language))
        else:
            findings.add("language_unknown", table.name, 0, heading)
    has_vietnamese = any(language == AUTHORITATIVE for _column, language in columns)
    is_stated = default or all(column != LABEL for column, _language in columns)
    if columns and (not has_vietnamese or not is_stated):
        findings.add("no_vietnamese", table.name, 0, table.heading(columns[0][0]))
    first = sorted(columns, key=lambda pair: (pair[1] != AUTHORITATIVE, pair[1] != default))
    return Wording(table.name, table, tuple(first), has_vietnamese)


def code_from(name: str, taken: Collection[str] = ()) -> str:
    """The name as a code of ours: itself if it is one, else without accents and other marks, cut, and not taken."""
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    code = _NOT_OF_A_CODE.sub("_", plain).lstrip("_.-")[:_CODE_LENGTH]
    number, unique = 1, code
    while code and unique in taken:
        number += 1
        unique = f"{code[: _CODE_LENGTH - 4]}_{number}"
    return unique
