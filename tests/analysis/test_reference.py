"""Every reference case, against the other programs' numbers and in their tolerance."""

import os
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from analysis import Survey
from tests.analysis.case_runner import FEATURES, checks
from tests.analysis.cases.case import Case
from tests.analysis.reference_table import ANSWERED_BY, TABLE_END, TABLE_START

KEPT = sorted((Path(__file__).parents[1] / "reference" / "cases").glob("*.json"))
GIVEN = (
    sorted(Path(os.environ["REFERENCE_CASES"], "cases").glob("*.json"))
    if "REFERENCE_CASES" in os.environ
    else []
)


@pytest.mark.parametrize("path", KEPT + GIVEN, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_reference_case_against_other_programs(path: Path) -> None:
    case = Case.read(path)
    tolerance = case.body["tolerance"]
    compared = 0
    for name, got, wanted, *known_to in checks(case):
        atol = max(tolerance["atol"], *known_to, 0.0)
        np.testing.assert_allclose(
            got, np.asarray(wanted, dtype=float), rtol=tolerance["rtol"], atol=atol, err_msg=name
        )
        compared += 1
    assert compared


def test_every_feature_has_a_kept_case() -> None:
    assert {Case.read(path).feature for path in KEPT} == set(FEATURES)


@pytest.mark.parametrize("feature", FEATURES)
def test_the_table_names_public_functions_that_exist(feature: str) -> None:
    for name in ANSWERED_BY[feature].split(", "):
        owner, _, function = name.split("(")[0].rpartition(".")
        if owner == "Survey":
            assert hasattr(Survey, function)
        elif owner:
            assert hasattr(import_module(f"analysis.{owner}"), function)


def test_document_shows_the_table_as_it_is() -> None:
    written = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    cases = [line.split(" | ")[0] for line in written.split(TABLE_START)[1].split(TABLE_END)[0].splitlines()]
    assert [f"| {path.stem}" for path in KEPT] == [case for case in cases if case.startswith("| S")]
