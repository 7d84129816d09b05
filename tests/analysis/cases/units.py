"""Units side by side and over time: adjusted tests, ranks, funnels, control charts, trends."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.comparing.many_comparisons import adjust_p_values
from analysis.intervals.two_shares import share_difference
from analysis.monitoring import control, trend
from analysis.ranking import funnel
from analysis.ranking import joint as ranks
from analysis.ranking import pairwise as pairwise_ranks
from tests.analysis.cases import small_areas
from tests.analysis.cases.case import Case, Check, Feature
from tests.analysis.cases.rules import Columns, evaluated
from tests.analysis.cases.small_areas import column_of, counts

SEED = 20261123


def multiple_comparison(case: Case) -> Iterator[Check]:
    expected = case.expected
    p = expected.get("p") or case.request["p"]
    for method in case.request.get("methods", [name for name in ("holm", "BH") if name in expected]):
        ours = {"fdr": "bh"}.get(method, method.lower())
        yield method, adjust_p_values(p, method=ours), expected[method]
    if "pooled" in str(case.request.get("test", "")) and {"x", "n", "pairs"} <= expected.keys():
        labels = list(first_labels(expected))
        rows, columns = (
            [labels.index(label) for label in side] for side in zip(*expected["pairs"], strict=True)
        )
        x, n = np.array(expected["x"]), np.array(expected["n"])
        yield (
            "p",
            share_difference(x[rows], n[rows], x[columns], n[columns], method="mee").p_value,
            p,
        )


def first_labels(expected: dict[str, Any]) -> list[Any]:
    """The list that names the units: the first there is."""
    return next(values for values in expected.values() if isinstance(values, list))


def estimates_asked(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and errors of the request, or of the unit table it names, largest first to rank."""
    request = case.request
    turn = -1.0 if str(request.get("rank_1", "largest")).startswith(("smallest", "lowest")) else 1.0
    if "estimates" in request:
        return turn * np.array(request["estimates"], dtype=float), np.array(
            request.get("se", []), dtype=float
        )
    words, labels = re.findall(r"\w+", str(request["estimate"])), first_labels(case.expected)
    for path in sorted((case.folder / "cases").glob("*.json")):
        other = Case.read(path)
        if other.feature != "unit_table" or other.body.get("data") != case.body.get("data"):
            continue
        rows = {next(iter(row.values())): row for row in other.expected}
        columns = list(next(iter(rows.values())))
        named = [
            (word, error)
            for word in words
            for error in columns
            if error.startswith(f"{word}_se") and word in columns
        ]
        if set(labels) <= rows.keys() and named:
            value, error = ([rows[label][column] for label in labels] for column in named[0])
            return turn * np.array(value), np.array(error)
    raise LookupError(f"no unit table with one of {words} of {labels}")


def rank_ci(case: Case) -> Iterator[Check]:
    value, error = estimates_asked(case)
    for adjustment, wanted in case.expected.items():
        if not isinstance(wanted, dict):
            continue
        found = ranks.normal_rank_intervals(value, error, adjustment=adjustment, confidence_level=case.level)
        got = {"z": found.critical_value, "rank": found.rank, "rank_low": found.low, "rank_high": found.high}
        yield from ((f"{adjustment} {name}", got[name], wanted[name]) for name in got if name in wanted)


def rank_ci_pairwise(case: Case) -> Iterator[Check]:
    """Bounds of a bootstrap: inside those of other seeds, give or take one rank."""
    value, error = estimates_asked(case)
    covariance = next((case.request[key] for key in ("covariance", "Sigma") if key in case.request), None)
    for kind in ("marginal", "simultaneous"):
        if kind not in case.expected:
            continue
        wanted = case.expected[kind]
        found = pairwise_ranks.pairwise_rank_intervals(
            value,
            standard_error=error if covariance is None else None,
            covariance=covariance,
            simultaneous=kind == "simultaneous",
            rng=np.random.default_rng(SEED),
            n_resamples=5000,
            confidence_level=case.level,
        )
        yield "rank", found.rank, case.expected["rank"]
        for bound, got in (("low", found.low), ("high", found.high)):
            least, most = (np.array(wanted[f"{bound}_{end}"]) for end in ("min", "max"))
            yield f"{kind} {bound}", got, np.clip(got, least - 1, most + 1)


def funnel_plot(case: Case) -> Iterator[Check]:
    wanted, source = case.expected, counts(case)
    levels = {
        name: float(f"0.{name.removeprefix('limits')}") for name in wanted if re.match(r"limits\d", name)
    }
    phi = next((name for name in wanted if name.startswith("phi")), "phi")
    winsorised = re.search(r"(\d+)$", phi)
    found = funnel.funnel_limits(
        source["x"],
        source["n"],
        levels=tuple(levels.values()),
        winsorised=int(winsorised.group(1)) / 100 if winsorised else 0.1,
    )
    got = {
        "theta": found.center, "z": found.z, phi: found.phi, "tau2": found.tau2,
        "z_additive": found.z_additive, "z_multiplicative": found.z_multiplicative,
    }  # fmt: skip
    yield from ((name, got[name], wanted[name]) for name in got if name in wanted)
    for name, level in levels.items():
        yield name, found.limits[level], [wanted[name]["low"], wanted[name]["high"]]


def rows_asked(case: Case, table: Columns) -> np.ndarray:
    """Rows the case asks for, of words like "trial is TRUE (first 30 samples)" or "first 48"; else all."""
    words = str(case.request.get("rows", "")).split(" (")[0].strip()
    size = len(next(iter(table.values())))
    if span := re.match(r"(?:rows? )?(\d+)\s*(?:-|:|to)\s*(\d+)$", words):
        first, last = (int(end) for end in span.groups())
        return (np.arange(size) >= first - 1) & (np.arange(size) < last)
    if named := re.match(r"(\S+) is (\S+)$", words):
        column, value = named.groups()
        typed = table[column]
        return typed == (float(value) if typed.dtype.kind == "f" else value)
    if first := re.search(r"first (\d+)", words):
        return np.arange(size) < int(first.group(1))
    if re.search(r"[<>=]", words):
        return evaluated(words, table) == 1
    return np.ones(size, dtype=bool)


def control_counts(case: Case) -> dict[str, Any]:
    table = case.table()
    used = rows_asked(case, table)
    return {name: column_of(table, case.request[name])[used].tolist() for name in ("x", "n")}


def control_chart(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    wanted = case.expected
    for method, prefix in (("p", "p"), ("laney", "laney")):
        chart = control.p_chart(
            source["x"], source["n"], method=method, n_sigma=float(case.request.get("n_sigma", 3))
        )
        beyond = [signal.index + 1 for signal in chart.signals if signal.rule == control.Rule.BEYOND_LIMITS]
        got = {
            "pbar": chart.center[0], "sigma_z": chart.sigma_z[0],
            f"{prefix}_lcl": chart.lower, f"{prefix}_ucl": chart.upper,
        }  # fmt: skip
        got |= {name: beyond for name in wanted if lists_signals(name, prefix)}
        yield from ((name, got[name], wanted[name]) for name in got if name in wanted)


def lists_signals(name: str, prefix: str) -> bool:
    """Whether a field such as "p_out" or "beyond_laney" lists the samples outside the limits of a chart."""
    words = name.lower().split("_")
    return prefix in words and bool({"out", "outside", "beyond", "signals"} & set(words))


def trend_test(case: Case) -> Iterator[Check]:
    source = counts(case)
    found = trend.cochran_armitage_trend(source["x"], source["n"], score=case.request.get("score"))
    got = {
        "trend_chisq": found.statistic, "trend_p": found.p_value,
        "equal_chisq": found.equality_statistic, "equal_df": found.equality_df,
        "equal_p": found.equality_p_value,
    }  # fmt: skip
    yield from ((name, got[name], case.expected[name]) for name in got if name in case.expected)


FEATURES = {
    "multiple_comparison": Feature(multiple_comparison),
    "rank_ci": Feature(rank_ci),
    "rank_ci_pairwise": Feature(rank_ci_pairwise),
    "funnel": Feature(funnel_plot),
    "control_chart": Feature(control_chart, control_counts),
    "trend": Feature(trend_test),
    **small_areas.FEATURES,
}
