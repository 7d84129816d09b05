"""Small areas: beta-binomial, Fay-Herriot and unit-level shrinkage."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.small_areas import area_moments, empirical_bayes, fay_herriot, unit_level
from tests.analysis.cases.case import Case, Check, Feature
from tests.analysis.cases.rules import Columns, evaluated

FAY_HERRIOT_METHODS = {"REML": "reml", "ML": "ml", "FH": "fay_herriot"}


def counts(case: Case) -> dict[str, list[float]]:
    """Satisfied and answering by unit: given in the case, or two columns of its data."""
    for place in (case.request, case.expected):
        if isinstance(place, dict) and all(isinstance(place.get(name), list) for name in ("x", "n")):
            return {name: place[name] for name in ("x", "n")}
    table = case.table()
    return {name: column_of(table, case.request[name]).tolist() for name in ("x", "n")}


def column_of(table: Columns, asked: Any) -> np.ndarray:
    """A column by its name, or as it is listed, or one number for every row."""
    rows = len(next(iter(table.values())))
    return table[asked] if isinstance(asked, str) else np.broadcast_to(np.array(asked, dtype=float), rows)


def beta_binomial(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    for method in ("ml", "moments"):
        if method not in case.expected:
            continue
        wanted = case.expected[method]
        found = empirical_bayes.empirical_bayes_shares(
            source["x"], source["n"], method=method, correction="none", confidence_level=case.level
        )
        law = found.prior
        got = {
            "a": law.a, "b": law.b, "mu": law.mu, "rho": law.rho, "loglik_kernel": law.log_likelihood,
            "post_mean": found.value, "post_low": found.ci_low, "post_high": found.ci_high, "gamma": found.gamma,
        }  # fmt: skip
        for name in got.keys() & wanted.keys():
            undefined = wanted[name] is None and not np.isfinite(got[name])
            yield f"{method} {name}", np.nan if undefined else got[name], wanted[name]


def formula_of(case: Case) -> tuple[str, list[str], str]:
    """Response, terms and the words after them, of text like "y ~ 1 + x + factor(g), random ..."."""
    text = case.design.get("model") or case.request["model"]
    text = re.sub(r"\s*\+\s*\(1 ?\| ?([\w.]+)\)", r", random intercept by \1", text)
    formula, *rest = re.split(r",| \(", text, maxsplit=1)
    response, right = formula.split("~")
    return response.strip(), [term.strip() for term in right.split("+")], " ".join(rest)


def design_columns(terms: list[str], table: Columns, words: str) -> np.ndarray:
    """Columns of the terms, the intercept first unless taken out, factors in treatment coding."""
    columns = [] if {"0", "-1"} & set(terms) else [np.ones(len(next(iter(table.values()))))]
    for term in terms:
        factor = re.fullmatch(r"(?:factor|as\.factor|C)\((.+)\)", term)
        if factor or (term in table and table[term].dtype.kind == "U"):
            columns += treatment_columns(table[factor.group(1) if factor else term], words)
        elif term not in ("1", "0", "-1"):
            columns.append(term_values(term, table))
    return np.column_stack(columns)


def treatment_columns(labels: np.ndarray, words: str) -> list[np.ndarray]:
    """One column for each level but the base: the one named in "2 is the base", else the first."""
    levels = list(np.unique(labels))
    named = re.search(r"(\S+) is the base", words)
    base = next(
        (level for level in levels if named and f"{level}".removesuffix(".0") == named.group(1)), levels[0]
    )
    return [(labels == level).astype(float) for level in levels if level != base]


def term_values(term: str, table: Columns) -> np.ndarray:
    if wrapped := re.match(r"(log|sqrt|exp)\((.*)\)$", term):
        return getattr(np, wrapped.group(1))(evaluated(wrapped.group(2), table))
    return evaluated(term, table)


def variance_asked(words: str, table: Columns) -> np.ndarray:
    """What follows "sampling variance", as a rule such as "se^2"; else the first column named there."""
    after = words.partition("variance")[2].strip(" :=")
    try:
        return evaluated(re.sub(r"^(?:known|is|column)\W+", "", after), table)
    except (SyntaxError, KeyError):
        column, squared = next(
            found for found in re.findall(r"([\w.]*\w)(\^2|\*\*2)?", after) if found[0] in table
        )
        return table[column] ** 2 if squared else table[column]


def area_statistics(case: Case) -> dict[str, Any]:
    response, terms, words = formula_of(case)
    table = case.table()
    variance = variance_asked(words, table)
    return {
        "direct": table[response].tolist(),
        "variance": variance.tolist(),
        "covariates": design_columns(terms, table, words).tolist(),
    }


def area_level(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    expected = case.expected if "A" not in case.expected else {case.request["method"]: case.expected}
    for name, method in FAY_HERRIOT_METHODS.items():
        if name not in expected:
            continue
        found = fay_herriot.fay_herriot(
            source["direct"], source["variance"], covariates=source["covariates"], method=method
        )
        got = {
            "A": found.variance_between, "beta": found.beta, "beta_se": found.beta_se, "gamma": found.gamma,
            "eblup": found.value, "mse": found.mse,
        }  # fmt: skip
        wanted = expected[name]
        yield from (
            (f"{name} {key}", *positive(got[key], wanted[key]))
            if key == "mse"
            else (f"{name} {key}", got[key], wanted[key])
            for key in got
            if key in wanted
        )


def positive(errors: np.ndarray, wanted: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Errors where the other program's are above 0: ours leave out a correction that would make them negative."""
    used = np.array(wanted) > 0
    return errors[used], np.array(wanted)[used]


def column_like(table: Columns, name: str) -> str:
    """The column of that name, or the one whose name holds it."""
    return name if name in table else next(column for column in table if name.lower() in column.lower())


def one_row_each(areas: Columns, label: str) -> Columns:
    """Areas as they are, or the means and sizes of areas of which every member is listed."""
    names, own = np.unique(areas[label], return_inverse=True)
    if len(names) == len(own):
        return areas
    size = np.bincount(own)
    means = {
        column: np.bincount(own, weights=values) / size
        for column, values in areas.items()
        if values.dtype.kind == "f" and column != label
    }
    return means | {label: names, "N": size.astype(float)}


def people_statistics(case: Case) -> dict[str, Any]:
    """Sums and products of respondents by area, and what is known of each area."""
    response, terms, words = formula_of(case)
    people, areas = case.table(), case.table(1, derived=False)
    group = column_like(people, re.search(r"by ([\w.]*\w)", words).group(1))
    label = group if group in areas else column_like(areas, group)
    areas = one_row_each(areas, label)
    rows = np.column_stack([term_values(response, people), design_columns(terms, people, words)])
    named = {term: areas[column_like(areas, term)] for term in terms if term not in ("0", "1", "-1")}
    own = [rows[people[group] == area] for area in areas[label]]
    size = [column for column in areas if column.lower().startswith("pop") or column in ("N", "Ni", "size")]
    return {
        "areas": [f"{area:g}" if areas[label].dtype.kind == "f" else str(area) for area in areas[label]],
        "n": [len(part) for part in own],
        "sums": [part.sum(axis=0).tolist() for part in own],
        "products": [(part.T @ part).tolist() for part in own],
        "means": design_columns(terms, {label: areas[label], **named}, words).tolist(),
        "population": areas[size[0]].tolist() if size else None,
    }


def person_level(case: Case, source: dict[str, Any]) -> Iterator[Check]:
    people = area_moments.area_moments(source["n"], source["sums"], source["products"])
    method = "reml" if "REML" in formula_of(case)[2] or " ML" not in formula_of(case)[2] else "ml"
    plain = unit_level.unit_level_eblup(people, covariate_means=source["means"], method=method)
    finite = plain
    if source["population"] is not None:
        finite = unit_level.unit_level_eblup(
            people, covariate_means=source["means"], population=source["population"], method=method
        )
    yield "beta", plain.beta, case.expected["beta"]
    yield "sigma2_u", plain.variance_between, case.expected["sigma2_u"]
    yield "sigma2_e", plain.variance_within, case.expected["sigma2_e"]
    got = {
        "n": plain.n, "gamma": plain.gamma, "u": plain.effect, "eblup_no_fpc": plain.value,
        "mse_no_fpc": plain.mse, "eblup": finite.value, "mse": finite.mse,
    }  # fmt: skip
    for row in case.expected["areas"]:
        place = source["areas"].index(str(row["area"]))
        yield from ((f"{row['area']} {key}", got[key][place], row[key]) for key in got if key in row)


FEATURES = {
    "beta_binomial_eb": Feature(beta_binomial, counts),
    "fay_herriot": Feature(area_level, area_statistics),
    "unit_level_eblup": Feature(person_level, people_statistics),
}
