"""Estimates from a design: means, shares, indices, unit tables."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from analysis import Survey, index
from analysis.counting.moments import Moments
from analysis.counting.scoring import Scoring
from analysis.design import SurveyEstimates
from analysis.intervals import shares as intervals
from analysis.surveys import linearisation
from analysis.surveys.design_effects import effective_n
from analysis.surveys.linearisation import design_totals
from analysis.types import Estimate
from tests.analysis.cases.case import Case, Check, Feature, survey_of

LEVEL = 0.95
# R reads the profile of its likelihood between 6 to 13 points: it is not known more closely than this.
KNOWN_TO = {"likelihood": 1e-4}


def given(estimate: Estimate, wanted: dict[str, float]) -> Iterator[tuple[str, float, float]]:
    """One estimate beside what is expected of it."""
    names = {"est": "value", "se": "standard_error", "ci_low": "ci_low", "ci_high": "ci_high"}
    yield from ((name, getattr(estimate, names[name]), value) for name, value in wanted.items())


def labelled(text: str, checks: Iterator[Check]) -> Iterator[Check]:
    yield from ((f"{text} {name}", got, wanted) for name, got, wanted in checks)


def means_and_totals(survey: Survey, expected: dict[str, Any]) -> Iterator[Check]:
    """Means and totals of a survey; a missing value counts as none in a total."""
    for column, wanted in expected.get("mean", {}).items():
        yield from labelled(f"mean {column}", given(survey.mean(column)[column], wanted))
    for column, wanted in expected.get("total", {}).items():
        found = survey.total(column, missing="zero")[column]
        yield from labelled(f"total {column}", given(found, wanted))


def mean_total(case: Case) -> Iterator[Check]:
    survey = case.survey()
    yield from means_and_totals(survey, case.expected)
    yield from (("df", survey.df, case.expected["df"]), ("n", survey.n, case.expected["n"]))


def ratio(case: Case) -> Iterator[Check]:
    numerator, denominator = case.request["ratio"]
    (found,) = case.survey().ratio(numerator, denominator).estimates
    yield from given(found, case.expected)


def design_effect(case: Case) -> Iterator[Check]:
    survey = case.survey()
    for column, wanted in case.expected["deff_with_replacement"].items():
        yield column, survey.mean(column)[column].design_effect, wanted
    for column, wanted in case.expected["deff_without_replacement"].items():
        part_left = 1 - survey.n / survey.weights.sum()
        yield column, survey.mean(column)[column].design_effect / part_left, wanted
    yield "kish deff", survey.kish_design_effect, case.expected["kish_deff"]
    yield "kish n", effective_n(survey.n, survey.kish_design_effect), case.expected["kish_n_eff"]


def domain(case: Case) -> Iterator[Check]:
    survey = case.survey()
    for column, groups in case.expected.items():
        if column == "df_used_for_ci":
            yield column, survey.df, groups
            continue
        found = survey.mean(column, by=case.request["by"])
        for group, wanted in groups.items():
            yield from labelled(f"{column} {group}", given(found[label_of(found, group)], wanted))


def label_of(found: SurveyEstimates, text: str) -> Any:
    """The label that a case writes as text; numbers without a decimal point."""
    written = {f"{label:g}" if isinstance(label, float) else str(label): label for label in found.labels}
    return written[text]


def contrast(case: Case) -> Iterator[Check]:
    column = case.request.get("mean", "top")
    found = case.survey().mean(column, by=case.request["by"], covariance=True)
    first, second = case.request["contrast"].split(" - ")
    difference = found.contrast({label_of(found, first): 1, label_of(found, second): -1})
    yield from given(difference, {name: case.expected[name] for name in ("est", "se")})
    yield "covariance", found.covariance, case.expected["covariance_matrix"]


def quantile(case: Case) -> Iterator[Check]:
    found = case.survey().quantile(case.request["variable"], case.request["p"]).estimates
    yield "est", found.value, case.expected["est"]
    yield "limits", [found.ci_low, found.ci_high], [case.expected["ci_low"], case.expected["ci_high"]]


def share_ci(case: Case) -> Iterator[Check]:
    column = case.request["share"]
    survey = case.survey()
    found = survey.mean(column)[column]
    n_effective = found.value * (1 - found.value) / found.standard_error**2
    if "est" in case.expected:
        got = {
            "est": found.value,
            "se": found.standard_error,
            "df": found.df,
            "n": found.n_respondents,
            "n_eff": n_effective,
        }
        yield from ((name, got[name], case.expected[name]) for name in got.keys() & case.expected.keys())
    levels = (
        {LEVEL: case.expected["ci"]}
        if "ci" in case.expected
        else {float(k): v for k, v in case.expected.items()}
    )
    for level, limits in levels.items():
        for method, wanted in limits.items():
            share = intervals.design_interval(
                found.value, found.standard_error**2, found.n_respondents, found.df,
                method=method, confidence_level=level, clip=False,
            ).at()  # fmt: skip
            yield method, [share.ci_low, share.ci_high], wanted, KNOWN_TO.get(method, 0.0)


def ceiling_ci(case: Case) -> Iterator[Check]:
    for position, (name, plan) in enumerate(case.design.items()):
        survey = survey_of(case.table(position), plan)
        for column in case.request["share"]:
            y = survey.table.numbers(column).mean()
            found = intervals.korn_graubard_interval(y * survey.n, survey.n, df=survey.df).at()
            yield f"{name} {column}", [found.ci_low, found.ci_high], case.expected[name][column]


def lonely_stratum(case: Case) -> Iterator[Check]:
    column = case.request["mean"]
    for policy, wanted in case.expected.items():
        yield from labelled(policy, given(case.survey(lonely=policy).mean(column)[column], wanted))


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
        found = linearisation.ratio(design_totals(people), f"t:{position}", f"r:{position}")
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
        found = linearisation.ratio(design_totals(whole_design), column, "r")
        for position, row in enumerate(case.expected):
            got = [found.value[position], np.sqrt(found.variance[position])]
            yield f"{name} {row['dept']}", got, [row[name], row[f"{name}_se_clustered"]]


def stored_moments(columns: list[str], parts: list[dict[str, Any]]) -> Moments:
    names = ("n", "sums", "products", "n_clusters", "cluster_products")
    return Moments(tuple(columns), *(np.array([part[name] for part in parts]) for name in names))


FEATURES = {
    "mean_total": Feature(mean_total),
    "ratio": Feature(ratio),
    "quantile": Feature(quantile),
    "design_effect": Feature(design_effect),
    "domain": Feature(domain),
    "contrast": Feature(contrast),
    "proportion_ci": Feature(share_ci),
    "proportion_ci_ceiling": Feature(ceiling_ci),
    "lonely_psu": Feature(lonely_stratum),
    "index_of_items": Feature(item_index, item_statistics),
    "unit_table": Feature(unit_table, unit_statistics),
}
