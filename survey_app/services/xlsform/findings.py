"""What is said of a foreign form by sheet, row and column: what was left out, and what made us refuse it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

SHOWN = 120


class Decision(Enum):
    """`DROPPED`: the rest is taken without it; `CHANGED`: taken, not as written; `REFUSED`: nothing is taken."""

    DROPPED = "dropped"
    CHANGED = "changed"
    REFUSED = "refused"


_D, _C, _R = Decision.DROPPED, Decision.CHANGED, Decision.REFUSED
# Everything that a reading may say of a file. docs/xlsform.md lists the same.
DECISIONS: Mapping[str, Decision] = {
    # Rows that ask what a packed answer cannot hold, or what would tell who answered.
    "open_question": _D, "metadata": _D, "note": _D, "calculation": _D, "repeat": _D, "external_list": _D,
    "filtered_list": _D, "ranking": _D, "empty_group": _D, "other_sheet": _D, "unused_list": _D,
    # Cells of rows that are kept.
    "or_other": _D, "hint": _D, "required": _D, "constraint": _D, "appearance": _D, "default": _D, "media": _D,
    "audio": _D, "parameters": _D, "read_only": _D, "language_unknown": _D, "condition_dropped": _D,
    "unknown_column": _D, "second_column": _D,
    # Kept, but not as written.
    "renamed": _C, "no_vietnamese": _C, "group_without_label": _C, "missing_recognised": _C, "scores_recognised": _C,
    "not_scored": _C, "markup": _C, "piping": _C, "settings_assumed": _C,
    # The file.
    "no_survey": _R, "no_header": _R, "duplicate_column": _R, "too_many_rows": _R, "formula": _R, "bidi": _R,
    "too_long": _R, "pyxform": _R,
    # The form.
    "unknown_type": _R,
    "no_name": _R, "no_label": _R, "bad_name": _R, "duplicate_name": _R, "duplicate_choice": _R, "unknown_list": _R,
    "too_many_choices": _R, "group_not_closed": _R, "group_not_open": _R, "too_deep": _R, "nothing_left": _R,
    "too_many_slots": _R, "bad_own_value": _R, "list_differs_from_scale": _R,
    # Conditions.
    "relevant_grammar": _R, "relevant_function": _R, "relevant_shape": _R, "relevant_unknown_question": _R,
    "relevant_dropped_question": _R, "relevant_later_question": _R, "relevant_unknown_choice": _R,
    "relevant_equals_on_multiple": _R,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing said of the file. `row` 0 is the whole sheet; `column` is the heading as it stands in the file."""

    what: str
    sheet: str
    row: int = 0
    column: str = ""
    detail: str = ""

    @property
    def decision(self) -> Decision:
        return DECISIONS[self.what]


class Findings(list[Finding]):
    """The findings of one reading, as they are met."""

    def add(self, what: str, sheet: str, row: int = 0, column: str = "", detail: str = "") -> None:
        self.append(Finding(what, sheet, row, column, detail[:SHOWN]))

    def by(self, decision: Decision) -> tuple[Finding, ...]:
        return tuple(finding for finding in self if finding.decision is decision)

    @property
    def are_refusing(self) -> bool:
        return any(finding.decision is Decision.REFUSED for finding in self)
