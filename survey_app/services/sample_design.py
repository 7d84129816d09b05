"""How the answers of a sample wave are weighted: by the strata that its units were drawn in, else by unit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments
from analysis.counting.scoring import Scoring
from analysis.surveys.linearisation import Strata
from survey_app.queries import calendar, strata
from survey_app.queries.strata import StratumMoments
from survey_app.services import counting
from survey_app.services.counting import OVERALL_COLUMNS, Part, Selection

# A stratum of one wave: its id and the stratum's number in the unit.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Designed:
    """Moments by row of the design, and which unit each row belongs to with how many people it stands for.

    Without strata every unit is a row and people count alike.
    """

    moments: Moments
    strata: Strata | None

    def as_one(self, units: NDArray[np.intp]) -> tuple[Moments, Strata | None]:
        """Some of the units as one, their rows each with its own weight."""
        return counting.as_one(self.moments, self.strata, units)


@dataclass(frozen=True, slots=True)
class _Row:
    """Strata that are estimated together, and their population."""

    places: tuple[Place, ...]
    population: int


def designed_headline(session: Session, selection: Selection, moments: Moments) -> Designed:
    """The overall item of the selection, whose moments by unit are known, as it was drawn."""

    def by_stratum() -> StratumMoments:
        parts = [strata.stratum_moment_tallies(session, p.scope, p.form.scoring()) for p in selection.parts]
        return strata.added_strata(
            [StratumMoments(part.keys, part.moments.select(OVERALL_COLUMNS)) for part in parts]
        )

    return _designed(session, selection, moments, by_stratum)


def designed_part(
    session: Session, selection: Selection, part: Part, moments: Moments, *, by_item: bool = False
) -> Designed:
    """Everything that one form asks, whose moments by unit are known, as it was drawn."""
    scoring: Scoring = part.form.scoring()
    return _designed(
        session, selection, moments,
        lambda: strata.stratum_moment_tallies(session, part.scope, scoring, by_item=by_item),
    )  # fmt: skip


def _designed(
    session: Session, selection: Selection, moments: Moments, by_stratum: Callable[[], StratumMoments]
) -> Designed:
    whole = counting.strata_of(session, selection, n=moments.n)
    if whole is None or whole.population is None:
        return Designed(moments, whole)
    frames = _divided(session, selection)
    if not frames:
        return Designed(moments, whole)
    counted = by_stratum()
    answered: dict[int, dict[Place, int]] = {}
    for (unit_id, *place), n in zip(counted.keys, counted.moments.n.tolist(), strict=True):
        answered.setdefault(unit_id, {})[place[0], place[1]] = n
    units: list[int] = []
    populations: list[float] = []
    into: dict[tuple[int, int, int], int] = {}
    for index, unit_id in enumerate(selection.unit_ids):
        places = answered.get(unit_id, {})
        rows = _rows(frames.get(unit_id, {}), places)
        for row in rows or [_Row(tuple(places), int(whole.population[index]))]:
            into |= {(unit_id, *place): len(units) for place in row.places}
            units.append(index)
            populations.append(row.population)
    return Designed(
        counted.moments.sum_over([into[key] for key in counted.keys], len(units)),
        Strata(np.array(units), len(selection.unit_ids), population=np.array(populations, dtype=float)),
    )


def _divided(session: Session, selection: Selection) -> dict[int, dict[Place, int]]:
    """Units that were drawn in several strata of a wave, all of known size; with the size of each stratum."""
    found: dict[int, dict[Place, int | None]] = {}
    rows = calendar.stratum_sizes(
        session, wave_ids=[wave.id for wave in selection.waves], unit_ids=list(selection.unit_ids)
    )
    for wave_id, unit_id, stratum, population in rows:
        found.setdefault(unit_id, {})[wave_id, stratum] = population
    divided: dict[int, dict[Place, int]] = {}
    for unit_id, sizes in found.items():
        known = {place: size for place, size in sizes.items() if size}
        has_several = len(sizes) > len({wave_id for wave_id, _stratum in sizes})
        if has_several and len(known) == len(sizes):
            divided[unit_id] = known
    return divided


def _rows(frame: Mapping[Place, int], answered: Mapping[Place, int]) -> list[_Row]:
    """The strata of a unit as they can be estimated; none where its answers do not say which stratum is theirs.

    A stratum in which nobody answered joins the one before it in the same wave, the first one the next: the rule is
    fixed, so that nobody chooses it after seeing the answers.
    """
    if not frame or not {place for place, n in answered.items() if n} <= set(frame):
        return []
    rows: list[_Row] = []
    for wave_id in sorted({wave_id for wave_id, _stratum in frame}):
        waiting: tuple[tuple[Place, ...], int] = (), 0
        of_wave: list[_Row] = []
        for place in sorted(each for each in frame if each[0] == wave_id):
            if answered.get(place):
                of_wave.append(_Row((*waiting[0], place), waiting[1] + frame[place]))
                waiting = (), 0
            elif of_wave:
                last = of_wave[-1]
                of_wave[-1] = _Row((*last.places, place), last.population + frame[place])
            else:
                waiting = (*waiting[0], place), waiting[1] + frame[place]
        rows += of_wave
    n_of = [sum(answered.get(place, 0) for place in row.places) for row in rows]
    # More answers than the list of a stratum has rows: the list of strata is not the one that was asked from.
    return [] if any(n > row.population for n, row in zip(n_of, rows, strict=True)) else rows
