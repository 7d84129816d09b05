"""Sizes of samples."""

import re
from collections.abc import Iterator

from scipy import stats

from analysis.planning import sizes as sampling
from tests.analysis.cases.case import Case, Check, Feature


def confidence_level(case: Case) -> float:
    """The two-sided level of a formula that says "z = qnorm(.975)" or "z = 1.96", else that of the case."""
    formula = str(case.request)
    if quantile := re.search(r"qnorm\(\s*([\d.]+)", formula):
        return 2 * float(quantile.group(1)) - 1
    z = re.search(r"\bz\s*=\s*([\d.]+)", formula)
    return 2 * float(stats.norm.cdf(float(z.group(1)))) - 1 if z else case.level


def sample_size(case: Case) -> Iterator[Check]:
    level = confidence_level(case)
    for row in case.expected:
        found = sampling.sample_size(
            row["p"],
            row["e"],
            population=row.get("N"),
            design_effect=row.get("deff", 1.0),
            response_rate=row.get("response_rate", 1.0),
            confidence_level=level,
        )
        got = {"n0": found.n_simple, "n": found.n, "n_invited": found.n_invited}
        yield from ((f"{name} of {row}", got[name], row[name]) for name in got.keys() & row.keys())


FEATURES = {"sample_size": Feature(sample_size)}
