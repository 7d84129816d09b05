"""The scorecard's figures against counts by hand, what it withholds, and what it costs."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from analysis.types import Verdict
from survey_app.errors import NotFound
from survey_app.models import Exclusion, WaveUnit
from survey_app.services import forms, rollups
from survey_app.services.accounts import Role, Viewer
from survey_app.services.figures import Scorecard, Showing
from survey_app.services.scorecards import unit_scorecard
from survey_app.vocabulary import Channel, QualityFlag, Stage
from tests.builders import World, make_comment, make_response, make_transactions, release_everything
from tests.survey_app.statements import counted_statements

TODAY = date(2026, 9, 20)
QUERY_BUDGET = 100


def card(session: Session, world: World, *, unit: str = "Đông Hà", basis: str = "continuous",
         period: str = "2026Q3", viewer: Viewer | None = None, today: date = TODAY) -> Scorecard:  # fmt: skip
    unit_id = world.units[unit]
    found = unit_scorecard(
        session, unit_id=unit_id, basis=basis, period_code=period, today=today,
        viewer=viewer or Viewer(account_id=1, role=Role.MANAGER, unit_id=unit_id),
    )  # fmt: skip
    assert found is not None
    return found


def answer(session: Session, world: World, n: int, overall: str = "satisfied", *,
           first: date = date(2026, 7, 1), more: dict[str, object] | None = None,
           **columns: object) -> None:  # fmt: skip
    """So many people, one a day and over again after thirty days."""
    answers = {"overall": overall} | (more or {})
    for place in range(n):
        make_response(session, world, on=first + timedelta(days=place % 30), answers=answers, **columns)


def factors_answered(session: Session, world: World, **by_factor: str) -> dict[str, object]:
    """The same answer to every item of each factor; "satisfied" where none is named."""
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    return {
        item.code: by_factor.get(factor.code, "satisfied")
        for factor in form.factors
        for item in factor.counted_items
    }


def test_overall_pools_one_tap_and_full_form_and_agrees_with_a_hand_count(session, world):
    in_april, in_may = date(2026, 4, 1), date(2026, 5, 5)
    answer(session, world, 20, "very_satisfied", first=in_april, wave="tap")
    answer(session, world, 12, "neutral", first=in_april, wave="tap")
    answer(session, world, 3, "dont_know", first=in_april, wave="tap")
    answer(session, world, 25, "satisfied", first=in_may)
    answer(session, world, 5, "very_dissatisfied", first=in_may)
    answer(session, world, 7, "very_dissatisfied", first=in_may, is_test=True)  # not counted
    answer(session, world, 9, "very_dissatisfied", first=in_may, unit="Hòa Xuân")  # not counted
    answer(session, world, 9, "very_dissatisfied", first=date(2026, 7, 1))  # not counted: the next period
    release_everything(session, world)
    overall = card(session, world, period="2026Q2").overall
    assert (overall.showing, overall.n, overall.n_satisfied) == (Showing.SHOWN, 62, 45)
    assert overall.estimate.value == pytest.approx(45 / 62)
    assert overall.estimate.n_respondents == 62
    assert {level.code: level.n for level in overall.levels} == {
        "very_satisfied": 20, "satisfied": 25, "neutral": 12, "dissatisfied": 0, "very_dissatisfied": 5,
    }  # fmt: skip
    assert {level.code: level.n for level in overall.missing}["dont_know"] == 3


def test_the_factor_index_is_of_full_forms_only(session, world):
    answer(session, world, 60, "very_satisfied", first=date(2026, 4, 1), wave="tap")
    everything = factors_answered(session, world, F2="dissatisfied")
    answer(session, world, 32, first=date(2026, 5, 5), more=everything)
    answer(session, world, 10, first=date(2026, 5, 5), more={"F2.1": "very_satisfied"})  # partial
    release_everything(session, world)
    found = card(session, world, period="2026Q2")
    assert found.overall.n == 102
    by_name = {index.name: index for index in found.indices}
    assert len(by_name) == 4
    by_respondent = by_name["mean_of_respondent_shares"]
    assert by_respondent.n == 32
    assert by_respondent.estimate.value == pytest.approx(17 / 22)  # five of twenty-two items dissatisfied
    shares = {factor.share.code: factor.share for factor in found.factors}
    assert found.factors[0].share.code == "F2"
    assert found.lowest_is_separate is True
    assert shares["F1"].estimate.value == 1
    assert (shares["F2"].n, shares["F2"].estimate.value) == (42, pytest.approx(10 / (32 * 5 + 10)))
    pooled = by_name["pooled_answers"].estimate.value
    assert pooled == pytest.approx((32 * 17 + 10) / (32 * 22 + 10))


@pytest.mark.parametrize(
    ("n", "showing", "shown_n"),
    [(4, Showing.WITHHELD, None), (5, Showing.INSUFFICIENT, 5), (29, Showing.INSUFFICIENT, 29),
     (30, Showing.SHOWN, 30)],
)  # fmt: skip
def test_a_small_base_withholds_everything_that_hangs_on_it(session, world, n, showing, shown_n):
    answer(session, world, n, more={"reasons": ("time_bad",)}, channel=Channel.KIOSK, flags=1)
    release_everything(session, world)
    found = card(session, world)
    assert (found.overall.showing, found.overall.n, found.n_responses) == (showing, shown_n, shown_n)
    is_shown = showing is Showing.SHOWN
    assert (found.overall.estimate is not None) is is_shown
    assert (found.target is not None) is is_shown
    for part in (found.reasons_bad, found.channels, found.stages, found.assisted, found.fields):
        assert bool(part) is is_shown
    if not is_shown:
        assert (found.factors, found.indices, found.trend, found.change) == ((), (), None, None)
        assert found.quality.n_flagged is None


def test_a_small_channel_is_withheld_with_another(session, world):
    answer(session, world, 40, channel=Channel.QR)
    answer(session, world, 31, channel=Channel.KIOSK)
    answer(session, world, 3, channel=Channel.LINK)
    release_everything(session, world)
    found = card(session, world)
    assert [(row.code, row.n) for row in found.channels] == [("qr", 40), ("kiosk", None), ("link", None)]
    assert found.channels[0].satisfied.value == 1


def test_reasons_are_shares_of_those_who_saw_the_list(session, world):
    seen = frozenset({"overall", "reasons"})
    answer(session, world, 30, more={"reasons": ("time_bad", "fees_good")}, reached=seen)
    answer(session, world, 10, reached=seen)
    answer(session, world, 20, reached=frozenset({"overall"}))
    release_everything(session, world)
    found = card(session, world)
    worst = found.reasons_bad[0]
    assert (worst.code, worst.n_satisfied, worst.n) == ("time_bad", 30, 40)
    assert worst.estimate.value == 0.75
    assert found.reasons_good[0].code == "fees_good"


def test_flagged_answers_count_and_are_shown_apart(session, world):
    answer(session, world, 40, "satisfied")
    answer(session, world, 10, "very_dissatisfied", flags=int(QualityFlag.FAST))
    release_everything(session, world)
    quality = card(session, world).quality
    assert quality.n_flagged == 10
    assert (quality.with_flagged.value, quality.without_flagged.value) == (0.8, 1.0)


def test_what_is_excluded_is_counted_beside_and_not_within(session, world):
    answer(session, world, 60)
    session.add(Exclusion(point_id=world.points["Đông Hà"], from_on=date(2026, 7, 1), to_on=date(2026, 7, 5),
                          reason="Thử máy", is_active=True))  # fmt: skip
    release_everything(session, world)
    found = card(session, world)
    assert (found.overall.n, found.quality.n_excluded) == (50, 10)


def test_response_rate_is_of_transactions_by_days(session, world):
    answer(session, world, 60)
    for month in (6, 7, 8, 9):
        make_transactions(session, world, date(2026, month, 1), 300)
    release_everything(session, world)
    found = card(session, world)
    assert found.n_transactions == 160 + 300 + 300 + 140  # 16 of 30 days of June, 14 of 30 of September
    assert found.response_rate == pytest.approx(60 / 900)


def test_a_sample_gets_the_finite_population_correction(session, world):
    def half_width(population: int | None) -> float:
        session.execute(
            update(WaveUnit).where(WaveUnit.wave_id == world.waves["sample"]).values(population=population)
        )
        estimate = card(session, world, basis="sample").overall.estimate
        return estimate.ci_high - estimate.ci_low

    answer(session, world, 60, "satisfied", first=date(2026, 8, 1), wave="sample")
    answer(session, world, 20, "dissatisfied", first=date(2026, 8, 1), wave="sample")
    release_everything(session, world)
    without, of_many, of_few = half_width(None), half_width(1_000_000), half_width(100)
    assert of_many == pytest.approx(without, rel=0.01)
    assert of_few < 0.6 * without


def test_a_stream_never_gets_the_finite_population_correction(session, world):
    answer(session, world, 60, "satisfied")
    answer(session, world, 20, "dissatisfied")
    release_everything(session, world)
    before = card(session, world).overall.estimate
    session.execute(update(WaveUnit).where(WaveUnit.wave_id == world.waves["full"]).values(population=81))
    after = card(session, world).overall.estimate
    assert after == before
    assert after.design_effect >= 1


def test_the_change_is_against_the_period_before(session, world):
    answer(session, world, 40, "neutral", first=date(2026, 5, 5))
    answer(session, world, 40, "satisfied", first=date(2026, 7, 1))
    release_everything(session, world)
    found = card(session, world)
    assert found.change.previous.code == "2026Q2"
    assert found.change.difference.value == pytest.approx(1.0)
    assert found.change.same_form_from == date(2026, 5, 1)  # the form before it asked one question only
    assert card(session, world, period="2026Q2").change is None


@pytest.mark.parametrize(
    ("n_satisfied", "n", "verdict"),
    [(200, 200, Verdict.MET), (60, 100, Verdict.NOT_MET), (36, 40, Verdict.UNDECIDED)],
)
def test_the_target_is_met_missed_or_undecided(session, world, n_satisfied, n, verdict):
    answer(session, world, n_satisfied)
    answer(session, world, n - n_satisfied, "dissatisfied")
    release_everything(session, world)
    target = card(session, world).target
    assert target.verdict is verdict
    assert (target.n_to_confirm is not None) is (verdict is Verdict.UNDECIDED)


def test_a_period_that_still_runs_is_judged_by_an_interval_that_may_be_read_daily(session, world):
    answer(session, world, 96)
    answer(session, world, 2, "neutral")
    release_everything(session, world)
    over, running = (card(session, world, today=day) for day in (TODAY, date(2026, 9, 10)))
    assert (over.target.verdict, running.target.verdict) == (Verdict.MET, Verdict.UNDECIDED)
    assert running.target.is_running and not over.target.is_running
    assert running.target.interval.ci_low < 0.9 < over.target.interval.ci_low
    assert running.overall.estimate == over.overall.estimate


def test_the_same_card_from_rollups_and_from_responses(session, world):
    answer(
        session, world, 50, more=factors_answered(session, world, F3="neutral"), stage=Stage.COLLECT_RESULT
    )
    answer(session, world, 20, "dissatisfied", first=date(2026, 8, 1), channel=Channel.KIOSK)
    release_everything(session, world)
    before = card(session, world)
    assert rollups.rebuild_rollups(session, today=date(2026, 10, 5)) > 0
    assert repr(card(session, world)) == repr(before)


def test_comments_of_the_last_batch_are_on_the_card(session, world):
    for place in range(5):
        make_comment(session, world, f"Góp ý {place}", released_on=date(2026, 9, 14))
    make_comment(session, world, "Chưa đến lượt")
    release_everything(session, world)
    found = card(session, world)
    assert (found.comments.released_on, found.comments.n) == (date(2026, 9, 14), 5)
    assert "Chưa đến lượt" not in found.comments.texts
    assert found.n_comments_waiting is True


def test_a_manager_of_another_unit_sees_nothing(session, world):
    stranger = Viewer(account_id=1, role=Role.MANAGER, unit_id=world.units["Hòa Xuân"])
    with pytest.raises(NotFound):
        card(session, world, viewer=stranger)


def test_an_empty_unit_has_an_empty_card(session, world):
    for basis in ("continuous", "sample"):
        found = card(session, world, unit="Cồn Cỏ", basis=basis)
        assert (found.overall.showing, found.n_responses) == (Showing.WITHHELD, None)


def test_a_card_costs_no_more_queries_when_more_people_answer(session, world):
    answer(session, world, 40, more=factors_answered(session, world))
    release_everything(session, world)
    card(session, world)
    costs = []
    for n in (0, 120):
        answer(session, world, n, more=factors_answered(session, world))
        session.flush()
        with counted_statements(session) as statements:
            card(session, world)
        costs.append(len(statements))
    assert costs[0] == costs[1] <= QUERY_BUDGET
