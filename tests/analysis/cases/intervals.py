"""Intervals of one and two shares from counts."""

from collections.abc import Iterator

from analysis import comparison, intervals
from tests.analysis.cases.case import Case, Check, Feature

BINOMIAL = {
    "wilson": intervals.wilson_interval,
    "clopper_pearson": intervals.clopper_pearson_interval,
    "jeffreys_bcd": intervals.jeffreys_interval,
}


def binomial_ci(case: Case) -> Iterator[Check]:
    for row in case.expected:
        for method in BINOMIAL:
            found = BINOMIAL[method](row["x"], row["n"]).at()
            yield f"{row['x']}/{row['n']} {method}", [found.ci_low, found.ci_high], row[method]


def exact_finite(case: Case) -> Iterator[Check]:
    for row in case.expected:
        found = intervals.hypergeometric_interval(row["x"], row["n"], population=row["N"]).at()
        yield f"{row['x']}/{row['n']}", [found.ci_low, found.ci_high], [row["p_low"], row["p_high"]]


def two_shares(case: Case) -> Iterator[Check]:
    for row in case.expected:
        found = comparison.newcombe_difference(row["x1"], row["n1"], row["x2"], row["n2"])
        yield "difference", found.value, row["diff"]
        yield "limits", [found.ci_low, found.ci_high], row["newcombe_hybrid_score"]


FEATURES = {
    "binomial_ci": Feature(binomial_ci),
    "finite_population_exact": Feature(exact_finite),
    "two_proportions": Feature(two_shares),
}
