"""Official methods as data: which questionnaire, how its numbers are aggregated, which points a share earns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import DefinitionError, MethodRefused, PublishedVersionImmutable
from survey_app.models import OfficialMethod
from survey_app.queries import questionnaire_drafts as queries
from survey_app.queries import questionnaires as versions
from survey_app.queries.questionnaire_drafts import MethodRow
from survey_app.services.method_faults import OF_FACTORS, OF_ITEMS, POOLED, WEIGHTED, method_faults

__all__ = ["OF_FACTORS", "OF_ITEMS", "POOLED", "WEIGHTED", "Band", "Method", "faults_of", "method_of", "methods",
           "store_method"]  # fmt: skip


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
    # By factor; empty under a rule that weighs nothing.
    weights: Mapping[str, float] = field(default_factory=dict)

    def title(self, language: str) -> str:
        title: Mapping[str, str] = self.row.definition["title"]
        return title.get(language, title["vi"])

    def band_of(self, share: float) -> Band | None:
        """The highest band whose bound the share reaches; a bound itself belongs to its band."""
        return next((band for band in self.bands if share >= band.at_least), None)


def store_method(session: Session, definition: Mapping[str, Any]) -> None:
    """Keep a method for good; the same one again changes nothing, another under its number is refused."""
    for fault in faults_of(session, definition):
        raise MethodRefused(fault.path, fault.problem)
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
    return Method(
        row, said["aggregation"], tuple(said["aspects"]), said["decimals"], bands, said.get("weights", {})
    )


def faults_of(session: Session, definition: Mapping[str, Any]) -> tuple[DefinitionError, ...]:
    """What keeps a method from being stored; its questionnaire must be a published version."""
    named = definition.get("questionnaire", {})
    stored = versions.find_version(session, code=named.get("code", ""), version=named.get("version", 0))
    return tuple(method_faults(definition, stored.definition if stored else None))
