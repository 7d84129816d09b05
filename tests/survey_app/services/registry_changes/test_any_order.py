"""Whatever is merged, split, renamed, moved and taken back, in whatever order: every day every point has one unit."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import RegistryMovedOn, RegistryRefused
from survey_app.models import Account, PointUnit, Unit, UnitLineage, UnitPeriod, WaveUnit
from survey_app.queries import units
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approvals import Moment
from survey_app.services.registry_changes import operations
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit
from tests.builders import World, make_point, make_unit

START = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
DAYS = [START + timedelta(days=10 * step) for step in range(13)]
STEPS = st.tuples(
    st.sampled_from(["merge", "merge", "split", "rename", "move", "population", "undo", "undo"]),
    st.integers(0, 7),
    st.integers(0, 7),
    st.floats(0.05, 0.95),
)


def snapshot(session: Session) -> dict[str, set[tuple]]:
    session.flush()
    tables = (Unit, UnitPeriod, UnitLineage, PointUnit, WaveUnit, Account)
    return {t.__tablename__: {tuple(row) for row in session.execute(select(t.__table__))} for t in tables}


def owners(session: Session, on: date) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row in session.scalars(select(PointUnit)):
        if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to):
            found.setdefault(row.point_id, []).append(row.unit_id)
    return found


def check_days(session: Session, points: set[int], days: list[date]) -> None:
    """On each of these days and the one before; all others are like one of them."""
    for day in (day + timedelta(days=shift) for day in days for shift in (-1, 0)):
        rows = {row.id: row for row in units.units_as_at(session, day)}
        owned = owners(session, day)
        assert set(owned) == points, "a point without a unit, or a new one"
        assert all(len(each) == 1 and each[0] in rows for each in owned.values()), (
            "two units, or one that is not"
        )
        assert all(row.parent_id is None or row.parent_id in rows for row in rows.values()), (
            "a parent that ended"
        )
    shares: dict[int, float] = {}
    for link in session.scalars(select(UnitLineage)):
        shares[link.predecessor_id] = shares.get(link.predecessor_id, 0) + link.population_share
    ended = {row.id for row in session.scalars(select(Unit)) if row.valid_to is not None}
    split = {unit_id for unit_id, share in shares.items() if abs(share - 1) < 1e-6}
    merged = set(shares)
    assert ended == merged
    assert split == merged, "people of an ended unit are lost or doubled"


def request_of(session: Session, world: World, step, on: date, number: int) -> ChangeRequest | None:
    kind, one, other, share = step
    live = [
        row
        for row in units.units_as_at(session, on)
        if row.id != world.province and row.kind != "agency" and row.valid_to is None
    ]
    if not live:
        return None
    first, second = live[one % len(live)], live[other % len(live)]
    new = NewUnit(f"N.{number}", f"Mới {number}", "commune", None, 100)
    if kind == "merge":
        return ChangeRequest(kind=kind, unit_ids=(first.id, second.id), on=on, successors=(new,))
    if kind == "split":
        parts = tuple(
            NewUnit(f"N.{number}.{part}", f"Mới {number} {part}", "commune", None, 50, size)
            for part, size in enumerate((share, 1 - share))
        )
        here = [point for point, [unit] in owners(session, on).items() if unit == first.id]
        places = {point: place % 2 for place, point in enumerate(here)}
        return ChangeRequest(kind=kind, unit_ids=(first.id,), on=on, successors=parts, points=places)
    if kind == "rename":
        return ChangeRequest(kind=kind, unit_ids=(first.id,), on=on, name=f"Tên {number}", unit_kind="ward")
    if kind == "population":
        return ChangeRequest(kind=kind, unit_ids=(first.id,), on=on, population=number)
    parents = [row for row in units.units_as_at(session, on) if row.level < first.level]
    return ChangeRequest(kind=kind, unit_ids=(first.id,), on=on, parent_id=parents[other % len(parents)].id)


@pytest.fixture
def wider(session: Session, world: World) -> tuple[World, Viewer]:
    """Units of a third level, some with two points, and somewhere to move to."""
    make_unit(session, "Cụm A", kind="agency", parent_id=world.province, code="C.A")
    for place in range(4):
        made = make_unit(
            session, f"Thôn {place}", kind="commune", parent_id=world.units["Đông Hà"], code=f"T.{place}"
        )
        session.get_one(Unit, made).level = 3
        for point in range(place % 3):
            make_point(session, f"{place}.{point}", unit_id=made, code8=f"P{place}{point}AAAAA")
    account = Account(name="ai", password_hash="x", role="admin", unit_id=world.province, language="vi")
    session.add(account)
    session.flush()
    return world, Viewer(account.id, Role.ADMIN, world.province)


@pytest.mark.only_database("sqlite")
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=9))
def test_any_sequence_keeps_one_unit_a_point_and_goes_back_to_the_start(session, wider, steps):
    world, viewer = wider
    inner = session.begin_nested()
    start, points, done = snapshot(session), set(owners(session, START)), []
    for number, step in enumerate(steps):
        on = DAYS[number + 1]
        at = Moment(NOW, on - timedelta(days=step[1] % 3 - 1))
        before = snapshot(session)
        try:
            if step[0] == "undo" and done:
                row = operations.visible_operation(session, done[step[1] % len(done)], viewer=viewer)
                operations.carry_out(session, {"action": "undo", "operation_id": row.id}, viewer, at)
                done.remove(row.id)
            elif step[0] != "undo":
                request = request_of(session, world, step, on, number)
                if request is not None:
                    done.append(operations.carry_out_simulated(session, request, viewer=viewer, at=at))
        except (RegistryRefused, RegistryMovedOn):
            assert snapshot(session) == before, "a refusal that wrote something"
        operations.settle_due(session, today=on, now=NOW)
        check_days(session, points, DAYS[number : number + 2])
    check_days(session, points, DAYS)
    for operation_id in reversed(done):
        operations.carry_out(
            session, {"action": "undo", "operation_id": operation_id}, viewer, Moment(NOW, DAYS[-1])
        )
    assert snapshot(session) == start
    inner.rollback()
    session.expire_all()
