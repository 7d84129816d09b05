"""What is over its time is counted first and then gone; everything else stays."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.errors import DefinitionError
from survey_app.models import AuditEntry, Comment, InterviewAssignment, Invitation, SignOnIdentity
from survey_app.services.retention import SEED, Retention, over_time, purge, read_retention
from tests.builders import World, make_comment
from tests.survey_app.interviewing import Office, build_office, give

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
RULES = Retention(
    date(2025, 7, 1), contact_days=90, comment_months=24, log_months=12, sample_days=365, invitation_days=30
)


@pytest.fixture
def office(session: Session, world: World) -> Office:
    return build_office(session, world)


def counts(session: Session) -> dict[str, int]:
    session.flush()
    return {each.kind: each.n for each in over_time(session, rules=RULES, today=TODAY) if each.n}


def test_comments_go_after_their_months(session: Session, world: World) -> None:
    make_comment(session, world, "Cũ", month=date(2024, 10, 1), released_on=date(2024, 11, 4))
    kept = make_comment(session, world, "Còn hạn", month=date(2024, 11, 1))
    assert counts(session) == {"comments": 1}
    purge(session, rules=RULES, today=TODAY, now=NOW)
    assert session.scalars(select(Comment.id)).all() == [kept]
    assert counts(session) == {}


def test_a_case_keeps_its_count_and_loses_its_label(session: Session, world: World, office: Office) -> None:
    tried, fresh, open_ = give(session, world, office, n=3, labels=["A1", "A2", "A3"])
    for case_id, state, day in (
        (tried, "not_reached", date(2026, 8, 25)),
        (fresh, "not_reached", date(2026, 8, 26)),
    ):
        case = session.get_one(InterviewAssignment, case_id)
        case.state, case.last_attempt_on = state, day
    assert counts(session) == {"case_labels": 1}
    purge(session, rules=RULES, today=TODAY, now=NOW)
    session.expire_all()
    labels = {row.id: row.label for row in session.scalars(select(InterviewAssignment))}
    assert labels == {tried: None, fresh: "A2", open_: "A3"}


def test_people_of_the_provider_who_never_came_back_go(session: Session, office: Office) -> None:
    for subject, account_id, seen in (
        ("old", None, datetime(2025, 10, 31, tzinfo=UTC)),
        ("linked", office.mai.account_id, datetime(2025, 10, 31, tzinfo=UTC)),
        ("new", None, datetime(2025, 11, 2, tzinfo=UTC)),
    ):
        session.add(
            SignOnIdentity(issuer="https://a", subject=subject, name="", account_id=account_id, seen_at=seen)
        )
    assert counts(session) == {"waiting_identities": 1}
    purge(session, rules=RULES, today=TODAY, now=NOW)
    assert set(session.scalars(select(SignOnIdentity.subject))) == {"linked", "new"}


def test_invitations_that_ran_out_unused_go(session: Session, office: Office) -> None:
    for account, expires in ((office.mai, datetime(2026, 10, 24, tzinfo=UTC)), (office.nam, NOW)):
        session.add(
            Invitation(account_id=account.account_id, token_hash=bytes([account.account_id]) * 32,
                       created_at=datetime(2026, 10, 1, tzinfo=UTC), expires_at=expires)
        )  # fmt: skip
    assert counts(session) == {"invitations": 1}
    purge(session, rules=RULES, today=TODAY, now=NOW)
    assert session.scalars(select(Invitation.account_id)).all() == [office.nam.account_id]


def test_counting_removes_nothing_and_writes_nothing(session: Session, world: World) -> None:
    make_comment(session, world, month=date(2020, 1, 1))
    assert counts(session) == {"comments": 1}
    assert session.scalar(select(func.count()).select_from(Comment)) == 1
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_what_went_is_written_down_as_numbers(session: Session, world: World) -> None:
    make_comment(session, world, "Nội dung riêng", month=date(2020, 1, 1))
    session.flush()
    purge(session, rules=RULES, today=TODAY, now=NOW)
    purge(session, rules=RULES, today=TODAY, now=NOW)
    entries = session.scalars(select(AuditEntry)).all()
    assert [(entry.action, entry.details) for entry in entries] == [("data.purged", {"comments": 1})]


def test_the_rules_of_the_seed_are_those_in_force() -> None:
    assert read_retention(SEED, on=TODAY) == RULES


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.pop("comment_months"),
        lambda values: values["comment_months"].update(value=0),
        lambda values: values["comment_months"].update(value="24"),
        lambda values: values["comment_months"].update(basis=" "),
        lambda values: values.update(other={"value": 1, "basis": "x"}),
    ],
)
def test_rules_that_are_not_whole_are_refused(tmp_path: Path, change) -> None:
    entries = json.loads(SEED.read_text(encoding="utf-8"))
    change(entries[0]["values"])
    path = tmp_path / "retention.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    with pytest.raises(DefinitionError):
        read_retention(path, on=TODAY)
