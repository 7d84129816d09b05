"""Every reference case of a covered feature, against the other programs' numbers."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.analysis.case_runner import FEATURES, Case, checks, is_covered

KEPT = Path(__file__).parents[1] / "reference" / "cases"
GIVEN = Path(os.environ["REFERENCE_CASES"]) / "cases" if "REFERENCE_CASES" in os.environ else None
STORED_ONLY = {"index_of_items", "unit_table", "control_chart"}


def given_cases() -> list[Path]:
    if GIVEN is None:
        return []
    kept = {path.name for path in KEPT.glob("*.json")}
    return [
        path
        for path in sorted(GIVEN.glob("*.json"))
        if is_covered(Case.read(path))
        and (path.name in kept or Case.read(path).body["feature"] not in STORED_ONLY)
    ]


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.json")) + given_cases(), ids=lambda path: path.stem)
def test_reference_case_against_other_programs(path: Path) -> None:
    case = Case.read(path)
    tolerance = case.body["tolerance"] if "tolerance" in case.body else case.expected.pop("tolerance")
    compared = 0
    for name, got, wanted in checks(case):
        np.testing.assert_allclose(got, wanted, rtol=tolerance["rtol"], atol=tolerance["atol"], err_msg=name)
        compared += 1
    assert compared


def test_every_covered_feature_has_a_kept_case() -> None:
    assert {json.loads(path.read_text())["feature"] for path in KEPT.glob("*.json")} == set(FEATURES)
