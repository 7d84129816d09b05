"""What is true in the demo: the numbers its answers are drawn from, to hold estimates against."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from survey_app.vocabulary import Channel, Stage

FIRST_DAY = date(2026, 3, 15)
FORM_CHANGE = date(2026, 5, 1)
QUARTER_CHANGE = date(2026, 6, 15)
SAMPLE_FROM, SAMPLE_TO = date(2026, 8, 1), date(2026, 8, 31)
LAST_DAY = date(2026, 9, 14)
"""The demo's last recorded day: nothing in it is later."""

TODAY = date(2026, 9, 17)
"""The day on which the demo's figures were released and its rollups counted."""

LOGISTIC_VARIANCE = np.pi**2 / 3
QUADRATURE_POINTS = 20


@dataclass(frozen=True, slots=True)
class UnitTruth:
    """A unit's place on the logit scale, and what it adds from the second quarter on."""

    code: str
    name: str
    effect: float
    change: float = 0.0


@dataclass(frozen=True, slots=True)
class ExpectedShare:
    """The share satisfied that the truth implies for those who answered, before any chance.

    Without a unit it is of all units together: of all answers of the stream, by frame size in the sample.
    """

    wave: str
    period: str
    unit_code: str
    n: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """logit P(satisfied) = intercept + unit + channel + stage + field + cluster; levels by cut points.

    Effects are on the logit scale. `unit_sd` is the exact standard deviation over the units; the ICCs are of
    the latent scale, σ² / (σ² + π²/3). Items share the overall answer's predictor plus their factor's effect,
    and correlate within a person by a Gaussian copula with the loadings given.
    """

    seed: int
    n_responses: int
    units: tuple[UnitTruth, ...]
    intercept: float = 2.2
    unit_sd: float = 0.35
    device_day_icc: float = 0.05
    interviewer_icc: float = 0.02
    cut_points: tuple[float, ...] = (2.2, 0.0, -1.2, -2.4)
    channel_mix: Mapping[str, float] = field(
        default_factory=lambda: {"KIOSK": 0.52, "QR": 0.28, "LINK": 0.08, "PAPER": 0.12}
    )
    channel_effects: Mapping[str, float] = field(
        default_factory=lambda: {"KIOSK": 0.0, "QR": -0.45, "LINK": -0.35, "PAPER": 0.15, "INTERVIEW": 0.25}
    )
    stage_mix: Mapping[str, float] = field(
        default_factory=lambda: {
            "SUBMIT": 0.33,
            "SUPPLEMENT": 0.08,
            "COLLECT_RESULT": 0.45,
            "ASK_GUIDANCE": 0.12,
            "REFUSED": 0.02,
        }
    )
    stage_effects: Mapping[str, float] = field(
        default_factory=lambda: {
            "SUBMIT": 0.05,
            "SUPPLEMENT": -0.6,
            "COLLECT_RESULT": 0.0,
            "ASK_GUIDANCE": -0.1,
            "REFUSED": -1.3,
        }
    )
    field_mix: Mapping[str, float] = field(
        default_factory=lambda: {
            "land": 0.26,
            "civil_status": 0.18,
            "certification": 0.24,
            "social_support": 0.09,
            "labour": 0.03,
            "merit": 0.03,
            "business": 0.04,
            "construction": 0.04,
            "health_insurance": 0.03,
            "education": 0.02,
            "agriculture": 0.02,
            "other": 0.02,
        }
    )
    field_effects: Mapping[str, float] = field(
        default_factory=lambda: {
            "land": -0.35,
            "construction": -0.25,
            "certification": 0.15,
            "civil_status": 0.1,
        }
    )
    factor_effects: Mapping[str, float] = field(
        default_factory=lambda: {"F1": 0.1, "F2": 0.0, "F3": 0.3, "F4": 0.05, "F5": -0.5}
    )
    overall_loading: float = 0.75
    person_loading: float = 0.6
    factor_loading: float = 0.45
    dont_know_overall: float = 0.015
    dont_know_item: Mapping[str, float] = field(
        default_factory=lambda: {"F1": 0.03, "F2": 0.06, "F3": 0.03, "F4": 0.02, "F5": 0.14}
    )
    left_blank_item: float = 0.02
    expected: tuple[ExpectedShare, ...] = ()

    @property
    def device_day_sd(self) -> float:
        return latent_sd(self.device_day_icc)

    @property
    def interviewer_sd(self) -> float:
        return latent_sd(self.interviewer_icc)

    def channel_table(self) -> NDArray[np.float64]:
        """Effect by the integer of the channel."""
        return _table(Channel, self.channel_effects)

    def stage_table(self) -> NDArray[np.float64]:
        """Effect by the integer of the stage."""
        return _table(Stage, self.stage_effects)

    def expected_share(self, *, wave: str, period: str, unit_code: str = "") -> float:
        """The share of a unit, or of all together when no unit is named."""
        return next(
            each.share
            for each in self.expected
            if (each.wave, each.period, each.unit_code) == (wave, period, unit_code)
        )

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def latent_sd(icc: float) -> float:
    """The standard deviation of a cluster effect that gives this ICC on the latent logistic scale."""
    return float(np.sqrt(icc / (1 - icc) * LOGISTIC_VARIANCE))


def marginal_share(predictor: NDArray[np.float64], sd: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(satisfied) with the cluster effect integrated out by Gauss–Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(QUADRATURE_POINTS)
    share = np.zeros(len(predictor))
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        share += weight * expit(predictor + sd * node)
    return share


def draw_unit_truths(
    named: Sequence[tuple[str, str]],
    *,
    sd: float,
    outliers: Mapping[str, float],
    changes: Mapping[str, float],
    rng: np.random.Generator,
) -> tuple[UnitTruth, ...]:
    """Units with mean 0 and exactly this SD, of which a few stand where `outliers` puts them."""
    fixed = np.array([outliers.get(code, np.nan) for code, _ in named])
    free = np.isnan(fixed)
    effects = np.where(free, 0.0, fixed)
    centre = -effects.sum() / free.sum()
    left = len(named) * sd**2 - (effects**2).sum() - free.sum() * centre**2
    if left < 0:
        raise ValueError(f"the outliers alone exceed a standard deviation of {sd}")
    drawn = rng.normal(size=int(free.sum()))
    drawn = (drawn - drawn.mean()) / drawn.std()
    effects[free] = centre + drawn * np.sqrt(left / free.sum())
    return tuple(
        UnitTruth(code, name, round(float(effect), 6), changes.get(code, 0.0))
        for (code, name), effect in zip(named, effects, strict=True)
    )


def _table(names: type[Channel] | type[Stage], effects: Mapping[str, float]) -> NDArray[np.float64]:
    table = np.zeros(max(names) + 1)
    for name, effect in effects.items():
        table[names[name]] = effect
    return table
