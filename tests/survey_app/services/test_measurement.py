"""Reliability and drivers: what known answers must give, and nothing where there is too little."""

from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy.orm import Session

from survey_app.services import measurement
from survey_app.services.accounts import Role, Viewer
from tests.builders import World, make_response, release_everything

LEVELS = ("very_dissatisfied", "dissatisfied", "neutral", "satisfied", "very_satisfied")
F1 = [f"F1.{place}" for place in range(1, 5)]
F2 = [f"F2.{place}" for place in range(1, 6)]


def asked(world: World) -> dict[str, object]:
    return {
        "root_unit_id": world.province, "basis": "continuous", "period_code": "2026Q3", "version_id": None,
        "viewer": Viewer(account_id=1, role=Role.PAR_OFFICE, unit_id=world.province), "today": date(2026, 9, 20),
    }  # fmt: skip


def answer(session: Session, world: World, n: int) -> np.ndarray:
    """F1 follows the overall answer, F2 is chance; the scores of F1 that were stored."""
    rng = np.random.default_rng(3)
    stored = []
    for place in range(n):
        person = rng.normal()
        overall = int(np.clip(round(3.5 + person), 1, 5))
        ones = [int(np.clip(round(3.5 + person + 0.6 * rng.normal()), 1, 5)) for _ in F1]
        twos = [int(rng.integers(1, 6)) for _ in F2]
        scores = dict(zip(["overall", *F1, *F2], [overall, *ones, *twos], strict=True))
        answers = {code: LEVELS[score - 1] for code, score in scores.items()}
        make_response(session, world, on=date(2026, 7, 1) + timedelta(days=place % 40), answers=answers)
        stored.append(ones)
    release_everything(session, world)
    return np.array(stored, dtype=float)


def test_alpha_is_that_of_the_answers_and_the_driver_is_found(session, world):
    scores = answer(session, world, 300)
    found = measurement.reliability(session, **asked(world))  # type: ignore[arg-type]
    assert found is not None
    scales = {scale.code: scale for scale in found.scales}
    covariance = np.cov(scores.T)
    alpha = 4 / 3 * (1 - np.trace(covariance) / covariance.sum())
    assert scales["F1"].alpha is not None
    assert scales["F1"].alpha.value == pytest.approx(alpha, rel=1e-9)
    assert scales["F1"].alpha.ci_low < alpha < scales["F1"].alpha.ci_high
    assert scales["F3"].alpha is None
    items = {item.code: item for item in found.items}
    assert items["F1.1"].ceiling is not None
    assert items["F1.1"].ceiling.value == pytest.approx((scores[:, 0] == 5).mean())
    drivers = measurement.drivers(session, **asked(world))  # type: ignore[arg-type]
    assert drivers is not None
    shares = {each.code: each.share for each in drivers.drivers}
    assert set(shares) == {"F1", "F2"}
    assert shares["F1"].ci_low > 0.9
    assert sum(each.value for each in shares.values()) == pytest.approx(1.0)


def test_too_few_complete_answers_give_no_figure(session, world):
    answer(session, world, 20)
    drivers = measurement.drivers(session, **asked(world))  # type: ignore[arg-type]
    assert drivers is not None
    assert (drivers.drivers, drivers.r_squared, drivers.n) == ((), None, 20)
    found = measurement.reliability(session, **asked(world))  # type: ignore[arg-type]
    assert found is not None
    assert all(scale.alpha is None for scale in found.scales)
    assert all(item.ceiling is None for item in found.items)
