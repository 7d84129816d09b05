"""The table from a feature's name to what answers it from public functions."""

from collections.abc import Iterator

from tests.analysis.cases import designs, intervals, measurement, models, planning, units, weighting
from tests.analysis.cases.case import Case, Check, Feature

FEATURES: dict[str, Feature] = {
    **designs.FEATURES,
    **intervals.FEATURES,
    **measurement.FEATURES,
    **models.FEATURES,
    **planning.FEATURES,
    **units.FEATURES,
    **weighting.FEATURES,
}


def checks(case: Case) -> Iterator[Check]:
    """What we get beside what is expected."""
    return FEATURES[case.feature].checks(case)
