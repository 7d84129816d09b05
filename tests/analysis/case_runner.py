"""Reference cases by feature: one table from a feature's name to what computes it from public functions."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analysis import comparison, control, design, index, intervals, ranks
from analysis.tallies import Moments, Scoring, moments

Check = tuple[str, Any, Any]
OUR_METHODS = {
    "wilson": intervals.wilson_interval,
    "beta": intervals.clopper_pearson_interval,
    "korn_graubard_nchs": intervals.korn_graubard_interval,
    "clopper_pearson": intervals.clopper_pearson_interval,
    "jeffreys_bcd": intervals.jeffreys_interval,
}


@dataclass(frozen=True)
class Case:
    """One reference case and the folder its data lie in."""

    folder: Path
    body: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Case":
        return cls(path.parent.parent, json.loads(path.read_text(encoding="utf-8")))

    @property
    def expected(self) -> Any:
        return self.body["expected"]

    def rows(self, name: str) -> dict[str, np.ndarray]:
        with (self.folder / name).open(encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        return {column: np.array([row[column] for row in table]) for column in table[0]}

    def statistics(self) -> dict[str, Any]:
        path = Path(__file__).parents[1] / "reference" / "statistics" / f"{self.body['id']}.json"
        return json.loads(path.read_text(encoding="utf-8"))


def is_covered(case: Case) -> bool:
    """Whether the feature, and the design it is asked under, are covered."""
    return (
        case.body["feature"] in FEATURES and len(case.body["design"].get("fpc", [])) < 2
        if "design" in case.body
        else case.body["feature"] in FEATURES
    )


def checks(case: Case) -> Iterator[Check]:
    """What we get beside what is expected."""
    return FEATURES[case.body["feature"]](case)


def sampled(
    case: Case, name: str, plan: dict[str, Any], y: Callable[[dict[str, np.ndarray]], np.ndarray]
) -> tuple[Moments, design.Strata]:
    """Moments by stratum of (y, 1) under the case's design."""
    rows = case.rows(name)
    weight = rows[plan["weights"]].astype(float)
    _, stratum = np.unique(
        rows[plan["strata"]] if "strata" in plan else np.zeros(len(weight)), return_inverse=True
    )
    clusters = np.unique(rows[plan["ids"][0]], return_inverse=True)[1] if "ids" in plan else None
    values = np.column_stack([y(rows), np.ones(len(weight))])
    n_strata = int(stratum.max()) + 1
    population = np.rint(np.bincount(stratum, weights=weight)) if "fpc" in plan else None
    if population is None:
        values = values * weight[:, None]
    people = moments(values, stratum, clusters, n_units=n_strata, columns=("s", "r"))
    of_clusters = None
    if "fpc" in plan and "ids" in plan:
        of_clusters = np.array([rows[plan["fpc"][0]][stratum == h].astype(float)[0] for h in range(n_strata)])
    return people, design.Strata(np.zeros(n_strata, dtype=int), 1, population, of_clusters)


def top(case: Case) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    rule = next(rule["rule"] for rule in case.body["derive"] if rule["name"] == "top")
    column, threshold = re.match(r"1 if (\S+) >= (\d+) else 0", rule).groups()
    return lambda rows: (rows[column].astype(float) >= float(threshold)).astype(float)


def share_ci(case: Case) -> Iterator[Check]:
    people, strata = sampled(case, case.body["data"], case.body["design"], top(case))
    estimate = design.ratio(people, "s", "r", strata=strata)
    p, variance, n = estimate.value[0], estimate.variance[0], int(people.n.sum())
    n_effective = p * (1 - p) / variance
    if "est" in case.expected:
        got = {"est": p, "se": np.sqrt(variance), "df": estimate.df[0], "n": n, "n_eff": n_effective}
        yield from ((name, got[name], case.expected[name]) for name in got)
    levels = (
        {0.95: case.expected["ci"]}
        if "ci" in case.expected
        else {float(k): v for k, v in case.expected.items()}
    )
    for level, limits in levels.items():
        for method in OUR_METHODS.keys() & limits.keys():
            found = OUR_METHODS[method](
                [p * n], [n], design_effect=n / n_effective, df=estimate.df[0], confidence_level=level
            )
            yield method, [found[0].ci_low, found[0].ci_high], limits[method]


def ceiling_ci(case: Case) -> Iterator[Check]:
    for (name, plan), data in zip(case.body["design"].items(), case.body["data"], strict=True):
        for column, y in (("one", 1.0), ("zero", 0.0)):
            people, strata = sampled(case, data, plan, lambda rows, y=y: np.full(len(rows["pw"]), y))
            df = design.ratio(people, "s", "r", strata=strata).df[0]
            n = people.n.sum()
            found = intervals.korn_graubard_interval(y * n, n, df=df).at()
            yield f"{name} {column}", [found.ci_low, found.ci_high], case.expected[name][column]


def lonely_stratum(case: Case) -> Iterator[Check]:
    people, strata = sampled(case, case.body["data"], case.body["design"], top(case))
    estimate = design.ratio(people, "s", "r", strata=strata)
    yield "est", estimate.value[0], case.expected["adjust"]["est"]
    yield "se", np.sqrt(estimate.variance[0]), case.expected["adjust"]["se"]


def binomial_ci(case: Case) -> Iterator[Check]:
    for row in case.expected:
        for method in ("wilson", "clopper_pearson", "jeffreys_bcd"):
            found = OUR_METHODS[method](row["x"], row["n"]).at()
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


def item_index(case: Case) -> Iterator[Check]:
    source = case.statistics()
    n_items = len(case.body["request"]["items"])
    scoring = Scoring(
        ("F",),
        *(np.zeros((n_items, 32), dtype) for dtype in (bool, bool, float)),
        np.zeros(n_items, dtype=int),
        (0,),
    )
    sample = index.Inference(design_effect_floor=0.0)
    for block, wanted in case.expected.items() if "independent" in case.expected else [("independent", None)]:
        people = stored_moments(source["columns"], [source[block]])
        people = replace(people, columns=(*people.columns[:-1], "e"))
        with_counts = replace(people, columns=tuple("i" if name == "e" else name for name in people.columns))
        found = {
            "mean_of_item_shares": index.mean_of_item_shares_index(with_counts, scoring, inference=sample),
            "share_of_all_answers": index.pooled_answers_index(with_counts, scoring, inference=sample),
            "mean_of_own_shares": index.mean_of_respondent_shares_index(people, scoring, inference=sample),
        }
        if wanted is None:
            yield from bare_index(case.expected, people, found["mean_of_item_shares"][0])
            continue
        for name, values in wanted.items():
            yield name, [found[name][0].value, found[name][0].standard_error], [values["est"], values["se"]]


def bare_index(expected: dict[str, Any], people: Moments, estimate: Any) -> Iterator[Check]:
    yield "index", [estimate.value, estimate.standard_error], [expected["index"], expected["index_se"]]
    for position, (item, share) in enumerate(expected["item_share"].items()):
        found = design.ratio(people, f"t:{position}", f"r:{position}")
        yield item, [found.value[0], np.sqrt(found.variance[0])], [share, expected["item_se"][item]]


def unit_table(case: Case) -> Iterator[Check]:
    source = case.statistics()
    parts = list(source["departments"].values())
    clustered = stored_moments(source["columns"], parts)
    whole_design = replace(clustered, n_clusters=np.full(len(parts), source["n_students"]))
    for column, name in (("s", "top"), ("m", "mean")):
        found = design.ratio(whole_design, column, "r")
        for position, row in enumerate(case.expected):
            got = [found.value[position], np.sqrt(found.variance[position])]
            yield f"{name} {row['dept']}", got, [row[name], row[f"{name}_se_clustered"]]


def stored_moments(columns: list[str], parts: list[dict[str, Any]]) -> Moments:
    names = ("n", "sums", "products", "n_clusters", "cluster_products")
    return Moments(tuple(columns), *(np.array([part[name] for part in parts]) for name in names))


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


def control_chart(case: Case) -> Iterator[Check]:
    source, wanted = case.statistics(), case.expected
    for method, prefix in (("p", "p"), ("laney", "laney")):
        chart = control.p_chart(source["x"], source["n"], method=method)
        yield "centre", chart.center[0], wanted["pbar"]
        yield "sigma_z", chart.sigma_z[0], wanted["sigma_z"]
        yield method, [chart.lower, chart.upper], [wanted[f"{prefix}_lcl"], wanted[f"{prefix}_ucl"]]


FEATURES: dict[str, Callable[[Case], Iterator[Check]]] = {
    "proportion_ci": share_ci,
    "proportion_ci_ceiling": ceiling_ci,
    "lonely_psu": lonely_stratum,
    "binomial_ci": binomial_ci,
    "finite_population_exact": exact_finite,
    "two_proportions": two_shares,
    "index_of_items": item_index,
    "unit_table": unit_table,
    "multiple_comparison": multiple_comparison,
    "rank_ci": rank_ci,
    "funnel": funnel,
    "control_chart": control_chart,
}
