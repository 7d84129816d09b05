"""One's own sessions: listed without what could identify a machine, and ended one by one or together."""

from datetime import timedelta

import pytest

from survey_app.errors import NotFound
from survey_app.services import accounts, sessions
from survey_app.services.accounts import Role
from tests.survey_app.staffing import NOW, make_account


@pytest.fixture
def viewer(session, world):
    return make_account(session, "lan.nt", Role.MANAGER, world.units["Đông Hà"])


def begin(session, viewer, *, now=NOW, browser="firefox-linux"):
    found = accounts.begin_session(
        session, account_id=viewer.account_id, how="password", now=now, previous_token=None, browser=browser
    )
    return found.token


def listed(session, viewer, token, *, now=NOW):
    return sessions.own_sessions(session, viewer=viewer, token=token, now=now)


def test_sessions_are_listed_with_this_one_marked_and_those_over_left_out(session, world, viewer):
    begin(session, viewer, now=NOW - timedelta(minutes=31))
    here = begin(session, viewer, now=NOW - timedelta(minutes=5))
    begin(session, viewer, browser="chrome-android")
    begin(session, make_account(session, "hoa", Role.VIEWER, world.province))
    assert [(each.browser, each.is_this, each.began_at) for each in listed(session, viewer, here)] == [
        ("chrome-android", False, NOW), ("firefox-linux", True, NOW - timedelta(minutes=5)),
    ]  # fmt: skip


def test_one_session_is_ended_by_a_reference_that_opens_nothing(session, viewer):
    here, there = begin(session, viewer), begin(session, viewer)
    (other,) = [each for each in listed(session, viewer, here) if not each.is_this]
    assert accounts.find_session(session, token=other.reference, now=NOW) is None
    sessions.end_session(session, viewer=viewer, reference=other.reference, now=NOW)
    assert accounts.find_session(session, token=there, now=NOW) is None
    assert accounts.find_session(session, token=here, now=NOW)


def test_somebody_elses_session_looks_as_if_it_were_not_there(session, world, viewer):
    stranger = make_account(session, "hoa", Role.ADMIN, world.province)
    token = begin(session, stranger)
    (theirs,) = listed(session, stranger, token)
    with pytest.raises(NotFound):
        sessions.end_session(session, viewer=viewer, reference=theirs.reference, now=NOW)
    assert accounts.find_session(session, token=token, now=NOW)


def test_all_others_are_ended_together(session, viewer):
    here, others = begin(session, viewer), [begin(session, viewer) for _ in range(3)]
    assert sessions.end_others(session, viewer=viewer, token=here, now=NOW) == 3
    found = [accounts.find_session(session, token=token, now=NOW) for token in (here, *others)]
    assert [each is not None for each in found] == [True, False, False, False]
