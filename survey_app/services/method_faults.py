"""What keeps an official method from being used, field by field and row by row."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from survey_app.errors import DefinitionError
from survey_app.services.definitions import Definition, is_counted, items_under, nodes_under

POOLED, OF_ITEMS, OF_FACTORS = "pooled_answers", "mean_of_items", "mean_of_factors"
WEIGHTED = "weighted_factors"
AGGREGATIONS = (POOLED, OF_ITEMS, OF_FACTORS, WEIGHTED)
REQUIRED = ("code", "version", "title", "questionnaire", "aggregation", "aspects", "decimals", "bands",
            "is_example", "legal_basis", "provenance", "effective_from")  # fmt: skip
MOST_DECIMALS = 4
LONGEST = {"legal_basis": 400, "provenance": 400}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def method_faults(method: Mapping[str, Any], questionnaire: Definition | None) -> Iterator[DefinitionError]:
    """Every fault of a method for a published questionnaire; None where there is no such version."""
    absent = [key for key in REQUIRED if key not in method]
    if absent:
        yield DefinitionError("method", f"missing key {', '.join(absent)}")
        return
    yield from _head_faults(method)
    decimals = method["decimals"]
    if type(decimals) is not int or not 0 <= decimals <= MOST_DECIMALS:
        yield DefinitionError("decimals", "not from 0 to 4")
    if questionnaire is None:
        yield DefinitionError("questionnaire", "no such published version")
    else:
        yield from _aspect_faults(method["aspects"], questionnaire)
        yield from _weight_faults(method, questionnaire)
        yield from _scale_faults(method, questionnaire)
    yield from _band_faults(method["bands"])


def _head_faults(method: Mapping[str, Any]) -> Iterator[DefinitionError]:
    if not isinstance(method["code"], str) or not _CODE.fullmatch(method["code"]):
        yield DefinitionError("code", "not a code")
    if type(method["version"]) is not int or method["version"] < 1:
        yield DefinitionError("version", "not a whole number")
    if not method["title"].get("vi", "").strip():
        yield DefinitionError("title", "no Vietnamese text")
    for name, longest in LONGEST.items():
        if not method[name].strip():
            yield DefinitionError(name, "no text")
        elif len(method[name]) > longest:
            yield DefinitionError(name, f"longer than {longest} characters")
    try:
        date.fromisoformat(method["effective_from"])
    except ValueError:
        yield DefinitionError("effective_from", "not a date")
    if method["aggregation"] not in AGGREGATIONS:
        yield DefinitionError("aggregation", "unknown rule")


def _aspect_faults(aspects: list[str], questionnaire: Definition) -> Iterator[DefinitionError]:
    groups = {node["code"]: node for node in nodes_under(questionnaire["tree"])}
    factors = set(questionnaire["index"]["factors"])
    for code in aspects:
        if code not in groups:
            yield DefinitionError("aspects", f"no group {code!r}")
        elif not {node["code"] for node in nodes_under([groups[code]])} & factors:
            yield DefinitionError("aspects", f"{code!r} holds no factor of the index")


def _weight_faults(method: Mapping[str, Any], questionnaire: Definition) -> Iterator[DefinitionError]:
    """Every factor of the index has a weight above 0, and nothing else has one; only under the rule that weighs."""
    weights, factors = method.get("weights", {}), questionnaire["index"]["factors"]
    if method["aggregation"] != WEIGHTED:
        if weights:
            yield DefinitionError("weights", "this rule has no weights")
        return
    for code in weights.keys() - set(factors):
        yield DefinitionError("weights", f"{code!r} is no factor of the index")
    for code in factors:
        weight = weights.get(code)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1000:
            yield DefinitionError(f"weights.{code}", "not a weight above 0")


def _scale_faults(method: Mapping[str, Any], questionnaire: Definition) -> Iterator[DefinitionError]:
    """A scale that the method names is one that its index is asked on."""
    if "scale" not in method:
        return
    factors = set(questionnaire["index"]["factors"])
    asked = {
        item["scale"]
        for node in nodes_under(questionnaire["tree"])
        if node["code"] in factors
        for item in items_under(node["children"])
        if is_counted(item)
    }
    if method["scale"] not in questionnaire["scales"]:
        yield DefinitionError("scale", "no such scale")
    elif method["scale"] not in asked:
        yield DefinitionError("scale", "no counted item of the index is on this scale")


def _band_faults(bands: list[Mapping[str, Any]]) -> Iterator[DefinitionError]:
    """Bounds fall from row to row down to 0; each row has its points."""
    above: float | None = None
    for place, band in enumerate(bands):
        bound, points = band["at_least"], band["points"]
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 <= points <= 1000:
            yield DefinitionError(f"bands.{place}.points", "not a number of points")
        if isinstance(bound, bool) or not isinstance(bound, int | float) or not 0 <= bound <= 1:
            yield DefinitionError(f"bands.{place}.at_least", "not a share from 0 to 100")
            return
        if above is not None and bound >= above:
            yield DefinitionError(f"bands.{place}.at_least", "lower bounds do not fall")
        above = bound
    if above:
        yield DefinitionError(f"bands.{len(bands) - 1}.at_least", "the lowest band must begin at 0")
