"""Intervals of one and two shares from counts, looked at once or all the time."""

import re
from collections.abc import Iterator
from typing import Any

from analysis.intervals import hypergeometric, sequential, two_shares
from analysis.intervals import shares as intervals
from tests.analysis.cases.case import Case, Check, Feature

OUR_NAMES = {"jeffreys": "jeffreys_equal_tailed", "jeffreys_bcd": "jeffreys"}
"""Methods of one share that another program calls otherwise; further names are aliases of the package."""


def asked(case: Case) -> str:
    """The request in words: its level and its prior stand there, if anywhere."""
    return str(case.request)


def rows_of(case: Case) -> list[dict[str, Any]]:
    """Expected rows, of a list or of one row."""
    return case.expected if isinstance(case.expected, list) else [case.expected]


def limits(row: dict[str, Any], *beside: str) -> Iterator[tuple[str, list[float | None]]]:
    """Pairs of limits among a row's fields."""
    for name, wanted in row.items():
        if name not in beside and isinstance(wanted, list) and len(wanted) == 2:
            yield name, wanted


def binomial_ci(case: Case) -> Iterator[Check]:
    for row in rows_of(case):
        for name, wanted in limits(row):
            found = intervals.proportion_interval(
                row["x"],
                row["n"],
                method=OUR_NAMES.get(name, name),
                confidence_level=row.get("level", case.level),
                clip=False,
            ).at()
            yield f"{row['x']}/{row['n']} {name}", [found.ci_low, found.ci_high], wanted
        if "p" in row:
            yield "share", found.value, row["p"]


def exact_finite(case: Case) -> Iterator[Check]:
    for row in rows_of(case):
        k, n, size = row["x"], row["n"], row["N"]
        found = hypergeometric.hypergeometric_interval(
            k, n, population=size, confidence_level=row.get("level", case.level)
        ).at()
        shares = [found.ci_low, found.ci_high]
        if "p_low" in row:
            yield f"{k}/{n} of {size}", shares, [row["p_low"], row["p_high"]]
        if "K_low" in row:
            yield "totals", [limit * size for limit in shares], [row["K_low"], row["K_high"]]


def two_proportions(case: Case) -> Iterator[Check]:
    for row in rows_of(case):
        for name, wanted in limits(row):
            found = two_shares.share_difference(
                *(row[count] for count in ("x1", "n1", "x2", "n2")),
                method=name,
                confidence_level=row.get("level", case.level),
                clip=False,
            ).at()
            yield f"{row['x1']}/{row['n1']} {name}", [found.ci_low, found.ci_high], wanted
            yield "difference", found.value, row.get("diff", found.value)


def sequential_ci(case: Case) -> Iterator[Check]:
    prior = re.search(r"(?:[Bb]eta|'prior':) ?[\[(]([\d.]+), *([\d.]+)[\])]", asked(case))
    options: dict[str, Any] = {"confidence_level": case.level}
    if prior:
        options["prior"] = tuple(float(weight) for weight in prior.groups())
    for row in rows_of(case):
        if "N" in row:
            found = sequential.finite_confidence_sequence(row["x"], row["n"], population=row["N"], **options)
        else:
            found = sequential.confidence_sequence(row["x"], row["n"], **options)
        yield f"{row['x']}/{row['n']}", [found.at().ci_low, found.at().ci_high], row["ci"]


FEATURES = {
    "binomial_ci": Feature(binomial_ci),
    "finite_population_exact": Feature(exact_finite),
    "two_proportions": Feature(two_proportions),
    "sequential_ci": Feature(sequential_ci),
}
