"""Measurement quality: reliability, factor models, polychoric correlations, drivers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from analysis.measurement.covariance import PairSums, covariance_matrix, pair_sums
from analysis.measurement.factor_models import FactorModel, confirmatory_factor_model
from analysis.measurement.importance import relative_importance
from analysis.measurement.item_analysis import ItemAnalysis, item_analysis
from analysis.measurement.omega import composite_reliability
from analysis.measurement.polychoric import polychoric_correlation
from tests.analysis.cases.case import Case, Check, Feature
from tests.analysis.cases.polygon_search import searched_correlation

ONE_FACTOR = "factor"
ML_KNOWN_TO = 0.01


def sums_of(case: Case, items: Sequence[str], *, missing: str = "complete") -> dict[str, Any]:
    """Pair sums of some columns as plain lists."""
    table = case.table()
    found = pair_sums(np.column_stack([table[item] for item in items]), missing=missing)
    return {name: getattr(found, name).tolist() for name in PairSums.__slots__}


def covariance_and_n(source: Mapping[str, Any]) -> tuple[np.ndarray, int]:
    sums = PairSums(*(np.array(source[name], dtype=float) for name in PairSums.__slots__))
    return covariance_matrix(sums), int(sums.n.min())


def named(wanted: Any, names: Sequence[str]) -> Any:
    """Expected values in the order of the names, whether they came by name or as a list."""
    return [wanted[name] for name in names] if isinstance(wanted, Mapping) else wanted


def both_conventions(case: Case) -> dict[str, Any]:
    items = case.request["items"]
    return {missing: sums_of(case, items, missing=missing) for missing in ("complete", "pairwise")}


def reliability(case: Case, source: Mapping[str, Any]) -> Iterator[Check]:
    items = case.request["items"]
    complete, n = covariance_and_n(source["complete"])
    found = item_analysis(complete, n=n, items=items, confidence_level=case.level)
    yield from compared(case.expected, scale_figures(found) | item_figures(found), items)
    for interval in ("feldt", "bonett"):
        alpha = item_analysis(complete, n=n, interval=interval, confidence_level=case.level).alpha
        yield from compared(case.expected, {interval: [alpha.ci_low, alpha.ci_high]}, items)
    if "pairwise" in case.expected:
        pairwise, n = covariance_and_n(source["pairwise"])
        found = item_analysis(pairwise, n=n, items=items, missing="pairwise")
        yield from compared(case.expected["pairwise"], scale_figures(found) | item_figures(found), items)


def scale_figures(found: ItemAnalysis) -> dict[str, Any]:
    alpha = found.alpha.value
    return {
        "n": found.n_respondents,
        "k": len(found.items),
        "alpha": alpha,
        "raw_alpha": alpha,
        "std_alpha": found.standardised_alpha,
        "average_r": found.average_r,
        "guttman_l6": found.guttman_lambda6,
    }


def item_figures(found: ItemAnalysis) -> dict[str, Any]:
    return {
        "alpha_if_dropped": found.alpha_if_dropped,
        "item_rest_r": found.item_rest_r,
        "item_total_r": found.item_total_r,
        "smc": found.squared_multiple_r,
    }


def compared(wanted: Mapping[str, Any], got: Mapping[str, Any], names: Sequence[str]) -> Iterator[Check]:
    """The figures both sides have."""
    for name in wanted.keys() & got.keys():
        yield name, got[name], named(wanted[name], names)


def factors_of(request: Mapping[str, Any]) -> dict[str, list[str]]:
    """Items of each factor, of a model such as "visual=~x1+x2; textual=~x3+x4" or of a list of items."""
    if "model" not in request:
        return {ONE_FACTOR: list(request["items"])}
    lines = re.findall(r"([\w.]+)\s*=~\s*([\w.]+(?:\s*\+\s*[\w.]+)*)", request["model"])
    return {factor: re.split(r"\s*\+\s*", items) for factor, items in lines}


def model_sums(case: Case) -> dict[str, Any]:
    return sums_of(case, [item for items in factors_of(case.request).values() for item in items])


def fitted(case: Case, source: Mapping[str, Any]) -> FactorModel:
    factors = factors_of(case.request)
    covariance, n = covariance_and_n(source)
    said = str(case.request).lower()
    marked = "first loading" in said or "marker" in said or "model" in case.request
    one = any(words in said for words in ("var(factor)=1", "'std.lv': true", "std.lv=true", "unit variance"))
    return confirmatory_factor_model(
        covariance,
        n=n,
        factors=factors,
        items=[item for items in factors.values() for item in items],
        identification="marker" if marked and not one else "unit_variance",
        likelihood="wishart" if "wishart" in said or "divisor n-1" in said else "normal",
    )


def omega_cfa(case: Case, source: Mapping[str, Any]) -> Iterator[Check]:
    model = fitted(case, source)
    omega = composite_reliability(model, confidence_level=case.level).value
    figures = {
        "n": model.n,
        "loadings": turned(model.loadings, case.expected.get("loadings"), model.items),
        "loading_se": model.loading_errors,
        "residual_variances": model.residual_variances,
        "std_loadings": turned(model.standardised_loadings, case.expected.get("std_loadings"), model.items),
    }
    yield from compared(case.expected, figures, model.items)
    if "omega" in case.expected:
        wanted = named(case.expected["omega"], model.factors)
        yield "omega", omega if np.ndim(wanted) else omega.item(), wanted
    fit = model.fit
    indices = {
        "chisq": fit.chi_square,
        "df": fit.df,
        "pvalue": fit.p_value,
        "baseline.chisq": fit.baseline_chi_square,
        "cfi": fit.cfi,
        "tli": fit.tli,
        "rmsea": fit.rmsea,
        "rmsea.ci.lower": fit.rmsea_ci_low,
        "rmsea.ci.upper": fit.rmsea_ci_high,
        "srmr": fit.srmr,
        "logl": fit.log_likelihood,
        "aic": fit.aic,
        "bic": fit.bic,
    }
    yield from compared(case.expected.get("fit", {}), indices, model.items)


def turned(loadings: Any, wanted: Any, items: Sequence[str]) -> Any:
    """Loadings of a factor whose direction is free, in the direction in which the other program ended."""
    return loadings if wanted is None or np.dot(loadings, named(wanted, items)) >= 0 else -loadings


def pairs_of(case: Case) -> list[Sequence[str]]:
    return case.request.get("pairs") or list(combinations(case.request["items"], 2))


def pair_tables(case: Case) -> dict[str, Any]:
    """Contingency table of each pair, people who answered both."""
    table = case.table()
    return {"tables": [contingency(table[first], table[second]).tolist() for first, second in pairs_of(case)]}


def contingency(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    both = answered(first) & answered(second)
    rows, columns = (np.unique(answers[both], return_inverse=True) for answers in (first, second))
    counts = np.zeros((len(rows[0]), len(columns[0])), dtype=int)
    np.add.at(counts, (rows[1], columns[1]), 1)
    return counts


def answered(answers: np.ndarray) -> np.ndarray:
    return np.isfinite(answers) if answers.dtype.kind == "f" else ~np.isin(answers, ("", "NA"))


def polychoric(case: Case, source: Mapping[str, Any]) -> Iterator[Check]:
    for name, wanted in case.expected.items():
        method = next((method for method in ("two_step", "ml") if name.startswith(method)), None)
        if method is None:
            continue
        tables = source["tables"] if np.ndim(wanted) else source["tables"][:1]
        got = [polychoric_correlation(table, method=method).value for table in tables]
        if method == "ml":
            # R's search stops beside the maximum: ours is near its end, and its own search on our likelihood there.
            yield f"near {name}", matrix_or_list(got, wanted), wanted, ML_KNOWN_TO
            got = [searched_correlation(table) for table in tables]
        yield name, matrix_or_list(got, wanted), wanted


def matrix_or_list(values: list[float], wanted: Any) -> Any:
    """Correlations in the shape in which they are expected: a matrix, a list, or a number."""
    if np.ndim(wanted) < 2:
        return values if np.ndim(wanted) else values[0]
    matrix = np.zeros(np.shape(wanted))
    matrix[np.triu_indices(len(wanted), 1)] = values
    return matrix + matrix.T + np.eye(len(wanted))


def driver_sums(case: Case) -> dict[str, Any]:
    return sums_of(case, [*case.request["x"], case.request["y"]])


def drivers(case: Case, source: Mapping[str, Any]) -> Iterator[Check]:
    predictors, outcome = case.request["x"], case.request["y"]
    covariance, n = covariance_and_n(source)
    found = relative_importance(
        covariance, n=n, names=[*predictors, outcome], outcome=outcome, rng=np.random.default_rng(1)
    )
    figures = {
        "n": found.n,
        "r2": found.r_squared,
        "lmg": found.lmg,
        "share": found.share,
        "first": found.first,
        "last": found.last,
        "vif": found.vif,
    }
    yield from compared(case.expected, figures, predictors)


FEATURES = {
    "reliability": Feature(reliability, both_conventions),
    "omega_cfa": Feature(omega_cfa, model_sums),
    "polychoric": Feature(polychoric, pair_tables),
    "relative_importance": Feature(drivers, driver_sums),
}
