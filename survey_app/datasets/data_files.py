"""Rows as CSV, XLSX, Parquet, SPSS and Stata files.

CSV, XLSX and Parquet are written a chunk at a time. SPSS and Stata files are written by a library that takes whole
columns: these are kept as two bytes a code, so a million rows of forty columns are some eighty megabytes.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import xlsxwriter

from survey_app.csv_export import safe_cell
from survey_app.services.microdata.dataset import OpenedDataset, Row
from survey_app.services.microdata.variables import LANGUAGES, Holds, Variable

# What a spreadsheet holds on one sheet.
MOST_SHEET_ROWS = 1_048_575
KINDS = ("csv", "xlsx", "parquet", "sav", "dta")
_STATA_REASONS = "abcdefghijklmnopqrstuvwxyz"
_LABEL_BYTES = {"sav": 255, "dta": 80}
_VALUE_BYTES = {"sav": 119, "dta": 300}


class Writer(Protocol):
    """Takes the rows in turn and closes its files."""

    def write(self, rows: Sequence[Row]) -> None: ...
    def close(self) -> None: ...


@dataclass
class CsvWriter:
    """Codes as numbers, UTF-8 with a mark, no text that a spreadsheet would take for a formula."""

    path: Path
    variables: Sequence[Variable]

    def __post_init__(self) -> None:
        self._file = self.path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow([variable.name for variable in self.variables])

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.writerows([safe_cell(value) for value in row] for row in rows)

    def close(self) -> None:
        self._file.close()


@dataclass
class XlsxWriter:
    """Codes on one sheet, the codebook in two languages on others; rows are not kept in memory."""

    path: Path
    variables: Sequence[Variable]

    def __post_init__(self) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(self.path), options)
        bold = self._book.add_format({"bold": True})
        self._sheet = self._book.add_worksheet("data")
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_column(0, len(self.variables) - 1, 14)
        self._sheet.write_row(0, 0, [variable.name for variable in self.variables], bold)
        self._next = 1
        self._bold = bold

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self._next > MOST_SHEET_ROWS:
                raise OverflowError("more rows than a sheet holds")
            for column, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, str):
                    self._sheet.write_string(self._next, column, value)
                else:
                    self._sheet.write_number(self._next, column, value)
            self._next += 1

    def close(self) -> None:
        headings = ("variable", "label_vi", "label_en", "code", "value_vi", "value_en", "is_missing")
        sheet = self._book.add_worksheet("codebook")
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 2, 48)
        sheet.set_column(4, 5, 30)
        sheet.write_row(0, 0, headings, self._bold)
        for place, row in enumerate(codebook_rows(self.variables), start=1):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(place, column, value)
                else:
                    sheet.write_string(place, column, value)
        self._book.close()


def codebook_rows(variables: Iterable[Variable]) -> Iterator[tuple[str | int, ...]]:
    """A line for every value of every variable, or one for a variable without labelled values."""
    for variable in variables:
        named = (variable.name, *variable.label)
        if not variable.values:
            yield (*named, "", "", "", "")
        for code, words in sorted(variable.values.items()):
            yield (*named, code, *words, int(code < 0))


@dataclass
class ParquetWriter:
    """Typed columns with zstd; labels are in the metadata of the file and of every column."""

    path: Path
    variables: Sequence[Variable]

    def __post_init__(self) -> None:
        self._schema = pa.schema([_arrow_field(variable) for variable in self.variables])
        self._writer = pq.ParquetWriter(self.path, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        columns = [
            pa.array(column, type=each.type)
            for column, each in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


def _arrow_field(variable: Variable) -> pa.Field:
    kinds = {Holds.TEXT: pa.string(), Holds.CODE: pa.int32(), Holds.NUMBER: pa.float64()}
    metadata = {f"label_{language}": variable.in_language(language) for language in LANGUAGES}
    metadata |= {
        f"values_{language}": json.dumps(variable.value_labels(language), ensure_ascii=False)
        for language in LANGUAGES
    }
    return pa.field(variable.name, kinds[variable.holds], metadata=metadata)


@dataclass
class _Columns:
    """Whole columns, packed: two bytes a code, and a number for each text that comes again."""

    variables: Sequence[Variable]
    parts: list[list[np.ndarray]] = field(default_factory=list)
    texts: list[dict[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parts = [[] for _ in self.variables]
        self.texts = [{} for _ in self.variables]

    def add(self, rows: Sequence[Row]) -> None:
        for place, (variable, column) in enumerate(zip(self.variables, zip(*rows, strict=True), strict=True)):
            self.parts[place].append(self._packed(place, variable, column))

    def _packed(self, place: int, variable: Variable, column: Sequence[Any]) -> np.ndarray:
        if variable.holds is Holds.NUMBER:
            return np.array([np.nan if value is None else value for value in column], dtype=np.float64)
        if variable.holds is Holds.CODE:
            return np.array(column, dtype=np.int32 if variable.name == "cluster" else np.int16)
        if variable.name == "row_id":
            return np.array(column, dtype="S32")
        known = self.texts[place]
        return np.array([known.setdefault(value, len(known)) for value in column], dtype=np.int32)

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(
            {variable.name: self._column(place, variable) for place, variable in enumerate(self.variables)}
        )

    def _column(self, place: int, variable: Variable) -> Any:
        packed = np.concatenate(self.parts[place]) if self.parts[place] else np.zeros(0)
        if variable.holds is not Holds.TEXT:
            return packed
        if variable.name == "row_id":
            return np.char.decode(packed, "ascii").astype(object)
        words = np.array(list(self.texts[place]) or [""], dtype=object)
        return words[packed.astype(np.int64)]


@dataclass
class StatisticsWriter:
    """SPSS or Stata files, one in each language, since these hold one label a variable."""

    paths: dict[str, Path]
    variables: Sequence[Variable]
    kind: str

    def __post_init__(self) -> None:
        self._columns = _Columns(self.variables)

    def write(self, rows: Sequence[Row]) -> None:
        self._columns.add(rows)

    def close(self) -> None:
        frame = self._columns.frame()
        for language, path in self.paths.items():
            labels = {
                each.name: _cut(each.in_language(language), _LABEL_BYTES[self.kind])
                for each in self.variables
            }
            if self.kind == "sav":
                self._write_sav(frame, path, language, labels)
            else:
                self._write_dta(frame, path, language, labels)

    def _values(self, language: str) -> dict[str, dict[int, str]]:
        return {
            each.name: {
                code: _cut(words, _VALUE_BYTES[self.kind])
                for code, words in each.value_labels(language).items()
            }
            for each in self.variables
            if each.values
        }

    def _write_sav(self, frame: pd.DataFrame, path: Path, language: str, labels: dict[str, str]) -> None:
        missing = {
            each.name: [{"lo": min(each.missing), "hi": max(each.missing)}]
            for each in self.variables
            if each.missing
        }
        pyreadstat.write_sav(
            frame, str(path), column_labels=labels, variable_value_labels=self._values(language),
            missing_ranges=missing, row_compress=True,
        )  # fmt: skip

    def _write_dta(self, frame: pd.DataFrame, path: Path, language: str, labels: dict[str, str]) -> None:
        frame = frame.iloc[_answers_first(frame, [each.name for each in self.variables if each.missing])]
        values: dict[str, dict[int | str, str]] = {}
        reasons: dict[str, list[str]] = {}
        told = {}
        for name, words in self._values(language).items():
            letters = {code: _STATA_REASONS[-code - 1] for code in words if code < 0}
            values[name] = {letters.get(code, code): text for code, text in words.items()}
            if letters:
                reasons[name] = sorted(letters.values())
                told[name] = _lettered(frame[name].to_numpy(), letters)
        pyreadstat.write_dta(
            frame.assign(**told), str(path), column_labels=labels, variable_value_labels=values,
            missing_user_values=reasons, version=15,
        )  # fmt: skip


def _lettered(codes: np.ndarray, letters: dict[int, str]) -> np.ndarray:
    """Codes with the letters of Stata for those below zero. Whole numbers where there are none."""
    if not (codes < 0).any():
        return codes
    column = codes.astype(object)
    for code, letter in letters.items():
        column[codes == code] = letter
    return column


def _answers_first(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Places of the rows, a few moved up so that every column has a number among its first hundred.

    From those the library tells numbers from texts; where all are letters for missing it would take texts.
    """
    first: list[int] = []
    for name in names:
        has_number = frame[name].to_numpy() >= 0
        if has_number.any() and not has_number[first].any():
            first.append(int(has_number.argmax()))
    return np.concatenate([np.array(first, dtype=np.int64), np.delete(np.arange(len(frame)), first)])


def _cut(text: str, most_bytes: int) -> str:
    """The beginning of a text that fits into so many bytes."""
    encoded = text.encode()
    if len(encoded) <= most_bytes:
        return text
    return encoded[: most_bytes - 3].decode(errors="ignore") + "…"


_STREAMED: dict[str, Callable[[Path, Sequence[Variable]], Writer]] = {
    "csv": CsvWriter,
    "xlsx": XlsxWriter,
    "parquet": ParquetWriter,
}


def writers(folder: Path, variables: Sequence[Variable], kinds: Iterable[str]) -> list[Writer]:
    """A writer for each kind of file asked for."""
    made: list[Writer] = []
    for kind in kinds:
        if kind in ("sav", "dta"):
            paths = {language: folder / f"data_{language}.{kind}" for language in LANGUAGES}
            made.append(StatisticsWriter(paths, variables, kind))
        else:
            made.append(_STREAMED[kind](folder / f"data.{kind}", variables))
    return made


def write_data(folder: Path, dataset: OpenedDataset, kinds: Iterable[str]) -> int:
    """All files of one pass over the rows, so that they hold the same rows; returns how many."""
    made = writers(folder, dataset.variables, kinds)
    n = 0
    for rows in dataset.chunks():
        for writer in made:
            writer.write(rows)
        n += len(rows)
    for writer in made:
        writer.close()
    return n
