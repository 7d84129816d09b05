"""Tests and models of a survey, rank tests from counts, merged units."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis import Survey
from analysis.comparing import chi_square, count_tables, mantel_haenszel, merging, rank_tests, t_tests
from analysis.comparing.chi_square_sums import chi_square_sum_tail
from analysis.comparing.hypothesis_tests import HypothesisTest
from analysis.regression import models as regression
from analysis.regression import ordinal
from analysis.regression.categories import categories, text_of
from analysis.surveys.columns import Table
from tests.analysis.cases.case import Case, Check, Feature, survey_of
from tests.analysis.cases.rules import Columns, evaluated

TEST_NAMES = {"statistic": "statistic", "p": "p_value"}


def chisq(case: Case) -> Iterator[Check]:
    survey = case.survey()
    found = chi_square.rao_scott_test(survey, case.request["rows"], case.request["cols"])
    # R prints Pearson's statistic of as many people as there are rows, those without an answer included.
    printed = found.pearson * survey.n / found.n
    ours = {
        "F": found.second_order,
        "Wald": found.wald,
        "adjWald": found.adjusted_wald,
    }
    for method, wanted in case.expected.items():
        if method in ours:
            yield from same_test(method, ours[method], wanted)
        elif method == "Chisq":
            # The p value is that of the corrected statistic, not of the one printed.
            yield method, [printed, found.first_order.df], [wanted["statistic"], wanted["df"]]
            yield "Chisq p", found.first_order.p_value, wanted["p"]
        elif method == "saddlepoint":
            yield "saddlepoint", printed, wanted["statistic"]
            yield "saddlepoint p", truncated_saddlepoint(found), wanted["p"]


def truncated_saddlepoint(found: chi_square.RaoScottTest) -> float:
    """R's survey cuts the fraction off the degrees of freedom of the denominator, not off what it divides by."""
    df = found.saddlepoint.df_denominator
    whole = float(np.floor(df))
    return chi_square_sum_tail(found.pearson * whole / df, found.design_effects, df_denominator=whole)


def same_test(name: str, found: HypothesisTest, wanted: dict[str, Any]) -> Iterator[Check]:
    freedom = np.atleast_1d(np.array(wanted["df"], dtype=float))
    yield f"{name} df", [found.df, found.df_denominator][: len(freedom)], freedom
    for theirs, ours in TEST_NAMES.items():
        yield f"{name} {theirs}", getattr(found, ours), wanted[theirs]


def ttest(case: Case) -> Iterator[Check]:
    """Several questions, each of its own file and design, or all of one; or a single question."""
    expected, request = case.expected, case.request
    if "t" in expected and not isinstance(expected["t"], dict):
        asked = request if isinstance(request, str) else next(iter(request.values()))
        expected, request = {"the test": expected}, {"the test": asked}
    alone = not any(key in case.design for key in expected)
    for position, (key, wanted) in enumerate(expected.items()):
        place = min(position, len(case.files) - 1)
        plan = case.design if alone else case.design[key]
        found = t_test_of(request[key], case.table(place), plan, confidence_level=case.level)
        named = {
            "diff": found.value,
            "t": found.statistic,
            "df": found.df,
            "p": found.p_value,
            "se": found.standard_error,
            "ci": [found.ci_low, found.ci_high],
        }
        yield from ((f"{key} {name}", named[name], value) for name, value in wanted.items() if name in named)


def t_test_of(text: str, table: Columns, plan: dict[str, Any], **options: Any) -> t_tests.TTest:
    """The test that a sentence asks for: "y by g (A - B)", "mean(a - b) = 0", "share y = 0.5"."""
    if grouped := re.match(r"(?:mean |share )?(\S+) (?:by|~) (\S+)(?: \((.+) - (.+)\))?$", text):
        column, by, *groups = grouped.groups()
        chosen = tuple(groups) if groups[0] else None
        return t_tests.two_group_t_test(
            survey_of(with_missing(table), plan, **options), column, by, groups=chosen
        )
    asked = re.match(r"(?:mean|share)\s*\(?(.+?)\)?\s*=\s*(\S+)$", text)
    assert asked, text
    survey = survey_of(table | {"asked": evaluated(asked.group(1), table)}, plan, **options)
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
    """Terms written "factor(x)" as columns of labels of that name, "log(x)" and "I(x^2)" as columns of numbers."""
    named = dict(table)
    for part in [part for term in terms for part in term.split(":")]:
        if wrapped := re.match(r"(?:factor|as\.factor|C)\((.+)\)$", part):
            column = table[wrapped.group(1)]
            named[part] = np.array([
                "" if value != value else text_of(value) for value in column.tolist()
            ])  # fmt: skip
        elif part not in table:
            named[part] = evaluated(part, table)
    return named, terms


def bases_of(table: Columns, terms: list[str], names: list[str], text: str) -> dict[str, Any]:
    """Base level of each category: as stated, else the one level without a coefficient of its own."""
    stated = dict(re.findall(r"([^\s=]+)=([^\s,;]+)", text.split("bases:")[1])) if "bases:" in text else {}
    found: dict[str, Any] = {}
    for term in terms:
        if ":" in term or term in names:
            continue
        levels = categories(Table.of(table), term).levels
        left = [level for level in levels if f"{term}{text_of(level)}" not in names]
        if table[term].dtype.kind == "f" and len(left) == len(levels):
            continue
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


def r_logistic(
    survey: Survey, response: str, terms: list[str], bases: dict[str, str]
) -> regression.Regression:
    """Stopped where R's glm stops."""
    return regression.logistic_regression(survey, response, terms, bases=bases, tolerance=1e-8)


def wald(
    kind: str, found: regression.Regression, terms: list[str], request: dict[str, Any], wanted: dict[str, Any]
) -> Iterator[Check]:
    """The test of the term that is named, or of the one with the degrees of freedom expected, or of all."""
    others = [text.removeprefix("~") for text in map(str, [*request.values(), wanted.get("wald_term")])]
    words = [re.split(r"[~+, ]+", text) for text in others if "~" not in text]
    asked = max(([term for term in terms if term in listed] for listed in words), key=len)
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
        if all(part not in ("", None) and part == part for part in key):
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


def level_counts_by_group(case: Case) -> dict[str, Any]:
    """How many of each group gave each answer, for the groups compared and for every column of an extra test."""
    table = with_missing(case.table())
    compared, _ = chosen_levels(case.request["groups"])
    y = categories(Table.of(table), case.request["y"])
    others = [name.split("_by_", 1)[1] for name in case.expected if name.startswith("kruskal_H_by_")]
    found: dict[str, Any] = {"levels": [text_of(level) for level in y.levels]}
    for name in dict.fromkeys([compared, *others]):
        by = categories(Table.of(table), name)
        both = y.is_known & by.is_known
        cells = np.bincount(by.codes[both] * len(y) + y.codes[both], minlength=len(by) * len(y))
        rows = cells.reshape(len(by), len(y)).tolist()
        found[name] = {text_of(level): row for level, row in zip(by.levels, rows, strict=True)}
    return found


def chosen_levels(text: str) -> tuple[str, list[str]]:
    """Column and levels of "service (0,1)" or "Class (3rd, Crew)"; no levels of "Gender"."""
    found = re.match(r"([^(]+?)\s*(?:\((.*)\))?$", text)
    assert found
    column, listed = found.groups()
    return column, [part.strip() for part in re.split(r",| - | and ", listed)] if listed else []


def likert_rank_test(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    column, groups = chosen_levels(case.request["groups"])
    first, second = (source[column][level] for level in groups or list(source[column])[:2])
    found = rank_tests.mann_whitney_tests(first, second)
    one = found.superiority.at()
    named = {
        "counts": [first, second],
        "wilcoxon_W": found.w,
        "wilcoxon_p": found.tests.p_value,
        "prob_superiority": one.value,
        "cliffs_delta": found.cliffs_delta,
    }
    for name, wanted in case.expected.items():
        if name.startswith("kruskal_H"):
            other = name.partition("_by_")[2] or column
            by_unit = rank_tests.kruskal_wallis_tests(list(source[other].values())).at()
            named |= {name: by_unit.statistic, "kruskal_df": by_unit.df, "kruskal_p": by_unit.p_value}
        if name in named:
            yield name, named[name], wanted


def stratified_counts(case: Case) -> dict[str, Any]:
    """Successes and totals by group and unit, groups and units in the order of the data."""
    table = with_missing(case.table())
    (groups, wanted_groups), (units, wanted_units) = (
        chosen_levels(case.request[name]) for name in ("groups", "units")
    )
    success = success_of(case.request["success"], table, {groups, units})
    counts = counts_of(case, table)
    found: dict[str, Any] = {"n": {}, "k": {}}
    for group, unit, yes, count in zip(
        table[groups].tolist(), table[units].tolist(), success, counts, strict=True
    ):
        keys = text_of(group), text_of(unit)
        if (
            "" in keys
            or (wanted_groups and keys[0] not in wanted_groups)
            or (wanted_units and keys[1] not in wanted_units)
        ):
            continue
        for name, amount in (("n", count), ("k", count * yes)):
            cell = found[name].setdefault(keys[0], {})
            cell[keys[1]] = cell.get(keys[1], 0) + float(amount)
    return found


def success_of(text: str, table: Columns, others: set[str]) -> np.ndarray:
    """Rows that are a success: of "Admitted", in whichever column; of "Survived = Yes"; of a column of yes or no."""
    column, _, level = (part.strip() for part in text.replace(":", "=").partition("="))
    if not level and column not in table:
        holders = [name for name in table if name not in others and text in texts_of(table[name])]
        column, level = holders[0], text
    found = texts_of(table[column])
    if not level:
        level = next((yes for yes in ("1", "Yes", "yes", "TRUE", "True") if yes in found), max(found))
    return np.array([value == level for value in found], dtype=float)


def texts_of(column: np.ndarray) -> list[str]:
    return [text_of(value) for value in column.tolist()]


def simpson(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    wanted = case.expected
    tables = [name for name in wanted if name.startswith("share_by_")]
    merged_name = next(name for name in tables if name.endswith("_merged"))
    by_unit_name = next(name for name in tables if name != merged_name)
    groups, units = list(wanted[merged_name]), list(wanted[by_unit_name])
    k, n = (
        np.array([[source[name][group].get(unit, 0) for unit in units] for group in groups])
        for name in ("k", "n")
    )
    for position, group in enumerate(groups):
        yield f"merged {group}", k[position].sum() / n[position].sum(), wanted[merged_name][group]
    merged = count_tables.homogeneity_tests(np.stack([k.sum(axis=1), (n - k).sum(axis=1)], axis=1)).at()
    within = mantel_haenszel.mantel_haenszel_tests(k, n).at()
    named: dict[str, Any] = {
        "merged_chisq": merged.statistic, "merged_p": merged.p_value,
        "mh_chisq": within.statistic, "mh_p": within.p_value,
    }  # fmt: skip
    if len(groups) == 2:
        found = merging.merged_comparison(k, n)
        named |= {
            "mantel_haenszel_or": found.odds_ratio,
            "breslow_day_tarone": found.homogeneity_tests.statistic,
        }
        named["mantel_haenszel_or_ci"] = [found.odds_ratio_low, found.odds_ratio_high]
        named["merged_chisq"] = found.merged_tests.statistic
        for place, unit in enumerate(units):
            shares = [wanted[by_unit_name][unit][group] for group in groups]
            yield f"shares in {unit}", found.shares[:, place], shares
    yield from ((name, named[name], wanted[name]) for name in named if name in wanted)


FEATURES = {
    "chisq": Feature(chisq),
    "ttest": Feature(ttest),
    "regression": Feature(regressions),
    "ordinal_regression": Feature(ordinal_regression, ordinal_counts),
    "likert_rank_test": Feature(likert_rank_test, level_counts_by_group),
    "simpson": Feature(simpson, stratified_counts),
}
