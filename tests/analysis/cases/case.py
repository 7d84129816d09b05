"""One reference case: its question, its data with derived columns, and what other programs answer."""

import ast
import csv
import json
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from analysis import Survey

Columns = dict[str, np.ndarray]
Check = tuple[str, Any, Any] | tuple[str, Any, Any, float]
"""What is compared, what we get, what is expected (None: undefined, NaN), and to how much that is known at best."""

KEPT_STATISTICS = Path(__file__).parents[2] / "reference" / "statistics"
OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.Lt: operator.lt,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class Case:
    """One reference case and the folder its data lie in."""

    folder: Path
    body: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Case":
        return cls(path.parent.parent, json.loads(path.read_text(encoding="utf-8")))

    @property
    def feature(self) -> str:
        return self.body["feature"]

    @property
    def request(self) -> Any:
        return self.body.get("request", {})

    @property
    def expected(self) -> Any:
        return self.body["expected"]

    @property
    def design(self) -> dict[str, Any]:
        return self.body.get("design", {})

    @property
    def files(self) -> list[Path]:
        """Data files, the first first; cases with counts only have none."""
        names = self.body.get("data", [])
        listed = [names] if isinstance(names, str) else list(names)
        return [self.folder / name for name in listed if str(name).endswith(".csv")]

    @property
    def has_data(self) -> bool:
        return all(path.exists() for path in self.files)

    def table(self, position: int = 0, *, derived: bool = True) -> Columns:
        """Columns of one data file: floats with NaN where empty, strings otherwise; derived ones added."""
        columns = read_columns(self.files[position])
        if derived:
            for rule in self.body.get("derive", []):
                columns = with_rule(columns, rule["name"], rule["rule"])
        return columns

    def survey(self, position: int = 0, **options: Any) -> Survey:
        """The survey of one data file under the case's only design."""
        return survey_of(self.table(position), self.design, **options)

    @cached_property
    def satisfied_from(self) -> float:
        """Lowest answer that counts as satisfied, of a rule like "1 if answer >= 4 else 0"."""
        found = re.search(r"answer >= (\d+)", " ".join(rule["rule"] for rule in self.body["derive"]))
        assert found, "no threshold among the rules"
        return float(found.group(1))

    def kept_statistics(self) -> dict[str, Any]:
        """Sufficient statistics kept in place of data that are not ours to keep."""
        return json.loads((KEPT_STATISTICS / f"{self.body['id']}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Feature:
    """What answers a feature: a check, of the case alone or of the sufficient statistics made of its data.

    `statistics` turns raw data into plain lists and numbers; where the raw data may not be kept, its result is
    stored in their place, so that the check is the same for both.
    """

    check: Callable[..., Iterator[Check]]
    statistics: Callable[[Case], dict[str, Any]] | None = None

    def checks(self, case: Case) -> Iterator[Check]:
        if self.statistics is None:
            return self.check(case)
        made = case.has_data and case.files
        return self.check(case, self.statistics(case) if made else case.kept_statistics())


def survey_of(table: Columns, plan: dict[str, Any], **options: Any) -> Survey:
    """The survey that a case's design describes."""
    named = {"weights": "weights", "strata": "strata", "ids": "clusters", "fpc": "fpc"}
    given = {ours: plan[theirs] for theirs, ours in named.items() if theirs in plan}
    if not isinstance(given.get("weights"), str):
        given.pop("weights", None)
    return Survey(table, **given, **options)


def read_columns(path: Path) -> Columns:
    """Columns of a CSV file; a column is numeric where every filled field is."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: typed([row[name] for row in rows]) for name in rows[0]}


def typed(fields: list[str]) -> np.ndarray:
    try:
        return np.array([float(field) if field not in ("", "NA") else np.nan for field in fields])
    except ValueError:
        return np.array(fields)


def with_rule(columns: Columns, name: str, rule: str) -> Columns:
    """The columns with what one written rule adds, or without the rows it leaves out."""
    if left_out := re.match(r"data rows? ([\d, ]+)", rule):
        rows = [int(row) - 1 for row in left_out.group(1).replace(",", " ").split()]
        return {column: np.delete(values, rows) for column, values in columns.items()}
    if reversed_ := re.match(r"(\d+) - answer(?: for (.*))?$", rule):
        top, listed = reversed_.groups()
        names = listed.split(", ") if listed else [new.removesuffix("r") for new in name.split(", ")]
        return columns | {f"{old}r": float(top) - columns[old] for old in names}
    if "answer" in rule:
        return columns
    return columns | {name: evaluated(rule.removesuffix(" for every row"), columns)}


def evaluated(rule: str, columns: Columns) -> np.ndarray:
    """A rule such as "1 if api00 >= 700 else 0", row by row; NaN where a column it reads is missing."""
    names: dict[str, str] = {}
    for position, column in enumerate(sorted(columns, key=len, reverse=True)):
        rule, found = re.subn(rf"(?<![\w.]){re.escape(column)}(?![\w.])", f"_{position}_", rule)
        if found:
            names[f"_{position}_"] = column
    size = len(next(iter(columns.values())))
    values = np.broadcast_to(_value(ast.parse(rule, mode="eval").body, columns, names), (size,)).astype(float)
    for column in names.values():
        if columns[column].dtype.kind == "f":
            values[np.isnan(columns[column])] = np.nan
    return values


def _value(node: ast.expr, columns: Columns, names: dict[str, str]) -> Any:
    def of(part: ast.expr) -> Any:
        return _value(part, columns, names)

    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return columns[names[name]]
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](of(left), of(right))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return OPERATORS[type(op)](of(left), of(right)).astype(float)
        case ast.BoolOp(op=op, values=parts):
            joined = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return joined.reduce([of(part) for part in parts]).astype(float)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return np.where(of(test), of(body), of(orelse))
    raise ValueError(f"a rule with {ast.dump(node)}")
