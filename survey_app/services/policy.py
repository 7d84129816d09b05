"""Thresholds, target and error rates in force on a day: rows of data, each value with its basis."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import DefinitionError, NoPolicyInForce, PublishedVersionImmutable
from survey_app.models import Policy
from survey_app.queries import questionnaires as versions

SEED = Path(__file__).resolve().parents[2] / "seeds" / "policy.json"
_ADJUSTMENTS = frozenset({"holm", "bh"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValues:
    """What the figures are shown and judged by; minimums apply to the base n, never to a numerator."""

    effective_from: date
    min_staff: int
    min_public: int
    min_index: int
    min_single_officer: int
    min_half_day: int
    min_chart_point: int
    release_min_new: int
    comment_release_min: int
    coarsen_dates_after_days: int
    confidence_level: float
    target: float
    alpha: float
    tier_adjustment: str
    screen_adjustment: str


_CHECKED_NAMES = tuple(field.name for field in fields(PolicyValues) if field.name != "effective_from")
_TYPES = {field.name: field.type for field in fields(PolicyValues)}


def current_policy(session: Session, on: date) -> PolicyValues:
    """The policy in force on a day; there is no default, since every figure prints what it was judged by."""
    row = versions.policy_in_force(session, on)
    if row is None:
        raise NoPolicyInForce(on.isoformat())
    return _values(row.effective_from, row.values)


def policy_for(session: Session, on: date, *, is_public: bool) -> PolicyValues:
    """The policy in force on a day; what is published withholds every cell below the public minimum."""
    policy = current_policy(session, on)
    return replace(policy, min_staff=max(policy.min_staff, policy.min_public)) if is_public else policy


def value_bases(session: Session, on: date) -> dict[str, str]:
    """Why each value of the policy in force was chosen, by its name."""
    row = versions.policy_in_force(session, on)
    if row is None:
        raise NoPolicyInForce(on.isoformat())
    return {name: entry["basis"] for name, entry in row.values.items()}


def load_policy(session: Session, *, seed: Path = SEED) -> list[Policy]:
    """Store the seed policies. Safe to run twice; a stored row is never changed, only followed by another."""
    return [_store(session, entry) for entry in json.loads(seed.read_text(encoding="utf-8"))]


def _store(session: Session, entry: dict[str, Any]) -> Policy:
    effective_from = date.fromisoformat(entry["effective_from"])
    _values(effective_from, entry["values"])
    stored = session.get(Policy, effective_from)
    if stored is not None:
        if stored.values != entry["values"]:
            raise PublishedVersionImmutable("policy", effective_from.isoformat())
        return stored
    stored = Policy(effective_from=effective_from, values=entry["values"], legal_basis=entry["legal_basis"])
    session.add(stored)
    session.flush()
    return stored


def _values(effective_from: date, stored: Mapping[str, Any]) -> PolicyValues:
    unknown = sorted(stored.keys() - set(_CHECKED_NAMES))
    if unknown:
        raise DefinitionError("policy", f"unknown value {', '.join(unknown)}")
    values = {name: _value(stored, name) for name in _CHECKED_NAMES}
    return PolicyValues(effective_from=effective_from, **values)


def _value(stored: Mapping[str, Any], name: str) -> Any:
    if name not in stored:
        raise DefinitionError(f"policy.{name}", "missing")
    value, kind = stored[name]["value"], _TYPES[name]
    if type(value) is not kind:
        raise DefinitionError(f"policy.{name}", f"{value!r} is not of type {kind}")
    if kind is int and value < 1:
        raise DefinitionError(f"policy.{name}", "must be 1 or more")
    if kind is float and not 0 < value < 1:
        raise DefinitionError(f"policy.{name}", "must lie between 0 and 1")
    if kind is str and value not in _ADJUSTMENTS:
        raise DefinitionError(f"policy.{name}", f"must be one of {', '.join(sorted(_ADJUSTMENTS))}")
    return value
