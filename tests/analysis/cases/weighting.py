"""Weights: post-stratification, raking, calibration, direct standardisation, replicate weights."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from analysis import Survey
from analysis.calibration import INTERCEPT, calibration
from analysis.columns import Table
from analysis.poststratification import poststratification
from analysis.raking import raking
from analysis.weighting import Adjustment
from tests.analysis.cases.case import Case, Check, Feature
from tests.analysis.cases.designs import means_and_totals

SEPARATORS = re.compile(r"\s*[:.,*+x]\s*")


def labelled_population(table: Table, variable: Any, population: Any) -> tuple[Any, dict[Any, float]]:
    """The columns of a margin, and the sizes of its cells under the labels of the table.

    A case writes labels as text and those of a cross of columns joined by a mark, or as rows with a "Freq".
    """
    if isinstance(population, list):
        columns = [name for name in population[0] if name != "Freq"]
        population = {".".join(str(row[name]) for name in columns): row["Freq"] for row in population}
        variable = variable or columns
    names = [variable] if isinstance(variable, str) else list(variable)
    if len(names) == 1 and names[0] not in table.columns:
        names = SEPARATORS.split(names[0].removeprefix("~").strip())
    asked: Any = names[0] if len(names) == 1 else names
    known = {plain(label): label for label in table.labels(asked).values}
    found = {known.get(SEPARATORS.sub(".", text), text): size for text, size in population.items()}
    return asked if isinstance(asked, str) else tuple(asked), found


def plain(label: Any) -> str:
    """A label as a case writes it."""
    parts = label if isinstance(label, tuple) else (label,)
    return ".".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)


def adjusted(case: Case, found: Adjustment) -> Iterator[Check]:
    """What is expected of a survey after its weights were adjusted."""
    survey, weights = found.survey, found.survey.weights
    yield from means_and_totals(survey, case.expected)
    for key, wanted in case.expected.items():
        if key == "g_range":
            yield key, found.g_range, wanted
        elif first := re.fullmatch(r"weights_first(\d+)", key):
            yield key, weights[: int(first.group(1))], wanted
        elif by := re.fullmatch(r"weights_by_(.+)", key):
            yield from weights_by(survey, by.group(1), wanted)
        elif key in ("df", "n", "sum_of_weights"):
            got = {"df": survey.df, "n": survey.n, "sum_of_weights": weights.sum()}
            yield key, got[key], wanted


def weights_by(survey: Survey, column: str, wanted: Mapping[str, float]) -> Iterator[Check]:
    labels = survey.table.labels(column)
    for code, label in enumerate(labels.values):
        yield f"weight {label}", survey.weights[labels.codes == code][0], wanted[plain(label)]


def poststratify(case: Case) -> Iterator[Check]:
    survey, asked = case.survey(), case.request["poststratify"]
    variables, population = labelled_population(survey.table, asked.get("variable"), asked["population"])
    yield from adjusted(case, poststratification(survey, variables, population))


def rake(case: Case) -> Iterator[Check]:
    survey = case.survey()
    margins = dict(
        labelled_population(survey.table, variable, population)
        for variable, population in case.request["rake"].items()
    )
    yield from adjusted(case, raking(survey, margins, residuals="unweighted"))


def calibrate(case: Case) -> Iterator[Check]:
    survey, asked = case.survey(), case.request["calibrate"]
    columns = {name: model_column(survey.table, name) for name in asked["totals"]}
    found = calibration(
        survey, asked["totals"], columns=columns, distance=asked["distance"], bounds=bounds_of(case),
        allow_negative=True,
    )  # fmt: skip
    yield from adjusted(case, found)


def bounds_of(case: Case) -> tuple[float, float] | None:
    """Bounds of the request, or of a title such as "bounds 0.4 and 2"."""
    if given := case.request["calibrate"].get("bounds"):
        return tuple(given)
    written = re.search(r"bounds ([\d.]+) and ([\d.]+)", case.body["title"])
    return (float(written.group(1)), float(written.group(2))) if written else None


def model_column(table: Table, name: str) -> np.ndarray:
    """A column of a linear model by its name: "(Intercept)", "api99", "stypeH", or several joined by ":"."""
    if ":" in name:
        return np.prod([model_column(table, part) for part in name.split(":")], axis=0)
    if name == INTERCEPT:
        return np.ones(table.n_rows)
    if name in table.columns:
        return table.complete(name)
    factor = re.fullmatch(r"(?:as\.)?factor\((.+)\)(.+)", name)
    for column in [factor.group(1)] if factor else sorted(table.columns, key=len, reverse=True):
        level = factor.group(2) if factor else name.removeprefix(column)
        if factor or name.startswith(column):
            labels = table.labels(column)
            return np.array([plain(label) == level for label in labels.values], dtype=float)[labels.codes]
    raise ValueError(f"no column of the model is called {name}")


FEATURES = {
    "poststratify": Feature(poststratify),
    "rake": Feature(rake),
    "calibrate": Feature(calibrate),
}
