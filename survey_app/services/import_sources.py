"""Where each value of an imported row comes from: a column or a constant, recoded, or refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from survey_app.services.registry_formats import Expected

Cells = Mapping[str, str]
EXAMPLES_SHOWN = 12
EXAMPLE = datetime(2023, 11, 28, 16, 5, 9, tzinfo=UTC)

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}([.,][0-9]{1,6})?")


class BadValue(Exception):
    """A cell holds something else than the mapping expects there."""

    def __init__(self, column: str, expected: Expected, got: str) -> None:
        super().__init__(f"{column}: {expected.en}, got {got!r}")
        self.column = column
        self.expected = expected
        self.got = got


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSource:
    """A constant, or a cell; `numeric` reads "4.0" as "4" before the recode."""

    column: str | None = None
    value: str | None = None
    recode: Mapping[str, str] | None = None
    is_numeric: bool = False

    def read(self, cells: Cells) -> str:
        """The value of this row; empty where the cell is empty."""
        if self.column is None:
            return self.value or ""
        raw = self.raw(cells)
        if self.recode is None or raw == "":
            return raw
        if raw not in self.recode:
            raise BadValue(self.column, one_of(list(self.recode)), cells[self.column])
        return self.recode[raw]

    def raw(self, cells: Cells) -> str:
        """The cell itself, a number in its shortest form where one is meant."""
        cell = cells[self.column] if self.column else ""
        return plain_number(cell) if self.is_numeric else cell


@dataclass(frozen=True, slots=True)
class SingleAnswer:
    """A question with one answer: scale point codes by cell, and cells that mean a missing answer."""

    source: ValueSource
    missing: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.source.column,) if self.source.column else ()

    def read(self, cells: Cells) -> str | None:
        """A scale point code, the name of a missing answer, or None where nothing stands."""
        raw = self.source.raw(cells)
        if raw in self.missing:
            return self.missing[raw]
        return self.source.read(cells) or None


@dataclass(frozen=True, slots=True)
class MultipleAnswer:
    """A multi-select question: a column for each option, and the cells that mean chosen or not."""

    options: Mapping[str, str]
    chosen: frozenset[str]
    not_chosen: frozenset[str]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.options.values())

    def read(self, cells: Cells) -> list[str] | None:
        """The options chosen, or None where no option has an answer."""
        known = self.chosen | self.not_chosen
        answered = {option: column for option, column in self.options.items() if cells[column] != ""}
        for column in answered.values():
            if cells[column] not in known:
                raise BadValue(column, one_of(sorted(known)), cells[column])
        picked = [option for option, column in answered.items() if cells[column] in self.chosen]
        return picked if answered else None


AnswerSource = SingleAnswer | MultipleAnswer


@dataclass(frozen=True, slots=True)
class DateSource:
    """A local day: a constant, or a cell in one of some formats, of which only the day is kept."""

    column: str | None
    formats: tuple[str, ...]
    value: date | None

    def read(self, cells: Cells) -> date:
        if self.value is not None:
            return self.value
        column = self.column or ""
        for form in self.formats:
            try:
                return datetime.strptime(cells[column], form).date()  # noqa: DTZ007 - the day as written
            except ValueError:
                continue
        examples = " | ".join(EXAMPLE.strftime(form) for form in self.formats)
        expected = Expected(f"ngày có thật, viết như {examples}", f"a real date written as {examples}")
        raise BadValue(column, expected, cells[column])


@dataclass(frozen=True, slots=True)
class CellTest:
    """Whether a cell of the row holds one of some values."""

    column: str
    values: frozenset[str]

    def holds(self, cells: Cells) -> bool:
        return cells[self.column] in self.values


@dataclass(frozen=True, slots=True)
class BlankRule:
    """Why an answer is missing in the rows of a test."""

    test: CellTest
    reason: str


def one_of(values: list[str]) -> Expected:
    """The values that would have been read, not more than a line of them."""
    shown = ", ".join(values[:EXAMPLES_SHOWN]) + (", …" if len(values) > EXAMPLES_SHOWN else "")
    return Expected(f"một trong: {shown}", f"one of: {shown}")


def plain_number(text: str) -> str:
    """A number in its shortest form ("4.0", "4,0", "04" are "4"); any other text as it is."""
    if not _NUMBER.fullmatch(text):
        return text
    number = Decimal(text.replace(",", "."))
    return str(int(number)) if number == number.to_integral_value() else format(number.normalize(), "f")
