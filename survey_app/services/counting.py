"""Which waves and forms a figure is made of, and everything counted for it, by unit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments
from analysis.index import DEFAULT, Inference, group_shares
from analysis.surveys.linearisation import Strata
from analysis.types import Estimate
from survey_app.errors import NotFound, PeriodNotKept
from survey_app.queries import calendar, tallies, transactions
from survey_app.queries.calendar import PeriodRow
from survey_app.queries.lookups import WaveRow
from survey_app.queries.tallies import LevelTallies, Scope
from survey_app.services import forms, version_mappings
from survey_app.services.figures import PeriodChoice
from survey_app.services.form_items import Choice
from survey_app.services.version_mappings import Kin, Relation

OVERALL_COLUMNS = ("s:overall", "r:overall", "m:overall", "a:overall")
BASES = ("continuous", "sample")


@dataclass(frozen=True, slots=True)
class Part:
    """The responses on one form: their scope, and the form that says what the bytes mean."""

    scope: Scope
    form: forms.Form


@dataclass(frozen=True, slots=True)
class Selection:
    """What a page is about: units, a basis, a period, and the waves and forms in it."""

    unit_ids: tuple[int, ...]
    basis: str
    starts_on: date
    ends_on: date
    waves: tuple[WaveRow, ...]
    parts: tuple[Part, ...]
    # Waves of the period whose form measures something else than its newest one: never added to it.
    left_out: tuple[WaveRow, ...] = ()

    @property
    def is_simulated(self) -> bool:
        return any(wave.is_simulated for wave in self.waves)


@dataclass(frozen=True, slots=True, eq=False)
class Headline:
    """The overall item over all forms of the selection: moments by unit and counts of each level."""

    moments: Moments
    levels: tuple[dict[str, int], ...]
    choices: tuple[Choice, ...]


def choose_period(
    session: Session, *, root_unit_ids: list[int], code: str | None, today: date
) -> PeriodRow | None:
    """The period asked for, or the latest of the office that has begun; None where there is none yet."""
    periods = calendar.periods_of(session, root_unit_ids)
    if code is None:
        return next((period for period in periods if period.starts_on <= today), None)
    for period in periods:
        if period.code == code:
            return period
    raise NotFound(f"period {code}")


def previous_period(session: Session, *, root_unit_ids: list[int], period: PeriodRow) -> PeriodRow | None:
    """The latest period that ends before this one and is about as long."""
    for earlier in calendar.periods_of(session, root_unit_ids):
        if earlier.ends_on < period.starts_on and 0.8 <= earlier.n_days / period.n_days <= 1.25:
            return earlier
    return None


def periods_within(session: Session, *, root_unit_ids: list[int], period: PeriodRow) -> list[PeriodRow]:
    """Shorter periods of the office inside this one: what is hidden in one of them must not follow by subtraction."""
    return [
        other
        for other in calendar.periods_of(session, root_unit_ids)
        if other.n_days < period.n_days
        and period.starts_on <= other.starts_on
        and other.ends_on <= period.ends_on
    ]


def hidden_within(
    session: Session, selection: Selection, periods: list[PeriodRow], *, minimum: int
) -> frozenset[int]:
    """Units whose base lies below the minimum, but not at zero, in any of the periods."""
    hidden: set[int] = set()
    for period in periods:
        inner = select_responses(
            session, unit_ids=list(selection.unit_ids), basis=selection.basis,
            starts_on=period.starts_on, ends_on=period.ends_on,
        )  # fmt: skip
        try:
            moments = headline(session, inner).moments
        except PeriodNotKept:
            # What can be counted no more is shown nowhere, so nothing follows from it.
            continue
        base = moments.sums[:, moments.column("r:overall")]
        hidden |= {unit for unit, n in zip(selection.unit_ids, base, strict=True) if 0 < n < minimum}
    return frozenset(hidden)


def period_choice(period: PeriodRow, language: str) -> PeriodChoice:
    title = period.title_vi if language == "vi" else period.title_en
    return PeriodChoice(period.code, title, period.starts_on, period.ends_on)


def select_responses(
    session: Session,
    *,
    unit_ids: list[int],
    basis: str,
    starts_on: date,
    ends_on: date,
    across_breaks: bool = False,
) -> Selection:
    """The waves of a basis that touch the period, grouped by form.

    Forms whose overall item does not measure what the newest one does are left out of a figure; a chart that marks
    the break asks for all of them.
    """
    if basis not in BASES:
        raise NotFound(f"basis {basis}")
    waves = calendar.waves_between(
        session, unit_ids=unit_ids, basis=basis, starts_on=starts_on, ends_on=ends_on
    )
    by_version: dict[int, list[int]] = {}
    for wave in waves:
        by_version.setdefault(wave.version_id, []).append(wave.id)
    parts = []
    for version_id, wave_ids in by_version.items():
        form = forms.load_form(session, version_id=version_id)
        scope = Scope(tuple(unit_ids), tuple(wave_ids), version_id, form.n_slots, starts_on, ends_on)
        parts.append(Part(scope, form))
    whole = Selection(tuple(unit_ids), basis, starts_on, ends_on, tuple(waves), tuple(parts))
    return whole if across_breaks else _without_other_measures(session, whole)


def headline_relation(session: Session, old: Part, new: Part) -> Relation:
    """What the overall item of one form is in another, as was decided when that was published."""
    found = version_mappings.relation(
        session, old_id=old.scope.version_id, new_id=new.scope.version_id, item=old.form.headline.code
    )
    if found.kin is not None and found.kin is not Kin.BROKEN and found.item != new.form.headline.code:
        return Relation(Kin.BROKEN, found.item)
    return found


def _without_other_measures(session: Session, selection: Selection) -> Selection:
    if len(selection.parts) < 2:
        return selection
    by_version = {part.scope.version_id: part for part in selection.parts}
    newest = by_version[_newest_released(session, selection).version_id]
    kept = {version_id for version_id, part in by_version.items() if _is_one_measure(session, part, newest)}
    return replace(
        selection,
        waves=tuple(wave for wave in selection.waves if wave.version_id in kept),
        parts=tuple(part for part in selection.parts if part.scope.version_id in kept),
        left_out=tuple(wave for wave in selection.waves if wave.version_id not in kept),
    )


def _newest_released(session: Session, selection: Selection) -> WaveRow:
    """The last wave of which anything is released: one that is only planned decides nothing yet."""
    for wave in reversed(selection.waves):
        if calendar.released_through(session, unit_ids=list(selection.unit_ids), wave_ids=[wave.id]):
            return wave
    return selection.waves[-1]


def _is_one_measure(session: Session, part: Part, newest: Part) -> bool:
    """Whether answers may be added: mapped as the same, or, where nobody decided, asked and offered alike."""
    kin = headline_relation(session, part, newest).kin
    if kin is not None:
        return kin is Kin.SAME
    one, other = part.form.headline, newest.form.headline
    is_asked_alike = version_mappings.said_alike(one.text.vi, other.text.vi)
    return is_asked_alike and _offered(one.choices) == _offered(other.choices)


def _offered(choices: tuple[Choice, ...]) -> list[tuple[str, bool]]:
    return [(choice.code, choice.is_satisfied) for choice in choices]


def headline(session: Session, selection: Selection) -> Headline:
    """The overall item, added over the forms that ask it with the same words and scale."""
    n_units = len(selection.unit_ids)
    total = Moments.empty(OVERALL_COLUMNS, n_units=n_units)
    levels: tuple[dict[str, int], ...] = tuple({} for _ in selection.unit_ids)
    choices: tuple[Choice, ...] = ()
    for part in selection.parts:
        item = part.form.headline
        choices = item.choices + item.missing
        total = total + tallies.moment_tallies(session, part.scope, part.form.scoring()).select(
            OVERALL_COLUMNS
        )
        counted = tallies.level_tallies(session, part.scope)
        for unit in range(n_units):
            for choice in choices:
                n = int(counted.counts[unit, item.slot, choice.position])
                levels[unit][choice.code] = levels[unit].get(choice.code, 0) + n
    return Headline(total, levels, choices)


def on_shared_forms(session: Session, one: Selection, other: Selection) -> tuple[Selection, Selection]:
    """Both selections cut down to forms that the other has too, or whose overall item is mapped as the same."""

    def cut(selection: Selection, against: Selection) -> Selection:
        shared = {
            part.scope.version_id
            for part in selection.parts
            if any(headline_relation(session, part, there).kin is Kin.SAME for there in against.parts)
        }
        return replace(
            selection,
            waves=tuple(wave for wave in selection.waves if wave.version_id in shared),
            parts=tuple(part for part in selection.parts if part.scope.version_id in shared),
        )

    return cut(one, other), cut(other, one)


def strata_of(
    session: Session, selection: Selection, *, n: NDArray[np.integer[Any]] | None = None
) -> Strata | None:
    """Each unit of a sample wave with the size of its frame, which weights it and corrects for a finite list.

    Where a wave has no frame, the files that its office counted over the same days are the population, if the count
    covers every day and holds the `n` who answered. A self-selected stream never has any.
    """
    if selection.basis != "sample":
        return None
    sizes = calendar.frame_sizes(
        session, wave_ids=[wave.id for wave in selection.waves], unit_ids=list(selection.unit_ids)
    )
    populations = {unit_id: (sizes.get(unit_id) or (None, None))[0] for unit_id in selection.unit_ids}
    missing = [unit_id for unit_id, population in populations.items() if population is None]
    if missing and n is not None:
        answered = dict(zip(selection.unit_ids, n.tolist(), strict=True))
        populations |= _files_instead(session, selection, {unit_id: answered[unit_id] for unit_id in missing})
    if any(population is None for population in populations.values()):
        return None
    n_units = len(populations)
    return Strata(np.arange(n_units), n_units, population=np.array([*populations.values()], dtype=float))


def _files_instead(
    session: Session, selection: Selection, answered: Mapping[int, int]
) -> dict[int, int | None]:
    """Files of the days on which the waves ran, for units of which every day is counted."""
    if not selection.waves:
        return {}
    starts_on = max(selection.starts_on, min(wave.opens_on for wave in selection.waves))
    ends_on = min(selection.ends_on, max(wave.closes_on or selection.ends_on for wave in selection.waves))
    found = transactions.finite_populations(
        session, unit_ids=list(answered), starts_on=starts_on, ends_on=ends_on
    )
    return {
        unit_id: each.n for unit_id, each in found.items() if each.is_whole and each.n >= answered[unit_id]
    }


def dimension_levels(session: Session, selection: Selection, *, by: str) -> dict[object, LevelTallies]:
    """Overall level counts split by a column of the response, over the forms of the selection."""
    total: dict[object, LevelTallies] = {}
    for part in selection.parts:
        slot = part.form.headline.slot
        for value, counted in tallies.dimension_tallies(session, part.scope, by=by).items():
            mine = LevelTallies(counted.counts[:, slot : slot + 1], counted.n_responses)
            before = total.get(value)
            total[value] = (
                mine
                if before is None
                else LevelTallies(
                    np.add(before.counts, mine.counts), np.add(before.n_responses, mine.n_responses)
                )
            )
    return total


def as_one(moments: Moments, strata: Strata | None, units: NDArray[np.intp]) -> tuple[Moments, Strata | None]:
    """Moments of some units as those of one: a sample weights each by its frame, a stream counts people alike.

    The moments are by unit, or by the rows of the strata. A sample row where nobody answered takes no part.
    """
    if strata is None:
        return moments.take(units).sum_over(np.zeros(len(units), np.int64), 1), None
    answered = np.flatnonzero(np.isin(strata.units, units) & (moments.n > 0))
    population = None if strata.population is None else strata.population[answered]
    whole = replace(strata, units=np.zeros(len(answered), np.int64), n_units=1, population=population)
    return moments.take(answered), whole


def whole_share(
    moments: Moments,
    strata: Strata | None,
    *,
    rows: NDArray[np.intp] | None = None,
    inference: Inference = DEFAULT,
) -> Estimate:
    """The overall share over units: a sample weights each by its frame, a stream counts people alike.

    `rows` are the units that take part, all when left out. The moments are by unit, or by the rows of the strata. A
    sample unit where nobody answered takes no part; the page names such units.
    """
    taken = np.arange(len(moments.n) if strata is None else strata.n_units) if rows is None else rows
    one, whole = as_one(moments, strata, taken)
    return group_shares(one, strata=whole, inference=inference)["overall"][0]
