"""Whether a set of administrative indicators can be stored: points, classes and who is scored on what."""

from typing import Any

from survey_app.errors import DefinitionError

_HEAD = ("code", "version", "title", "legal_basis", "provenance", "effective_from", "indicators", "totals")


def validate_indicator_set(definition: dict[str, Any]) -> None:
    """Raise `DefinitionError` at the first fault."""
    for key in _HEAD:
        _require(key in definition, key, "missing")
    numbers = [indicator["no"] for indicator in definition["indicators"]]
    _require(len(numbers) == len(set(numbers)), "indicators", "a number is used twice")
    for place, indicator in enumerate(definition["indicators"]):
        points = [level["points"] for level in indicator["levels"]]
        here = f"indicators[{place}].levels"
        _require(points == sorted(set(points), reverse=True), here, "points do not fall from level to level")
    for name, total in definition["totals"].items():
        _check_total(definition, total, path=f"totals.{name}")


def _check_total(definition: dict[str, Any], total: dict[str, Any], *, path: str) -> None:
    most = {indicator["no"]: indicator["levels"][0]["points"] for indicator in definition["indicators"]}
    _require(set(total["indicators"]) <= most.keys(), f"{path}.indicators", "an indicator not in the set")
    reachable = sum(most[number] for number in total["indicators"])
    _require(total["max_points"] == reachable, f"{path}.max_points", f"its indicators add up to {reachable}")
    bounds = [band["at_least"] for band in total["classes"]]
    _require(bounds == sorted(set(bounds), reverse=True), f"{path}.classes", "lower bounds do not fall")
    _require(bool(bounds) and bounds[-1] == 0, f"{path}.classes", "the lowest class must begin at 0")


def _require(condition: bool, path: str, problem: str) -> None:
    if not condition:
        raise DefinitionError(path, problem)
