"""`relevant` of a foreign form, in the terms of its questions: which stage, and which answers given before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey_app.services.definitions import STAGES
from survey_app.services.xlsform.expressions import Clause, NotUnderstood, parse_condition
from survey_app.services.xlsform.findings import Findings
from survey_app.services.xlsform.layout import STAGE
from survey_app.services.xlsform.lists import ChoiceList
from survey_app.services.xlsform.workbook import Line, Table


@dataclass(slots=True)
class Asked:
    """The questions read so far, by their names in the file, and what is known of all the others."""

    names: frozenset[str]
    codes: dict[str, str] = field(default_factory=dict)
    lists: dict[str, ChoiceList] = field(default_factory=dict)
    multiples: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Reads the cell of a row; what no definition can hold is refused, or left out where the reader said so."""

    table: Table
    asked: Asked
    findings: Findings
    drops: bool

    def of(self, line: Line) -> tuple[Clause, ...]:
        text = line.get("relevant")
        if not text:
            return ()
        try:
            clauses = parse_condition(text)
            for clause in clauses:
                self._check(clause)
        except NotUnderstood as error:
            what = "condition_dropped" if self.drops else error.reason
            self.findings.add(what, self.table.name, line.number, self.table.heading("relevant"), text)
            return ()
        return clauses

    def relevant(self, clauses: Sequence[Clause], line: Line) -> dict[str, Any]:
        """`relevant` of a definition: all the clauses, those of the groups around the question first."""
        try:
            return self._joined(clauses)
        except NotUnderstood as error:
            what = "condition_dropped" if self.drops else error.reason
            self.findings.add(what, self.table.name, line.number, self.table.heading("relevant"), error.part)
            return {}

    def _joined(self, clauses: Sequence[Clause]) -> dict[str, Any]:
        wanted: dict[str, list[str]] = {}
        for clause in clauses:
            values = self._values(clause)
            if clause.name not in wanted:
                wanted[clause.name] = values
            elif clause.name in self.asked.multiples:
                raise NotUnderstood("relevant_shape", f"${{{clause.name}}}")
            else:
                wanted[clause.name] = [value for value in wanted[clause.name] if value in values]
            if not wanted[clause.name]:
                raise NotUnderstood("relevant_shape", f"${{{clause.name}}}")
        stage = wanted.pop(STAGE, None)
        answers = {self.asked.codes[name]: values for name, values in wanted.items()}
        return ({"stage": stage} if stage else {}) | ({"answers": answers} if answers else {})

    def _values(self, clause: Clause) -> list[str]:
        codes: Mapping[str, str] = (
            {stage: stage for stage in STAGES}
            if clause.name == STAGE
            else self.asked.lists[clause.name].codes
        )
        return [codes[value] for value in clause.values]

    def _check(self, clause: Clause) -> None:
        name, asked = clause.name, self.asked
        if name == STAGE:
            known = set(STAGES)
        elif name in asked.codes:
            found = asked.lists[name]
            known = {written for written, code in found.codes.items() if code not in found.missing}
        else:
            raise NotUnderstood(self._why_not(name), name)
        if clause.is_equality and name in asked.multiples:
            raise NotUnderstood("relevant_equals_on_multiple", name)
        for value in clause.values:
            if value not in known:
                raise NotUnderstood("relevant_unknown_choice", value)

    def _why_not(self, name: str) -> str:
        if name in self.asked.dropped:
            return "relevant_dropped_question"
        return "relevant_later_question" if name in self.asked.names else "relevant_unknown_question"
