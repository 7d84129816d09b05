"""Who answered where, when, on which channel and how far: all of a demo response but its answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from survey_app.demo.places import MANAGED_UNIT, STORM, STORM_UNITS, UnitPlace
from survey_app.demo.truth import (
    FIRST_DAY,
    FORM_CHANGE,
    LAST_DAY,
    QUARTER_CHANGE,
    SAMPLE_FROM,
    SAMPLE_TO,
    Truth,
)
from survey_app.vocabulary import Channel, Stage

ONE_TAP, FULL, SAMPLE = 0, 1, 2
"""The demo's three waves, in the order in which they opened."""

STOPS = ("overall", "reasons", "visit", "F1", "F2", "F3", "F4", "criteria", "end")
"""The last screen that a person saw."""

VISIT, END = STOPS.index("visit"), STOPS.index("end")
STOP_MIX = {
    Channel.KIOSK: (0.25, 0.54, 0.04, 0.02, 0.02, 0.01, 0.01, 0.03, 0.08),
    Channel.QR: (0.15, 0.38, 0.05, 0.04, 0.03, 0.02, 0.01, 0.10, 0.22),
    Channel.LINK: (0.10, 0.23, 0.05, 0.05, 0.04, 0.03, 0.02, 0.10, 0.38),
    Channel.PAPER: (0.0, 0.03, 0.02, 0.01, 0.02, 0.01, 0.01, 0.10, 0.80),
    Channel.INTERVIEW: (0.0, 0.0, 0.0, 0.0, 0.005, 0.005, 0.0, 0.02, 0.97),
}
WEEKDAY_WEIGHTS = (1.3, 1.05, 1.0, 1.0, 0.9, 0.2, 0.0)
# Giỗ Tổ is on Sunday 26/04 and made up for on the Monday.
HOLIDAYS = frozenset(
    {date(2026, 4, 27), date(2026, 4, 30), date(2026, 5, 1), date(2026, 9, 1), date(2026, 9, 2)}
)
FIXED_COUNTS = ((4, 3), (9, 12), (16, 26))
"""Responses of the three smallest units in either quarter, at any size of the demo."""

FIXED_SAMPLE = 4
DEVICE = 4
"""Row of the cluster keys that holds the device or the interviewer."""

CENTRE_SHARE = 0.04
SILENT_FROM = date(2026, 9, 7)
SAMPLE_INTERVIEW_SHARE = 0.75
N_INTERVIEWERS, INTERVIEWERS_PER_UNIT = 120, 4
FULL_SIZE, FULL_SAMPLE, SMALLEST_SAMPLE = 60_000, 100, 10
SLIP_STAGE_SHARE = 0.5
LATE_ENTRY_SHARE = 0.02

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Columns, one entry a response; days are ordinals, `unit` and `point` index the places, -1 is none."""

    unit: Ints
    point: Ints
    wave: Ints
    channel: Ints
    day: Ints
    received: Ints
    device: Ints
    cluster: Ints
    stage: Ints
    field: Ints
    stop: Ints
    is_stage_known: NDArray[np.bool_]
    predictor: NDArray[np.float64]
    cluster_sd: NDArray[np.float64]
    cluster_effect: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True, slots=True)
class SampleUnit:
    """The designed sample of one unit: its frame, its target and who answered."""

    unit: int
    population: int
    target: int
    n: int


def sample_design(
    truth: Truth, places: Sequence[UnitPlace], rng: np.random.Generator
) -> tuple[SampleUnit, ...]:
    """About a hundred people of every commune, fewer in a small demo, four on the smallest."""
    wanted = max(SMALLEST_SAMPLE, round(FULL_SAMPLE * min(1.0, truth.n_responses / FULL_SIZE)))
    smallest = _by_population(places)[0]
    design = []
    for unit, place in enumerate(places):
        if place.population is None:
            continue
        population = max(12, round(place.population * float(rng.uniform(0.10, 0.16))))
        target = min(wanted, population // 3)
        n = FIXED_SAMPLE if unit == smallest else min(target, int(rng.binomial(target, 0.94)) + wanted // 50)
        design.append(SampleUnit(unit, population, target, n))
    return tuple(design)


def draw_visits(
    truth: Truth, places: Sequence[UnitPlace], design: Sequence[SampleUnit], rng: np.random.Generator
) -> Visits:
    """Every response of the demo without its answers."""
    n_sample = sum(each.n for each in design)
    unit, first, last = _continuous_rows(places, truth.n_responses - n_sample, rng)
    sampled = np.repeat([each.unit for each in design], [each.n for each in design])
    is_sample = np.r_[np.zeros(len(unit), bool), np.ones(n_sample, bool)]
    unit = np.r_[unit, sampled]
    first = np.r_[first, np.full(n_sample, SAMPLE_FROM.toordinal())]
    last = np.r_[last, np.full(n_sample, SAMPLE_TO.toordinal())]
    day = _days(first, last, rng)
    wave = np.where(is_sample, SAMPLE, np.where(day < FORM_CHANGE.toordinal(), ONE_TAP, FULL))
    channel = _channels(truth, unit, is_sample, n_units=len(places), rng=rng)
    point = _points(places, unit, day, rng)
    device = np.where(channel == Channel.KIOSK, rng.integers(0, 2, len(unit)) * (point == 0), -1)
    device[is_sample] = _interviewers(unit[is_sample], n_units=len(places), rng=rng)
    stop = _stops(channel, wave, rng)
    stages = np.array([Stage[name] for name in truth.stage_mix])
    stage = _pick(stages, list(truth.stage_mix.values()), len(unit), rng)
    fields = _pick(np.arange(len(truth.field_mix)), list(truth.field_mix.values()), len(unit), rng)
    keys = np.stack([unit, point, channel, day, device])
    cluster, effect, sd = _cluster_effects(truth, keys, is_sample, rng)
    known = _is_stage_known(channel, wave, stop, rng)
    return Visits(
        unit=unit, point=point, wave=wave, channel=channel, day=_before_the_storm(places, unit, day),
        received=_received(day, channel, wave, rng),
        device=device, cluster=cluster, stage=stage, field=fields, stop=stop, is_stage_known=known,
        predictor=_predictor(truth, unit=unit, day=day, channel=channel, stage=stage, fields=fields),
        cluster_sd=sd, cluster_effect=effect,
    )  # fmt: skip


def _by_population(places: Sequence[UnitPlace]) -> list[int]:
    """Indices of the units where people live, the smallest first."""
    lived_in = [index for index, place in enumerate(places) if place.population is not None]
    return sorted(lived_in, key=lambda index: places[index].population or 0)


def _continuous_rows(
    places: Sequence[UnitPlace], n: int, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Unit, first and last possible day of every response of the continuous stream."""
    start, middle, end = FIRST_DAY.toordinal(), QUARTER_CHANGE.toordinal(), LAST_DAY.toordinal()
    fixed = dict(zip(_by_population(places), FIXED_COUNTS, strict=False))
    weights = np.array([float(place.population or 0) ** 0.75 for place in places])
    weights *= rng.lognormal(0.0, 0.2, len(places))
    weights[list(fixed)] = 0.0
    weights[[place.population is None for place in places]] = CENTRE_SHARE * weights.sum()
    n_free = n - sum(sum(counts) for counts in fixed.values())
    drawn = rng.multinomial(n_free, weights / weights.sum())
    rows = [(unit, int(count), start, end) for unit, count in enumerate(drawn)]
    rows += [(unit, counts[0], start, middle - 1) for unit, counts in fixed.items()]
    rows += [(unit, counts[1], middle, end) for unit, counts in fixed.items()]
    table = np.array(rows, dtype=np.int64)
    unit, first, last = (np.repeat(table[:, column], table[:, 1]) for column in (0, 2, 3))
    return unit, first, last


def _days(first: Ints, last: Ints, rng: np.random.Generator) -> Ints:
    """A day between two days, by how busy the office is; answers grow in the first weeks."""
    start = FIRST_DAY.toordinal()
    every = [date.fromordinal(start + offset) for offset in range(LAST_DAY.toordinal() - start + 1)]
    busy = [0.0 if day in HOLIDAYS else WEEKDAY_WEIGHTS[day.weekday()] for day in every]
    ramp = np.minimum(1.0, 0.55 + np.arange(len(every)) / 60)
    until = np.r_[0.0, np.cumsum(np.array(busy) * ramp)]
    low, high = until[first - start], until[last - start + 1]
    drawn = low + (high - low) * rng.random(len(first))
    return np.asarray(start + np.searchsorted(until, drawn, side="right") - 1, dtype=np.int64)


def _before_the_storm(places: Sequence[UnitPlace], unit: Ints, day: Ints) -> Ints:
    """Where a storm closed the office, people came some days earlier."""
    is_closed = np.array([place.code in STORM_UNITS for place in places])[unit]
    start, end = (each.toordinal() for each in STORM)
    return np.where(is_closed & (day >= start) & (day <= end), day - (end - start + 1), day)


def _channels(
    truth: Truth, unit: Ints, is_sample: NDArray[np.bool_], *, n_units: int, rng: np.random.Generator
) -> Ints:
    """Each unit has its own mix around the truth's; a sample is met at home or sent a form."""
    codes = np.array([Channel[name] for name in truth.channel_mix])
    mixes = rng.dirichlet(40 * np.array(list(truth.channel_mix.values())), size=n_units).cumsum(axis=1)
    column = (rng.random(len(unit))[:, None] > mixes[unit]).sum(axis=1).clip(max=len(codes) - 1)
    sampled = np.where(rng.random(len(unit)) < SAMPLE_INTERVIEW_SHARE, Channel.INTERVIEW, Channel.PAPER)
    return np.where(is_sample, sampled, codes[column])


def _points(places: Sequence[UnitPlace], unit: Ints, day: Ints, rng: np.random.Generator) -> Ints:
    """Index of the point in its unit; the managed unit's second point falls silent in the last days."""
    has_second = np.array([len(place.points) > 1 for place in places])[unit]
    managed = np.array([place.code == MANAGED_UNIT for place in places])[unit]
    is_silent = managed & (day >= SILENT_FROM.toordinal())
    return np.where(has_second & ~is_silent & (rng.random(len(unit)) < 0.25), 1, 0)


def _interviewers(unit: Ints, *, n_units: int, rng: np.random.Generator) -> Ints:
    """A few of the province's interviewers work in each unit."""
    size = INTERVIEWERS_PER_UNIT
    teams = np.stack([rng.choice(N_INTERVIEWERS, size, replace=False) for _ in range(n_units)])
    return np.asarray(teams[unit, rng.integers(0, size, len(unit))])


def _stops(channel: Ints, wave: Ints, rng: np.random.Generator) -> Ints:
    stop = np.zeros(len(channel), dtype=np.int64)
    for each, mix in STOP_MIX.items():
        rows = np.flatnonzero(channel == each)
        stop[rows] = _pick(np.arange(len(STOPS)), mix, len(rows), rng)
    return np.where(wave == ONE_TAP, np.minimum(stop, STOPS.index("reasons")), stop)


def _is_stage_known(channel: Ints, wave: Ints, stop: Ints, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Said on the visit screen of the full form, or set by the kind of slip that carried the code."""
    from_slip = np.isin(channel, (Channel.QR, Channel.LINK)) & (rng.random(len(stop)) < SLIP_STAGE_SHARE)
    return np.asarray(((wave != ONE_TAP) & (stop >= VISIT)) | from_slip)


def _cluster_effects(
    truth: Truth, keys: Ints, is_sample: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """Cluster (device-day; the interviewer in the sample), its effect, and the SD it was drawn with."""
    by_interviewer = np.full_like(keys, -1)
    by_interviewer[DEVICE] = keys[DEVICE]
    keys = np.where(is_sample, by_interviewer, keys)
    _, cluster = np.unique(keys, axis=1, return_inverse=True)
    cluster = np.asarray(cluster).reshape(-1)
    sd = np.where(is_sample, truth.interviewer_sd, truth.device_day_sd)
    return cluster, rng.normal(size=cluster.max() + 1)[cluster] * sd, sd


def _received(day: Ints, channel: Ints, wave: Ints, rng: np.random.Generator) -> Ints:
    """Mostly the same day; paper is keyed in within ten days, a tablet without network sends within three."""
    n = len(day)
    lag = np.where(rng.random(n) < LATE_ENTRY_SHARE, rng.integers(1, 4, n), 0)
    lag = np.where(channel == Channel.PAPER, rng.integers(1, 11, n), lag)
    is_forgotten = (wave == ONE_TAP) & (channel == Channel.PAPER) & (rng.random(n) < LATE_ENTRY_SHARE)
    lag = np.where(is_forgotten, rng.integers(60, 80, n), lag)
    return np.minimum(day + lag, LAST_DAY.toordinal())


def _predictor(
    truth: Truth, *, unit: Ints, day: Ints, channel: Ints, stage: Ints, fields: Ints
) -> NDArray[np.float64]:
    effect = np.array([each.effect for each in truth.units])[unit]
    change = np.array([each.change for each in truth.units])[unit]
    field_effects = np.array([truth.field_effects.get(code, 0.0) for code in truth.field_mix])
    return np.asarray(
        truth.intercept + effect + change * (day >= QUARTER_CHANGE.toordinal())
        + truth.channel_table()[channel] + truth.stage_table()[stage] + field_effects[fields]
    )  # fmt: skip


def _pick(values: Ints, mix: Sequence[float], n: int, rng: np.random.Generator) -> Ints:
    shares = np.asarray(mix, dtype=np.float64)
    return np.asarray(values[rng.choice(len(values), size=n, p=shares / shares.sum())], dtype=np.int64)
