"""Official methods as data: which questionnaire, how its numbers are aggregated, which points a share earns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import MethodRefused, PublishedVersionImmutable
from survey_app.models import OfficialMethod
from survey_app.queries import questionnaire_drafts as queries
from survey_app.queries import questionnaires as versions
from survey_app.queries.questionnaire_drafts import MethodRow
from survey_app.services.definitions import Definition, nodes_under

POOLED, OF_ITEMS, OF_FACTORS = "pooled_answers", "mean_of_items", "mean_of_factors"
AGGREGATIONS = (POOLED, OF_ITEMS, OF_FACTORS)
_KEYS = ("code", "version", "title", "questionnaire", "aggregation", "aspects", "decimals", "bands",
         "is_example", "legal_basis", "provenance", "effective_from")  # fmt: skip
MOST_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Band:
    """From this share upwards, these points."""

    at_least: float
    points: float


@dataclass(frozen=True, slots=True)
class Method:
    """A method ready to be applied to a version of a questionnaire."""

    row: MethodRow
    aggregation: str
    aspects: tuple[str, ...]
    decimals: int
    bands: tuple[Band, ...]

    def title(self, language: str) -> str:
        title: Mapping[str, str] = self.row.definition["title"]
        return title.get(language, title["vi"])

    def band_of(self, share: float) -> Band | None:
        """The highest band whose bound the share reaches; a bound itself belongs to its band."""
        return next((band for band in self.bands if share >= band.at_least), None)


def store_method(session: Session, definition: Mapping[str, Any]) -> None:
    """Keep a method for good; the same one again changes nothing, another under its number is refused."""
    _check(session, definition)
    code, version = definition["code"], definition["version"]
    for row in queries.methods(session):
        if (row.code, row.version) == (code, version):
            if row.definition != definition:
                raise PublishedVersionImmutable(code, version)
            return
    session.add(
        OfficialMethod(
            code=code, version=version, definition=dict(definition), is_example=definition["is_example"],
            effective_from=date.fromisoformat(definition["effective_from"]),
            legal_basis=definition["legal_basis"], provenance=definition["provenance"],
        )
    )  # fmt: skip
    session.flush()


def method_of(session: Session, *, code: str, version: int, on: date | None = None) -> Method | None:
    """The method for a version of a questionnaire that had begun on a day, the latest of several; or of all."""
    named = {"code": code, "version": version}
    rows = [
        row
        for row in queries.methods(session)
        if row.definition["questionnaire"] == named and (on is None or row.effective_from <= on)
    ]
    return _method(max(rows, key=lambda row: (row.effective_from, row.version))) if rows else None


def methods(session: Session) -> list[Method]:
    return [_method(row) for row in queries.methods(session)]


def _method(row: MethodRow) -> Method:
    said = row.definition
    bands = tuple(Band(band["at_least"], band["points"]) for band in said["bands"])
    return Method(row, said["aggregation"], tuple(said["aspects"]), said["decimals"], bands)


def _check(session: Session, definition: Mapping[str, Any]) -> None:
    absent = [key for key in _KEYS if key not in definition]
    _require(not absent, "method", f"missing key {', '.join(absent)}")
    _require(definition["aggregation"] in AGGREGATIONS, "aggregation", "unknown rule")
    decimals = definition["decimals"]
    _require(type(decimals) is int and 0 <= decimals <= MOST_DECIMALS, "decimals", "not from 0 to 4")
    named = definition["questionnaire"]
    stored = versions.find_version(session, code=named["code"], version=named["version"])
    if stored is None:
        raise MethodRefused("questionnaire", "no such published version")
    _check_aspects(definition["aspects"], stored.definition)
    bounds = [band["at_least"] for band in definition["bands"]]
    _require(bounds == sorted(set(bounds), reverse=True), "bands", "lower bounds do not fall")
    _require(not bounds or bounds[-1] == 0, "bands", "the lowest band must begin at 0")


def _check_aspects(aspects: list[str], questionnaire: Definition) -> None:
    groups = {node["code"]: node for node in nodes_under(questionnaire["tree"])}
    factors = set(questionnaire["index"]["factors"])
    for code in aspects:
        _require(code in groups, "aspects", f"no group {code!r}")
        below = {node["code"] for node in nodes_under([groups[code]])}
        _require(bool(below & factors), "aspects", f"{code!r} holds no factor of the index")


def _require(condition: bool, path: str, problem: str) -> None:
    if not condition:
        raise MethodRefused(path, problem)
