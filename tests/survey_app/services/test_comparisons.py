"""Units side by side: a label only where there is a difference, a rank only where there is a sample."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from analysis.types import Tier
from survey_app.errors import NotFound
from survey_app.services import comparison_judging
from survey_app.services.accounts import Role, Viewer
from survey_app.services.comparisons import compare_units
from survey_app.services.figures import Comparison, Showing
from survey_app.vocabulary import Channel
from tests.builders import World, make_response, release_everything
from tests.survey_app.statements import counted_statements

TODAY = date(2026, 9, 20)
QUERY_BUDGET = 30


def compared(
    session: Session, world: World, *, basis: str = "continuous", kind: str | None = None, **more: Any
) -> Comparison:
    found = compare_units(
        session, root_unit_id=world.province, basis=basis, period_code="2026Q3", kind=kind, today=TODAY,
        viewer=Viewer(account_id=1, role=Role.PAR_OFFICE, unit_id=world.province), **more,
    )  # fmt: skip
    assert found is not None
    return found


def answer(
    session: Session, world: World, unit: str, n_satisfied: int, n_not: int, wave: str = "full"
) -> None:
    """People spread over the days of a month."""
    first = date(2026, 8, 1)
    for place in range(n_satisfied + n_not):
        # Every day holds the same mix, so that clusters add nothing.
        overall = "satisfied" if place * n_satisfied % (n_satisfied + n_not) < n_satisfied else "dissatisfied"
        make_response(session, world, unit=unit, wave=wave, on=first + timedelta(days=place % 31),
                      answers={"overall": overall})  # fmt: skip


def tiers(found: Comparison) -> dict[str, Tier]:
    return {row.unit.name: row.tier for row in found.rows}


def test_identical_units_get_no_label(session, world):
    for unit in world.points:
        answer(session, world, unit, 60, 20)
    release_everything(session, world)
    found = compared(session, world)
    assert set(tiers(found).values()) == {Tier.NOT_DIFFERENT}
    assert (found.province.n, found.province.n_satisfied) == (
        240, sum(row.share.n_satisfied for row in found.rows),
    )  # fmt: skip


def test_a_truly_different_unit_gets_a_label(session, world):
    answer(session, world, "Đông Hà", 180, 20)
    answer(session, world, "Hòa Xuân", 180, 20)
    answer(session, world, "Cồn Cỏ", 100, 100)
    release_everything(session, world)
    found = compared(session, world)
    assert tiers(found)["Cồn Cỏ"] is Tier.LOWER
    assert found.n_by_tier[Tier.LOWER] == 1
    row = next(row for row in found.rows if row.unit.name == "Cồn Cỏ")
    assert row.p_adjusted < found.alpha


def test_too_few_answers_get_no_label_and_no_estimate(session, world):
    answer(session, world, "Đông Hà", 180, 20)
    answer(session, world, "Hòa Xuân", 0, 29)
    answer(session, world, "Cồn Cỏ", 0, 4)
    release_everything(session, world)
    rows = {row.unit.name: row for row in compared(session, world).rows}
    assert (rows["Hòa Xuân"].share.showing, rows["Hòa Xuân"].share.n) == (Showing.INSUFFICIENT, 29)
    assert (rows["Cồn Cỏ"].share.showing, rows["Cồn Cỏ"].share.n) == (Showing.WITHHELD, None)
    for name in ("Hòa Xuân", "Cồn Cỏ"):
        row = rows[name]
        assert row.tier is Tier.INSUFFICIENT
        assert (row.p_adjusted, row.rank, row.verdict, row.share.estimate) == (None, None, None, None)


def test_a_kind_narrows_the_rows_and_changes_no_tier(session, world):
    answer(session, world, "Đông Hà", 180, 20)
    answer(session, world, "Hòa Xuân", 180, 20)
    answer(session, world, "Cồn Cỏ", 100, 100)
    release_everything(session, world)
    whole = compared(session, world)
    for kind in ("ward", "commune", "special_zone"):
        part = compared(session, world, kind=kind)
        assert len(part.rows) == 1
        assert part.province == whole.province
        assert [row for row in whole.rows if row.unit.kind == kind] == list(part.rows)


def test_self_selected_answers_are_never_ranked(session, world):
    for unit in world.points:
        answer(session, world, unit, 60, 20)
    release_everything(session, world)
    assert {row.rank for row in compared(session, world).rows} == {None}


def test_a_sample_is_ranked_by_intervals(session, world):
    answer(session, world, "Đông Hà", 190, 10, wave="sample")
    answer(session, world, "Hòa Xuân", 188, 12, wave="sample")
    answer(session, world, "Cồn Cỏ", 60, 140, wave="sample")
    release_everything(session, world)
    ranks = {row.unit.name: row.rank for row in compared(session, world, basis="sample").rows}
    assert (ranks["Cồn Cỏ"].low, ranks["Cồn Cỏ"].high) == (3, 3)
    assert (ranks["Đông Hà"].low, ranks["Đông Hà"].high) == (1, 2)


def test_a_sample_with_a_unit_that_nobody_answered_is_still_shown(session, world):
    answer(session, world, "Đông Hà", 60, 20, wave="sample")
    answer(session, world, "Hòa Xuân", 60, 20, wave="sample")
    release_everything(session, world)
    found = compared(session, world, basis="sample")
    rows = {row.unit.name: row for row in found.rows}
    assert rows["Cồn Cỏ"].share.showing is Showing.WITHHELD
    assert rows["Đông Hà"].rank is not None
    assert found.province.n == 160


def test_nobody_at_all_is_an_empty_comparison(session, world):
    for basis in ("continuous", "sample"):
        found = compared(session, world, basis=basis)
        assert {row.tier for row in found.rows} == {Tier.INSUFFICIENT}
        assert found.province.showing is Showing.WITHHELD


def test_one_basis_never_adds_to_the_other(session, world):
    answer(session, world, "Đông Hà", 60, 20)
    answer(session, world, "Đông Hà", 10, 30, wave="sample")
    answer(session, world, "Hòa Xuân", 10, 30, wave="sample")
    answer(session, world, "Cồn Cỏ", 10, 30, wave="sample")
    release_everything(session, world)
    n = {basis: compared(session, world, basis=basis).province.n for basis in ("continuous", "sample")}
    assert n == {"continuous": 80, "sample": 120}


def test_a_manager_does_not_compare_the_province(session, world):
    with pytest.raises(NotFound):
        compare_units(
            session, root_unit_id=world.province, basis="continuous", period_code=None, kind=None,
            today=TODAY,
            viewer=Viewer(account_id=1, role=Role.MANAGER, unit_id=world.units["Đông Hà"]),
        )  # fmt: skip


def test_a_comparison_costs_few_queries_whatever_the_number_of_answers(session, world):
    costs = []
    for _ in range(2):
        for unit in world.points:
            answer(session, world, unit, 30, 10)
        release_everything(session, world)
        compared(session, world)
        with counted_statements(session) as statements:
            compared(session, world)
        costs.append(len(statements))
    assert costs[0] == costs[1] <= QUERY_BUDGET


def test_shares_are_drawn_towards_the_common_level_beside_and_not_instead(session, world, monkeypatch):
    monkeypatch.setattr(comparison_judging, "UNITS_TO_SHRINK", 2)
    answer(session, world, "Đông Hà", 190, 10)
    answer(session, world, "Hòa Xuân", 25, 10)
    release_everything(session, world)
    rows = {row.unit.name: row for row in compared(session, world).rows}
    large, small = rows["Đông Hà"], rows["Hòa Xuân"]
    assert large.share.estimate.value == pytest.approx(0.95)
    assert small.share.estimate.value < small.shrunk.value < large.shrunk.value
    assert small.shrunk.weight < large.shrunk.weight
    assert rows["Cồn Cỏ"].shrunk is None


def test_too_few_units_have_no_common_level(session, world):
    answer(session, world, "Đông Hà", 36, 4)
    release_everything(session, world)
    assert {row.shrunk for row in compared(session, world).rows} == {None}


def test_a_standardised_share_weights_channels_as_all_units_together(session, world):
    for unit, channel, n_satisfied, n_not in (
        ("Đông Hà", Channel.KIOSK, 60, 60), ("Đông Hà", Channel.QR, 36, 4),
        ("Hòa Xuân", Channel.KIOSK, 20, 20), ("Hòa Xuân", Channel.QR, 72, 8),
    ):  # fmt: skip
        for place in range(n_satisfied + n_not):
            overall = "satisfied" if place < n_satisfied else "dissatisfied"
            on = date(2026, 8, 1) + timedelta(days=place % 30)
            make_response(session, world, unit=unit, channel=channel, on=on, answers={"overall": overall})
    release_everything(session, world)
    found = compared(session, world, is_standardised=True)
    rows = {row.unit.name: row for row in found.rows}
    # 160 of 280 came by kiosk: 0.5 there, 0.9 by code, in both units.
    expected = (160 * 0.5 + 120 * 0.9) / 280
    for name in ("Đông Hà", "Hòa Xuân"):
        assert rows[name].standardised.estimate.value == pytest.approx(expected)
    assert rows["Cồn Cỏ"].standardised is None
    assert {part.code: part.share for part in found.standard} == pytest.approx({"kiosk": 4 / 7, "qr": 3 / 7})
    assert all(row.standardised is None for row in compared(session, world).rows)


def test_peers_are_judged_against_each_other_and_a_group_that_is_not_there_is_not_found(session, world):
    for unit in world.points:
        answer(session, world, unit, 60, 20)
    release_everything(session, world)
    assert compared(session, world).peers is None
    with pytest.raises(NotFound):
        compared(session, world, peers="ward-all")
