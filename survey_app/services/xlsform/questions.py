"""One question of a foreign form as an item of a definition."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.packing import MAX_POSITIONS
from survey_app.services.definitions import CHANNELS
from survey_app.services.xlsform.conditions import Conditions
from survey_app.services.xlsform.expressions import Clause
from survey_app.services.xlsform.findings import Findings
from survey_app.services.xlsform.lists import ChoiceList, yes_or_no
from survey_app.services.xlsform.row_types import CELLS_LEFT_OUT, RowType
from survey_app.services.xlsform.texts import Wording
from survey_app.services.xlsform.workbook import Line, Table

_MOST = re.compile(r"count-selected\(\s*\.\s*\)\s*<=\s*(\d{1,3})")
_WORDS_ON = re.compile(r"hailong_text_([a-z]+)_([a-z]{2,3})")
_TRUE = frozenset({"yes", "true", "true()", "1"})


@dataclass(frozen=True, slots=True)
class Questions:
    """Everything that one row is read with."""

    table: Table
    wording: Wording
    lists: dict[str, ChoiceList]
    conditions: Conditions
    findings: Findings
    is_ours: bool

    def item(self, line: Line, kind: RowType, code: str, around: Sequence[Clause]) -> dict[str, Any] | None:
        """The item, or None for a fault that is among the findings."""
        found = self.lists.get(kind.list_name)
        text = self.wording.texts(line, self.findings)
        if found is None:
            self.say("unknown_list", line, "type", kind.list_name)
        if not text:
            self.say("no_label", line, "label", line.get("name"))
        if found is None or not text:
            return None
        found.is_used = True
        if kind.has_other:
            self.say("or_other", line, "type", line.get("type"))
        self.say_left_out(line)
        item: dict[str, Any] = {"code": code, "kind": "", "text": text}
        item |= self._several(line, found) if kind.what == "select_multiple" else self._one_of(line, found)
        item["kind"] = line.get("hailong_kind") or self._kind(item, found)
        relevant = self.conditions.relevant((*around, *self.conditions.of(line)), line)
        return item | ({"relevant": relevant} if relevant else {}) | self._own(line)

    def say(self, what: str, line: Line, column: str, detail: str = "") -> None:
        self.findings.add(what, self.table.name, line.number, self.table.heading(column), detail)

    def say_left_out(self, line: Line) -> None:
        """The cells of a row that is kept which say what a definition cannot."""
        for column, text in line.cells.items():
            what = CELLS_LEFT_OUT.get(column) or CELLS_LEFT_OUT.get(column.partition("::")[0])
            if column.startswith("media::audio"):
                what = "audio"
            if what:
                self.say(what, line, column, text)
        if not self.is_ours and line.get("required").lower() in _TRUE:
            self.say("required", line, "required")

    def _kind(self, item: dict[str, Any], found: ChoiceList) -> str:
        if "options" in item:
            return "multi"
        return "satisfaction" if found.is_scored else "fact"

    def _one_of(self, line: Line, found: ChoiceList) -> dict[str, Any]:
        if line.get("constraint"):
            self.say("constraint", line, "constraint", line.get("constraint"))
        if len(found.choices) > MAX_POSITIONS:
            self.say("too_many_choices", line, "type", found.name)
        scale = line.get("hailong_scale")
        if not scale:
            if not found.is_scored:
                self.say("not_scored", line, "type", found.name) if not self.is_ours else None
            return {"scale": found.name}
        whole = self.lists.get(scale)
        if whole is None or whole.as_scale()["points"] != found.as_scale()["points"]:
            self.say("list_differs_from_scale", line, "hailong_scale", scale)
        else:
            whole.is_used = True
        return {"scale": scale, "missing": found.missing}

    def _several(self, line: Line, found: ChoiceList) -> dict[str, Any]:
        parts: dict[str, Any] = {"options": found.as_options()}
        if found.missing:
            parts["missing"] = found.missing
        constraint = line.get("constraint")
        most = _MOST.fullmatch(constraint)
        if most:
            parts["max_choices"] = int(most[1])
        elif constraint:
            self.say("constraint", line, "constraint", constraint)
        if line.get("hailong_max_choices") == "none":
            parts["max_choices"] = None
        elif line.get("hailong_max_choices"):
            self.say("bad_own_value", line, "hailong_max_choices", line.get("hailong_max_choices"))
        return parts

    def _own(self, line: Line) -> dict[str, Any]:
        """What only our own columns say."""
        own: dict[str, Any] = {}
        if line.get("hailong_screen"):
            own["screen"] = line.get("hailong_screen")
        if self.is_ours and line.get("required").lower() in _TRUE:
            own["mandatory"] = True
        counts = yes_or_no(line, "hailong_counts", self.table, self.findings)
        if counts is not None:
            own["counts"] = counts
        hidden = line.get("hailong_channels_hidden").split()
        if hidden:
            own["channels_hidden"] = hidden
        by_channel: dict[str, dict[str, str]] = {}
        for column, text in line.cells.items():
            found = _WORDS_ON.fullmatch(column)
            if found and found[1] in CHANNELS:
                by_channel.setdefault(found[1], {})[found[2]] = text
            elif found:
                self.say("bad_own_value", line, column, found[1])
        return own | ({"text_by_channel": by_channel} if by_channel else {})
