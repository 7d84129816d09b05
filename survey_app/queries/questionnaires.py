"""Questionnaire versions, indicator sets and policies by their keys."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import IndicatorSet, Policy, QuestionnaireVersion


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A stored version as lists show it."""

    id: int
    code: str
    version: int
    n_slots: int
    effective_from: date
    published_on: date | None
    legal_basis: str
    provenance: str


def version_digest(session: Session, version_id: int) -> bytes:
    """The digest of a version's content; the one column the submit path reads."""
    digest = session.execute(
        select(QuestionnaireVersion.digest).where(QuestionnaireVersion.id == version_id)
    ).scalar_one_or_none()
    if digest is None:
        raise NotFound(f"questionnaire version {version_id}")
    return digest


def version_definition(session: Session, version_id: int) -> dict[str, Any]:
    definition: dict[str, Any] = session.execute(
        select(QuestionnaireVersion.definition).where(QuestionnaireVersion.id == version_id)
    ).scalar_one()
    return definition


def version_from(session: Session, version_id: int) -> date:
    """The day from which a version holds."""
    day: date = session.execute(
        select(QuestionnaireVersion.effective_from).where(QuestionnaireVersion.id == version_id)
    ).scalar_one()
    return day


def find_version(session: Session, *, code: str, version: int) -> QuestionnaireVersion | None:
    return session.execute(
        select(QuestionnaireVersion).where(
            QuestionnaireVersion.code == code, QuestionnaireVersion.version == version
        )
    ).scalar_one_or_none()


def list_versions(session: Session) -> list[VersionRow]:
    """Every stored version, by code and version."""
    columns = (getattr(QuestionnaireVersion, name) for name in VersionRow.__slots__)
    ordered = select(*columns).order_by(QuestionnaireVersion.code, QuestionnaireVersion.version)
    return [VersionRow(*row) for row in session.execute(ordered)]


def find_indicator_set(session: Session, *, code: str, version: int) -> IndicatorSet | None:
    return session.execute(
        select(IndicatorSet).where(IndicatorSet.code == code, IndicatorSet.version == version)
    ).scalar_one_or_none()


def policy_in_force(session: Session, on: date) -> Policy | None:
    """The latest policy that had begun on this day."""
    begun = select(Policy).where(Policy.effective_from <= on).order_by(Policy.effective_from.desc())
    return session.execute(begun.limit(1)).scalar_one_or_none()
