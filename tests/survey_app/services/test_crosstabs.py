"""Two dimensions, and groups of people: what is counted, what is withheld, and what is tested."""

from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy.orm import Session

from analysis import Survey
from analysis.comparing.chi_square import rao_scott_test
from survey_app.errors import NotFound
from survey_app.queries.respondent_tables import Respondents
from survey_app.services import equity as equity_service
from survey_app.services.accounts import Role, Viewer
from survey_app.services.counting import Selection
from survey_app.services.crosstabs import Crosstab, crosstab, independence_test
from survey_app.services.dimensions import Coded, Words
from survey_app.vocabulary import Channel
from tests.builders import World, make_response, release_everything

TODAY = date(2026, 9, 20)
TITLES = {name: name for name in ("satisfied", "channel", "stage", "assisted_by", "field", "unit_kind")}
WORDS = Words(TITLES, {"ward": "ward", "commune": "commune"}, ("yes", "no"), "unknown")


def asked(world: World) -> dict[str, object]:
    return {
        "root_unit_id": world.province, "basis": "continuous", "period_code": "2026Q3", "today": TODAY,
        "words": WORDS, "viewer": Viewer(account_id=1, role=Role.PAR_OFFICE, unit_id=world.province),
    }  # fmt: skip


def crossed(session: Session, world: World, rows: str, columns: str) -> Crosstab:
    found = crosstab(session, **asked(world), rows=rows, columns=columns)  # type: ignore[arg-type]
    assert found is not None
    return found


def people(session: Session, world: World, n: int, answers: dict[str, str], **more: object) -> None:
    for place in range(n):
        on = date(2026, 7, 1) + timedelta(days=place % 30)
        make_response(session, world, answers=answers, on=on, **more)  # type: ignore[arg-type]


def test_everyone_stands_in_the_table_once_also_those_of_whom_it_is_not_known(session, world):
    people(session, world, 40, {"overall": "satisfied", "sex": "male"})
    people(session, world, 30, {"overall": "neutral", "sex": "female"})
    people(session, world, 20, {"overall": "satisfied"})
    people(session, world, 9, {"overall": "satisfied", "sex": "male"}, is_test=True)
    release_everything(session, world)
    found = crossed(session, world, "sex", "satisfied")
    cells = {row.label: [cell.n for cell in row.cells] for row in found.rows}
    assert cells == {"Nam": [40, 0, 0], "Nữ": [0, 30, 0], "unknown": [20, 0, 0]}
    assert (found.n, found.column_totals, found.n_withheld) == (90, (60, 30, 0), 0)
    assert found.rows[0].satisfied is not None
    assert found.rows[2].satisfied is None
    assert found.test is not None
    assert found.test.p_value < 0.001


def test_a_small_cell_cannot_be_worked_out_and_every_table_withholds_the_same_total(session, world):
    people(session, world, 3, {"overall": "satisfied", "age_band": "over_60"})
    people(session, world, 12, {"overall": "neutral", "age_band": "under_25"})
    people(session, world, 40, {"overall": "satisfied", "age_band": "35_49"})
    release_everything(session, world)
    for columns in ("satisfied", "stage", "channel"):
        found = crossed(session, world, "age_band", columns)
        totals = {row.label: row.total for row in found.rows}
        # Three people are small; the next larger group goes with them, in every table.
        assert (totals["Trên 60 tuổi"], totals["Dưới 25 tuổi"], totals["35–49 tuổi"]) == (None, None, 40)
        small = next(row for row in found.rows if row.label == "Trên 60 tuổi")
        assert 3 not in [cell.n for cell in small.cells]


def test_only_what_is_on_the_list_is_crossed(session, world):
    people(session, world, 30, {"overall": "satisfied"})
    release_everything(session, world)
    for code in ("confidential", "reasons", "desk_id", "collector"):
        with pytest.raises(NotFound):
            crossed(session, world, code, "satisfied")


def test_people_taken_together_give_the_test_of_each_by_themselves_against_the_engine():
    rng = np.random.default_rng(5)
    n = 900
    clusters = rng.integers(0, 60, n)
    a = rng.integers(0, 3, n)
    b = (rng.random(n) < 0.6 + 0.1 * (a == 2) + 0.2 * (clusters % 3 == 0)).astype(int)
    columns = {"cluster": clusters, "a": a, "b": b}
    whole = rao_scott_test(Survey(columns, clusters="cluster"), "a", "b")
    everyone = Respondents(np.zeros(n, int), clusters, {}, np.zeros((n, 2), np.uint8))
    selection = Selection((1,), "continuous", date(2026, 6, 15), date(2026, 9, 14), (), ())
    found = independence_test(None, selection, Coded(everyone, (a, b), (4, 3)))  # type: ignore[arg-type]
    assert found is not None
    assert found.p_value == pytest.approx(whole.second_order.p_value, rel=1e-9)
    assert found.statistic == pytest.approx(whole.second_order.statistic, rel=1e-9)
    assert found.cramers_v == pytest.approx(whole.cramers_v, rel=1e-9)
    assert found.design_effect == pytest.approx(float(np.mean(whole.design_effects)), rel=1e-9)


def test_groups_that_are_missing_are_named_and_a_small_one_gives_nothing_away(session, world):
    people(session, world, 60, {"overall": "satisfied", "ethnicity": "kinh", "sex": "male"})
    people(
        session, world, 2, {"overall": "satisfied", "ethnicity": "other", "sex": "male"}, channel=Channel.LINK
    )
    people(session, world, 40, {"overall": "neutral", "ethnicity": "kinh"})
    release_everything(session, world)
    found = equity_service.equity(session, **asked(world))  # type: ignore[arg-type]
    assert found is not None
    assert found.not_asked == ("disability",)
    tables = {table.code: table for table in found.tables}
    sex = {group.code: group for group in tables["sex"].groups}
    assert (sex["female"].state, sex["male"].n, sex["male"].state) == ("nobody", 62, "shown")
    ethnicity = {group.code: group for group in tables["ethnicity"].groups}
    assert (ethnicity["other"].n, ethnicity["kinh"].n) == (None, None)
    assert ethnicity["other"].part is None
    assert [group.code for group in tables["sex"].missing] == ["female"]
