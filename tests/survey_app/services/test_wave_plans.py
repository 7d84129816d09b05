"""A draft is prepared, checked and opened; until then nobody is asked by it, and afterwards it changes no more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from survey_app.errors import AlreadyExists, NoOpenWave, NotFound, WaveRefused
from survey_app.models import Response, Wave
from survey_app.queries import calendar, lookups, units, waves
from survey_app.services import bridge_forms, office_calendar, periods, wave_plans, wave_progress, wave_states
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.approvals import Moment
from survey_app.services.collection import open_form
from survey_app.services.registry_changes.operations import carry_out_simulated
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit
from survey_app.services.submissions import receive_response
from survey_app.services.wave_plans import Target, WavePlan
from survey_app.signing import Signer
from survey_app.vocabulary import Channel
from tests.builders import make_response, make_submission

TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
SIGNER = Signer("a secret of the tests")


@pytest.fixture
def office(session, world) -> Viewer:
    return create_account(
        session,
        name="so",
        password="mật khẩu đủ dài 1",
        role=Role.PAR_OFFICE,
        unit_id=world.province,
        now=NOW,
    )


@pytest.fixture
def plan(world) -> WavePlan:
    return WavePlan(
        code="moi-2026", title_vi="Đợt mới", title_en="New wave", basis="continuous", root_unit_id=world.province,
        version_id=world.versions["one_tap_v1"], bridge_version_id=None, opens_on=date(2026, 9, 10),
        closes_on=date(2026, 12, 31), grace_days=30, channels=(int(Channel.QR),), languages=("vi",),
    )  # fmt: skip


def asked(session, world, *, channel: Channel = Channel.QR, **more):
    return open_form(
        session, signer=SIGNER, code=world.codes["Đông Hà"], channel=channel, today=TODAY, **more
    )


def opened(session, plan, office) -> None:
    wave_plans.create_draft(session, plan, by=office, now=NOW)
    wave_states.open_planned(session, plan.code, by=office, now=NOW, today=TODAY)


def test_a_draft_takes_every_unit_with_a_point_and_asks_nobody(session, world, office, plan):
    wave_plans.create_draft(session, plan, by=office, now=NOW)
    draft = waves.planned_wave(session, "moi-2026")
    assert (draft.row.state, draft.n_units) == ("draft", 3)
    assert asked(session, world).wave.code == "full"
    with pytest.raises(NoOpenWave):
        asked(session, world, wave_code="moi-2026")
    found = calendar.waves_between(
        session, unit_ids=list(world.units.values()), basis="continuous", starts_on=TODAY, ends_on=TODAY
    )
    assert [wave.code for wave in found] == ["full"]


def test_the_wave_that_opened_last_answers_on_its_channels_and_the_other_on_the_rest(
    session, world, office, plan
):
    opened(session, plan, office)
    assert asked(session, world).wave.code == "moi-2026"
    assert asked(session, world, channel=Channel.LINK).wave.code == "full"
    with pytest.raises(NoOpenWave):
        asked(session, world, channel=Channel.LINK, wave_code="moi-2026")
    wave_id = lookups.wave_by_code(session, "moi-2026").id
    sent = make_submission(world, version="one_tap_v1", channel=Channel.LINK)
    sent = replace(sent, point=replace(sent.point, wave_id=wave_id))
    assert receive_response(session, sent, signer=SIGNER, today=TODAY).is_new


def test_opening_names_what_overlaps_and_who_answers(session, world, office, plan):
    wave_plans.create_draft(session, plan, by=office, now=NOW)
    draft = waves.planned_wave(session, "moi-2026")
    found = {check.name: check for check in wave_states.opening_checks(session, draft, today=TODAY)}
    assert (found["overlap"].about["title"], found["overlap"].about["n"]) == ("Đợt full", 3)
    assert found["overlap"].about["answers"] is True
    assert all(check.is_met for check in found.values() if check.is_needed)


def test_a_sample_without_targets_or_end_does_not_open(session, world, office, plan):
    sample = replace(plan, basis="sample", closes_on=None)
    wave_plans.create_draft(session, sample, by=office, now=NOW)
    with pytest.raises(WaveRefused) as refused:
        wave_states.open_planned(session, "moi-2026", by=office, now=NOW, today=TODAY)
    assert [name for name, _ in refused.value.reasons] == ["end", "targets"]


def test_an_opened_wave_changes_no_more(session, world, office, plan):
    opened(session, plan, office)
    for change in (
        lambda: wave_plans.change_draft(session, plan, by=office, now=NOW),
        lambda: wave_plans.choose_units(session, plan.code, [], by=office, now=NOW),
        lambda: wave_plans.set_targets(session, plan.code, {}, by=office, now=NOW),
        lambda: wave_plans.delete_draft(session, plan.code, by=office, now=NOW),
    ):
        with pytest.raises(WaveRefused, match="not_draft"):
            change()


def test_what_a_plan_may_not_be(session, world, office, plan):
    for change, word in (
        ({"code": "Có Dấu"}, "code"), ({"closes_on": date(2026, 9, 1)}, "dates_reversed"),
        ({"channels": ()}, "channels"),
        ({"languages": ("en",)}, "languages"), ({"bridge_version_id": plan.version_id}, "same_form"),
    ):  # fmt: skip
        with pytest.raises(WaveRefused, match=word):
            wave_plans.create_draft(session, replace(plan, **change), by=office, now=NOW)
    wave_plans.create_draft(session, plan, by=office, now=NOW)
    with pytest.raises(AlreadyExists):
        wave_plans.create_draft(session, plan, by=office, now=NOW)
    stranger = replace(office, unit_id=world.units["Đông Hà"])
    with pytest.raises(NotFound):
        wave_plans.create_draft(session, replace(plan, code="khac"), by=stranger, now=NOW)
    with pytest.raises(NotFound):
        wave_plans.visible_wave(session, plan.code, viewer=stranger)


def test_targets_from_a_file_are_read_whole_or_named_by_row(session, world, office, plan):
    wave_plans.create_draft(session, plan, by=office, now=NOW)
    codes = [
        member.unit_code
        for member in waves.members(session, waves.planned_wave(session, plan.code).row.id, TODAY)
    ]
    rows = [
        (1, ("Mã", "Chỉ tiêu")),
        (2, (codes[0], "1.200", "5000")),
        (3, (codes[1], "", "")),
        (4, ("XX", "5")),
    ]
    rows.append((6, (codes[2], "năm mươi")))
    targets, faults = wave_plans.read_targets(session, plan.code, rows, by=office)
    assert list(targets.values()) == [Target(1200, 5000), Target(None, None)]
    assert faults == [(4, "unknown_unit"), (6, "not_a_number")]


def test_units_left_out_are_gone_and_those_that_stay_keep_their_targets(session, world, office, plan):
    wave_plans.create_draft(session, plan, by=office, now=NOW)
    kept = world.units["Đông Hà"]
    wave_plans.set_targets(session, plan.code, {(kept, 0): Target(50, None)}, by=office, now=NOW)
    wave_plans.choose_units(session, plan.code, [kept], by=office, now=NOW)
    (member,) = waves.members(session, waves.planned_wave(session, plan.code).row.id, TODAY)
    assert (member.unit_id, member.target) == (kept, 50)
    with pytest.raises(NotFound):
        wave_plans.choose_units(session, plan.code, [10**6], by=office, now=NOW)


@pytest.fixture
def bridge(session, world, office, plan) -> lookups.WaveRow:
    both = replace(plan, bridge_version_id=world.versions["full_form_v1"], channels=None)
    opened(session, both, office)
    return lookups.wave_by_code(session, plan.code)


def test_a_bridge_gives_either_form_by_chance_and_keeps_the_one_asked_for(session, world, bridge):
    drawn = [bridge_forms.form_on(bridge, 0) for _ in range(400)]
    # Four standard deviations of a fair coin: fails once in fifteen thousand runs.
    assert set(drawn) == {1, 2}
    assert abs(drawn.count(2) - 200) < 40
    for number, version in ((1, "one_tap_v1"), (2, "full_form_v1")):
        context = asked(session, world, form_number=number)
        assert SIGNER.read_point_token(context.token).version_id == world.versions[version]
        assert bridge_forms.form_on(bridge, number) == number


def test_the_two_parts_of_an_answer_stay_on_one_form(session, world, bridge):
    token = SIGNER.read_point_token(asked(session, world, form_number=2).token)
    first = replace(make_submission(world), point=token, parts=frozenset({1}))
    receive_response(session, first, signer=SIGNER, today=TODAY)
    receive_response(session, replace(first, parts=frozenset({2})), signer=SIGNER, today=TODAY)
    (row,) = session.scalars(select(Response).where(Response.id == first.id))
    assert (row.version_id, row.wave_id) == (world.versions["full_form_v1"], bridge.id)


def test_pads_take_turns_and_a_case_keeps_its_form(bridge):
    assert [bridge_forms.form_of_pad(bridge, number) for number in (1, 2, 3, 4)] == [1, 2, 1, 2]
    forms = [
        bridge_forms.form_of_case(bridge, case)
        for case in (UUID(int=0), UUID(int=2**32 - 1), UUID(int=2**32))
    ]
    assert forms == [2, 1, 2]


def test_a_year_by_quarters_from_the_fifteenth(session, world, office):
    made = list(periods.year_periods(root_code="QT", year=2027, rule="quarter", first_day=15))
    assert [(each.starts_on, each.ends_on) for each in made] == [
        (date(2026, 12, 15), date(2027, 3, 14)), (date(2027, 3, 15), date(2027, 6, 14)),
        (date(2027, 6, 15), date(2027, 9, 14)), (date(2027, 9, 15), date(2027, 12, 14)),
    ]  # fmt: skip
    months = list(periods.year_periods(root_code="QT", year=2028, rule="month"))
    assert (len(months), months[1].ends_on) == (12, date(2028, 2, 29))
    for _ in range(2):
        n = periods.add_year(
            session, root_unit_id=world.province, year=2027, rule="half", first_day=15, by=office, now=NOW
        )
        assert n == 2


def test_progress_counts_against_targets_and_names_silent_points(session, world, office):
    for i in range(30):
        make_response(session, world, on=date(2026, 9, 2 + i % 13))
    make_response(session, world, on=date(2026, 9, 14), is_test=True)
    session.flush()
    wave = waves.planned_wave(session, "full")
    found = wave_progress.wave_progress_of(session, wave, viewer=office, today=TODAY)
    line = next(line for line in found.lines if line.unit_id == world.units["Đông Hà"])
    assert (found.n, line.n, line.target, line.n_missing, line.percent) == (30, 30, 100, 70, 30)
    # Cochran's 385 for half within five points, times the design effect, less what is there.
    effect = 1 + (30 / 13 - 1) * 0.05
    assert line.n_needed == pytest.approx(385 * effect - 30, abs=2)
    assert sum(n for _, n in found.days) == 30
    silent = {each.point.unit_id for each in found.silent}
    assert silent == {world.units["Hòa Xuân"], world.units["Cồn Cỏ"]}
    office_calendar.add_closure(
        session, starts_on=TODAY - timedelta(days=93), ends_on=TODAY, reason="storm", note="", viewer=office,
        unit_ids=[world.units["Cồn Cỏ"]], now=NOW, today=TODAY,
    )  # fmt: skip
    found = wave_progress.wave_progress_of(session, wave, viewer=office, today=TODAY)
    assert {each.point.unit_id for each in found.silent} == {world.units["Hòa Xuân"]}


def test_a_manager_sees_the_progress_of_their_own_unit(session, world):
    make_response(session, world)
    make_response(session, world, unit="Hòa Xuân")
    session.flush()
    manager = Viewer(1, Role.MANAGER, world.units["Đông Hà"])
    wave = wave_plans.visible_wave(session, "full", viewer=manager)
    found = wave_progress.wave_progress_of(session, wave, viewer=manager, today=TODAY)
    assert ([line.unit_id for line in found.lines], found.n) == ([world.units["Đông Hà"]], 1)


def test_a_closed_wave_asks_no_more_and_what_comes_is_late(session, world):
    session.execute(update(Wave).where(Wave.code == "full").values(state="closed"))
    row = lookups.wave_row(session, world.waves["full"])
    assert not row.is_open(TODAY)
    assert row.is_late(TODAY)


def test_who_takes_over_from_a_unit_while_the_wave_runs_is_asked_from_that_day(session, world, office, plan):
    merged = date(2026, 9, 20)
    old = {world.units[name] for name in ("Đông Hà", "Hòa Xuân")}
    new = (NewUnit("QT.MOI", "Nam Đông Hà", "ward", None, 5),)
    request = ChangeRequest(kind="merge", unit_ids=tuple(old), on=merged, successors=new)
    carry_out_simulated(session, request, viewer=office, at=Moment(NOW, TODAY))
    successor = units.unit_by_code(session, "QT.MOI").id
    opened(session, plan, office)
    for day in (TODAY, merged):
        form = open_form(session, signer=SIGNER, code=world.codes["Đông Hà"], channel=Channel.QR, today=day)
        assert form.wave.code == "moi-2026"

    def chosen(code: str) -> set[int]:
        wave = waves.planned_wave(session, code)
        return {member.unit_id for member in waves.members(session, wave.row.id, TODAY)}

    short = replace(plan, code="ngan", closes_on=merged - timedelta(days=1))
    wave_plans.create_draft(session, short, by=office, now=NOW)
    assert chosen("ngan") == chosen("moi-2026") - {successor}
    wave_plans.change_draft(session, replace(short, closes_on=merged), by=office, now=NOW)
    assert chosen("ngan") == chosen("moi-2026")
    wave_plans.choose_units(session, "ngan", chosen("moi-2026") - old, by=office, now=NOW)
    assert chosen("ngan") == chosen("moi-2026") - old - {successor}
