"""Who answered, why, and with which signs to be looked at: the parts of a scorecard below its headline."""

from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from analysis.intervals.shares import wilson_interval
from analysis.packing import N_CODES, Missing
from analysis.types import Estimate
from survey_app.queries import tallies
from survey_app.queries.units import service_fields
from survey_app.services.counting import Selection, dimension_levels
from survey_app.services.figures import Level, MixRow, QualityFigure, ShareFigure, Showing
from survey_app.services.form_items import Choice
from survey_app.services.policy import PolicyValues
from survey_app.services.showing import protect_rows, showing_of
from survey_app.vocabulary import AssistedBy, Channel, Stage, label

DIMENSIONS: dict[str, type[IntEnum]] = {"channel": Channel, "stage": Stage, "assisted_by": AssistedBy}
CHOSEN, NOT_CHOSEN = 1, 2
REASONS = "reasons"


def mix(
    session: Session,
    selection: Selection,
    *,
    by: str,
    policy: PolicyValues,
    design_effect: float,
    language: str,
) -> tuple[MixRow, ...]:
    """Responses and satisfaction by channel, stage or helper; small slices withheld together."""
    codes = DIMENSIONS[by]
    return _mix_rows(
        session, selection, by=by, policy=policy, design_effect=design_effect,
        word=lambda value: (codes(value).name.lower(), label(codes(value), language)),
    )  # fmt: skip


def field_mix(
    session: Session, selection: Selection, *, policy: PolicyValues, design_effect: float, language: str
) -> tuple[MixRow, ...]:
    """The same by field of service."""
    names = {f.id: (f.code, f.name_vi if language == "vi" else f.name_en) for f in service_fields(session)}
    unknown = ("unknown", label(Stage.UNKNOWN, language))
    return _mix_rows(
        session, selection, by="field_id", policy=policy, design_effect=design_effect,
        word=lambda value: names.get(value, unknown),
    )  # fmt: skip


def _mix_rows(
    session: Session,
    selection: Selection,
    *,
    by: str,
    policy: PolicyValues,
    design_effect: float,
    word: Callable[[Any], tuple[str, str]],
) -> tuple[MixRow, ...]:
    split = dimension_levels(session, selection, by=by)
    total = sum(int(counted.n_responses[0]) for counted in split.values())
    rows = []
    for value, counted in split.items():
        n = int(counted.n_responses[0])
        code, words = word(value)
        satisfied = satisfied_share(
            selection, counted.counts[0, 0], policy=policy, design_effect=design_effect
        )
        rows.append(MixRow(code, words, showing_of(n, policy), n, n / total, satisfied))
    rows.sort(key=lambda row: (-(row.n or 0), row.code))
    return protect_rows(rows, minimum=policy.min_staff)


def satisfied_share(
    selection: Selection, counts: np.ndarray, *, policy: PolicyValues, design_effect: float
) -> Estimate | None:
    """The overall share among some responses, None below the minimum."""
    choices = selection.parts[0].form.headline.choices
    n = sum(int(counts[choice.position]) for choice in choices)
    if n < policy.min_index:
        return None
    k = sum(int(counts[choice.position]) for choice in choices if choice.is_satisfied)
    interval = wilson_interval(
        [k], [n], design_effect=design_effect, confidence_level=policy.confidence_level
    )
    return interval[0]


def reasons(
    session: Session, selection: Selection, *, policy: PolicyValues, design_effect: float, language: str
) -> dict[str, tuple[ShareFigure, ...]]:
    """How many of those who saw the list named each reason, by its group (good, bad); the most named first."""
    chosen: dict[str, int] = {}
    asked: dict[str, int] = {}
    choices: dict[str, Choice] = {}
    for part in selection.parts:
        item = part.form.by_code.get(REASONS)
        if item is None:
            continue
        counts = tallies.level_tallies(session, part.scope).counts.sum(axis=0)
        for slot, choice in enumerate(item.choices, start=item.slot):
            choices[choice.code] = choice
            chosen[choice.code] = chosen.get(choice.code, 0) + int(counts[slot, CHOSEN])
            shown = counts[slot, [CHOSEN, NOT_CHOSEN, Missing.LEFT_BLANK]].sum()
            asked[choice.code] = asked.get(choice.code, 0) + int(shown)
    groups: dict[str, list[ShareFigure]] = {}
    for code, choice in choices.items():
        figure = _reason(
            choice, chosen[code], asked[code], policy=policy, design_effect=design_effect, language=language
        )
        groups.setdefault(choice.group, []).append(figure)
    return {
        group: tuple(sorted(figures, key=lambda figure: (-(figure.n_satisfied or 0), figure.code)))
        for group, figures in groups.items()
    }


def _reason(
    choice: Choice, k: int, n: int, *, policy: PolicyValues, design_effect: float, language: str
) -> ShareFigure:
    """A reason's count and share; `n_satisfied` is how many named it."""
    words = choice.label.in_language(language)
    showing = showing_of(n, policy)
    if showing is not Showing.SHOWN:
        return ShareFigure(
            choice.code, words, showing, None if showing is Showing.WITHHELD else n, None, None
        )
    interval = wilson_interval(
        [k], [n], design_effect=design_effect, confidence_level=policy.confidence_level
    )
    return ShareFigure(choice.code, words, showing, n, k, interval[0], (Level(choice.code, words, k),))


def quality(
    session: Session, selection: Selection, *, policy: PolicyValues, design_effect: float
) -> QualityFigure:
    """Responses that carry a sign, and the overall share with and without them; signs are no verdict."""
    with_signs = without = None
    for part in selection.parts:
        slot = part.form.headline.slot
        split = tallies.flag_tallies(session, part.scope)
        mine = [np.append(split[flag].counts[0, slot], split[flag].n_responses) for flag in (True, False)]
        with_signs = mine[0] if with_signs is None else with_signs + mine[0]
        without = mine[1] if without is None else without + mine[1]
    if with_signs is None or without is None:
        return QualityFigure(None, None, None, 0)
    n_flagged, n_out = int(with_signs[-1]), n_excluded(session, selection)

    def share(counts: np.ndarray) -> Estimate | None:
        return satisfied_share(selection, counts[:-1], policy=policy, design_effect=design_effect)

    if_counted = None
    if n_out >= policy.min_staff:
        if_counted = share(with_signs + without + np.append(_excluded_levels(session, selection), 0))
    if 0 < n_flagged < policy.min_staff:
        return QualityFigure(None, None, None, n_out, if_counted)
    return QualityFigure(n_flagged, share(with_signs + without), share(without), n_out, if_counted)


def n_excluded(session: Session, selection: Selection) -> int:
    """How many responses two people took out of these figures."""
    scopes = (replace(part.scope, is_excluded=True) for part in selection.parts)
    return sum(int(tallies.level_tallies(session, scope).n_responses.sum()) for scope in scopes)


def _excluded_levels(session: Session, selection: Selection) -> np.ndarray:
    """Level counts of the overall item among the responses that two people took out."""
    total = np.zeros(N_CODES, dtype=np.int64)
    for part in selection.parts:
        counted = tallies.level_tallies(session, replace(part.scope, is_excluded=True))
        total += counted.counts[:, part.form.headline.slot].sum(axis=0)
    return total
