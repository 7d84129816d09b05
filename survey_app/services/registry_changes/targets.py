"""How a wave that runs on the day of a change is cut: what the old units keep, and what their successors take over."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from survey_app.queries.registry_changes import WavePart


@dataclass(frozen=True, slots=True)
class CutPart:
    """An old unit's part: its target until the day before; None where the wave had not begun and the part goes."""

    part: WavePart
    kept_target: int | None
    is_gone: bool


@dataclass(frozen=True, slots=True)
class NewPart:
    """A successor's part from the day on."""

    wave_id: int
    title_vi: str
    title_en: str
    successor: int
    stratum: int
    target: int | None
    population: int | None


def cut_part(part: WavePart, on: date) -> CutPart:
    """By days: a wave with an end keeps for the old unit the share of its days before the change.

    A stream without an end has a standing target, which its successors take over as it is.
    """
    if part.opens_on >= on:
        return CutPart(part, None, is_gone=True)
    if part.target is None or part.closes_on is None:
        return CutPart(part, part.target, is_gone=False)
    n_days = (part.closes_on - part.opens_on).days + 1
    return CutPart(part, round(part.target * (on - part.opens_on).days / n_days), is_gone=False)


def new_parts(cuts: Iterable[CutPart], shares: Sequence[float], shifts: Mapping[int, int]) -> list[NewPart]:
    """What is left of the targets, and the frames, added up by wave and stratum and dealt out by population.

    Strata of a drawn sample are kept apart by old unit, under numbers raised by that unit's shift.
    """
    by_stratum: defaultdict[tuple[int, int], list[CutPart]] = defaultdict(list)
    for cut in cuts:
        shift = shifts.get(cut.part.unit_id, 0) if cut.part.is_drawn else 0
        by_stratum[cut.part.wave_id, cut.part.stratum + shift].append(cut)
    made = []
    for (wave_id, stratum), group in by_stratum.items():
        targets = dealt(_sum(_rest(cut) for cut in group), shares)
        frames = dealt(_sum(cut.part.population for cut in group), shares)
        first = group[0].part
        made += [
            NewPart(wave_id, first.title_vi, first.title_en, successor, stratum, target, frame)
            for successor, (target, frame) in enumerate(zip(targets, frames, strict=True))
        ]
    return made


def dealt(total: int | None, shares: Sequence[float]) -> list[int | None]:
    """Whole numbers in proportion to the shares that add up to the total (largest remainder)."""
    if total is None:
        return [None] * len(shares)
    exact = total * np.asarray(shares) / np.sum(shares)
    parts = np.floor(exact + 1e-9).astype(int)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return [int(part) for part in parts]


def _rest(cut: CutPart) -> int | None:
    if cut.part.target is None or cut.is_gone or cut.part.closes_on is None:
        return cut.part.target
    return cut.part.target - (cut.kept_target or 0)


def _sum(values: Iterable[int | None]) -> int | None:
    """None where nobody has a number: a target that is not set is not zero."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
