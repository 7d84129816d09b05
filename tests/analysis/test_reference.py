"""Every reference case, against the other programs' numbers and in their tolerance."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.analysis.case_runner import FEATURES, checks
from tests.analysis.cases.case import Case

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
