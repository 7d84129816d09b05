"""One unit's overall share in slices: by place, agency, field, stage, channel, helper, person; small ones withheld.

A slice is shown by the same rules on every page: below the minimum base nothing, below the minimum of an index its
count only, and whatever is withheld takes company so that a total gives nothing away.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.queries import places, tallies, units
from survey_app.queries.tallies import LevelTallies
from survey_app.queries.units import UnitRow
from survey_app.services import accounts, counting, scorecards
from survey_app.services.breakdowns import satisfied_share
from survey_app.services.counting import Part, Selection
from survey_app.services.figures import MixRow, PeriodChoice, ShareFigure, Showing
from survey_app.services.form_items import Item
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.showing import protect_rows, showing_of
from survey_app.vocabulary import AssistedBy, Capacity, Channel, Residence, Stage, label

CODED: Mapping[str, type[IntEnum]] = {
    "stage": Stage,
    "channel": Channel,
    "assisted_by": AssistedBy,
    "capacity": Capacity,
    "residence": Residence,
}
PROFILE = "profile"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SliceGroup:
    """Slices that add up to one total: all of them, or the desks of one point."""

    title: str
    rows: tuple[MixRow, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The slices of one unit in one period along one dimension.

    `single_officer` are the codes of desks where one named officer sits: shown to the director only.
    """

    unit: UnitRow
    basis: str
    period: PeriodChoice
    is_simulated: bool
    by: str
    overall: ShareFigure
    groups: tuple[SliceGroup, ...]
    is_composite: bool
    single_officer: frozenset[str]
    is_director: bool
    minimum_shown: int
    minimum_base: int
    minimum_single_officer: int
    # Items of the person that a form of the period asks, as (code, words).
    profile_items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Sliced:
    """What slicing needs."""

    session: Session
    selection: Selection
    policy: PolicyValues
    effect: float
    language: str
    is_director: bool


def unit_breakdown(
    session: Session,
    *,
    unit_id: int,
    by: str,
    basis: str,
    period_code: str | None,
    viewer: accounts.Viewer,
    today: date,
    language: str = "vi",
) -> Breakdown | None:
    """The overall share of a unit in slices; None while its office has no period."""
    accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    roots = units.ancestor_ids(session, unit_id)
    period = counting.choose_period(session, root_unit_ids=roots, code=period_code, today=today)
    if period is None:
        return None
    policy = current_policy(session, today)
    selection = counting.select_responses(
        session, unit_ids=[unit_id], basis=basis, starts_on=period.starts_on, ends_on=period.ends_on
    )
    inner = counting.periods_within(session, root_unit_ids=roots, period=period)
    hidden = counting.hidden_within(session, selection, inner, minimum=policy.min_staff)
    overall = scorecards.overall_share(session, selection, policy, language, is_hidden=bool(hidden))
    is_director = viewer.role is accounts.Role.MANAGER and viewer.unit_id == unit_id
    effect = overall.estimate.design_effect if overall.estimate else 1.0
    sliced = _Sliced(session, selection, policy, effect, language, is_director)
    items = _profile_items(selection)
    if by not in {"desk", "point", "agency", "field", *CODED, *items}:
        raise NotFound(f"breakdown by {by}")
    groups: tuple[SliceGroup, ...] = ()
    single: frozenset[str] = frozenset()
    # Slices of a long period less those of the shorter ones inside it would tell what they hide.
    if overall.showing is Showing.SHOWN and not inner:
        groups, single = _slices(sliced, by, items)
    return Breakdown(
        units.unit_by_id(session, unit_id), basis, counting.period_choice(period, language),
        selection.is_simulated, by, overall, groups, bool(inner), single, is_director,
        policy.min_index, policy.min_staff, policy.min_single_officer,
        tuple((code, item.text.in_language(language)) for code, (_part, item) in items.items()),
    )  # fmt: skip


def _profile_items(selection: Selection) -> dict[str, tuple[Part, Item]]:
    """Questions about the person, with the newest form that asks them."""
    return {
        item.code: (part, item)
        for part in selection.parts
        for item in part.form.items
        if item.kind == PROFILE and not item.is_multiple
    }


def _slices(
    sliced: _Sliced, by: str, items: Mapping[str, tuple[Part, Item]]
) -> tuple[tuple[SliceGroup, ...], frozenset[str]]:
    if by in ("desk", "point"):
        return _by_place(sliced, by)
    if by in items:
        return (SliceGroup("", _by_answer(sliced, *items[by])),), frozenset()
    column = {"agency": "agency_id", "field": "field_id"}.get(by, by)
    split = counting.dimension_levels(sliced.session, sliced.selection, by=column)
    words = _agency_words(sliced, split) if by == "agency" else _words(sliced, by)
    rows = _rows(sliced, ((*words(value), counted) for value, counted in split.items()))
    return (SliceGroup("", protect_rows(rows, minimum=sliced.policy.min_staff)),), frozenset()


def _unknown(sliced: _Sliced) -> tuple[str, str]:
    return UNKNOWN, label(Stage.UNKNOWN, sliced.language)


def _words(sliced: _Sliced, by: str) -> Callable[[Any], tuple[str, str]]:
    """Code and words of a value of the dimension."""
    if by in CODED:
        codes = CODED[by]
        return lambda value: (codes(value).name.lower(), label(codes(value), sliced.language))
    names = {
        field.id: (field.code, field.name_vi if sliced.language == "vi" else field.name_en)
        for field in units.service_fields(sliced.session)
    }
    return lambda value: names.get(value, _unknown(sliced))


def _agency_words(sliced: _Sliced, values: Iterable[object]) -> Callable[[Any], tuple[str, str]]:
    titles = places.agency_titles(sliced.session, [value for value in values if isinstance(value, int)])
    return lambda value: (f"u{value}", titles[value]) if value in titles else _unknown(sliced)


def _rows(sliced: _Sliced, slices: Iterable[tuple[str, str, LevelTallies]]) -> list[MixRow]:
    """Slices with the same code added, the largest first; not yet protected."""
    merged: dict[str, tuple[str, LevelTallies]] = {}
    for code, words, counted in slices:
        merged[code] = (words, merged[code][1] + counted if code in merged else counted)
    total = sum(int(counted.n_responses[0]) for _words, counted in merged.values())
    rows = []
    for code, (words, counted) in merged.items():
        n = int(counted.n_responses[0])
        satisfied = satisfied_share(
            sliced.selection, counted.counts[0, 0], policy=sliced.policy, design_effect=sliced.effect
        )
        rows.append(
            MixRow(code, words, showing_of(n, sliced.policy), n, n / total if total else 0.0, satisfied)
        )
    return sorted(rows, key=lambda row: (row.code == UNKNOWN, -(row.n or 0), row.code))


def _by_answer(sliced: _Sliced, part: Part, item: Item) -> tuple[MixRow, ...]:
    """By an answer about the person: only forms that ask it, the rest of them as not stated."""
    split = tallies.answer_tallies(sliced.session, part.scope, by_slot=item.slot)
    slot = part.form.headline.slot
    words = {
        choice.position: (choice.code, choice.label.in_language(sliced.language)) for choice in item.choices
    }
    rows = _rows(
        sliced,
        (
            (
                *words.get(value, _unknown(sliced)),
                LevelTallies(each.counts[:, slot : slot + 1], each.n_responses),
            )
            for value, each in split.items()
        ),
    )
    order = {choice.code: place for place, choice in enumerate(item.choices)}
    ordered = sorted(rows, key=lambda row: order.get(row.code, len(order)))
    return protect_rows(ordered, minimum=sliced.policy.min_staff)


def _by_place(sliced: _Sliced, by: str) -> tuple[tuple[SliceGroup, ...], frozenset[str]]:
    """By point, or by desk within each point: desks of a withheld point are withheld with it."""
    counted = _placed(sliced)
    point_ids = {point_id for point_id, _desk in counted}
    names, desks = (
        places.point_names(sliced.session, point_ids),
        places.desks_of_points(sliced.session, point_ids),
    )
    single = frozenset(f"d{desk.id}" for desk in desks.values() if desk.is_single_officer)
    by_desk = {
        point_id: _rows(
            sliced,
            (
                (f"d{desk_id}", desks[desk_id].name, levels)
                if desk_id in desks
                else (*_unknown(sliced), levels)
                for (of_point, desk_id), levels in counted.items()
                if of_point == point_id
            ),
        )
        for point_id in point_ids
    }
    hidden = {
        point_id: frozenset(row.code for row in rows if row.code in single and not _may_show(sliced, row))
        for point_id, rows in by_desk.items()
    }
    # A point that is nothing but one officer's desk is that officer.
    alone = frozenset(
        f"p{point_id}"
        for point_id, rows in by_desk.items()
        if hidden[point_id] and {row.code for row in rows} <= hidden[point_id]
    )
    points = protect_rows(
        _rows(
            sliced, ((f"p{point_id}", names[point_id], levels) for (point_id, _), levels in counted.items())
        ),
        minimum=sliced.policy.min_staff,
        hidden_codes=alone,
    )
    if by == "point":
        return (SliceGroup("", points),), frozenset()
    withheld = {row.code for row in points if row.n is None}
    groups = tuple(
        SliceGroup(point.label, _desks_of(sliced, by_desk[int(point.code[1:])], hidden, point.code, withheld))
        for point in points
    )
    return groups, single


def _placed(sliced: _Sliced) -> dict[tuple[int, int | None], LevelTallies]:
    """Overall level counts by point and desk over the forms of the selection."""
    total: dict[tuple[int, int | None], LevelTallies] = {}
    for part in sliced.selection.parts:
        slot = part.form.headline.slot
        for place, each in tallies.place_tallies(sliced.session, part.scope).items():
            mine = LevelTallies(each.counts[:, slot : slot + 1], each.n_responses)
            total[place] = total[place] + mine if place in total else mine
    return total


def _may_show(sliced: _Sliced, row: MixRow) -> bool:
    """Whether a desk with one officer may be shown: to the director, from enough responses on."""
    return sliced.is_director and (row.n or 0) >= sliced.policy.min_single_officer


def _desks_of(
    sliced: _Sliced,
    rows: list[MixRow],
    hidden: Mapping[int, frozenset[str]],
    point_code: str,
    withheld_points: set[str],
) -> tuple[MixRow, ...]:
    if point_code in withheld_points:
        return tuple(
            replace(row, showing=Showing.WITHHELD, n=None, share=None, satisfied=None)
            for row in sorted(rows, key=lambda row: row.code)
        )
    return protect_rows(rows, minimum=sliced.policy.min_staff, hidden_codes=hidden[int(point_code[1:])])
