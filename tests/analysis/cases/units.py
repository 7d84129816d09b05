"""Units side by side and over time: adjusted tests, ranks, funnels, control charts."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis import comparison, control, ranks
from tests.analysis.cases.case import Case, Check, Feature


def multiple_comparison(case: Case) -> Iterator[Check]:
    for method in ("holm", "hochberg", "BH", "BY", "bonferroni"):
        yield (
            method,
            comparison.adjust_p_values(case.expected["p"], method=method.lower()),
            case.expected[method],
        )


def rank_ci(case: Case) -> Iterator[Check]:
    table = Case.read(case.folder / "cases" / "S50.json").expected
    value, error = (np.array([row[name] for row in table]) for name in ("top", "top_se_clustered"))
    for wanted in case.expected.values():
        if isinstance(wanted, dict):
            half = wanted["z"] * error
            found = ranks.rank_intervals(value - half, value + half, value=value)
            for name, got in (("rank", found.rank), ("rank_low", found.low), ("rank_high", found.high)):
                yield name, got, wanted[name]


def funnel(case: Case) -> Iterator[Check]:
    wanted = case.expected
    found = control.funnel_limits(wanted["x"], wanted["n"], levels=(0.95, 0.998))
    yield from (
        ("theta", found.center, wanted["theta"]),
        ("z", found.z, wanted["z"]),
        ("phi", found.phi, wanted["phi_winsorised10"]),
        ("tau2", found.tau2, wanted["tau2"]),
        ("z additive", found.z_additive, wanted["z_additive"]),
    )
    for level, name in ((0.95, "limits95"), (0.998, "limits998")):
        yield name, found.limits[level], [wanted[name]["low"], wanted[name]["high"]]


def control_counts(case: Case) -> dict[str, Any]:
    """Counts of the rows the case asks for; "rows" reads like "trial is TRUE"."""
    table = case.table()
    column, value = case.request["rows"].split(" (")[0].split(" is ")
    used = table[column] == value
    return {name: table[case.request[name]][used].tolist() for name in ("x", "n")}


def control_chart(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    wanted = case.expected
    for method, prefix in (("p", "p"), ("laney", "laney")):
        chart = control.p_chart(source["x"], source["n"], method=method)
        yield "centre", chart.center[0], wanted["pbar"]
        yield "sigma_z", chart.sigma_z[0], wanted["sigma_z"]
        yield method, [chart.lower, chart.upper], [wanted[f"{prefix}_lcl"], wanted[f"{prefix}_ucl"]]


FEATURES = {
    "multiple_comparison": Feature(multiple_comparison),
    "rank_ci": Feature(rank_ci),
    "funnel": Feature(funnel),
    "control_chart": Feature(control_chart, control_counts),
}
