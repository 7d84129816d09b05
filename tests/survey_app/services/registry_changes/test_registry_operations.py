"""Merge, split, rename, move: what is written, that it is refused where days have answers, and that it goes back."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import NeedsSecondPerson, NotFound, RegistryMovedOn, RegistryRefused
from survey_app.models import (
    Account,
    AuditEntry,
    Device,
    InterviewAssignment,
    PointCode,
    PointUnit,
    Unit,
    UnitLineage,
    UnitPeriod,
    Wave,
    WaveUnit,
)
from survey_app.queries import devices, lookups, units
from survey_app.services import accounts, approvals, assignments
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.registry_changes import operations
from survey_app.services.registry_changes.operations import carry_out_simulated
from survey_app.services.registry_changes.preview import preview_of
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit, from_payload, to_payload
from survey_app.services.waves import NewWave, open_wave
from tests.builders import World, make_response, make_unit

TODAY = date(2026, 9, 15)
DAY = date(2026, 9, 20)
NOW = datetime(2026, 9, 15, 2, tzinfo=UTC)
AT = Moment(NOW, TODAY)
PASSWORD = "một câu dài để thử sáp nhập"
OLD = ("Đông Hà", "Hòa Xuân", "Cồn Cỏ")
TOGETHER = NewUnit("QT.MOI", "Nam Đông Hà", "ward", "19999", 60_000)


@pytest.fixture
def people(session: Session, world: World) -> dict[str, Viewer]:
    made = {
        "first": accounts.create_account(
            session, name="nguoimot", password=PASSWORD, role=Role.ADMIN, unit_id=world.province, now=NOW
        )
    }
    same = session.get_one(Account, made["first"].account_id).password_hash
    for name, role, unit_id in (
        ("second", Role.PAR_OFFICE, world.province),
        ("minh", Role.MANAGER, world.units["Hòa Xuân"]),
        ("phong", Role.INTERVIEWER, world.province),
    ):
        row = Account(name=name, password_hash=same, role=role.value, unit_id=unit_id, language="vi")
        session.add(row)
        session.flush()
        made[name] = Viewer(row.id, role, unit_id)
    return made


def merger(world: World, *, on: date = DAY, names=OLD, **changes) -> ChangeRequest:
    values = {"kind": "merge", "unit_ids": tuple(world.units[n] for n in names), "on": on,
              "successors": (TOGETHER,)}  # fmt: skip
    return ChangeRequest(**values | changes)


def splitting(world: World, *, on: date = DAY, shares=(0.25, 0.75)) -> ChangeRequest:
    made = tuple(
        NewUnit(f"QT.DH{place}", f"Đông Hà {place}", "ward", None, 1_000 * place, share)
        for place, share in enumerate(shares, start=1)
    )
    point = world.points["Đông Hà"]
    return ChangeRequest(
        kind="split", unit_ids=(world.units["Đông Hà"],), on=on, successors=made, points={point: 1}
    )


def propose_and_approve(session, request, people) -> int:
    waiting = operations.propose_change(
        session, request, reason="theo nghị quyết", viewer=people["first"], now=NOW, today=TODAY
    )
    approvals.approve(session, approval_id=waiting, kinds=KINDS, note="", by=people["second"], at=AT)
    return operations.visible_operations(session, viewer=people["first"])[0].id


def undo(session, operation_id, people) -> None:
    waiting = operations.propose_undo(
        session, operation_id=operation_id, reason="nhầm", viewer=people["second"], now=NOW
    )
    approvals.approve(session, approval_id=waiting, kinds=KINDS, note="", by=people["first"], at=AT)


def registry(session) -> dict[str, set]:
    """Everything of the registry, of waves and of people that a change may touch."""
    tables = (Unit, UnitPeriod, UnitLineage, PointUnit, WaveUnit, Account, InterviewAssignment)
    session.flush()
    return {
        table.__tablename__: {tuple(row) for row in session.execute(select(table.__table__))}
        for table in tables
    }


def test_a_merger_of_three_approved_by_a_second_person_keeps_codes_and_names_by_day(session, world, people):
    before = registry(session)
    operation_id = propose_and_approve(session, merger(world), people)
    made = units.unit_by_code(session, "QT.MOI")
    for name in OLD:
        code = world.codes[name]
        assert lookups.place_of_answer(session, code=code, on=date(2026, 9, 19)).unit_name == name
        place = lookups.place_of_answer(session, code=code, on=DAY)
        assert (place.unit_id, place.unit_title) == (made.id, "Phường Nam Đông Hà")
        assert lookups.open_continuous_wave(session, unit_id=made.id, on=DAY).code == "full"
    assert {row.unit.name for row in units.predecessors(session, made.id)} == set(OLD)
    actions = set(session.scalars(select(AuditEntry.action)))
    assert {"approval.proposed", "approval.approved", "registry.changed"} <= actions
    undo(session, operation_id, people)
    assert registry(session) == before
    assert "registry.undone" in set(session.scalars(select(AuditEntry.action)))


def test_an_enrolled_kiosk_goes_on_under_the_new_name(session, world, people):
    code, point = "KKKKKKK2", world.points["Cồn Cỏ"]
    session.add(PointCode(code=code, point_id=point, created_on=date(2026, 2, 1)))
    session.flush()
    session.add(Device(code=code, point_id=point, name="Máy 1", state="active", profile={},
                       created_on=date(2026, 2, 1)))  # fmt: skip
    session.flush()
    plan = operations.plan_change(session, merger(world), viewer=people["first"], today=TODAY)
    assert preview_of(plan, today=TODAY).count("n_devices") == 1
    carry_out_simulated(session, merger(world), viewer=people["first"], at=AT)
    made = units.unit_by_code(session, "QT.MOI")
    [placed] = devices.placed_devices(session, on=DAY, unit_ids=[made.id])
    assert (placed.device.code, placed.unit_kind, placed.unit_name) == (code, "ward", "Nam Đông Hà")
    assert lookups.place_of_answer(session, code=code, on=DAY).unit_id == made.id
    assert lookups.next_change(session, point_id=point, after=TODAY, until=date(2026, 12, 31)) == DAY


def test_what_carries_no_date_waits_for_its_day_and_goes_back_too(session, world, people):
    give = assignments.NewCases(
        wave_id=world.waves["full"], unit_id=world.units["Đông Hà"], account_id=people["phong"].account_id,
        mode="phone", n=2,
    )  # fmt: skip
    for name in ("Đông Hà", "Hòa Xuân"):
        give = assignments.NewCases(
            wave_id=give.wave_id, unit_id=world.units[name], account_id=give.account_id, mode="phone", n=2
        )
        assignments.give_cases(session, give, viewer=people["first"], today=TODAY, now=NOW)
    before = registry(session)
    operation_id = propose_and_approve(session, merger(world), people)
    manager = session.get_one(Account, people["minh"].account_id)
    assert manager.unit_id == world.units["Hòa Xuân"]
    assert operations.settle_due(session, today=date(2026, 9, 19), now=NOW) == 0
    assert operations.settle_due(session, today=DAY, now=NOW) == 1
    assert operations.settle_due(session, today=DAY, now=NOW) == 0
    made = units.unit_by_code(session, "QT.MOI")
    assert session.get_one(Account, people["minh"].account_id).unit_id == made.id
    labels = session.scalars(
        select(InterviewAssignment.label).where(InterviewAssignment.unit_id == made.id)
    ).all()
    assert sorted(labels) == ["001", "001/2", "002", "002/2"]
    undo(session, operation_id, people)
    assert registry(session) == before


def test_an_account_that_goes_nowhere_ends(session, world, people):
    request = merger(world, on=TODAY, accounts={people["minh"].account_id: None})
    carry_out_simulated(session, request, viewer=people["first"], at=AT)
    assert not session.get_one(Account, people["minh"].account_id).is_active


def test_targets_are_cut_by_days_and_frames_added(session, world, people):
    wave = session.get_one(Wave, world.waves["sample"])
    wave.closes_on = date(2026, 9, 30)
    session.flush()
    carry_out_simulated(session, merger(world), viewer=people["first"], at=AT)
    made = units.unit_by_code(session, "QT.MOI")
    parts = {
        row.unit_id: (row.target, row.population)
        for row in session.scalars(select(WaveUnit).where(WaveUnit.wave_id == wave.id))
    }
    # 50 of the 61 days lie before.
    assert {parts[world.units[name]] for name in OLD} == {(82, 5_000)}
    assert parts[made.id] == (300 - 3 * 82, 15_000)


def test_a_split_gives_each_point_to_one_successor_and_shares_the_rest(session, world, people):
    before = registry(session)
    operation_id = propose_and_approve(session, splitting(world), people)
    first, second = (units.unit_by_code(session, code) for code in ("QT.DH1", "QT.DH2"))
    assert lookups.place_of_answer(session, code=world.codes["Đông Hà"], on=DAY).unit_id == second.id
    links = units.successors(session, world.units["Đông Hà"])
    assert {row.unit.id: row.population_share for row in links} == {first.id: 0.25, second.id: 0.75}
    targets = dict(
        session.execute(
            select(WaveUnit.unit_id, WaveUnit.target).where(WaveUnit.wave_id == world.waves["full"])
        ).all()
    )
    assert (targets[first.id], targets[second.id]) == (25, 75)
    undo(session, operation_id, people)
    assert registry(session) == before


def test_a_new_name_holds_from_its_day_and_the_old_one_stays_on_its_days(session, world, people):
    before = registry(session)
    request = ChangeRequest(
        kind="rename", unit_ids=(world.units["Hòa Xuân"],), on=DAY, name="Hòa Xuân Mới", unit_kind="ward"
    )
    operation_id = propose_and_approve(session, request, people)
    unit_id = world.units["Hòa Xuân"]
    assert units.unit_by_id(session, unit_id).name == "Hòa Xuân"
    assert units.unit_by_id(session, unit_id, date(2026, 9, 19)).label == "xã Hòa Xuân"
    assert units.unit_by_id(session, unit_id, DAY).label == "phường Hòa Xuân Mới"
    assert [row.id for row in units.search_units(session, "hoa xuan moi", DAY)] == [unit_id]
    assert units.search_units(session, "hoa xuan moi", date(2026, 9, 19)) == []
    place = lookups.place_of_answer(session, code=world.codes["Hòa Xuân"], on=DAY)
    assert place.unit_title == "Phường Hòa Xuân Mới"
    operations.settle_due(session, today=DAY, now=NOW)
    assert units.unit_by_id(session, unit_id).name == "Hòa Xuân Mới"
    undo(session, operation_id, people)
    assert registry(session) == before


def test_a_unit_is_below_its_new_parent_from_the_day(session, world, people):
    district = make_unit(session, "Cụm phía Nam", kind="agency", parent_id=world.province, code="QT.NAM")
    session.get_one(Unit, world.units["Cồn Cỏ"]).level = 3
    session.flush()
    before = registry(session)
    request = ChangeRequest(kind="move", unit_ids=(world.units["Cồn Cỏ"],), on=DAY, parent_id=district)
    operation_id = propose_and_approve(session, request, people)
    inside = world.units["Cồn Cỏ"]
    assert inside not in units.unit_subtree_ids(session, district, date(2026, 9, 19))
    assert inside in units.unit_subtree_ids(session, district, DAY)
    assert units.unit_by_id(session, inside, DAY).parent_label == "Cụm phía Nam"
    undo(session, operation_id, people)
    assert registry(session) == before


def test_a_day_with_answers_is_never_given_to_another_unit(session, world, people):
    make_response(session, world, unit="Hòa Xuân", on=date(2026, 9, 10), is_test=True)
    session.flush()
    with pytest.raises(RegistryRefused) as refused:
        operations.plan_change(
            session, merger(world, on=date(2026, 9, 10)), viewer=people["first"], today=TODAY
        )
    assert (refused.value.reason, refused.value.detail) == ("answers_since", "11/09/2026")
    operations.plan_change(session, merger(world, on=date(2026, 9, 11)), viewer=people["first"], today=TODAY)


def test_an_undo_is_refused_once_the_new_unit_has_answers(session, world, people):
    operation_id = propose_and_approve(session, merger(world, on=TODAY), people)
    made = units.unit_by_code(session, "QT.MOI").id
    make_response(session, world, on=TODAY, unit_id=made)
    session.flush()
    with pytest.raises(RegistryRefused) as refused:
        operations.propose_undo(
            session, operation_id=operation_id, reason="NQ 1", viewer=people["first"], now=NOW
        )
    assert refused.value.reason == "answers_since_change"


def test_an_undo_is_refused_while_something_new_stands_on_it(session, world, people):
    first = propose_and_approve(session, merger(world, on=TODAY, names=OLD[:2]), people)
    made = units.unit_by_code(session, "QT.MOI").id
    rename = ChangeRequest(kind="rename", unit_ids=(made,), on=DAY, name="Khác", unit_kind="ward")
    second = propose_and_approve(session, rename, people)
    with pytest.raises(RegistryRefused) as refused:
        undo(session, first, people)
    assert refused.value.reason == "changed_since"
    undo(session, second, people)
    other = make_unit(session, "Thôn 1", parent_id=made, code="QT.MOI.1")
    with pytest.raises(RegistryRefused) as refused:
        undo(session, first, people)
    assert (refused.value.reason, refused.value.detail) == ("used_since", "unit")
    session.delete(session.get_one(Unit, other))
    session.flush()
    undo(session, first, people)


def test_nobody_approves_alone_and_what_is_approved_is_what_was_proposed(session, world, people):
    waiting = operations.propose_change(
        session, merger(world), reason="NQ 1", viewer=people["first"], now=NOW, today=TODAY
    )
    with pytest.raises(NeedsSecondPerson):
        approvals.approve(session, approval_id=waiting, kinds=KINDS, note="", by=people["first"], at=AT)
    session.get_one(WaveUnit, (world.waves["full"], world.units["Cồn Cỏ"], 0)).target = 999
    session.flush()
    with pytest.raises(RegistryMovedOn):
        approvals.approve(session, approval_id=waiting, kinds=KINDS, note="", by=people["second"], at=AT)


def test_nothing_is_proposed_without_a_reason(session, world, people):
    with pytest.raises(RegistryRefused) as refused:
        operations.propose_change(
            session, merger(world), reason=" ", viewer=people["first"], now=NOW, today=TODAY
        )
    assert refused.value.reason == "no_reason"


def changed(world: World, **values) -> ChangeRequest:
    return ChangeRequest(**{**{"kind": "merge", "on": DAY, "successors": (TOGETHER,)}, **values})


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize(
    ("reason", "make"),
    [
        ("too_few_units", lambda w: merger(w, names=OLD[:1])),
        ("same_unit_twice", lambda w: merger(w, names=("Cồn Cỏ", "Cồn Cỏ"))),
        ("own_office", lambda w: changed(w, unit_ids=(w.province, w.units["Cồn Cỏ"]))),
        ("too_far_ahead", lambda w: merger(w, on=date(2028, 1, 1))),
        ("not_valid_then", lambda w: merger(w, on=date(2026, 1, 1))),
        ("one_successor", lambda w: merger(w, successors=())),
        ("code_taken", lambda w: merger(w, successors=(NewUnit("QT", "Mới", "ward"),))),
        ("bad_code", lambda w: merger(w, successors=(NewUnit("có dấu", "Mới", "ward"),))),
        ("bad_name", lambda w: merger(w, successors=(NewUnit("QT.M", "", "ward"),))),
        ("bad_population", lambda w: merger(w, successors=(NewUnit("QT.M", "Mới", "ward", None, -1),))),
        ("bad_gso_code", lambda w: merger(w, successors=(NewUnit("QT.M", "Mới", "ward", "x"),))),
        ("name_taken", lambda w: merger(w, names=OLD[:2], successors=(NewUnit("QT.M", "Cồn Cỏ", "special_zone"),))),
        ("unknown_place", lambda w: merger(w, points={w.points["Cồn Cỏ"]: 1})),
        ("unknown_place", lambda w: merger(w, points={99: 0})),
        ("shares_not_one", lambda w: splitting(w, shares=(0.5, 0.6))),
        ("too_few_successors", lambda w: splitting(w, shares=(1.0,))),
        ("nothing_new", lambda w: changed(w, kind="rename", unit_ids=(w.units["Cồn Cỏ"],), name="Cồn Cỏ",
                                          unit_kind="special_zone", successors=())),
        ("wrong_parent", lambda w: changed(w, kind="move", unit_ids=(w.units["Cồn Cỏ"],), successors=(),
                                           parent_id=w.units["Đông Hà"])),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(session, world, people, reason, make):
    with pytest.raises(RegistryRefused) as refused:
        operations.plan_change(session, make(world), viewer=people["first"], today=TODAY)
    assert refused.value.reason == reason


def test_a_change_in_foreign_units_does_not_exist(session, world, people):
    stranger = Viewer(people["minh"].account_id, Role.PAR_OFFICE, world.units["Hòa Xuân"])
    with pytest.raises(NotFound):
        operations.plan_change(session, merger(world), viewer=stranger, today=TODAY)


def test_a_request_survives_as_json(world):
    request = splitting(world)
    assert from_payload(to_payload(request)) == request


def test_a_population_is_changed_by_one_person_and_by_day(session, world, people):
    unit_id = world.units["Cồn Cỏ"]
    operations.change_population(
        session, unit_id=unit_id, population=150, on=DAY, viewer=people["first"], now=NOW, today=TODAY
    )
    assert units.unit_by_id(session, unit_id, date(2026, 9, 19)).population == 20_000
    assert units.unit_by_id(session, unit_id, DAY).population == 150


def test_an_undo_takes_the_new_unit_out_of_a_wave_that_was_planned_meanwhile(session, world, people):
    operation_id = propose_and_approve(session, merger(world), people)
    made = units.unit_by_code(session, "QT.MOI").id
    new = NewWave("sau-sap-nhap", "Sau", "After", "continuous", "one_tap", "QT", TODAY, None)
    open_wave(session, new, now=NOW)
    wave_id = lookups.wave_by_code(session, new.code).id
    assert lookups.takes_part(session, wave_id=wave_id, unit_id=made)
    undo(session, operation_id, people)
    assert not lookups.takes_part(session, wave_id=wave_id, unit_id=made)
    assert lookups.takes_part(session, wave_id=wave_id, unit_id=world.units["Đông Hà"])
