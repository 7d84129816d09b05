"""Policy rows: the seed, which one is in force, and what is refused."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from survey_app.errors import DefinitionError, NoPolicyInForce, PublishedVersionImmutable
from survey_app.models import Base, Policy
from survey_app.services.policy import SEED, current_policy, load_policy, value_bases

SEEDED = json.loads(SEED.read_text(encoding="utf-8"))[0]
DAY = date(2026, 6, 30)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def add_policy(session: Session, *, effective_from: date, **changed: object) -> None:
    values = {
        name: {**entry, "value": changed.get(name, entry["value"])}
        for name, entry in SEEDED["values"].items()
    }
    session.add(Policy(effective_from=effective_from, values=values, legal_basis="thử"))
    session.flush()


def test_current_policy_of_the_seed_has_the_thresholds_of_the_pages(session):
    load_policy(session)
    load_policy(session)
    policy = current_policy(session, DAY)
    assert (policy.min_staff, policy.min_public, policy.min_index) == (5, 10, 30)
    assert (policy.confidence_level, policy.target, policy.alpha) == (0.95, 0.90, 0.05)
    assert (policy.tier_adjustment, policy.screen_adjustment) == ("holm", "bh")


def test_every_value_of_the_seed_says_why_it_was_chosen(session):
    load_policy(session)
    bases = value_bases(session, DAY)
    assert bases.keys() == SEEDED["values"].keys()
    assert all(len(basis) > 20 for basis in bases.values())


def test_current_policy_changes_on_the_day_the_next_one_begins(session):
    load_policy(session)
    add_policy(session, effective_from=date(2026, 7, 1), target=0.95)
    assert current_policy(session, date(2026, 6, 30)).target == 0.90
    assert current_policy(session, date(2026, 7, 1)).target == 0.95


def test_current_policy_before_the_first_one_is_refused(session):
    load_policy(session)
    with pytest.raises(NoPolicyInForce):
        current_policy(session, date(2000, 1, 1))


def test_load_policy_never_changes_a_row_already_stored(session):
    add_policy(session, effective_from=date.fromisoformat(SEEDED["effective_from"]), min_staff=3)
    with pytest.raises(PublishedVersionImmutable):
        load_policy(session)


@pytest.mark.parametrize(
    ("name", "value"),
    [("min_staff", 0), ("min_staff", 5.0), ("min_staff", True), ("target", 90), ("target", 1.5),
     ("confidence_level", "0.95"), ("tier_adjustment", "none")],
)  # fmt: skip
def test_current_policy_with_a_senseless_value_is_refused(session, name, value):
    add_policy(session, effective_from=date(2026, 1, 1), **{name: value})
    with pytest.raises(DefinitionError, match=name):
        current_policy(session, DAY)


def test_current_policy_with_a_value_missing_or_unknown_is_refused(session):
    values = dict(SEEDED["values"])
    entry = values.pop("min_staff")
    session.add(Policy(effective_from=date(2026, 1, 1), values=values, legal_basis="thử"))
    session.add(
        Policy(effective_from=date(2026, 2, 1), values={**values, "min_staf": entry}, legal_basis="thử")
    )
    session.flush()
    with pytest.raises(DefinitionError, match="min_staff: missing"):
        current_policy(session, date(2026, 1, 15))
    with pytest.raises(DefinitionError, match="unknown value min_staf"):
        current_policy(session, date(2026, 2, 15))
