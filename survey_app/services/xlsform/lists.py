"""The choice lists of a foreign form: points of scales or options, answers outside the scale, and their scores."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from survey_app.services.definitions import MISSING_CHOICES
from survey_app.services.xlsform.findings import Findings
from survey_app.services.xlsform.texts import Wording, code_from
from survey_app.services.xlsform.workbook import Line, Table

# Satisfaction in five levels, by the words of the labels, Vietnamese or English.
_LEVELS: Mapping[str, int] = {
    "rất hài lòng": 5, "hài lòng": 4, "bình thường": 3, "không hài lòng": 2, "rất không hài lòng": 1,
    "trung bình": 3, "chưa hài lòng": 2, "rất chưa hài lòng": 1, "hoàn toàn không hài lòng": 1,
    "very satisfied": 5, "satisfied": 4, "neutral": 3, "dissatisfied": 2, "very dissatisfied": 1,
    "neither satisfied nor dissatisfied": 3, "neither": 3, "unsatisfied": 2, "not satisfied": 2,
    "very unsatisfied": 1, "not at all satisfied": 1, "somewhat satisfied": 4, "somewhat dissatisfied": 2,
    "completely satisfied": 5, "completely dissatisfied": 1, "fairly satisfied": 4, "fairly dissatisfied": 2,
}  # fmt: skip
_MISSING_WORDS: Mapping[str, str] = {
    "don't know": "dont_know", "dont know": "dont_know", "do not know": "dont_know", "i don't know": "dont_know",
    "không biết": "dont_know", "không nhớ": "dont_know", "không có ý kiến": "dont_know", "no opinion": "dont_know",
    "don't know / not sure": "dont_know", "not sure": "dont_know",
    "refused": "refused", "refuse": "refused", "refused to answer": "refused", "refuse to answer": "refused",
    "prefer not to answer": "refused", "prefer not to say": "refused", "không muốn trả lời": "refused",
    "không trả lời": "refused", "no answer": "refused", "declined": "refused",
    "not applicable": "not_applicable", "n/a": "not_applicable", "does not apply": "not_applicable",
    "không liên quan": "not_applicable", "không áp dụng": "not_applicable",
}  # fmt: skip
_YES_NO: Mapping[str, bool] = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
_LEVEL_SATISFIED = 4


@dataclass(slots=True)
class ChoiceList:
    """One list: its choices in order, the answers outside the scale, and the code of every name in the file."""

    name: str
    choices: list[dict[str, Any]] = field(default_factory=list)
    missing: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: set(MISSING_CHOICES))
    first_line: int = 0
    is_used: bool = False

    @property
    def is_scored(self) -> bool:
        return bool(self.choices) and all("score" in choice for choice in self.choices)

    def as_scale(self) -> dict[str, Any]:
        keys = ("code", "label", "score", "satisfied")
        points = [{key: choice[key] for key in keys if key in choice} for choice in self.choices]
        return {"points": points} | ({"missing": self.missing} if self.missing else {})

    def as_options(self) -> list[dict[str, Any]]:
        return [
            {key: choice[key] for key in ("code", "label", "group") if key in choice}
            for choice in self.choices
        ]


def read_lists(table: Table | None, wording: Wording | None, findings: Findings) -> dict[str, ChoiceList]:
    """Every list of the sheet by its name; rows without a list or a name are no choices."""
    lists: dict[str, ChoiceList] = {}
    if table is None or wording is None:
        return lists
    for line in table.lines:
        name = line.get("list_name")
        if not name:
            continue
        found = lists.setdefault(name, ChoiceList(name, first_line=line.number))
        _add(found, line, table, wording, findings)
    for found in lists.values():
        _score_by_words(found, findings)
    return lists


def yes_or_no(line: Line, column: str, table: Table, findings: Findings) -> bool | None:
    """None for an empty cell; anything but yes or no is refused."""
    text = line.get(column)
    if not text:
        return None
    if text.lower() not in _YES_NO:
        findings.add("bad_own_value", table.name, line.number, table.heading(column), text)
    return _YES_NO.get(text.lower())


def _add(found: ChoiceList, line: Line, table: Table, wording: Wording, findings: Findings) -> None:
    name = line.get("name")
    if not name:
        findings.add("no_name", table.name, line.number, table.heading("name"), found.name)
        return
    if name in found.codes:
        findings.add("duplicate_choice", table.name, line.number, table.heading("name"), name)
        return
    label = wording.texts(line, findings)
    if not label:
        findings.add("no_label", table.name, line.number, table.heading("label"), name)
        return
    missing = _missing_code(found, line, label, table, findings)
    if missing:
        found.codes[name] = missing
        found.missing[missing] = label
        return
    code = code_from(name, found.taken)
    if not code:
        findings.add("bad_name", table.name, line.number, table.heading("name"), name)
        return
    if code != name:
        findings.add("renamed", table.name, line.number, table.heading("name"), f"{name} → {code}")
    found.codes[name] = code
    found.taken.add(code)
    found.choices.append({"code": code, "label": label} | _own_values(line, table, findings))
    for column in line.cells:
        if column.startswith(("media::", "image", "video")):
            findings.add(
                "audio" if "audio" in column else "media", table.name, line.number, table.heading(column)
            )


def _own_values(line: Line, table: Table, findings: Findings) -> dict[str, Any]:
    values: dict[str, Any] = {}
    score, satisfied = line.get("hailong_score"), yes_or_no(line, "hailong_satisfied", table, findings)
    if score:
        number = _number(score)
        if number is None or satisfied is None:
            findings.add("bad_own_value", table.name, line.number, table.heading("hailong_score"), score)
        else:
            values |= {"score": number, "satisfied": satisfied}
    if line.get("hailong_group"):
        values["group"] = line.get("hailong_group")
    return values


def _number(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _missing_code(
    found: ChoiceList, line: Line, label: Mapping[str, str], table: Table, findings: Findings
) -> str:
    """Which answer outside the scale the row is: as we wrote it, by its code, or by its words."""
    name = line.get("name")
    if yes_or_no(line, "hailong_missing", table, findings) and name not in MISSING_CHOICES:
        findings.add("bad_own_value", table.name, line.number, table.heading("name"), name)
    if name in MISSING_CHOICES:
        return name
    if line.get("hailong_score"):
        return ""
    recognised = {_MISSING_WORDS.get(_words(text), "") for text in label.values()} - {""}
    code = recognised.pop() if len(recognised) == 1 else ""
    if not code or code in found.missing:
        return ""
    findings.add("missing_recognised", table.name, line.number, table.heading("name"), f"{name} → {code}")
    return code


def _score_by_words(found: ChoiceList, findings: Findings) -> None:
    """Five choices whose words are the five levels of satisfaction are scored; every other list stays unscored."""
    if any("score" in choice for choice in found.choices) or len(found.choices) != 5:
        return
    levels = [_level(choice["label"]) for choice in found.choices]
    if sorted(levels) == [1, 2, 3, 4, 5]:
        for choice, level in zip(found.choices, levels, strict=True):
            choice |= {"score": level, "satisfied": level >= _LEVEL_SATISFIED}
        findings.add("scores_recognised", "choices", found.first_line, detail=found.name)


def _level(label: Mapping[str, str]) -> int:
    levels = {_LEVELS.get(_words(text), 0) for text in label.values()}
    return levels.pop() if len(levels) == 1 else 0


def _words(text: str) -> str:
    return " ".join(text.replace("\u2019", "'").strip(" .:;()0123456789-–").lower().split())
