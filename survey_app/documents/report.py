"""A report as values and sentences: PDF, DOCX and the preview are written from this one thing, in this order."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from matplotlib.figure import Figure as Drawing

from survey_app.documents.official_docx import Letterhead
from survey_app.result_tables import Cell, Kind, Missing, ResultTable, cell_text


class Style(Enum):
    """How a paragraph stands: as a heading below that of its section, running text, a remark, a point of a list."""

    HEADING = "heading"
    BODY = "body"
    NOTE = "note"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    words: str
    style: Style = Style.BODY


@dataclass(frozen=True, slots=True)
class Table:
    """A numbered table; the numbers are those of its `ResultTable`."""

    number: int
    result: ResultTable
    note: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether it needs a smaller letter."""
        return len(self.result.columns) > 7


@dataclass(frozen=True, slots=True)
class Figure:
    """A numbered figure, drawn when a writer asks; its numbers stand in the table that `note` names."""

    number: int
    title: str
    note: str
    draw: Callable[[], Drawing] = field(repr=False)


Block = Text | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; an annex is a section on a page of its own."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Seal:
    """The code by which the figures of a printed report are compared with those that are kept, and where."""

    code: str
    url: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one report says, and whose it is."""

    language: str
    letterhead: Letterhead
    kind: str
    about: str
    bases: tuple[str, ...]
    sections: tuple[Section, ...]
    annexes: tuple[Section, ...]
    recipients: tuple[str, ...]
    signer_titles: tuple[str, ...]
    signer_name: str
    seal: Seal | None
    is_simulated: bool
    minimum_base: int

    def tables(self) -> tuple[Table, ...]:
        """Every table in the order of its number."""
        parts = (*self.sections, *self.annexes)
        return tuple(block for part in parts for block in part.blocks if isinstance(block, Table))

    def text(self, cell: Cell, kind: Kind) -> str:
        """A cell as people read it in this report."""
        return cell_text(cell, kind, language=self.language, minimum_base=self.minimum_base)

    def printed(self, table: Table) -> "PrintedTable":
        """A table as it is printed: without codes, every cell in words."""
        result = without_codes(table.result)
        kinds = [column.kind for column in result.columns]
        return PrintedTable(
            tuple(column.title for column in result.columns),
            tuple(kind is not Kind.TEXT for kind in kinds),
            tuple(
                tuple(self.text(cell, kind) for cell, kind in zip(row, kinds, strict=True))
                for row in result.rows
            ),
        )


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """Headings, which columns hold numbers, and rows of words."""

    titles: tuple[str, ...]
    is_number: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]

    def shares_of_width(self) -> tuple[float, ...]:
        """How the width is shared out: no word is broken, and short texts stay on one line."""
        wanted = [
            _wanted_width(title, texts, is_number)
            for title, is_number, *texts in zip(self.titles, self.is_number, *self.rows, strict=True)
        ]
        return tuple(each / sum(wanted) for each in wanted)


def _wanted_width(title: str, texts: Sequence[str], is_number: bool) -> float:
    """In letters, with room beside them."""
    longest_word = max(len(word) for text in (title, *texts) for word in text.split() or [""])
    longest = max((len(text) for text in texts), default=0)
    if is_number:
        # Words in a column of numbers say why there is none; they may take two lines.
        longest = max((len(text) for text in texts if any(letter.isdigit() for letter in text)), default=0)
        return max(longest_word, min(longest, 9), 5) + 3.0
    return max(longest_word, min(longest, 18), 0.75 * min(longest, 60)) + 3.0


class Numbering:
    """Hands out the numbers of tables, figures and headings of one report."""

    def __init__(self) -> None:
        self._n_tables = self._n_figures = self._n_headings = 0

    def heading(self, words: str) -> Text:
        """A heading below that of its section: "2. Các yếu tố"."""
        self._n_headings += 1
        return Text(f"{self._n_headings}. {words}", Style.HEADING)

    def table(self, result: ResultTable, note: str = "") -> tuple[Table, ...]:
        """The table with its number; nothing where it has no rows."""
        if not result.rows:
            return ()
        self._n_tables += 1
        return (Table(self._n_tables, result, note),)

    def figure(self, title: str, note: str, draw: Callable[[], Drawing]) -> Figure:
        self._n_figures += 1
        return Figure(self._n_figures, title, note, draw)


def texts(sentences: Iterable[str | None], style: Style = Style.BODY) -> tuple[Text, ...]:
    """Sentences as paragraphs, those that do not apply left out."""
    return tuple(Text(words, style) for words in sentences if words)


def without_codes(table: ResultTable) -> ResultTable:
    """The table as people read it: codes are for programs."""
    kept = [place for place, column in enumerate(table.columns) if column.code not in {"code", "unit_code"}]
    return ResultTable(
        table.code,
        table.title,
        tuple(table.columns[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in table.rows),
    )


def figures_code(subject: str, tables: Iterable[ResultTable]) -> str:
    """A code of the figures alone, the same in every language: "3F9A-00C1-77DE-42B8"."""
    content = [subject, [[table.code, [_figures(table, row) for row in table.rows]] for table in tables]]
    digest = hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()[:16].upper()
    return "-".join(digest[start : start + 4] for start in range(0, 16, 4))


def _figures(table: ResultTable, row: tuple[Cell, ...]) -> list[object]:
    """The cells that are no words, and the code of the row."""
    kept: list[object] = []
    for column, cell in zip(table.columns, row, strict=True):
        if column.kind is Kind.TEXT and column.code not in {"code", "unit_code"}:
            continue
        if isinstance(cell, Missing):
            kept.append(cell.value)
        elif isinstance(cell, date):
            kept.append(cell.isoformat())
        elif isinstance(cell, float):
            # The last digits of a sum may differ between databases.
            kept.append(f"{cell:.9f}")
        else:
            kept.append(cell)
    return kept
