"""Rules and designs of reference cases, read from their text."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.cases.case import Case, survey_of
from tests.analysis.cases.rules import evaluated, with_rule

TABLE = {
    "api.00": np.array([500.0, 700, np.nan, 650]),
    "api": np.array([1.0, 2, 3, 4]),
    "kind of": np.array(["E", "H", "", "E"]),
}


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("1 if api.00 >= 650 else 0", [0, 1, np.nan, 1]),
        ("1 if 500 < api.00 <= 650 else 0", [0, 0, np.nan, 1]),
        ("1 + (api.00>=600) + (api.00>=700)", [1, 3, np.nan, 2]),
        ("1 if kind of == 'E' else 0", [1, 0, np.nan, 1]),
        ("1 if kind of in ('E', 'M') and api > 1 else 0", [0, 0, np.nan, 1]),
        ("log(api)^2 - api", np.log([1, 2, 3, 4]) ** 2 - [1, 2, 3, 4]),
        ("0 if not api = 2 else -1", [0, -1, 0, 0]),
    ],
)
def test_rule_is_read_row_by_row(rule: str, wanted: list[float]) -> None:
    np.testing.assert_allclose(evaluated(rule, TABLE), wanted)


def test_rule_makes_labels() -> None:
    assert evaluated("'high' if api.00 > 600 else 'low'", TABLE).tolist() == ["low", "high", "", "high"]


def test_items_are_reversed_under_a_new_name_or_in_place() -> None:
    columns = {"a": np.array([1.0, 5]), "b": np.array([2.0, 4])}
    assert with_rule(columns, "reversed items", "6 - answer for a and b")["br"].tolist() == [4, 2]
    assert with_rule(columns, "br", "6 - answer")["br"].tolist() == [4, 2]
    assert with_rule(columns, "reversed items", "6 - answer for a", asked=["a", "b"])["a"].tolist() == [5, 1]
    assert with_rule(columns, "r", "6 - answer for a", asked=["ar", "b"])["a"].tolist() == [1, 5]


def test_rows_are_left_out_and_rules_for_other_files_pass() -> None:
    columns = {"a": np.array([1.0, 2, 3, 4])}
    assert with_rule(columns, "exclude", "data rows 1, 2 and 4 are left out")["a"].tolist() == [3]
    assert with_rule(columns, "top", "1 if elsewhere >= 4 else 0") == columns


@pytest.mark.parametrize(
    ("plan", "df"),
    [
        ({"ids": "~c + d", "strata": ["s"], "weights": 2}, 2),
        ({"ids": ["c"], "weights": "w"}, 3),
        ({"ids": "1", "fpc": 40}, 3),
        ({"weights": 1}, 3),
    ],
)
def test_designs_are_read_however_they_are_written(plan: dict[str, object], df: int) -> None:
    table = {
        "c": np.array([1.0, 2, 3, 4]),
        "d": np.array([1.0, 2, 3, 4]),
        "s": np.array(["x", "x", "y", "y"]),
        "w": np.array([1.0, 2, 3, 4]),
    }
    assert survey_of(table, plan).df == df


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ({"request": {"level": 0.9}}, 0.9),
        ({"request": {"rows": "x,n; alpha=0.1"}}, 0.9),
        ({"request": {}, "title": "Joint 99% sets"}, 0.99),
        ({"request": {}, "title": "Top 10 % of schools"}, 0.95),
    ],
)
def test_level_stands_in_the_request_or_in_the_title(body: dict[str, object], level: float) -> None:
    assert Case(Path(), body).level == pytest.approx(level)
