"""A figure from the rollup is the figure of a recount, whatever makes counting hard."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from analysis.index import group_shares
from analysis.types import Estimate
from survey_app.models import CountCell, Exclusion, MomentCell, PointUnit, Response, RollupDirty, RollupMonth
from survey_app.queries.tallies import (
    Scope,
    dimension_tallies,
    flag_tallies,
    item_moment_tallies,
    level_tallies,
    moment_tallies,
    weekly_tallies,
)  # fmt: skip
from survey_app.services import forms, rollups
from survey_app.vocabulary import Channel
from tests.builders import World, make_point, make_response, release_everything
from tests.survey_app.random_responses import MOVED_ON, Filled, fill, recount

LATER = date(2026, 10, 5)
JULY = date(2026, 7, 1)
PERIODS = {
    "two halves of a month": (date(2026, 6, 15), date(2026, 7, 14)),
    "ragged edges around whole months": (date(2026, 4, 15), date(2026, 8, 14)),
    "whole months": (date(2026, 5, 1), date(2026, 7, 31)),
    "one whole month": (date(2026, 6, 1), date(2026, 6, 30)),
    "everything": (date(2026, 1, 1), date(2026, 12, 31)),
    "one day": (date(2026, 5, 4), date(2026, 5, 4)),
}


def scopes(session: Session, world: World, filled: Filled) -> list[Scope]:
    """Every period with one form, then with the other, all units and one; and what is excluded."""
    found = []
    for starts_on, ends_on in PERIODS.values():
        for version, wave_ids in (("full_form_v1", filled.wave_ids), ("one_tap_v1", filled.wave_ids),
                                  ("full_form_v1", (filled.sample_wave_id,))):  # fmt: skip
            version_id = world.versions[version]
            n_slots = forms.load_form(session, version_id=version_id).n_slots
            found.append(Scope(filled.unit_ids[::-1], wave_ids, version_id, n_slots, starts_on, ends_on))
    reversed_scope = found[3]
    found.append(Scope(filled.unit_ids[1:2], *_rest(reversed_scope)))
    return [*found, *(Scope(s.unit_ids, *_rest(s), is_excluded=True) for s in found[:9:3])]


def _rest(scope: Scope) -> tuple[object, ...]:
    return scope.wave_ids, scope.version_id, scope.n_slots, scope.starts_on, scope.ends_on


def assert_equals_recount(session: Session, scope: Scope) -> None:
    expected = recount(session, scope)
    levels = level_tallies(session, scope)
    np.testing.assert_array_equal(levels.n_responses, expected.n_responses)
    np.testing.assert_array_equal(levels.counts, expected.counts)
    scoring = forms.load_form(session, version_id=scope.version_id).scoring()
    moments = moment_tallies(session, scope, scoring)
    np.testing.assert_array_equal(moments.n, expected.n_responses)
    np.testing.assert_allclose(moments.sums, expected.sums)
    np.testing.assert_allclose(moments.products, expected.products)
    np.testing.assert_array_equal(moments.n_clusters, expected.n_clusters)
    np.testing.assert_allclose(moments.cluster_products, expected.cluster_products)


def july(session: Session, world: World) -> Scope:
    version_id = world.versions["full_form_v1"]
    n_slots = forms.load_form(session, version_id=version_id).n_slots
    units = tuple(world.units[name] for name in world.points)
    return Scope(units, (world.waves["full"],), version_id, n_slots, JULY, date(2026, 7, 31))


@pytest.mark.parametrize("seed", [1, 2])
def test_rollup_equals_recount(session, world, seed):
    filled = fill(session, world, seed=seed)
    assert rollups.rebuild_rollups(session, today=LATER) > 0
    for scope in scopes(session, world, filled):
        assert_equals_recount(session, scope)


def test_recount_without_any_rollup_is_the_same(session, world):
    filled = fill(session, world, seed=3)
    for scope in scopes(session, world, filled)[::3]:
        assert_equals_recount(session, scope)


def test_some_points_counted_and_some_not_give_the_same(session, world, monkeypatch):
    monkeypatch.setattr(rollups, "POINTS_AT_A_TIME", 2)
    filled = fill(session, world, seed=4)
    for _ in range(4):
        month, point_ids = rollups.stale_batches(session, today=LATER)[0]
        rollups.rebuild_month(session, month=month, point_ids=point_ids)
    assert session.scalars(select(RollupMonth)).first() is not None
    for scope in scopes(session, world, filled)[::4]:
        assert_equals_recount(session, scope)


def test_a_counted_month_is_served_from_the_cells_alone(session, world):
    make_response(session, world, on=date(2026, 7, 3))
    release_everything(session, world)
    rollups.rebuild_rollups(session, today=LATER)
    session.execute(delete(Response))
    scope = july(session, world)
    assert level_tallies(session, scope).n_responses.sum() == 1
    assert moment_tallies(session, scope, _scoring(session, scope)).n.sum() == 1


def _scoring(session: Session, scope: Scope):
    return forms.load_form(session, version_id=scope.version_id).scoring()


def test_a_dirty_month_is_never_served(session, world):
    make_response(session, world, on=date(2026, 7, 3))
    release_everything(session, world)
    rollups.rebuild_rollups(session, today=LATER)
    session.execute(update(CountCell).values(n_responses=1_000))
    session.execute(update(MomentCell).values(n_responses=1_000))
    make_response(session, world, on=date(2026, 7, 4))
    rollups.mark_dirty(session, point_id=world.points["Đông Hà"], month=JULY, mark=uuid4())
    assert_equals_recount(session, july(session, world))
    rollups.rebuild_rollups(session, today=LATER)
    assert session.scalars(select(RollupDirty)).first() is None
    assert_equals_recount(session, july(session, world))


def test_an_exclusion_set_and_taken_back_gives_the_first_figure_again(session, world):
    for day in range(1, 21):
        make_response(session, world, on=date(2026, 7, day))
    release_everything(session, world)
    rollups.rebuild_rollups(session, today=LATER)
    scope, point_id = july(session, world), world.points["Đông Hà"]
    before = level_tallies(session, scope)
    exclusion = Exclusion(
        point_id=point_id, from_on=JULY, to_on=date(2026, 7, 7), reason="Thử máy", is_active=True
    )
    session.add(exclusion)
    n_counted = []
    for is_active in (True, False):
        exclusion.is_active = is_active
        rollups.mark_dirty(session, point_id=point_id, month=JULY, mark=uuid4())
        assert_equals_recount(session, scope)
        rollups.rebuild_rollups(session, today=LATER)
        assert_equals_recount(session, scope)
        excluded = Scope(scope.unit_ids, *_rest(scope), is_excluded=True)
        assert_equals_recount(session, excluded)
        n_counted.append(level_tallies(session, scope).n_responses.sum())
    assert n_counted == [13, 20]
    np.testing.assert_array_equal(level_tallies(session, scope).counts, before.counts)


def test_the_figure_belongs_to_the_unit_of_the_point_on_the_day(session, world):
    filled = fill(session, world, seed=5)
    point_id = world.points["Hòa Xuân"]
    old, new = world.units["Hòa Xuân"], filled.unit_ids[-1]
    days = session.execute(
        select(Response.collected_on, Response.unit_id).where(Response.point_id == point_id)
    ).all()
    assert {unit_id for on, unit_id in days if on < MOVED_ON} == {old}
    assert {unit_id for on, unit_id in days if on >= MOVED_ON} == {new}
    rollups.rebuild_rollups(session, today=LATER)
    june = select(CountCell.unit_id).where(
        CountCell.point_id == point_id, CountCell.month == date(2026, 6, 1)
    )
    assert set(session.scalars(june)) == {old, new}
    # Later changes of the register do not move what was collected before.
    session.execute(update(PointUnit).where(PointUnit.point_id == point_id).values(unit_id=old))
    for scope in scopes(session, world, filled)[::5]:
        assert_equals_recount(session, scope)


def test_a_point_made_later_does_not_spoil_the_months_before(session, world):
    filled = fill(session, world, seed=6, n=150)
    rollups.rebuild_rollups(session, today=LATER)
    make_point(session, "Mới", unit_id=filled.unit_ids[0], code8="MMAAAAA2")
    make_response(
        session, world, on=date(2026, 5, 9), point_id=_newest_point(session), received_on=date(2026, 5, 9)
    )
    for scope in scopes(session, world, filled)[::4]:
        assert_equals_recount(session, scope)


def _newest_point(session: Session) -> int:
    return max(session.scalars(select(PointUnit.point_id)))


def test_what_must_not_count_does_not(session, world):
    make_response(session, world, on=date(2026, 7, 2))
    make_response(session, world, on=date(2026, 7, 2), is_test=True)
    make_response(session, world, on=date(2026, 7, 2), received_on=date(2026, 9, 1))  # after the last release
    make_response(session, world, on=date(2026, 6, 30))
    make_response(session, world, on=date(2026, 8, 1))
    make_response(session, world, on=date(2026, 7, 2), wave="sample")
    make_response(session, world, on=date(2026, 7, 2), wave="tap")
    make_response(session, world, on=date(2026, 7, 2), unit_id=world.province)
    release_everything(session, world, through=date(2026, 8, 15))
    scope = july(session, world)
    assert level_tallies(session, scope).n_responses.tolist() == [1, 0, 0]
    rollups.rebuild_rollups(session, today=LATER)
    assert level_tallies(session, scope).n_responses.tolist() == [1, 0, 0]


def test_splits_add_up_to_the_whole(session, world):
    filled = fill(session, world, seed=7)
    for scope in scopes(session, world, filled)[::4]:
        whole = recount(session, scope).counts.sum(axis=0)
        for split in (
            dimension_tallies(session, scope, by="channel"),
            dimension_tallies(session, scope, by="field_id"),
            flag_tallies(session, scope),
            weekly_tallies(session, scope),
        ):
            parts = [part.counts[0] for part in split.values()]
            np.testing.assert_array_equal(np.sum(parts, axis=0) if parts else np.zeros_like(whole), whole)


def test_weeks_run_from_monday_to_sunday(session, world):
    for on in (date(2026, 7, 5), date(2026, 7, 6), date(2026, 7, 12), date(2026, 7, 13)):
        make_response(session, world, on=on)
    release_everything(session, world)
    weeks = weekly_tallies(session, july(session, world))
    assert {monday: int(week.n_responses[0]) for monday, week in weeks.items()} == {
        date(2026, 6, 29): 1, date(2026, 7, 6): 2, date(2026, 7, 13): 1,
    }  # fmt: skip
    assert all(a < b for a, b in pairwise(weeks))


def test_rows_read_in_many_batches_give_the_same(session, world, monkeypatch):
    monkeypatch.setattr("survey_app.queries.tallies.CLUSTERS_AT_A_TIME", 7)
    filled = fill(session, world, seed=8)
    scope = scopes(session, world, filled)[3]
    assert_equals_recount(session, scope)
    one_by_one = item_moment_tallies(session, scope, _scoring(session, scope))
    monkeypatch.setattr("survey_app.queries.tallies.CLUSTERS_AT_A_TIME", 50_000)
    at_once = item_moment_tallies(session, scope, _scoring(session, scope))
    np.testing.assert_allclose(one_by_one.cluster_products, at_once.cluster_products)
    np.testing.assert_array_equal(one_by_one.n, recount(session, scope).n_responses)


def test_nobody_is_counted_as_nobody(session, world):
    scope = july(session, world)
    assert level_tallies(session, scope).counts.sum() == 0
    assert moment_tallies(session, scope, _scoring(session, scope)).n.tolist() == [0, 0, 0]
    assert item_moment_tallies(session, scope, _scoring(session, scope)).n.tolist() == [0, 0, 0]
    assert rollups.rebuild_rollups(session, today=LATER) == 0


@pytest.mark.parametrize("is_rolled_up", [False, True])
def test_an_interviewer_is_one_cluster_and_widens_the_interval(session, world, is_rolled_up):
    """Two interviewers, each on ten days: one hears only praise, the other none; beside them a kiosk's days."""

    def overall(channel: Channel) -> Estimate:
        for day in range(1, 11):
            for collector, answer in (("PVA", "satisfied"), ("PVB", "dissatisfied")):
                make_response(session, world, channel=channel, collector=collector, answers={"overall": answer},
                              on=date(2026, 7, day), wave="full")  # fmt: skip
        release_everything(session, world)
        if is_rolled_up:
            rollups.rebuild_rollups(session, today=LATER)
        scope = replace(july(session, world), unit_ids=(world.units["Đông Hà"],))
        form = forms.load_form(session, version_id=scope.version_id)
        moments = moment_tallies(session, scope, form.scoring())
        session.execute(delete(Response))
        session.execute(delete(RollupMonth))
        session.execute(delete(MomentCell))
        session.execute(delete(CountCell))
        assert moments.n_clusters.item() == (2 if channel == Channel.INTERVIEW else 20)
        return group_shares(moments)["overall"][0]

    interviewed, at_kiosk = overall(Channel.INTERVIEW), overall(Channel.KIOSK)
    assert interviewed.value == at_kiosk.value == 0.5
    assert interviewed.ci_high - interviewed.ci_low > 2 * (at_kiosk.ci_high - at_kiosk.ci_low)
    assert interviewed.design_effect > 5 > at_kiosk.design_effect
