"""Weights: post-stratification, raking, calibration, direct standardisation, replicate weights."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from analysis import Survey
from analysis.surveys.columns import Table
from analysis.surveys.replicates import ReplicateSurvey
from analysis.weighting.calibration import INTERCEPT, calibration
from analysis.weighting.poststratification import poststratification
from analysis.weighting.raking import raking
from analysis.weighting.reports import Adjustment
from analysis.weighting.standardisation import standardised_mean
from tests.analysis.cases.case import Case, Check, Feature, survey_of
from tests.analysis.cases.designs import given, grouping, labelled, means_and_totals

BETWEEN_COLUMNS = re.compile(r"\s*[:,*+]\s*|\s+x\s+")
BETWEEN_LABELS = re.compile(r"\s*[:,*+./|]\s*|\s+x\s+")
DISTANCES = {
    "linear": "linear",
    "greg": "linear",
    "truncated": "linear",
    "raking": "raking",
    "logit": "logit",
}


def labelled_population(table: Table, variable: Any, population: Any) -> tuple[Any, dict[Any, float]]:
    """The columns of a margin, and the sizes of its cells under the labels of the table.

    A case writes labels as text, and those of a cross of columns joined by a mark, nested, or as rows with "Freq".
    """
    if isinstance(population, list) and not isinstance(population[0], Mapping):
        population = dict(zip(map(plain, table.labels(variable).values), population, strict=True))
    if isinstance(population, list):
        variable = variable or [name for name in population[0] if name != "Freq"]
        population = {
            ".".join(str(value) for name, value in row.items() if name != "Freq"): row["Freq"]
            for row in population
        }
    names = [variable] if isinstance(variable, str) else list(variable)
    if len(names) == 1 and names[0] not in table.columns:
        names = BETWEEN_COLUMNS.split(names[0].removeprefix("~").strip())
    asked: Any = names[0] if len(names) == 1 else tuple(names)
    known = {plain(label): label for label in table.labels(asked).values}
    return asked, {known.get(plain(text), text): size for text, size in flat(population)}


def flat(population: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float]]:
    """Cells of a nested table by the joined labels."""
    for text, inner in population.items():
        if isinstance(inner, Mapping):
            yield from flat(inner, f"{above}{text}.")
        else:
            yield f"{above}{text}", inner


def plain(label: Any) -> str:
    """A label as text, its parts joined by one mark."""
    parts = label if isinstance(label, tuple) else (label,)
    return ".".join(
        f"{part:g}" if isinstance(part, float) else BETWEEN_LABELS.sub(".", str(part)) for part in parts
    )


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
        (weight,) = [value for text, value in wanted.items() if plain(text) == plain(label)]
        yield f"weight {label}", survey.weights[labels.codes == code][0], weight


def poststratify(case: Case) -> Iterator[Check]:
    survey, asked = case.survey(), case.request["poststratify"]
    variable = asked.get("variable", asked.get("variables", asked.get("by")))
    variables, population = labelled_population(survey.table, variable, asked["population"])
    yield from adjusted(case, poststratification(survey, variables, population))


def rake(case: Case) -> Iterator[Check]:
    survey = case.survey()
    margins = dict(
        labelled_population(survey.table, variable, population)
        for variable, population in margins_asked(case.request["rake"])
    )
    yield from adjusted(case, raking(survey, margins, residuals="unweighted"))


def margins_asked(asked: Any) -> Iterator[tuple[Any, Any]]:
    """Margins by variable, or as a list of variable and population."""
    asked = asked.get("margins", asked) if isinstance(asked, Mapping) else asked
    if isinstance(asked, Mapping):
        yield from asked.items()
    else:
        yield from ((margin.get("variable"), margin["population"]) for margin in asked)


def calibrate(case: Case) -> Iterator[Check]:
    survey, asked = case.survey(), case.request["calibrate"]
    columns = {name: model_column(survey.table, name) for name in asked["totals"]}
    named = next(ours for theirs, ours in DISTANCES.items() if theirs in asked["distance"].lower())
    found = calibration(
        survey, asked["totals"], columns=columns, distance=named, bounds=bounds_of(case), allow_negative=True
    )
    yield from adjusted(case, found)


def bounds_of(case: Case) -> tuple[float, float] | None:
    """Bounds of the request, or of words such as "bounds 0.4 and 2"."""
    if given := case.request["calibrate"].get("bounds", case.request.get("bounds")):
        return tuple(given)
    words = " ".join(str(case.body.get(key, "")) for key in ("title", "note", "reference"))
    written = re.search(r"bounds?[^\d.]+([\d.]*\d)[^\d.]+([\d.]*\d)", words)
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


def standardize(case: Case) -> Iterator[Check]:
    survey, asked = case.survey(), case.request
    column = asked.get("share", asked.get("mean", "top"))
    standard = asked["standard"]
    variables, population = labelled_population(
        survey.table, standard.get("variable"), standard["population"]
    )
    excluding = re.search(
        r"exclud\w+.missing", f"{asked} {case.body.get('note')} {case.body.get('reference')}"
    )
    found = standardised_mean(
        survey, column, {variables: population}, by=grouping(case), empty="drop",
        missing="exclude" if excluding else "keep",
    )  # fmt: skip
    for domain, wanted in case.expected.items():
        label = next(label for label in found.labels if plain(label) == plain(domain))
        yield from labelled(domain, given(found[label], wanted))


def replicate_weights(case: Case) -> Iterator[Check]:
    plan = case.design
    if len(case.files) > 1:
        sets = np.column_stack(list(case.table(1, derived=False).values()))
        names = ("scale", "rscales", "rho", "mse", "df", "combined")
        constants = {name: plan[name] for name in names if name in plan}
        if "combined_weights" in plan or "combined.weights=FALSE" in case.body.get("reference", ""):
            constants["combined"] = plan.get("combined_weights", False)
        table = case.table()
        weights = plan.get("weights", 1)
        if not isinstance(weights, str):
            table["the weights"], weights = np.full(len(sets), float(weights)), "the weights"
        survey = ReplicateSurvey(
            table, weights=weights, replicates=sets, method=method_of(plan), confidence_level=case.level,
            **constants,
        )  # fmt: skip
    else:
        survey = replicated(case.survey(), method_of(plan), plan)
    expected = case.expected
    if "est" in expected:  # a single figure
        (kind,) = case.request.keys() & {"mean", "total", "ratio"}
        name = case.request[kind]
        expected = {kind: {name if isinstance(name, str) else "/".join(name): expected}}
    yield from replicated_figures(survey, expected)
    for key, kind, file in re.findall(r"(\w+): type='(\w+)' of (\w+)", case.body.get("reference", "")):
        source = design_of_file(case, f"data/{file}.csv")
        made = replicated(source, kind, plan)
        yield from replicated_figures(made, {"mean": case.expected[key]})


def replicated_figures(survey: ReplicateSurvey, expected: dict[str, Any]) -> Iterator[Check]:
    yield from means_and_totals(survey, expected)
    for pair, wanted in expected.get("ratio", {}).items():
        numerator, denominator = pair.split("/")
        (found,) = survey.ratio(numerator, denominator).estimates
        yield from labelled(pair, given(found, wanted))
    if "df" in expected:
        yield "df", survey.df, expected["df"]


def method_of(plan: dict[str, Any]) -> str:
    """The method a design names; where it gives the scale, the name is a label only."""
    known = {"jk1": "JK1", "jkn": "JKn", "brr": "BRR", "fay": "Fay", "bootstrap": "bootstrap", "sdr": "SDR"}
    return known.get(str(plan["replicates"]).lower(), "other")


def replicated(survey: Survey, method: str, plan: dict[str, Any]) -> ReplicateSurvey:
    """Replicates made from the design."""
    if method in ("BRR", "Fay"):
        return survey.half_samples(rho=plan.get("rho", 0.0), corrected=False)
    return survey.jackknife()


def design_of_file(case: Case, file: str) -> Survey:
    """The survey of a data file as another case of the folder describes its design."""
    for path in sorted((case.folder / "cases").glob("*.json")):
        other = Case.read(path)
        if other.body.get("data") == file and "weights" in other.design:
            return survey_of(
                replace(other, body=other.body | {"derive": case.body["derive"]}).table(), other.design
            )
    raise ValueError(f"no case describes the design of {file}")


FEATURES = {
    "standardize": Feature(standardize),
    "replicate_weights": Feature(replicate_weights),
    "poststratify": Feature(poststratify),
    "rake": Feature(rake),
    "calibrate": Feature(calibrate),
}
