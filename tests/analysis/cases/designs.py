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
from tests.analysis.cases.rules import Columns

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


def listed(names: Any) -> list[Any]:
    """One name, or several, as a list."""
    return names if isinstance(names, list) else [names]


def mean_total(case: Case) -> Iterator[Check]:
    survey = case.survey()
    yield from means_and_totals(survey, case.expected)
    got = {"df": survey.df, "n": survey.n}
    yield from ((name, got[name], case.expected[name]) for name in got if name in case.expected)


def ratio(case: Case) -> Iterator[Check]:
    numerator, denominator = case.request.get("ratio") or [
        case.request[name] for name in ("numerator", "denominator")
    ]
    (found,) = case.survey().ratio(numerator, denominator).estimates
    yield from given(found, case.expected)


def design_effect(case: Case) -> Iterator[Check]:
    survey = case.survey()
    for key, wanted in case.expected.items():
        if key.startswith("deff_with"):
            for column, value in wanted.items():
                found = survey.mean(column)[column]
                of_answers = survey.weights[~np.isnan(survey.table.numbers(column))].sum()
                part_left = 1 - found.n_respondents / of_answers if key.endswith("without_replacement") else 1
                yield f"{key} {column}", found.design_effect / part_left, value
    got = {
        "kish_deff": survey.kish_design_effect,
        "kish_n_eff": effective_n(survey.n, survey.kish_design_effect),
    }
    yield from ((name, got[name], case.expected[name]) for name in got if name in case.expected)


def domain(case: Case) -> Iterator[Check]:
    by = grouping(case)
    survey = survey_of(labelled_rows(case.table(), listed(by)), case.design, confidence_level=case.level)
    for column, groups in case.expected.items():
        if column in ("df", "df_used_for_ci"):
            yield column, survey.df, groups
            continue
        if column in listed(case.request.get("total", [])):
            found = survey.total(column, by=by, missing="zero")
        else:
            found = survey.mean(column, by=by)
        for group, wanted in groups.items():
            yield from labelled(f"{column} {group}", given(found[label_of(found, group)], wanted))


def labelled_rows(table: Columns, names: list[str]) -> Columns:
    """Numbers that name a domain as text, those that are missing as an empty one: in the design, in no domain."""
    gaps = [name for name in names if table[name].dtype.kind == "f" and np.isnan(table[name]).any()]
    texts = {name: np.array(["" if v != v else joined(v) for v in table[name].tolist()]) for name in gaps}
    return table | texts


def grouping(case: Case) -> Any:
    """Columns that make the domains: one, a list, or joined in the words "stype x sch.wide"."""
    by = case.request["by"]
    if isinstance(by, str) and by not in case.table():
        by = re.split(r"\s*[:,*+]\s*|\s+(?:x|by|and)\s+", by.removeprefix("~").strip())
    return by


def label_of(found: SurveyEstimates, text: str) -> Any:
    """The label that a case writes as text; numbers without a decimal point, parts joined by any mark."""
    written = {joined(label): label for label in found.labels}
    return written[joined(text)]


def joined(label: Any) -> str:
    parts = label if isinstance(label, tuple) else (label,)
    texts = (f"{part:g}" if isinstance(part, float) else str(part) for part in parts)
    return re.sub(r"\s*[:,*+./|_]\s*|\s+x\s+", ".", ".".join(texts))


def contrast(case: Case) -> Iterator[Check]:
    column = next(
        (case.request[name] for name in ("mean", "share", "variable") if name in case.request), "top"
    )
    found = case.survey().mean(*listed(column), by=grouping(case), covariance=True)
    coefficients = case.request["contrast"]
    if isinstance(coefficients, str):
        coefficients = coefficients_of(coefficients, found)
    else:
        coefficients = {label_of(found, text): weight for text, weight in coefficients.items()}
    difference = found.contrast(coefficients)
    limits = {
        name: case.expected[name] for name in ("est", "se", "ci_low", "ci_high") if name in case.expected
    }
    yield from given(difference, limits)
    if "covariance_matrix" in case.expected:
        yield "covariance", found.covariance, case.expected["covariance_matrix"]


def coefficients_of(text: str, found: SurveyEstimates) -> dict[Any, float]:
    """Coefficients of words such as "Yes - No" or "E - 0.5*H - 0.5*M"."""
    coefficients: dict[Any, float] = {}
    for sign, size, name in re.findall(r"(?:^|\s)([+-]?)\s*(?:([\d.]+) ?\* ?)?(\S+(?: \w\S*)*)", text):
        coefficients[label_of(found, name)] = (-1 if sign == "-" else 1) * float(size or 1)
    return coefficients


def quantile(case: Case) -> Iterator[Check]:
    wanted = case.expected
    found = case.survey().quantile(case.request["variable"], case.request["p"]).estimates
    yield "est", found.value, np.atleast_1d(wanted["est"])
    for name, limits in (("ci_low", found.ci_low), ("ci_high", found.ci_high)):
        # R gives no limit where that of the distribution lies beyond 0 or 1; we give the least or largest answer.
        known = [value is not None for value in np.atleast_1d(wanted[name])]
        yield name, limits[known], np.atleast_1d(wanted[name])[known].astype(float)


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
            # Rows or answers, where some are missing: programs differ.
            "n": survey.n if case.expected.get("n") == survey.n else found.n_respondents,
            "n_eff": n_effective,
        }
        yield from ((name, got[name], case.expected[name]) for name in got.keys() & case.expected.keys())
    levels = (
        {case.level: case.expected["ci"]}
        if "ci" in case.expected
        else {float(k): v for k, v in case.expected.items() if isinstance(v, dict)}
    )
    for level, limits in levels.items():
        for method, wanted in limits.items():
            share = intervals.design_interval(
                found.value, found.standard_error**2, found.n_respondents, found.df,
                method=method, confidence_level=level, clip=False,
            ).at()  # fmt: skip
            yield method, [share.ci_low, share.ci_high], wanted, KNOWN_TO.get(method, 0.0)


def ceiling_ci(case: Case) -> Iterator[Check]:
    """Several designs, each of its own file, or one."""
    columns = listed(case.request["share"])
    alone = any(column in case.expected for column in columns)
    for position, name in enumerate([""] if alone else case.expected):
        plan, wanted = (case.design, case.expected) if alone else (case.design[name], case.expected[name])
        survey = survey_of(case.table(min(position, len(case.files) - 1)), plan)
        for column in columns:
            y = survey.table.numbers(column)
            found = intervals.korn_graubard_interval(
                np.nanmean(y) * survey.n, survey.n, df=survey.df, confidence_level=case.level
            ).at()
            yield f"{name} {column}", [found.ci_low, found.ci_high], wanted[column]


def lonely_stratum(case: Case) -> Iterator[Check]:
    for policy, wanted in case.expected.items():
        if wanted is None:  # R stops
            continue
        survey = case.survey(lonely=policy)
        for kind in ("mean", "total"):
            columns = listed(case.request.get(kind, []))
            inner = wanted.get(kind, wanted)
            for column in columns:
                of_column = inner.get(column, inner)
                found = survey.mean(column) if kind == "mean" else survey.total(column, missing="zero")
                yield from labelled(f"{policy} {column}", given(found[column], of_column))


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
    t = case.satisfied(answers)
    answered = r.sum(axis=1)
    own = np.divide(t.sum(axis=1), answered, out=np.zeros(len(r)), where=answered > 0)
    values = np.column_stack([t, r, t.sum(axis=1), answered, own, answered > 0])
    columns = [f"{kind}:{i}" for kind in "tr" for i in range(len(items))] + ["s:F", "r:F", "c", "e"]
    found = {"columns": columns, "independent": sums_and_products(values, np.arange(len(values)))}
    if names := cluster_names(case, table):
        keys = np.column_stack([np.unique(table[name], return_inverse=True)[1] for name in names])
        labels = np.unique(keys, axis=0, return_inverse=True)[1].ravel()
        found["clustered"] = sums_and_products(values, labels)
    return found


def cluster_names(case: Case, table: Columns) -> list[str]:
    """First-stage clusters: the columns of "clusters = gender x age", or the design's ids."""
    if worded := re.search(r"clusters = ([^;,(]*)", case.design.get("kind", "")):
        return worded.group(1).strip().split(" x ")
    return [name for name in listed(case.design.get("ids", []))[:1] if name in table]


def item_index(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    n_items = len(case.body["request"]["items"])
    scoring = Scoring(
        ("F",),
        *(np.zeros((n_items, 32), dtype) for dtype in (bool, bool, float)),
        np.zeros(n_items, dtype=int),
        (0,),
    )
    sample = index.Inference(design_effect_floor=0.0)
    for block, wanted in index_blocks(case.expected, source):
        people = stored_moments(source["columns"], [source[block]])
        people = replace(people, columns=(*people.columns[:-1], "e"))
        with_counts = replace(people, columns=tuple("i" if name == "e" else name for name in people.columns))
        found = {
            "mean_of_item_shares": index.mean_of_item_shares_index(with_counts, scoring, inference=sample),
            "share_of_all_answers": index.pooled_answers_index(with_counts, scoring, inference=sample),
            "mean_of_own_shares": index.mean_of_respondent_shares_index(people, scoring, inference=sample),
        }
        if "index" in wanted:
            yield from bare_index(wanted, people, found["mean_of_item_shares"][0])
        for name in found.keys() & wanted.keys():
            values = wanted[name]
            yield name, [found[name][0].value, found[name][0].standard_error], [values["est"], values["se"]]


def index_blocks(expected: dict[str, Any], source: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What is expected under which design: several by name, or the case's only one."""
    blocks = [(name, expected[name]) for name in ("independent", "clustered") if name in expected]
    return blocks or [("clustered" if "clustered" in source else "independent", expected)]


def bare_index(expected: dict[str, Any], people: Moments, estimate: Any) -> Iterator[Check]:
    yield "index", [estimate.value, estimate.standard_error], [expected["index"], expected["index_se"]]
    totals = design_totals(people)
    for position, (item, share) in enumerate(expected["item_share"].items()):
        found = linearisation.ratio(totals, f"t:{position}", f"r:{position}")
        yield item, [found.value[0], np.sqrt(found.variance[0])], [share, expected["item_se"][item]]


def unit_statistics(case: Case) -> dict[str, Any]:
    """Sums over answers and over clusters, by unit; every cluster belongs to every unit's design."""
    table, by = case.table(), case.request["by"]
    measures = np.column_stack([table[column] for column in listed(case.request["mean"])])
    known = ~np.isnan(measures).any(axis=1)
    values = np.column_stack([measures, np.ones(len(known))])[known]
    clusters = cluster_names(case, table)
    cluster = table[clusters[0]][known] if clusters else np.arange(len(values))
    unit = np.array([joined(label) for label in table[by].tolist()])[known]
    return {
        "columns": [*listed(case.request["mean"]), "r"],
        "n_clusters": len(np.unique(cluster)),
        "units": {
            label: sums_and_products(values[unit == label], cluster[unit == label])
            for label in np.unique(unit).tolist()
        },
    }


def unit_table(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    labels, parts = list(source["units"]), list(source["units"].values())
    by_cluster = stored_moments(source["columns"], parts)
    designs = {
        "clustered": replace(by_cluster, n_clusters=np.full(len(parts), source["n_clusters"])),
        "independent": replace(
            by_cluster,
            n_clusters=np.full(len(parts), by_cluster.n.sum()),
            cluster_products=by_cluster.products,
        ),
    }
    # A second column is called "mean" in a row of the table.
    for column, name in zip(source["columns"][:-1], ("top", "mean"), strict=False):
        for kind, moments in designs.items():
            found = linearisation.ratio(design_totals(moments), column, "r")
            error = np.sqrt(found.variance)
            for row in case.expected:
                key = column if column in row and f"{column}_se_{kind}" in row else name
                if f"{key}_se_{kind}" in row:
                    at = labels.index(joined(row.get(case.request["by"], next(iter(row.values())))))
                    wanted = [row[key], row[f"{key}_se_{kind}"]]
                    yield f"{name} {kind} {labels[at]}", [found.value[at], error[at]], wanted


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
