"""Demo answers as rows of the response table, bulk inserted in the order of their random ids."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis.packing import MAX_POSITIONS
from survey_app.demo.answers import Packed, pack_answers, recorded_stage, rows_of
from survey_app.demo.places import UnitPlace
from survey_app.demo.truth import TODAY, Truth
from survey_app.demo.visits import END, SAMPLE, VISIT, SampleUnit, Visits
from survey_app.queries.lookups import WaveRow
from survey_app.services.forms import Form
from survey_app.services.submissions import STRAIGHT_LINE_ITEMS, store_rows
from survey_app.vocabulary import AssistedBy, Capacity, Channel, QualityFlag, Residence

ROWS_AT_A_TIME = 10_000
FAST_MIN_ANSWERS = 4
DURATION_MIX = (0.0, 0.03, 0.30, 0.40, 0.20, 0.07)
GAP_MIX = (0.15, 0.05, 0.15, 0.25, 0.25, 0.15)
AFTER_HOURS_SHARE = 0.004
ENGLISH_SHARE = 0.006
DESK_KNOWN_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """What the rows refer to: the waves in order, their forms, the fields' ids in the truth's order."""

    waves: tuple[WaveRow, ...]
    forms: tuple[Form, ...]
    field_ids: tuple[int, ...]
    places: tuple[UnitPlace, ...]
    design: tuple[SampleUnit, ...]


def store_responses(
    session: Session, work: Fieldwork, truth: Truth, visits: Visits, rng: np.random.Generator
) -> None:
    """Draw the answers of every visit and insert all rows."""
    columns = _columns(work, truth, visits, rng)
    order = np.argsort([response_id.bytes for response_id in columns["id"]], kind="stable").tolist()
    names = list(columns)
    values = [columns[name] for name in names]
    for start in range(0, len(order), ROWS_AT_A_TIME):
        part = order[start : start + ROWS_AT_A_TIME]
        rows = [dict(zip(names, (column[row] for column in values), strict=True)) for row in part]
        store_rows(session, rows, today=TODAY)


def random_ids(rng: np.random.Generator, n: int) -> list[UUID]:
    """Version 4 UUIDs from the demo's own generator, so that a seed gives the same demo twice."""
    raw = rng.bytes(16 * n)
    return [UUID(bytes=raw[start : start + 16], version=4) for start in range(0, 16 * n, 16)]


def _columns(
    work: Fieldwork, truth: Truth, visits: Visits, rng: np.random.Generator
) -> dict[str, Sequence[Any]]:
    n = len(visits)
    duration = rng.choice(len(DURATION_MIX), size=n, p=DURATION_MIX)
    answers, flags = _answers(work, truth, visits, duration, rng)
    is_sample = visits.wave == SAMPLE
    has_supplement = visits.stop > 0
    said = visits.stop == END
    capacity = np.where(said, rng.choice(4, size=n, p=(0.04, 0.86, 0.05, 0.05)), Capacity.UNKNOWN)
    residence = np.where(said, rng.choice(4, size=n, p=(0.05, 0.74, 0.18, 0.03)), Residence.UNKNOWN)
    desk, agency = _desks(work.places, visits, rng)
    return {
        "id": random_ids(rng, n),
        "wave_id": np.array([wave.id for wave in work.waves])[visits.wave].tolist(),
        "version_id": np.array([wave.version_id for wave in work.waves])[visits.wave].tolist(),
        "unit_id": np.array([place.id for place in work.places])[visits.unit].tolist(),
        "point_id": _by_point(work.places, visits, lambda point: point.id),
        "desk_id": desk,
        "agency_id": agency,
        "field_id": _known(np.array(work.field_ids)[visits.field], _is_field_known(visits)),
        "channel": visits.channel.tolist(),
        "stage": recorded_stage(visits).tolist(),
        "capacity": capacity.tolist(),
        "assisted_by": _assisted(visits, rng).tolist(),
        "residence": residence.tolist(),
        "is_proxy": _known((capacity == Capacity.AUTHORISED).astype(int), capacity != Capacity.UNKNOWN),
        "language": np.where(rng.random(n) < ENGLISH_SHARE, "en", "vi").tolist(),
        "collector": _collectors(work.places, visits),
        "weight": _known(design_weights(work.design, len(work.places))[visits.unit], is_sample),
        "is_late": _late(work.waves, visits).tolist(),
        "flags": flags.tolist(),
        "duration_bucket": duration.tolist(),
        "gap_bucket": rng.choice(len(GAP_MIX), size=n, p=GAP_MIX).tolist(),
        "collected_on": _dates(visits.day),
        "received_on": _dates(visits.received),
        "answers": answers,
        "digest": [rng.bytes(16) for _ in range(n)],
        "supplement_digest": [rng.bytes(16) if more else None for more in has_supplement.tolist()],
    }


def _answers(
    work: Fieldwork, truth: Truth, visits: Visits, duration: NDArray[np.int64], rng: np.random.Generator
) -> tuple[list[bytes], NDArray[np.int64]]:
    """Packed answers and quality flags of all visits, each version in one sweep."""
    packed: list[bytes] = [b""] * len(visits)
    flags = np.where(rng.random(len(visits)) < AFTER_HOURS_SHARE, int(QualityFlag.AFTER_HOURS), 0)
    versions = np.array([wave.version_id for wave in work.waves])[visits.wave]
    forms = {wave.version_id: form for wave, form in zip(work.waves, work.forms, strict=True)}
    for version_id, form in forms.items():
        rows = np.flatnonzero(versions == version_id)
        matrix = pack_answers(form, truth, rows_of(visits, rows), rng)
        flags[rows] |= _quality_flags(form, matrix, duration[rows])
        for row, answers in zip(rows.tolist(), matrix, strict=True):
            packed[row] = answers.tobytes()
    return packed, flags


def _quality_flags(form: Form, matrix: Packed, duration: NDArray[np.int64]) -> NDArray[np.int64]:
    """The signs that receiving these answers would have set."""
    scored = matrix[:, form.scoring().index_slots]
    is_answer = (scored > 0) & (scored <= MAX_POSITIONS)
    n_answers = is_answer.sum(axis=1)
    lowest = np.where(is_answer, scored, MAX_POSITIONS + 1).min(axis=1, initial=MAX_POSITIONS + 1)
    highest = np.where(is_answer, scored, 0).max(axis=1, initial=0)
    is_straight = (n_answers >= STRAIGHT_LINE_ITEMS) & (lowest == highest)
    is_fast = (duration == 1) & (n_answers >= FAST_MIN_ANSWERS)
    flags = is_fast * int(QualityFlag.FAST) + is_straight * int(QualityFlag.STRAIGHT_LINE)
    return np.asarray(flags, dtype=np.int64)


def _known(values: NDArray[Any], is_known: NDArray[np.bool_]) -> list[Any]:
    """The values, None where nobody said."""
    return [value if known else None for value, known in zip(values.tolist(), is_known.tolist(), strict=True)]


def _is_field_known(visits: Visits) -> NDArray[np.bool_]:
    return np.asarray(visits.stop >= VISIT)


def _by_point(places: Sequence[UnitPlace], visits: Visits, value: Any) -> list[Any]:
    table = [[value(point) for point in place.points] for place in places]
    return [
        table[unit][point] for unit, point in zip(visits.unit.tolist(), visits.point.tolist(), strict=True)
    ]


def _desks(
    places: Sequence[UnitPlace], visits: Visits, rng: np.random.Generator
) -> tuple[list[int | None], list[int | None]]:
    """The counter, sometimes known, and with it the department that decides."""
    is_known = ((rng.random(len(visits)) < DESK_KNOWN_SHARE) & (visits.wave != SAMPLE)).tolist()
    of_point = _by_point(places, visits, lambda point: point.desks)
    drawn = rng.random(len(visits)).tolist()
    chosen = [
        desks[int(u * len(desks))] if known and desks else None
        for desks, u, known in zip(of_point, drawn, is_known, strict=True)
    ]
    return [desk and desk.id for desk in chosen], [desk and desk.agency_id for desk in chosen]


def _assisted(visits: Visits, rng: np.random.Generator) -> NDArray[np.int64]:
    """Who held the pen, where the form got as far as asking."""
    mix = {
        Channel.KIOSK: (0.05, 0.74, 0.06, 0.06, 0.0, 0.09), Channel.QR: (0.05, 0.86, 0.08, 0.01, 0.0, 0.0),
        Channel.LINK: (0.05, 0.85, 0.10, 0.0, 0.0, 0.0), Channel.PAPER: (0.08, 0.66, 0.10, 0.06, 0.02, 0.08),
        Channel.INTERVIEW: (0.0, 0.97, 0.03, 0.0, 0.0, 0.0),
    }  # fmt: skip
    assisted = np.zeros(len(visits), dtype=np.int64)
    for channel, shares in mix.items():
        rows = np.flatnonzero((visits.channel == channel) & (visits.stop >= VISIT))
        assisted[rows] = rng.choice(len(AssistedBy), size=len(rows), p=shares)
    return assisted


def _collectors(places: Sequence[UnitPlace], visits: Visits) -> list[str | None]:
    """The kiosk, or the interviewer of the sample; nothing tells phones apart."""
    codes = _by_point(places, visits, lambda point: point.code)
    is_sample = visits.wave == SAMPLE
    rows = zip(codes, visits.device.tolist(), is_sample.tolist(), strict=True)
    return [
        None if device < 0 else f"DTV-{device + 1:02d}" if sampled else f"{code}.K{device + 1}"
        for code, device, sampled in rows
    ]


def design_weights(design: Sequence[SampleUnit], n_units: int) -> NDArray[np.float64]:
    """People of the frame that one respondent stands for, by unit."""
    weights = np.ones(n_units)
    for each in design:
        weights[each.unit] = each.population / each.n
    return weights


def _late(waves: Sequence[WaveRow], visits: Visits) -> NDArray[np.bool_]:
    is_late = np.zeros(len(visits), dtype=bool)
    for index, wave in enumerate(waves):
        for day in np.unique(visits.received[visits.wave == index]).tolist():
            is_late |= (visits.wave == index) & (visits.received == day) & wave.is_late(date.fromordinal(day))
    return is_late


def _dates(ordinals: NDArray[np.int64]) -> list[date]:
    days: Mapping[int, date] = {day: date.fromordinal(day) for day in np.unique(ordinals).tolist()}
    return [days[day] for day in ordinals.tolist()]


def month_totals(visits: Visits, *, n_units: int) -> Iterator[tuple[int, date, int]]:
    """Unit, month and number of answers of the continuous stream."""
    months = sorted({date.fromordinal(day).replace(day=1) for day in np.unique(visits.day).tolist()})
    label = np.array([date.fromordinal(day).month for day in visits.day.tolist()])
    for month in months:
        rows = (label == month.month) & (visits.wave != SAMPLE)
        counts = np.bincount(visits.unit[rows], minlength=n_units)
        yield from ((unit, month, int(n)) for unit, n in enumerate(counts))
