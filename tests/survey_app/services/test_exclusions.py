"""Responses are taken out by a predicate, by two people, never one by one; and counted again as they were."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations
from uuid import UUID

import pytest
from sqlalchemy import select

from survey_app.errors import (
    AlreadyDecided,
    AlreadyExists,
    DatesReversed,
    InvalidField,
    NeedsSecondPerson,
    NotAllowed,
    NotFound,
    TooAlikeToExclude,
    TooFewToExclude,
)
from survey_app.models import AuditEntry, Exclusion, RollupDirty
from survey_app.queries.exclusions import Predicate
from survey_app.services import approvals, exclusion_previews, exclusions, rollups
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.exclusions import State
from survey_app.services.figures import Showing
from survey_app.services.scorecards import unit_scorecard
from survey_app.vocabulary import Channel
from tests.builders import make_response, release_everything
from tests.conftest import TODAY

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
AT = Moment(NOW, TODAY)
BATCH = UUID(int=7)
PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"


def make_viewer(session, world, name, role=Role.PAR_OFFICE, unit="Quảng Trị"):
    return create_account(
        session, name=name, password=PASSWORD, role=role, unit_id=world.units[unit], now=NOW
    )


@pytest.fixture
def people(session, world, monkeypatch):
    """Two of the office, with a hash that costs nothing."""
    monkeypatch.setattr("survey_app.services.accounts.hash_password", lambda password: "x")
    return make_viewer(session, world, "một"), make_viewer(session, world, "hai", Role.ADMIN)


@pytest.fixture
def stuffed(session, world, people):
    """Forty honest answers in July, and twenty very satisfied ones of a kiosk on two days."""
    for number in range(40):
        answer = "satisfied" if number % 2 else "dissatisfied"
        make_response(session, world, answers={"overall": answer}, on=date(2026, 7, 1 + number % 20))
    for number in range(20):
        make_response(
            session, world, answers={"overall": "very_satisfied"}, on=date(2026, 7, 22 + number % 2),
            collector="K1", batch=BATCH,
        )  # fmt: skip
    release_everything(session, world)
    session.commit()
    return Predicate(
        point_id=world.points["Đông Hà"], from_on=date(2026, 7, 22), to_on=date(2026, 7, 23), collector="K1"
    )


def propose(session, predicate, viewer, reason="Máy để trong phòng họp"):
    return exclusions.propose(session, predicate, reason=reason, viewer=viewer, now=NOW, today=TODAY)


def approve(session, approval_id, viewer):
    return approvals.approve(session, approval_id=approval_id, kinds=KINDS, note="", by=viewer, at=AT)


def card(session, world, viewer):
    return unit_scorecard(
        session, unit_id=world.units["Đông Hà"], basis="continuous", period_code="2026Q3", viewer=viewer, today=TODAY
    )  # fmt: skip


def test_both_figures_are_those_of_the_pages(session, world, people, stuffed):
    first, second = people
    seen = exclusion_previews.preview(session, stuffed, viewer=first, now=NOW, today=TODAY)
    (both,) = seen.figures
    assert (seen.n, both.counted.n, both.without.n) == (20, 60, 40)
    assert both.counted.estimate.value == pytest.approx(40 / 60)
    assert both.without.estimate.value == pytest.approx(20 / 40)
    before = card(session, world, first).overall
    assert (before.n, before.estimate) == (60, both.counted.estimate)
    assert session.scalars(select(Exclusion)).all() == []
    approve(session, propose(session, stuffed, first), second)
    after = card(session, world, first)
    assert (after.overall.n, after.overall.estimate) == (40, both.without.estimate)
    assert after.quality.n_excluded == 20
    assert after.quality.if_counted.value == pytest.approx(both.counted.estimate.value)


def test_what_was_taken_out_is_said_even_where_too_little_is_left(session, world, people, stuffed):
    first, second = people
    honest = Predicate(
        point_id=stuffed.point_id, from_on=date(2026, 7, 1), to_on=date(2026, 7, 20), channel=stuffed.channel
    )
    approve(session, propose(session, honest, first), second)
    left = card(session, world, first)
    assert left.overall.showing is Showing.INSUFFICIENT
    assert (left.quality.n_excluded, left.quality.n_flagged) == (40, None)


def test_an_exclusion_recounts_its_cells_and_lifting_brings_every_figure_back(
    session, world, people, stuffed
):
    first, second = people
    rollups.rebuild_rollups(session, today=TODAY)
    whole = card(session, world, first).overall
    approve(session, propose(session, stuffed, first), second)
    assert session.scalars(select(RollupDirty.month)).all() == [date(2026, 7, 1)]
    recounted = card(session, world, first).overall
    rollups.rebuild_rollups(session, today=TODAY)
    assert card(session, world, first).overall == recounted
    assert recounted.n == 40
    (listed,) = exclusions.list_exclusions(session, viewer=first)
    assert (listed.state, listed.n, listed.proposed_by) == (State.ACTIVE, 20, "một")
    lifting = exclusions.propose_lift(session, listed.row.id, reason="Nhầm máy", viewer=second, now=NOW)
    assert exclusions.list_exclusions(session, viewer=first)[0].state is State.LIFTING
    with pytest.raises(AlreadyExists):
        exclusions.propose_lift(session, listed.row.id, reason="Lại", viewer=second, now=NOW)
    approve(session, lifting, first)
    assert card(session, world, first).overall == whole
    assert exclusions.list_exclusions(session, viewer=first)[0].state is State.LIFTED
    actions = list(session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("exclusion.%"))))
    assert actions.count("exclusion.added") == actions.count("exclusion.lifted") == 1


def test_nothing_changes_until_the_second_person_says_so(session, world, people, stuffed):
    first, second = people
    waiting = propose(session, stuffed, first)
    assert exclusions.list_exclusions(session, viewer=first)[0].state is State.PROPOSED
    assert card(session, world, first).overall.n == 60
    with pytest.raises(NeedsSecondPerson):
        approve(session, waiting, first)
    approvals.reject(session, approval_id=waiting, kinds=KINDS, note="Không đủ căn cứ", by=second, now=NOW)
    assert exclusions.list_exclusions(session, viewer=first)[0].state is State.REFUSED
    assert card(session, world, first).overall.n == 60
    with pytest.raises(AlreadyDecided):
        exclusions.propose_lift(
            session, exclusions.list_exclusions(session, viewer=first)[0].row.id, reason="x", viewer=first, now=NOW
        )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"from_on": date(2026, 6, 30), "to_on": date(2026, 6, 30)}, TooFewToExclude),
        ({"from_on": date(2026, 7, 1), "to_on": date(2026, 7, 1), "collector": None}, TooFewToExclude),
        ({"from_on": date(2026, 7, 24), "to_on": date(2026, 7, 23)}, DatesReversed),
        ({"channel": 5}, TooFewToExclude),
        ({"batch": UUID(int=8)}, TooFewToExclude),
        ({"point_id": 10**6}, NotFound),
    ],
)
def test_what_covers_too_few_or_nothing_is_not_shown(session, people, stuffed, change, error):
    with pytest.raises(error):
        exclusion_previews.preview(
            session, replace(stuffed, **change), viewer=people[0], now=NOW, today=TODAY
        )


def test_two_looks_cannot_be_subtracted_to_a_few_people(session, people, stuffed):
    first, second = people
    exclusion_previews.preview(session, stuffed, viewer=first, now=NOW, today=TODAY)
    exclusion_previews.preview(session, replace(stuffed, batch=BATCH), viewer=second, now=NOW, today=TODAY)
    nearly = replace(stuffed, from_on=date(2026, 7, 20), collector=None)
    with pytest.raises(TooAlikeToExclude):
        exclusion_previews.preview(session, nearly, viewer=second, now=NOW, today=TODAY)
    with pytest.raises(TooAlikeToExclude):
        propose(session, nearly, second)
    wide = replace(stuffed, from_on=date(2026, 7, 1), collector=None)
    assert exclusion_previews.preview(session, wide, viewer=second, now=NOW, today=TODAY).n == 60


def test_no_period_may_change_by_a_few_people(session, world, people, stuffed):
    for number in range(14):
        make_response(session, world, on=date(2026, 6, 14 if number < 3 else 15), collector="K2")
    session.flush()
    predicate = replace(stuffed, from_on=date(2026, 6, 14), to_on=date(2026, 6, 15), collector="K2")
    with pytest.raises(TooFewToExclude):
        exclusion_previews.preview(session, predicate, viewer=people[0], now=NOW, today=TODAY)
    within = replace(predicate, from_on=date(2026, 6, 15))
    assert exclusion_previews.preview(session, within, viewer=people[0], now=NOW, today=TODAY).n == 11


def test_nothing_below_the_minimum_can_be_worked_out_of_all_previews_together(session, world, people):
    """Brute force: every predicate over four days and two channels is asked for, in two orders, at a small unit."""
    stored: list[tuple[str, date, Channel]] = []
    for number, (tapped, drawn, unsaid) in enumerate([(6, 2, 1), (5, 5, 0), (6, 0, 2), (7, 6, 0)]):
        on = date(2026, 7, 2 + number)
        for wave, basis, said, n in (
            ("full", "continuous", "satisfied", tapped),
            ("sample", "sample", "dissatisfied", drawn),
            ("full", "", "dont_know", unsaid),
        ):
            for index in range(n):
                channel = Channel.PAPER if index % 3 == 2 else Channel.QR
                make_response(session, world, wave=wave, answers={"overall": said}, on=on, channel=channel)
                stored.append((basis, on, channel))
    release_everything(session, world)
    session.flush()
    wanted = [
        Predicate(point_id=world.points["Đông Hà"], from_on=date(2026, 7, first), to_on=date(2026, 7, last),
                  channel=channel)
        for first in range(2, 6) for last in range(first, 6) for channel in (None, int(Channel.QR))
    ]  # fmt: skip

    def covered(predicate: Predicate, basis: str) -> set[int]:
        return {
            number
            for number, (of, on, channel) in enumerate(stored)
            if of == basis
            and predicate.from_on <= on <= predicate.to_on
            and predicate.channel in (None, int(channel))
        }

    n_seen = 0
    for order in (wanted, wanted[::-1]):
        trial = session.begin_nested()
        known: dict[str, list[set[int]]] = {"continuous": [set()], "sample": [set()]}
        for predicate in order:
            try:
                seen = exclusion_previews.preview(session, predicate, viewer=people[0], now=NOW, today=TODAY)
            except (TooFewToExclude, TooAlikeToExclude):
                continue
            n_seen += 1
            goes = 0
            for both in seen.figures:
                gone, everyone = covered(predicate, both.basis), sum(row[0] == both.basis for row in stored)
                if both.counted.n is not None and both.without.n is not None:
                    known[both.basis].append(gone)
                if both.counted.n is not None and (both.without.n is not None or len(gone) == everyone):
                    goes += len(gone)
            assert (seen.n or 0) == goes, "what is said beyond the shown pairs would tell of the others"
        for sets in known.values():
            # The difference of two shown figures is of the people whom one covers and the other does not.
            assert all(not 0 < len(one ^ other) < 5 for one, other in combinations(sets, 2))
        trial.rollback()
    assert n_seen >= 4, "the case would show nothing"


def test_small_figures_are_withheld_on_both_sides(session, world, people):
    for number in range(9):
        make_response(session, world, unit="Cồn Cỏ", on=date(2026, 7, 2 + number // 5))
    release_everything(session, world)
    day = date(2026, 7, 2)
    predicate = Predicate(point_id=world.points["Cồn Cỏ"], from_on=day, to_on=day)
    seen = exclusion_previews.preview(session, predicate, viewer=people[0], now=NOW, today=TODAY)
    (both,) = seen.figures
    assert both.counted.showing is Showing.INSUFFICIENT and both.counted.estimate is None
    assert both.without.showing is Showing.WITHHELD and both.without.n is None
    assert seen.n is None, "nine less five that go are four who stay"


def test_an_exclusion_that_no_longer_covers_enough_is_not_carried_out(session, world, people, stuffed):
    first, second = people
    waiting = propose(session, stuffed, first)
    approve(session, propose(session, replace(stuffed, batch=BATCH), first), second)
    with pytest.raises(TooFewToExclude):
        approve(session, waiting, second)


def test_only_the_office_may_and_only_for_its_own_units(session, world, people, stuffed):
    manager = make_viewer(session, world, "ba", Role.MANAGER, "Đông Hà")
    elsewhere = make_viewer(session, world, "bốn", Role.PAR_OFFICE, "Cồn Cỏ")
    with pytest.raises(NotAllowed):
        exclusion_previews.preview(session, stuffed, viewer=manager, now=NOW, today=TODAY)
    with pytest.raises(NotAllowed):
        exclusions.list_exclusions(session, viewer=manager)
    with pytest.raises(NotFound):
        exclusion_previews.preview(session, stuffed, viewer=elsewhere, now=NOW, today=TODAY)
    waiting = propose(session, stuffed, people[0])
    with pytest.raises(NotFound):
        approve(session, waiting, elsewhere)
    assert exclusions.list_exclusions(session, viewer=elsewhere) == []


def test_a_reason_is_asked_for(session, people, stuffed):
    for reason in ("  ", "x" * 401):
        with pytest.raises(InvalidField):
            propose(session, stuffed, people[0], reason)


def test_sources_are_named_only_where_they_hold_enough(session, world, people, stuffed):
    for number in range(4):
        make_response(session, world, on=date(2026, 7, 1), collector=f"K{2 + number // 4}")
    session.flush()
    collectors, batches = exclusions.sources_of(
        session, point_id=stuffed.point_id, viewer=people[0], today=TODAY
    )
    assert [(each.key, each.n, each.from_on, each.to_on) for each in collectors] == [
        ("K1", 20, date(2026, 7, 22), date(2026, 7, 23))
    ]
    assert [UUID(each.key) for each in batches] == [BATCH]


def test_the_predicate_is_kept_as_it_was(stuffed):
    for predicate in (stuffed, replace(stuffed, batch=BATCH, channel=2, collector=None)):
        assert exclusion_previews.read_predicate(exclusion_previews.spelled(predicate)) == predicate
    assert Viewer(1, Role.ADMIN, 1).role in exclusion_previews.ROLES
