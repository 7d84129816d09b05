"""Tests and models of a survey, rank tests from counts, merged units."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis import Survey, chi_square, merging, ordinal, rank_tests, regression, t_tests
from analysis.categories import categories, text_of
from analysis.chi_square_sums import chi_square_sum_tail
from analysis.columns import Table
from analysis.hypothesis_tests import HypothesisTest
from tests.analysis.cases.case import Case, Check, Columns, Feature, evaluated, survey_of

TEST_NAMES = {"statistic": "statistic", "p": "p_value"}


def chisq(case: Case) -> Iterator[Check]:
    found = chi_square.rao_scott_test(case.survey(), case.request["rows"], case.request["cols"])
    ours = {
        "F": found.second_order,
        "Wald": found.wald,
        "adjWald": found.adjusted_wald,
    }
    for method, wanted in case.expected.items():
        if method in ours:
            yield from same_test(method, ours[method], wanted)
        elif method == "Chisq":
            # Printed is Pearson's statistic itself; its p value is that of the corrected one.
            yield method, [found.pearson, found.first_order.df], [wanted["statistic"], wanted["df"]]
            yield "Chisq p", found.first_order.p_value, wanted["p"]
        elif method == "saddlepoint":
            yield "saddlepoint", found.pearson, wanted["statistic"]
            yield "saddlepoint p", truncated_saddlepoint(found), wanted["p"]


def truncated_saddlepoint(found: chi_square.RaoScottTest) -> float:
    """The survey package of R cuts the fractional degrees of freedom of the denominator off, not those it divides by."""
    df = found.saddlepoint.df_denominator
    whole = float(np.floor(df))
    return chi_square_sum_tail(found.pearson * whole / df, found.design_effects, df_denominator=whole)


def same_test(name: str, found: HypothesisTest, wanted: dict[str, Any]) -> Iterator[Check]:
    freedom = np.atleast_1d(np.array(wanted["df"], dtype=float))
    yield f"{name} df", [found.df, found.df_denominator][: len(freedom)], freedom
    for theirs, ours in TEST_NAMES.items():
        yield f"{name} {theirs}", getattr(found, ours), wanted[theirs]


def ttest(case: Case) -> Iterator[Check]:
    """Several questions, each of its own file and design, or all of one."""
    alone = "kind" in case.design or not case.design
    for position, (key, wanted) in enumerate(case.expected.items()):
        place = min(position, len(case.files) - 1)
        plan = case.design if alone else case.design[key]
        found = t_test_of(case.request[key], case.table(place), plan)
        named = {
            "diff": found.value,
            "t": found.statistic,
            "df": found.df,
            "p": found.p_value,
            "se": found.standard_error,
            "ci": [found.ci_low, found.ci_high],
        }
        yield from ((f"{key} {name}", named[name], value) for name, value in wanted.items() if name in named)


def t_test_of(text: str, table: Columns, plan: dict[str, Any]) -> t_tests.TTest:
    """The test that a sentence asks for: "y by g (A - B)", "mean(a - b) = 0", "share y = 0.5"."""
    if grouped := re.match(r"(.+?) by (\S+)(?: \((.+) - (.+)\))?$", text):
        column, by, *groups = grouped.groups()
        chosen = tuple(groups) if groups[0] else None
        return t_tests.two_group_t_test(survey_of(with_missing(table), plan), column, by, groups=chosen)
    asked = re.match(r"(?:mean|share)\s*\(?(.+?)\)? = (\S+)$", text)
    assert asked, text
    survey = survey_of(table | {"asked": evaluated(asked.group(1), table)}, plan)
    used = ~np.isnan(survey.table.numbers("asked"))
    # One degree of freedom fewer than the design has, as in R's survey 4.1.
    df = survey.stages.domain_df(used.astype(np.int64), 2)[1] - 1
    return t_tests.one_sample_t_test(survey, "asked", value=float(asked.group(2)), df=df)


def with_missing(table: Columns) -> Columns:
    """Texts with "NA" read as missing."""
    return {
        name: np.where(column == "NA", "", column) if column.dtype.kind == "U" else column
        for name, column in table.items()
    }


def formula(text: str) -> tuple[str, list[str]]:
    """Response and predictors of "y ~ a + b"."""
    response, right = (part.strip() for part in re.split(r"[,;]", text)[0].split("~"))
    terms: list[str] = []
    for term in (part.strip() for part in right.split("+")):
        crossed = [part.strip() for part in term.split("*")]
        terms += [*crossed, ":".join(crossed)] if len(crossed) > 1 else [term]
    return response, [term for term in terms if term != "1"]


def plain_factors(table: Columns, terms: list[str]) -> tuple[Columns, list[str]]:
    """Terms written "factor(x)" as columns of labels of that name."""
    named = dict(table)
    for term in terms:
        for part in term.split(":"):
            if wrapped := re.match(r"(?:factor|as\.factor|C)\((.+)\)$", part):
                column = table[wrapped.group(1)]
                named[part] = np.array([
                    "" if value != value else text_of(value) for value in column.tolist()  # noqa: PLR0124
                ])  # fmt: skip
    return named, terms


def bases_of(table: Columns, terms: list[str], names: list[str], text: str) -> dict[str, str]:
    """Base level of each category: as stated, else the one level without a coefficient of its own."""
    stated = dict(re.findall(r"(\S+?)=(\S+?)(?:,|;|$)", text.split("bases:")[1])) if "bases:" in text else {}
    found = {}
    for term in terms:
        if ":" in term or table[term].dtype.kind != "U":
            continue
        levels = categories(Table.of(table), term).levels
        left = [level for level in levels if f"{term}{level}" not in names]
        found[term] = stated.get(term) or (left[0] if len(left) == 1 else levels[0])
    return found


def regressions(case: Case) -> Iterator[Check]:
    fits = {"linear": regression.linear_regression, "logistic": r_logistic}
    table = with_missing(case.table())
    for kind, wanted in case.expected.items():
        response, terms = formula(case.request[kind])
        named, terms = plain_factors(table, terms)
        bases = bases_of(named, terms, list(wanted["coef"]), case.request[kind])
        found = fits[kind](survey_of(named, case.design), response, terms, bases=bases)
        for name, value in wanted["coef"].items():
            yield f"{kind} {name}", found[name].value, value
            if "se" in wanted:
                yield f"{kind} se {name}", found[name].standard_error, wanted["se"][name]
        if "wald_F" in wanted:
            yield from wald(kind, found, terms, case.request, wanted)


def r_logistic(survey: Survey, response: str, terms: list[str], bases: dict[str, str]) -> regression.Regression:
    """Stopped where R's glm stops."""
    return regression.logistic_regression(survey, response, terms, bases=bases, tolerance=1e-8)


def wald(
    kind: str, found: regression.Regression, terms: list[str], request: dict[str, Any], wanted: dict[str, Any]
) -> Iterator[Check]:
    """The test of the term that is named, or of the one with the degrees of freedom expected, or of all."""
    asked = [term for term in terms if any(value == term for value in request.values())]
    fitting = [term for term in terms if len(found.terms[term]) == wanted["wald_df"]]
    test = found.term_test(*(asked or fitting[:1] or terms))
    yield f"{kind} wald", [test.statistic, test.df], [wanted["wald_F"], wanted["wald_df"]]
    yield f"{kind} wald ddf", test.df_denominator, wanted["wald_ddf"]
    yield f"{kind} wald p", test.p_value, wanted["wald_p"]


def ordinal_counts(case: Case) -> dict[str, Any]:
    """How often each combination of response and predictors occurs; of a design, nothing beside its open file."""
    if case.design:
        return {}
    table = with_missing(case.table())
    response, terms = formula(case.request["model"])
    names = [response, *dict.fromkeys(part for term in terms for part in term.split(":"))]
    rows = list(zip(*(table[name].tolist() for name in names), counts_of(case, table).tolist(), strict=True))
    total: dict[tuple[Any, ...], float] = {}
    for *key, count in rows:
        if all(part not in ("", None) and part == part for part in key):  # noqa: PLR0124
            total[tuple(key)] = total.get(tuple(key), 0) + count
    columns = {name: [key[at] for key in total] for at, name in enumerate(names)}
    return columns | {"n": list(total.values())}


def counts_of(case: Case, table: Columns) -> np.ndarray:
    """How many people each row stands for."""
    size = len(next(iter(table.values())))
    text = f"{case.request} {case.design}"
    named = re.findall(r"(?:weights?|frequenc(?:y|ies)|counts?)[\"']?\s*[:=]\s*[\"']?([\w.]+)", text)
    for name in [*named, "Freq", "freq", "count"]:
        if name in table:
            return table[name]
    return np.ones(size)


def ordinal_regression(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    wanted, text = case.expected, case.request["model"]
    response, terms = formula(text)
    thresholds = list(wanted.get("zeta", {})) or [name for name in wanted["coef"] if "|" in name]
    levels = [thresholds[0].split("|")[0], *(name.split("|")[1] for name in thresholds)]
    table = {name: np.array(column) for name, column in source.items()} or with_missing(case.table())
    named, terms = plain_factors(table, terms)
    options: dict[str, Any] = {
        "levels": levels,
        "bases": bases_of(named, terms, [*wanted["coef"], *wanted["se"]], text),
    }
    if case.design:
        # R's search stops beside the maximum, by up to a hundredth of a standard error.
        found = ordinal.ordinal_regression(
            survey_of(named, case.design), response, terms, search="variable metric", **options
        )
    else:
        found = ordinal.ordinal_regression_of_counts(named, response, terms, frequencies="n", **options)
    for name, value in (wanted["coef"] | wanted.get("zeta", {})).items():
        yield name, found[name].value, value
    for name, value in wanted["se"].items():
        yield f"se {name}", found[name].standard_error, value
    if "loglik" in wanted:
        yield "loglik", found.log_likelihood, wanted["loglik"]
