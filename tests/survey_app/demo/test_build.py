"""The demo is whole, dated, marked as simulated, the same for a seed, and small where it should be."""

import json
from datetime import date

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from analysis.packing import Missing
from survey_app.db import engine_options, prepare_engine
from survey_app.demo import build
from survey_app.demo.places import ISLAND, MANAGED_UNIT
from survey_app.demo.truth import FORM_CHANGE, LAST_DAY, QUARTER_CHANGE, TODAY
from survey_app.models import (
    Comment,
    Point,
    PointUnit,
    Response,
    RollupMonth,
    ScoreRelease,
    TransactionCount,
    Unit,
    Wave,
    WaveUnit,
)  # fmt: skip
from survey_app.schema import upgrade_schema
from survey_app.services.collection import open_form
from survey_app.services.comments import BATCH_WEEKDAY
from survey_app.services.forms import load_form
from survey_app.signing import Signer
from survey_app.vocabulary import Channel, Stage
from tests.builders import AUDIT_KEY

REASONS_OF_LEVEL = {
    "very_satisfied": "good",
    "satisfied": "good",
    "dissatisfied": "bad",
    "very_dissatisfied": "bad",
}


def test_demo_has_the_size_asked_for(small_demo):
    assert small_demo.session.scalar(select(func.count()).select_from(Response)) == 3_000
    assert small_demo.report.counts["responses"] == 3_000


def test_nothing_is_later_than_the_last_recorded_day(demo):
    latest = demo.session.execute(
        select(func.max(Response.collected_on), func.max(Response.received_on))
    ).one()
    assert max(latest) <= LAST_DAY
    assert demo.session.scalar(select(func.count()).where(Response.received_on < Response.collected_on)) == 0


def test_nobody_answers_on_sundays_and_holidays(demo):
    days = set(demo.session.scalars(select(Response.collected_on).distinct()))
    assert not any(day.weekday() == 6 for day in days)
    assert date(2026, 9, 2) not in days


def test_everything_is_marked_as_simulated(demo):
    assert set(demo.session.scalars(select(Wave.is_simulated))) == {True}
    assert set(demo.session.scalars(select(TransactionCount.is_simulated))) == {True}


def test_the_same_seed_gives_the_same_answers_and_other_passwords(tmp_path, small_demo):
    again = build.build_demo_file(
        tmp_path / "demo.sqlite3", audit_key=AUDIT_KEY, n_responses=3_000, seed=2026
    )
    with _session(tmp_path / "demo.sqlite3") as session:
        assert _answers(session) == _answers(small_demo.session)
    assert again.truth == small_demo.report.truth
    assert {a.password for a in again.accounts}.isdisjoint({a.password for a in small_demo.report.accounts})


def test_an_interrupted_build_leaves_the_old_demo_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "demo.sqlite3"
    path.write_bytes(b"the old demo")

    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "rebuild_rollups", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build.build_demo_file(path, audit_key=AUDIT_KEY, n_responses=3_000, seed=1)
    assert path.read_bytes() == b"the old demo"
    assert [each.name for each in tmp_path.iterdir()] == ["demo.sqlite3"]


def test_another_seed_gives_other_answers_and_replays_no_log_of_an_earlier_demo(tmp_path, small_demo):
    for name in ("demo.sqlite3", "demo.sqlite3-wal", "demo.sqlite3-shm"):
        (tmp_path / name).write_bytes(b"of an earlier demo")
    build.build_demo_file(tmp_path / "demo.sqlite3", audit_key=AUDIT_KEY, n_responses=3_000, seed=7)
    with _session(tmp_path / "demo.sqlite3") as session:
        assert len(_answers(session)) == 3_000
        assert _answers(session).keys().isdisjoint(_answers(small_demo.session))


def test_truth_lies_beside_the_database(demo):
    saved = json.loads((demo.path.parent / "demo_truth.json").read_text(encoding="utf-8"))
    assert saved["unit_sd"] == demo.report.truth.unit_sd
    assert len(saved["units"]) == 79


def test_form_changes_on_the_stated_day(demo):
    one_tap, full, sample = demo.session.scalars(
        select(Wave).where(Wave.state != "draft").order_by(Wave.id)
    ).all()
    assert (one_tap.basis, full.basis, sample.basis) == ("continuous", "continuous", "sample")
    assert (full.opens_on, full.closes_on) == (FORM_CHANGE, None)
    assert one_tap.version_id != full.version_id == sample.version_id


@pytest.mark.parametrize("size", ["small_demo", "demo"])
def test_the_island_is_too_small_to_show_at_any_size(size, request):
    built = request.getfixturevalue(size)
    unit_id = _unit_id(built.session, ISLAND)
    of_unit = select(func.count()).select_from(Response).where(Response.unit_id == unit_id)
    last_quarter = of_unit.where(Response.weight.is_(None), Response.collected_on >= QUARTER_CHANGE)
    assert built.session.scalar(last_quarter) == 3
    assert built.session.scalar(of_unit.where(Response.weight.is_not(None))) == 4
    assert built.session.scalar(of_unit) < 30


def test_two_more_units_stay_below_the_minimum_base(demo):
    last_quarter = (
        select(func.count()).select_from(Response).where(Response.weight.is_(None))
        .where(Response.collected_on >= QUARTER_CHANGE).group_by(Response.unit_id)
    )  # fmt: skip
    assert sum(5 <= n < 30 for n in demo.session.scalars(last_quarter)) == 2


def test_one_point_is_silent_in_the_last_week(demo):
    latest = dict(
        demo.session.execute(
            select(Point.code, func.max(Response.collected_on)).join(Response, Response.point_id == Point.id)
            .where(Response.weight.is_(None)).group_by(Point.code)
        ).all()
    )  # fmt: skip
    assert latest[f"{MANAGED_UNIT}.2"] < date(2026, 9, 7)
    assert latest[f"{MANAGED_UNIT}.1"] >= date(2026, 9, 7)


def test_every_response_is_packed_as_its_form_packs(demo):
    columns = (Response.version_id, Response.stage, Response.channel, Response.answers)
    rows = demo.session.execute(select(*columns).limit(4_000)).all()
    for version_id, stage, channel, answers in rows:
        form = load_form(demo.session, version_id=version_id)
        given = form.unpack(answers)
        values = {code: value for code, value in given.items() if value not in _NOT_SHOWN}
        assert form.pack(values, stage=stage, channel=channel, reached=frozenset(values)) == answers


def test_results_are_judged_only_by_those_who_collect_them(demo):
    form, rows = _full_forms(demo)
    slots = [item.slot for item in form.group("F4").items]
    for stage, _, answers in rows:
        is_answered = any(0 < answers[slot] < Missing.NOT_RELEVANT for slot in slots)
        assert stage == Stage.COLLECT_RESULT or not is_answered


def test_confidential_question_is_not_asked_on_kiosks(demo):
    form, rows = _full_forms(demo)
    slot = form.by_code["confidential"].slot
    asked = {channel for _, channel, answers in rows if answers[slot] != Missing.NOT_ASKED}
    assert Channel.KIOSK not in asked
    assert Channel.QR in asked


def test_every_kind_of_missing_answer_occurs(demo):
    _, rows = _full_forms(demo)
    seen = set().union(*(set(answers) for _, _, answers in rows))
    usual = {
        Missing.NOT_ASKED,
        Missing.NOT_RELEVANT,
        Missing.LEFT_BLANK,
        Missing.NOT_REACHED,
        Missing.DONT_KNOW,
    }
    assert {*usual, Missing.REFUSED} <= seen


def test_reasons_fit_the_answer(demo):
    form, rows = _full_forms(demo)
    fitting = total = 0
    for _, _, answers in rows:
        given = form.unpack(answers)
        group = REASONS_OF_LEVEL.get(str(given["overall"]), "neutral")
        if isinstance(given["reasons"], tuple):
            total += len(given["reasons"])
            fitting += sum(code.endswith(group) for code in given["reasons"])
    assert fitting / total > 0.85


def test_released_and_counted_up_to_the_last_day(demo):
    assert set(demo.session.scalars(select(ScoreRelease.released_through))) == {LAST_DAY}
    months = set(demo.session.scalars(select(RollupMonth.month)))
    assert months == {date(2026, month, 1) for month in range(3, 9)}
    assert TODAY.replace(day=1) not in months


def test_sample_has_a_frame_larger_than_itself(demo):
    units = demo.session.execute(
        select(WaveUnit.population, WaveUnit.target).where(WaveUnit.target.is_not(None))
    ).all()
    assert len(units) == 78
    assert all(population > target for population, target in units)


def test_units_handle_more_than_they_hear_of(demo):
    n_handled = func.sum(TransactionCount.n_files)
    by_unit = select(TransactionCount.unit_id, n_handled).group_by(TransactionCount.unit_id)
    handled = dict(demo.session.execute(by_unit).all())
    stream = (
        select(Response.unit_id, func.count()).where(Response.weight.is_(None)).group_by(Response.unit_id)
    )
    heard = demo.session.execute(stream).all()
    assert all(handled[unit_id] > n for unit_id, n in heard)


def test_comments_are_released_in_batches_and_never_twice(demo):
    rows = demo.session.execute(select(Comment.unit_id, Comment.released_on, Comment.text)).all()
    batches: dict[tuple[int, date], int] = {}
    for unit_id, released_on, _ in rows:
        if released_on:
            batches[unit_id, released_on] = batches.get((unit_id, released_on), 0) + 1
    assert len({(unit_id, text) for unit_id, _, text in rows}) == len(rows)
    assert min(batches.values()) >= 5
    assert any(released_on is None for _, released_on, _ in rows)
    assert {on.weekday() for _, on in batches} == {BATCH_WEEKDAY}


def test_home_names_a_code_that_opens_a_form_long_after(demo):
    home = build.demo_home(demo.session)
    code = home["citizen"].removeprefix("/q/")
    for today in (LAST_DAY, date(2027, 3, 1)):
        context = open_form(demo.session, signer=Signer("s" * 40), code=code, channel=Channel.QR, today=today)
        assert context.form.code == "full_form"
    assert home["manager"] == f"/manager/units/{_unit_id(demo.session, MANAGED_UNIT)}"


def test_every_point_belongs_to_a_unit_that_collects(demo):
    points = set(demo.session.scalars(select(PointUnit.unit_id)))
    assert points == set(demo.session.scalars(select(WaveUnit.unit_id)))


@pytest.mark.both_databases
def test_demo_is_built_on_either_database(empty_database_url):
    engine = prepare_engine(create_engine(**engine_options(empty_database_url)), audit_key=AUDIT_KEY)
    upgrade_schema(engine)
    with Session(engine, expire_on_commit=False) as session:
        build.build_demo(session, n_responses=3_000, seed=2026)
        assert session.scalar(select(func.count()).select_from(Response)) == 3_000
    engine.dispose()


_NOT_SHOWN = {"not_reached", "not_relevant", "not_asked"}


def _full_forms(demo):
    version_id = demo.session.scalar(select(Wave.version_id).where(Wave.closes_on.is_(None)))
    columns = (Response.stage, Response.channel, Response.answers)
    rows = demo.session.execute(select(*columns).where(Response.version_id == version_id)).all()
    return load_form(demo.session, version_id=version_id), rows


def _answers(session):
    return dict(session.execute(select(Response.id, Response.answers)).all())


def _unit_id(session, code):
    return session.scalar(select(Unit.id).where(Unit.code == code))


def _session(path):
    engine = prepare_engine(create_engine(**engine_options(f"sqlite:///{path}")))
    return _Closing(engine)


class _Closing(Session):
    """A session that takes its engine with it."""

    def close(self) -> None:
        super().close()
        self.get_bind().dispose()
