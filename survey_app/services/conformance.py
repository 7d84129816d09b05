"""The conformance sheet: every official number of a wave from counts that can be checked by hand.

Each number is computed here with whole numbers and fractions, apart from the program that computes it for charts and
pages, and both stand side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
from sqlalchemy.orm import Session

from analysis.index import INDEX_DEFINITIONS, group_shares, item_shares
from analysis.types import IntArray
from survey_app.errors import NotFound
from survey_app.months import last_day
from survey_app.queries import imports, lookups, tallies
from survey_app.queries.lookups import WaveRow
from survey_app.queries.tallies import Scope
from survey_app.services import accounts
from survey_app.services.form_items import Group, Item
from survey_app.services.forms import Form, load_form
from survey_app.services.method_faults import OF_FACTORS, OF_ITEMS, POOLED, WEIGHTED
from survey_app.services.official_methods import Band, Method, method_of
from survey_app.services.policy import current_policy

INDEX_OF = {
    POOLED: "pooled_answers", OF_ITEMS: "mean_of_item_shares", OF_FACTORS: "mean_of_factor_shares",
}  # fmt: skip
NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class LevelLine:
    """How many gave one answer."""

    label: str
    n: int
    is_satisfied: bool


@dataclass(frozen=True, slots=True)
class NumberLine:
    """One official number.

    `kind` is item, factor, aspect or overall. A share of counts has its numerator and denominator; a mean of shares
    has the shares it is the mean of, and their weights where they count unlike.
    `system` is what the program's other road gives; None where there is none.
    """

    kind: str
    code: str
    label: str
    value: float | None
    n_satisfied: int | None = None
    n_valid: int | None = None
    mean_of: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    levels: tuple[LevelLine, ...] = ()
    system: float | None = None

    @property
    def agrees(self) -> bool | None:
        if self.value is None or self.system is None:
            return None
        return abs(self.value - self.system) < NEAR


@dataclass(frozen=True, slots=True)
class Sheet:
    """All numbers of a wave under the method of its questionnaire; none where too few answered."""

    wave: WaveRow
    method: Method
    form: Form
    n_responses: int | None
    minimum: int
    lines: tuple[NumberLine, ...]
    band: Band | None

    @property
    def is_shown(self) -> bool:
        return bool(self.lines)


def conformance_sheet(
    session: Session, *, wave_code: str, viewer: accounts.Viewer, today: date, language: str = "vi"
) -> Sheet:
    """The sheet of a wave whose every unit the viewer may see; `NotFound` where none was in force by its end."""
    wave = lookups.wave_by_code(session, wave_code)
    unit_ids = tuple(unit_id for unit_id, _name in imports.wave_units(session, wave.id))
    for unit_id in unit_ids:
        accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    form = load_form(session, version_id=wave.version_id)
    method = method_of(session, code=form.code, version=form.version, on=wave.closes_on or today)
    if method is None:
        raise NotFound(f"method of {form.code} v{form.version}")
    policy = current_policy(session, today)
    scope = _scope(wave, unit_ids, form, today)
    counted = tallies.level_tallies(session, scope)
    counts, n_responses = counted.counts.sum(axis=0), int(counted.n_responses.sum())
    bases = [_counts_of(item, counts)[1] for item in _index_items(form)]
    if n_responses < policy.min_index or any(0 < n < policy.min_staff for n in bases):
        is_countable = n_responses >= policy.min_staff
        return Sheet(wave, method, form, n_responses if is_countable else None, policy.min_index, (), None)
    lines = tuple(_lines(session, scope, form, method=method, counts=counts, language=language))
    overall = lines[-1].value
    band = method.band_of(overall) if overall is not None else None
    return Sheet(wave, method, form, n_responses, policy.min_index, lines, band)


def is_open_to(session: Session, wave_code: str, *, viewer: accounts.Viewer) -> bool:
    """Whether the viewer may see every unit of a wave, and so its sheet."""
    wave = lookups.wave_by_code(session, wave_code)
    units = {unit_id for unit_id, _name in imports.wave_units(session, wave.id)}
    return units <= accounts.visible_unit_ids(session, viewer=viewer)


def _scope(wave: WaveRow, unit_ids: tuple[int, ...], form: Form, today: date) -> Scope:
    return Scope(
        unit_ids=unit_ids, wave_ids=(wave.id,), version_id=wave.version_id, n_slots=form.n_slots,
        starts_on=wave.opens_on.replace(day=1), ends_on=last_day((wave.closes_on or today).replace(day=1)),
    )  # fmt: skip


def _lines(
    session: Session, scope: Scope, form: Form, *, method: Method, counts: IntArray, language: str
) -> list[NumberLine]:
    """Items under their factor, factors under their aspect, the whole at the end."""
    scoring = form.scoring()
    one = np.zeros(len(scope.unit_ids), np.int64)
    moments = tallies.moment_tallies(session, scope, scoring).sum_over(one, 1)
    by_item = tallies.item_moment_tallies(session, scope, scoring).sum_over(one, 1)
    shares = {name: float(found.value[0]) for name, found in group_shares(moments).items()}
    items = item_shares(counts[None, :, :], scoring)
    source = by_item if method.aggregation == OF_ITEMS else moments
    if method.aggregation == WEIGHTED:
        total = sum(method.weights.values())
        whole = sum(weight * shares[code] for code, weight in method.weights.items()) / total
    else:
        whole = float(INDEX_DEFINITIONS[INDEX_OF[method.aggregation]](source, scoring)[0].value)
    lines: list[NumberLine] = []
    for factor in form.factors:
        for item in factor.counted_items:
            lines.append(_item_line(item, counts, language, system=float(items.value[0, item.slot])))
        lines.append(_factor_line(factor, counts, language, system=shares[factor.code]))
    for code in method.aspects:
        group = form.group(code)
        inside = {item.code for item in group.items}
        factors = [each for each in form.factors if {item.code for item in each.counted_items} <= inside]
        title = group.title.in_language(language)
        lines.append(_aggregate("aspect", code, title, factors, counts=counts, method=method, system=None))
    title = form.title.in_language(language)
    lines.append(
        _aggregate("overall", form.code, title, form.factors, counts=counts, method=method, system=whole)
    )
    return lines


def _index_items(form: Form) -> list[Item]:
    return [item for factor in form.factors for item in factor.counted_items]


def _counts_of(item: Item, counts: IntArray) -> tuple[int, int]:
    """Satisfied and valid answers: a point of the scale is valid, a missing answer is in neither."""
    satisfied = sum(int(counts[item.slot, choice.position]) for choice in item.choices if choice.is_satisfied)
    return satisfied, sum(int(counts[item.slot, choice.position]) for choice in item.choices)


def _item_line(item: Item, counts: IntArray, language: str, *, system: float) -> NumberLine:
    satisfied, valid = _counts_of(item, counts)
    levels = tuple(
        LevelLine(
            choice.label.in_language(language), int(counts[item.slot, choice.position]), choice.is_satisfied
        )
        for choice in item.choices
    )
    return NumberLine(
        "item", item.code, item.text.in_language(language), _value(_share(satisfied, valid)), satisfied, valid,
        levels=levels, system=system if valid else None,
    )  # fmt: skip


def _factor_line(factor: Group, counts: IntArray, language: str, *, system: float) -> NumberLine:
    satisfied, valid = _sums(factor.counted_items, counts)
    return NumberLine(
        "factor", factor.code, factor.title.in_language(language), _value(_share(satisfied, valid)),
        satisfied, valid, system=system if valid else None,
    )  # fmt: skip


def _aggregate(
    kind: str, code: str, label: str, factors: Sequence[Group], *, counts: IntArray,
    method: Method, system: float | None,
) -> NumberLine:  # fmt: skip
    """Several factors as one number, by the rule that the method declares."""
    items = [item for factor in factors for item in factor.counted_items]
    rule = method.aggregation
    if rule == POOLED:
        satisfied, valid = _sums(items, counts)
        return NumberLine(
            kind, code, label, _value(_share(satisfied, valid)), satisfied, valid, system=system
        )
    groups = [[item] for item in items] if rule == OF_ITEMS else [factor.counted_items for factor in factors]
    parts = [_share(*_sums(group, counts)) for group in groups]
    known = [part for part in parts if part is not None]
    # A mean over fewer parts than the method names would be another number under its name.
    weights = (
        [Fraction(str(method.weights.get(each.code, 1))) for each in factors] if rule == WEIGHTED else []
    )
    mean = _mean(known, weights or [Fraction(1)] * len(known)) if known and len(known) == len(parts) else None
    return NumberLine(
        kind, code, label, _value(mean), mean_of=tuple(float(part) for part in known),
        weights=tuple(float(weight) for weight in weights) if len(known) == len(parts) else (),
        system=system if mean is not None else None,
    )  # fmt: skip


def _mean(parts: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction:
    total = sum(weights, Fraction(0))
    return sum((weight * part for weight, part in zip(weights, parts, strict=True)), Fraction(0)) / total


def _sums(items: Sequence[Item], counts: IntArray) -> tuple[int, int]:
    pairs = [_counts_of(item, counts) for item in items]
    return sum(satisfied for satisfied, _ in pairs), sum(valid for _, valid in pairs)


def _share(satisfied: int, valid: int) -> Fraction | None:
    return Fraction(satisfied, valid) if valid else None


def _value(share: Fraction | None) -> float | None:
    return None if share is None else float(share)
