"""Estimates from a design: means, shares, indices, unit tables."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from analysis import design, index, intervals
from analysis.tallies import Moments, Scoring, moments
from tests.analysis.cases.case import Case, Check, Columns, Feature

OUR_METHODS = {
    "wilson": intervals.wilson_interval,
    "beta": intervals.clopper_pearson_interval,
    "korn_graubard_nchs": intervals.korn_graubard_interval,
}


def sampled(
    case: Case, name: int, plan: dict[str, Any], y: Callable[[Columns], np.ndarray]
) -> tuple[Moments, design.Strata]:
    """Moments by stratum of (y, 1) under the case's design."""
    rows = case.table(name)
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
    people, strata = sampled(case, 0, case.body["design"], top(case))
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
    for data, (name, plan) in enumerate(case.design.items()):
        for column, y in (("one", 1.0), ("zero", 0.0)):
            people, strata = sampled(case, data, plan, lambda rows, y=y: np.full(len(rows["pw"]), y))
            df = design.ratio(people, "s", "r", strata=strata).df[0]
            n = people.n.sum()
            found = intervals.korn_graubard_interval(y * n, n, df=df).at()
            yield f"{name} {column}", [found.ci_low, found.ci_high], case.expected[name][column]


def lonely_stratum(case: Case) -> Iterator[Check]:
    people, strata = sampled(case, 0, case.body["design"], top(case))
    estimate = design.ratio(people, "s", "r", strata=strata)
    yield "est", estimate.value[0], case.expected["adjust"]["est"]
    yield "se", np.sqrt(estimate.variance[0]), case.expected["adjust"]["se"]


def sums_and_products(values: np.ndarray, clusters: np.ndarray) -> dict[str, Any]:
    """Sufficient statistics of one domain, by plain loops over clusters."""
    totals = np.array([values[clusters == cluster].sum(axis=0) for cluster in np.unique(clusters)])
    return {
        "n": len(values),
        "sums": values.sum(axis=0).tolist(),
        "products": (values.T @ values).tolist(),
        "n_clusters": len(totals),
        "cluster_products": (totals.T @ totals).tolist(),
    }


def item_statistics(case: Case) -> dict[str, Any]:
    """Per item t and r, then s, r of all items, c, e; clustered too where the design names columns."""
    table, items = case.table(), case.request["items"]
    answers = np.column_stack([table[item] for item in items])
    r = (~np.isnan(answers)).astype(float)
    t = (answers >= case.satisfied_from).astype(float)
    answered = r.sum(axis=1)
    own = np.divide(t.sum(axis=1), answered, out=np.zeros(len(r)), where=answered > 0)
    values = np.column_stack([t, r, t.sum(axis=1), answered, own, answered > 0])
    columns = [f"{kind}:{i}" for kind in "tr" for i in range(len(items))] + ["s:F", "r:F", "c", "e"]
    found = {"columns": columns, "independent": sums_and_products(values, np.arange(len(values)))}
    if clustered := re.search(r"clusters = (.*)", case.design["kind"]):
        keys = np.column_stack([table[name] for name in clustered.group(1).split(" x ")])
        labels = np.unique(keys, axis=0, return_inverse=True)[1].ravel()
        found["clustered"] = sums_and_products(values, labels)
    return found


def item_index(case: Case, source: dict[str, Any]) -> Iterator[Check]:
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


def unit_statistics(case: Case) -> dict[str, Any]:
    """Sums over answers and over clusters, by unit; every cluster belongs to every unit's design."""
    table = case.table()
    (cluster,), by, (top, mean) = case.design["ids"], case.request["by"], case.request["mean"]
    values = np.column_stack([table[top], np.ones(len(table[top])), table[mean]])
    units = {
        f"{unit:g}": sums_and_products(values[table[by] == unit], table[cluster][table[by] == unit])
        for unit in np.unique(table[by])
    }
    return {"columns": ["s", "r", "m"], "n_students": len(np.unique(table[cluster])), "departments": units}


def unit_table(case: Case, source: dict[str, Any]) -> Iterator[Check]:
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


FEATURES = {
    "proportion_ci": Feature(share_ci),
    "proportion_ci_ceiling": Feature(ceiling_ci),
    "lonely_psu": Feature(lonely_stratum),
    "index_of_items": Feature(item_index, item_statistics),
    "unit_table": Feature(unit_table, unit_statistics),
}
