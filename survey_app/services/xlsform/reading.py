"""A foreign form as a definition; what was left out, changed or refused is named by sheet, row and column."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from survey_app.errors import DefinitionError
from survey_app.services.definitions import (
    MAX_DEPTH,
    MAX_SLOTS,
    is_counted,
    items_under,
    nodes_under,
    validate_definition,
)
from survey_app.services.xlsform.conditions import Asked, Conditions
from survey_app.services.xlsform.expressions import Clause
from survey_app.services.xlsform.findings import Decision, Finding, Findings
from survey_app.services.xlsform.layout import FORMAT, STAGE
from survey_app.services.xlsform.lists import ChoiceList, read_lists
from survey_app.services.xlsform.pyxform_check import check_with_pyxform
from survey_app.services.xlsform.questions import Questions
from survey_app.services.xlsform.row_types import CELLS_LEFT_OUT, KNOWN_COLUMNS, row_type
from survey_app.services.xlsform.settings import read_head, settings_line
from survey_app.services.xlsform.texts import code_from, wording_of
from survey_app.services.xlsform.workbook import Line, Table, Tables, read_tables

_STEP = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the definition cannot be published as it is: the place in it, and the row it came from (0: none)."""

    path: str
    problem: str
    row: int


@dataclass(frozen=True, slots=True)
class Reading:
    """`definition` is None where the file is refused; a `fault` is for the editor to mend."""

    definition: dict[str, Any] | None
    findings: tuple[Finding, ...]
    fault: Fault | None = None
    warnings: tuple[str, ...] = ()

    def by(self, decision: Decision) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.decision is decision)


def read_xlsform(
    files: Sequence[tuple[str, bytes]], *, today: date, drops_conditions: bool = False
) -> Reading:
    """Read one workbook, one CSV file or a set of them, given by name and content.

    `drops_conditions` leaves out conditions that no definition can hold, where they would otherwise refuse the file:
    those questions are then asked of everybody. Raises `UnreadableTable` for what is no table.
    """
    findings = Findings()
    tables = read_tables(files, findings)
    if findings.are_refusing:
        return Reading(None, tuple(findings))
    reader = _Reader(tables, findings, drops_conditions)
    definition = reader.definition(today)
    if findings.are_refusing:
        return Reading(None, tuple(findings))
    warnings = check_with_pyxform(tables, findings)
    if findings.are_refusing:
        return Reading(None, tuple(findings))
    return Reading(definition, tuple(findings), reader.fault_of(definition), tuple(warnings))


@dataclass(slots=True)
class _Open:
    """A group that is not closed yet: its node, its row, and the conditions that hold for all in it."""

    node: dict[str, Any]
    line: Line
    clauses: tuple[Clause, ...]
    heading: str


@dataclass(slots=True)
class _Reader:
    tables: Tables
    findings: Findings
    drops_conditions: bool
    tree: list[Any] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    rows: dict[int, int] = field(default_factory=dict)
    repeat: Line | None = None
    repeat_depth: int = 0
    survey: Table = field(init=False)
    lists: dict[str, ChoiceList] = field(init=False)
    questions: Questions = field(init=False)
    settings: Line = field(init=False)

    def __post_init__(self) -> None:
        self.survey = self.tables["survey"]
        self.settings = settings_line(self.tables)
        default = self.settings.get("default_language")
        choices = self.tables.get("choices")
        choice_words = None if choices is None else wording_of(choices, default, self.findings)
        self.lists = read_lists(choices, choice_words, self.findings)
        names = frozenset(line.get("name") for line in self.survey.lines)
        conditions = Conditions(self.survey, Asked(names), self.findings, self.drops_conditions)
        self.questions = Questions(
            self.survey, wording_of(self.survey, default, self.findings), self.lists, conditions, self.findings,
            is_ours=self.settings.get("hailong_format") == FORMAT,
        )  # fmt: skip

    @property
    def asked(self) -> Asked:
        return self.questions.conditions.asked

    def definition(self, today: date) -> dict[str, Any]:
        self._check_columns()
        for line in self.survey.lines:
            if line.get("disabled").lower() not in {"yes", "true"}:
                self._row(line)
        for group in [*(each.line for each in self.stack), *([self.repeat] if self.repeat else [])]:
            self.say("group_not_closed", group, "type", group.get("name"))
        if not list(items_under(self.tree)):
            self.findings.add("nothing_left", "survey")
        self._name_groups()
        n_slots = sum(len(item.get("options", ())) or 1 for item in items_under(self.tree))
        if n_slots > MAX_SLOTS:
            self.findings.add("too_many_slots", "survey", detail=str(n_slots))
        head, index = read_head(
            self.tables, self.settings, self.tree, self.findings, today=today, is_ours=self.questions.is_ours
        )
        return head | {"scales": self._scales(), "tree": self.tree, "index": index}

    def fault_of(self, definition: dict[str, Any]) -> Fault | None:
        try:
            validate_definition(definition)
        except DefinitionError as error:
            return Fault(error.path, error.problem, self._row_at(definition, error.path))
        return None

    def say(self, what: str, line: Line, column: str, detail: str = "") -> None:
        self.questions.say(what, line, column, detail)

    def _row(self, line: Line) -> None:
        if not line.get("type"):
            # A remark beside the table; where it looks like a question, pyxform says that its type is missing.
            return
        kind = row_type(line.get("type"))
        if self.repeat is not None:
            self._inside_repeat(line, kind.what)
        elif kind.what == "begin_group":
            self._begin(line)
        elif kind.what == "end_group":
            self._end(line)
        elif kind.what == "begin_repeat":
            self.repeat, self.repeat_depth = line, 1
            self._drop("repeat", line)
        elif kind.what == "end_repeat":
            self.say("group_not_open", line, "type", line.get("type"))
        elif line.get("name") == STAGE and self.questions.is_ours:
            return
        elif kind.what in {"select_one", "select_multiple"} and not line.get("choice_filter"):
            self._question(line)
        else:
            self._drop("filtered_list" if kind.what.startswith("select") else kind.what, line)

    def _inside_repeat(self, line: Line, what: str) -> None:
        """Everything in a repeat is left out with it; only its end counts."""
        self.repeat_depth += {"begin_repeat": 1, "end_repeat": -1}.get(what, 0)
        if self.repeat_depth == MAX_DEPTH + 1 and what == "begin_repeat":
            self.say("too_deep", line, "type", line.get("name"))
        self.asked.dropped.add(line.get("name"))
        if self.repeat_depth == 0:
            self.repeat = None

    def _drop(self, what: str, line: Line) -> None:
        if line.get("name"):
            self.asked.dropped.add(line.get("name"))
        self.say(what, line, "type", f"{line.get('type')} {line.get('name')}".strip())

    def _begin(self, line: Line) -> None:
        code = self._code(line)
        title = self.questions.wording.texts(line, self.findings)
        if not title:
            title = {"vi": line.get("name") or code}
            self.say("group_without_label", line, "label", code)
        if len(self.stack) + 2 > MAX_DEPTH:
            self.say("too_deep", line, "type", code)
        node: dict[str, Any] = {
            "code": code,
            "kind": line.get("hailong_kind"),
            "title": title,
            "children": [],
        }
        if line.get("hailong_screen"):
            node["screen"] = line.get("hailong_screen")
        self._place(node, line)
        self.questions.say_left_out(line)
        self.stack.append(_Open(node, line, self.questions.conditions.of(line), code))

    def _end(self, line: Line) -> None:
        if not self.stack:
            self.say("group_not_open", line, "type", line.get("type"))
            return
        closed = self.stack.pop()
        if not closed.node["children"]:
            self.say("empty_group", closed.line, "name", closed.heading)
            (self.stack[-1].node["children"] if self.stack else self.tree).remove(closed.node)

    def _question(self, line: Line) -> None:
        kind, name = row_type(line.get("type")), line.get("name")
        code = self._code(line)
        around = tuple(clause for group in self.stack for clause in group.clauses)
        item = self.questions.item(line, kind, code, around)
        if item is None:
            return
        self._place(item, line)
        asked = self.asked
        asked.codes[name], asked.lists[name] = code, self.lists[kind.list_name]
        if "options" in item:
            asked.multiples.add(name)

    def _code(self, line: Line) -> str:
        name = line.get("name")
        if not name:
            self.say("no_name", line, "name", line.get("type"))
            return ""
        code = line.get("hailong_code") or code_from(name)
        if not code:
            self.say("bad_name", line, "name", name)
        elif code in self.codes:
            self.say("duplicate_name", line, "name", name)
        elif code != name and not line.get("hailong_code"):
            self.say("renamed", line, "name", f"{name} → {code}")
        self.codes.add(code)
        return code

    def _place(self, node: dict[str, Any], line: Line) -> None:
        self.rows[id(node)] = line.number
        (self.stack[-1].node["children"] if self.stack else self.tree).append(node)

    def _name_groups(self) -> None:
        """Kinds of groups that no column of ours names: by what they hold, from the inside."""
        for node in reversed(list(nodes_under(self.tree))):
            if not node["kind"]:
                node["kind"] = _group_kind(node)  # type: ignore[index]

    def _scales(self) -> dict[str, Any]:
        """Lists that questions name as scales; ours keeps the unused ones too."""
        named = [item["scale"] for item in items_under(self.tree) if "scale" in item]
        for found in self.lists.values():
            if not found.is_used and not self.questions.is_ours:
                self.findings.add("unused_list", "choices", found.first_line, detail=found.name)
        kept = [
            name
            for name, found in self.lists.items()
            if name in named or (self.questions.is_ours and not found.is_used and name != STAGE)
        ]
        return {name: self.lists[name].as_scale() for name in kept if self.lists[name].choices}

    def _check_columns(self) -> None:
        for column, heading in self.survey.headings.items():
            head = column.partition("::")[0]
            known = head in KNOWN_COLUMNS or head in CELLS_LEFT_OUT or column.startswith("hailong_")
            if not known and any(line.get(column) for line in self.survey.lines):
                self.findings.add("unknown_column", "survey", 0, heading)

    def _row_at(self, definition: dict[str, Any], path: str) -> int:
        """The row of the innermost node that a path like `tree[2].children[0].scale` leads through."""
        row, nodes = 0, definition["tree"]
        for place in _STEP.findall(path) if path.startswith("tree") else ():
            if int(place) >= len(nodes):
                break
            node = nodes[int(place)]
            row = self.rows.get(id(node), row)
            nodes = node.get("children", ())
        return row


def _group_kind(node: Any) -> str:
    if any("children" in child and child["kind"] in {"factor", "aspect"} for child in node["children"]):
        return "aspect"
    has_scores = any("children" not in child and is_counted(child) for child in node["children"])
    return "factor" if has_scores else "section"
