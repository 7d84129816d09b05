"""One reference case: its question, its data with derived columns, and what other programs answer."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis import Survey
from tests.analysis.cases.rules import Columns, evaluated, with_rule

Check = tuple[str, Any, Any] | tuple[str, Any, Any, float]
"""What is compared, what we get, what is expected (None: undefined, NaN), and to how much that is known at best."""

LEVEL_NAMES = ("level", "confidence_level", "conf_level", "conf.level", "coverage", "conf")
KEPT_STATISTICS = Path(__file__).parents[2] / "reference" / "statistics"


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
        columns = read_columns(self.files[position]) if self.files else self.listed_columns
        if derived:
            for rule in self.body.get("derive", []):
                columns = with_rule(columns, rule["name"], rule["rule"], asked=self.items)
        return columns

    @property
    def listed_columns(self) -> Columns:
        """Columns that the request itself lists, of a case without a data file."""
        listed = {name: values for name, values in self.request.items() if isinstance(values, list)}
        size = max(len(values) for values in listed.values())
        return {name: np.array(values) for name, values in listed.items() if len(values) == size}

    def survey(self, position: int = 0, **options: Any) -> Survey:
        """The survey of one data file under the case's only design."""
        return survey_of(self.table(position), self.design, confidence_level=self.level, **options)

    @property
    def items(self) -> list[str]:
        return self.request.get("items", []) if isinstance(self.request, dict) else []

    @property
    def level(self) -> float:
        """Confidence level: a field of the request, words of it or of the title, or 95 %."""
        if isinstance(self.request, dict):
            for name in LEVEL_NAMES:
                if isinstance(self.request.get(name), float):
                    return self.request[name]
        asked, title = str(self.request), self.body.get("title", "")
        if alpha := re.search(r"alpha\W+([\d.]+\d)", asked):
            return 1 - float(alpha.group(1))
        if named := re.search(r"level\W+(0?\.\d+)", asked):
            return float(named.group(1))
        written = re.search(r"\b([5-9]\d(?:\.\d+)?) ?%", title)
        return float(written.group(1)) / 100 if written else 0.95

    def satisfied(self, answers: np.ndarray) -> np.ndarray:
        """Answers that count as satisfied, by a rule like "1 if answer >= 4 else 0"; 0 where missing."""
        rules = " ".join(rule["rule"] for rule in self.body["derive"])
        found = re.search(r"1 if (answer .+?) else 0", rules)
        assert found, "no threshold among the rules"
        return np.nan_to_num(evaluated(found.group(1), {"answer": answers.ravel()})).reshape(answers.shape)

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
        return self.check(case, self.statistics(case) if case.has_data else case.kept_statistics())


def survey_of(table: Columns, plan: dict[str, Any], **options: Any) -> Survey:
    """The survey that a case's design describes."""
    table, given = dict(table), {}
    for theirs, ours in {"weights": "weights", "strata": "strata", "ids": "clusters", "fpc": "fpc"}.items():
        value = plan.get(theirs)
        if isinstance(value, (int, float)) and theirs != "ids":
            table[f"the {ours}"] = np.full(len(next(iter(table.values()))), float(value))
            given[ours] = f"the {ours}"
        elif names := names_in(value, table):
            given[ours] = names[0] if ours == "weights" else names
    return Survey(table, **given, **options)


def names_in(value: Any, table: Columns) -> list[str]:
    """Columns named as one, a list, or a formula like "~dnum + snum"; none of "~1"."""
    words = (
        value if isinstance(value, list) else [value] if value in table else re.split(r"[~+ ]+", str(value))
    )
    return [word for word in words if word not in ("", "0", "1", 0, 1, "None")]


def read_columns(path: Path) -> Columns:
    """Columns of a CSV file; a column is numeric where every filled field is."""
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return {name: typed([row[name] for row in rows]) for name in rows[0]}


def typed(fields: list[str]) -> np.ndarray:
    try:
        return np.array([float(field) if field not in ("", "NA") else np.nan for field in fields])
    except ValueError:
        return np.array(fields)
