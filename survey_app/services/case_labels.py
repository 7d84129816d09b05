"""Labels of cases from an office's list: numbers of a list and nothing that names or reaches a person."""

import csv
import io
import re
from collections.abc import Collection, Sequence

from survey_app.errors import LabelsRefused

MAX_BYTES = 64 * 1024
MAX_LABELS = 2_000
MAX_LENGTH = 20
# Stands in no label of an office's list, so a marked label is never another case's own.
MARK = "#"
# Nine digits together are a telephone or identity number; five letters in a row may be a name.
MAX_DIGITS = 8
_SHAPE = re.compile(r"[0-9A-Za-zĐđ][0-9A-Za-zĐđ./_-]*")
_WORD = re.compile(r"[A-Za-zĐđ]{5,}")
_HEADER = {"ma", "mã", "ma_ho", "mã hộ", "so", "số", "stt", "label", "case", "code"}


def read_labels(content: bytes) -> tuple[str, ...]:
    """The labels of a CSV file of one column; any row that could name or reach a person refuses the whole file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabelsRefused(((0, "not_utf8"),)) from error
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise LabelsRefused(((0, "not_csv"),)) from error
    numbered = [
        (number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)
    ]
    if numbered and numbered[0][1][0].strip().casefold() in _HEADER:
        numbered = numbered[1:]
    if not numbered or len(numbered) > MAX_LABELS:
        raise LabelsRefused(((0, "too_many" if numbered else "empty"),))
    return _checked(numbered)


def _checked(numbered: list[tuple[int, list[str]]]) -> tuple[str, ...]:
    labels: list[str] = []
    faults: list[tuple[int, str]] = []
    for number, row in numbered:
        fault = _fault(row, labels)
        if fault:
            faults.append((number, fault))
        else:
            labels.append(row[0].strip())
    if faults:
        raise LabelsRefused(tuple(faults))
    return tuple(labels)


def _fault(row: list[str], before: list[str]) -> str:
    """What is wrong with a row, in one word; nothing if it may be kept."""
    if any(may_reach_somebody(cell) for cell in row):
        return "personal_number"
    if any(cell.strip() for cell in row[1:]):
        return "more_columns"
    label = row[0].strip()
    if not is_label(label):
        return "no_label"
    return "twice" if label in before else ""


def is_label(text: str) -> bool:
    """Whether a text is a short number of a list and could neither name nor reach a person."""
    return bool(
        len(text) <= MAX_LENGTH
        and _SHAPE.fullmatch(text)
        and not _WORD.search(text)
        and 0 < _digits(text) <= MAX_DIGITS
    )


def unique_labels(labels: Sequence[str], used: Collection[str]) -> tuple[str, ...]:
    """The labels, each with a mark and a number behind it where it is used already: "HS-01#2"."""
    taken, found = set(used), []
    for label in labels:
        free, copy = label, 1
        while free in taken:
            copy += 1
            mark = f"{MARK}{copy}"
            free = label[: MAX_LENGTH - len(mark)] + mark
        taken.add(free)
        found.append(free)
    return tuple(found)


def is_marked(given: str, label: str) -> bool:
    """Whether a case was given out under a label, as it is or marked."""
    own, mark, copy = given.partition(MARK)
    return given == label or bool(mark and copy.isdecimal() and own == label[: MAX_LENGTH - len(mark + copy)])


def may_reach_somebody(text: str) -> bool:
    """Whether a text holds as many digits as a telephone or identity number."""
    return _digits(text) > MAX_DIGITS


def _digits(text: str) -> int:
    return sum(letter.isdigit() for letter in text)
