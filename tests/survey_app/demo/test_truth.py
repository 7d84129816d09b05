"""The truth is drawn as it says, and estimates made from the demo's answers find it again."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import expit, logit
from sqlalchemy import select

from survey_app.demo.build import OUTLIER_EFFECTS
from survey_app.demo.places import collecting_units
from survey_app.demo.truth import LAST_DAY, draw_unit_truths, latent_sd, marginal_share
from survey_app.demo.visits import SAMPLE, draw_visits, sample_design
from survey_app.models import Account, Response, Unit
from survey_app.services.accounts import Role, Viewer
from survey_app.services.comparisons import compare_units
from survey_app.services.forms import load_form
from survey_app.vocabulary import Channel, Stage


@dataclass(frozen=True)
class Answers:
    """The overall answer of everyone who gave one: satisfied or not, with unit, channel and basis."""

    unit: np.ndarray
    channel: np.ndarray
    stage: np.ndarray
    is_sample: np.ndarray
    satisfied: np.ndarray


@pytest.fixture(scope="module")
def answers(demo) -> Answers:
    columns = (
        Unit.code,
        Response.channel,
        Response.stage,
        Response.weight,
        Response.version_id,
        Response.answers,
    )
    rows = demo.session.execute(select(*columns).join(Unit, Unit.id == Response.unit_id)).all()
    slots = {v: load_form(demo.session, version_id=v).headline.slot for v in {row.version_id for row in rows}}
    codes = np.array([row.answers[slots[row.version_id]] for row in rows])
    answered = codes <= 5
    parts = (
        [r.code for r in rows], [r.channel for r in rows], [r.stage for r in rows],
        [r.weight is not None for r in rows],
    )  # fmt: skip
    return Answers(*(np.array(part)[answered] for part in parts), satisfied=(codes <= 2)[answered])


def test_unit_effects_have_mean_zero_and_exactly_the_stated_sd():
    named = [(str(code), "") for code in range(79)]
    outliers = dict(zip(["3", "9"], OUTLIER_EFFECTS, strict=False))
    units = draw_unit_truths(named, sd=0.35, outliers=outliers, changes={}, rng=np.random.default_rng(1))
    effects = np.array([unit.effect for unit in units])
    assert effects.mean() == pytest.approx(0, abs=1e-6)
    assert effects.std() == pytest.approx(0.35, abs=1e-5)
    assert units[3].effect == OUTLIER_EFFECTS[0]


def test_outliers_beyond_the_stated_sd_are_refused():
    with pytest.raises(ValueError, match="exceed"):
        draw_unit_truths(
            [("a", ""), ("b", "")], sd=0.1, outliers={"a": 3.0}, changes={}, rng=np.random.default_rng(1)
        )


def test_latent_sd_against_theory():
    variance = latent_sd(0.05) ** 2
    assert variance / (variance + np.pi**2 / 3) == pytest.approx(0.05)


def test_marginal_share_against_simulation():
    drawn = np.random.default_rng(1).normal(size=400_000)
    expected = expit(2.0 + 0.5 * drawn).mean()
    assert marginal_share(np.array([2.0]), np.array([0.5]))[0] == pytest.approx(expected, abs=5e-4)


def test_cluster_effects_have_the_stated_iccs(small_demo):
    truth = small_demo.report.truth
    places, rng = collecting_units(small_demo.session), np.random.default_rng(5)
    visits = draw_visits(truth, places, sample_design(truth, places, rng), rng)
    _, first = np.unique(visits.cluster, return_index=True)
    device_days = first[visits.wave[first] != SAMPLE]
    interviewers = first[visits.wave[first] == SAMPLE]
    assert visits.cluster_effect[device_days].std() == pytest.approx(truth.device_day_sd, rel=0.08)
    assert visits.cluster_effect[interviewers].std() == pytest.approx(truth.interviewer_sd, rel=0.3)
    assert len(interviewers) < len(device_days)


@pytest.mark.parametrize("basis", ["continuous", "sample"])
def test_province_share_lies_in_its_interval(demo, basis):
    estimate = _compared(demo, basis).province.estimate
    expected = demo.report.truth.expected_share(wave=basis, period="2026-6T")
    assert estimate.ci_low <= expected <= estimate.ci_high


def test_most_units_hold_their_expected_share_in_their_interval(demo):
    rows = [row for row in _compared(demo, "continuous").rows if row.share.estimate]
    inside = [
        row.share.estimate.ci_low
        <= demo.report.truth.expected_share(wave="continuous", period="2026-6T", unit_code=row.unit.code)
        <= row.share.estimate.ci_high
        for row in rows
    ]
    assert len(rows) > 70
    assert np.mean(inside) >= 0.9


def test_between_unit_sd_is_recovered(demo, answers):
    stream = ~answers.is_sample
    codes, unit = np.unique(answers.unit[stream], return_inverse=True)
    n = np.bincount(unit)
    share = np.bincount(unit, weights=answers.satisfied[stream]) / n
    large = n >= 30
    noise = (share * (1 - share) / n)[large].mean()
    sd = np.sqrt(share[large].var() - noise)
    truth = demo.report.truth
    expected = [
        truth.expected_share(wave="continuous", period="2026-6T", unit_code=code) for code in codes[large]
    ]
    assert sd == pytest.approx(np.std(expected), rel=0.25)


def test_mode_effects_are_recovered(demo, answers):
    def level(channel: Channel) -> float:
        rows = ~answers.is_sample & (answers.channel == channel)
        return float(logit(answers.satisfied[rows].mean()))

    effects = demo.report.truth.channel_effects
    assert level(Channel.QR) - level(Channel.KIOSK) == pytest.approx(effects["QR"], abs=0.15)
    assert level(Channel.PAPER) - level(Channel.KIOSK) == pytest.approx(effects["PAPER"], abs=0.2)


def test_people_asked_for_more_papers_are_less_satisfied(answers):
    shares = {
        stage: answers.satisfied[answers.stage == stage].mean() for stage in (Stage.SUBMIT, Stage.SUPPLEMENT)
    }
    assert shares[Stage.SUPPLEMENT] < shares[Stage.SUBMIT] - 0.04


def test_truly_different_units_are_found_and_most_are_not_told_apart(demo):
    comparison = _compared(demo, "continuous")
    effects = {unit.code: unit.effect for unit in demo.report.truth.units}
    judged = {row.unit.code: row.tier.name for row in comparison.rows}
    assert all(effects[code] > 0 for code, tier in judged.items() if tier == "HIGHER")
    assert all(effects[code] < 0 for code, tier in judged.items() if tier == "LOWER")
    assert sum(tier == "NOT_DIFFERENT" for tier in judged.values()) > len(judged) / 2
    assert {"HIGHER", "LOWER", "INSUFFICIENT"} <= set(judged.values())


def _compared(demo, basis):
    viewer = Viewer(
        demo.session.scalar(select(Account.id).where(Account.name == "sonoivu")), Role.PAR_OFFICE, _root(demo)
    )
    return compare_units(
        demo.session, root_unit_id=_root(demo), basis=basis, period_code="2026-6T", kind=None, viewer=viewer,
        today=LAST_DAY,
    )  # fmt: skip


def _root(demo) -> int:
    return demo.session.scalar(select(Unit.id).where(Unit.code == "QT"))
