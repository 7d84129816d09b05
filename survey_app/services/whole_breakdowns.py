"""Who answered, why, and with which signs, over many units: only what gives no unit's small cell away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from analysis.packing import Missing
from survey_app.queries import tallies, unit_splits
from survey_app.queries.tallies import LevelTallies
from survey_app.queries.units import service_fields
from survey_app.services.breakdowns import CHOSEN, DIMENSIONS, NOT_CHOSEN, REASONS
from survey_app.services.counting import Selection
from survey_app.services.figures import Level, MixRow, QualityFigure, ShareFigure, Showing
from survey_app.services.form_items import Choice
from survey_app.services.policy import PolicyValues
from survey_app.services.pooling import Pool, hold_enough
from survey_app.services.showing import protect_rows, showing_of
from survey_app.vocabulary import Stage, label

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class WholeParts:
    """What every breakdown of the whole is made with: the units, how they are added, and by which rules."""

    selection: Selection
    pool: Pool
    responses: Counts
    effect: float
    policy: PolicyValues
    language: str

    def share(self, satisfied: Counts, answered: Counts, rows: NDArray[np.intp]) -> Any:
        """The share over these units, None below the minimum for an index."""
        if int(answered[rows].sum()) < self.policy.min_index:
            return None
        return self.pool.share(satisfied, answered, self.responses, rows=rows, effect=self.effect)


def mix(session: Session, parts: WholeParts, *, by: str) -> tuple[MixRow, ...]:
    """Responses and satisfaction by channel, stage or helper."""
    codes = DIMENSIONS[by]
    return _mix(
        session, parts, by=by,
        word=lambda value: (codes(value).name.lower(), label(codes(value), parts.language)),
    )  # fmt: skip


def field_mix(session: Session, parts: WholeParts) -> tuple[MixRow, ...]:
    """The same by field of service."""
    vi = parts.language == "vi"
    names = {f.id: (f.code, f.name_vi if vi else f.name_en) for f in service_fields(session)}
    unknown = ("unknown", label(Stage.UNKNOWN, parts.language))
    return _mix(session, parts, by="field_id", word=lambda value: names.get(value, unknown))


def _mix(
    session: Session, parts: WholeParts, *, by: str, word: Callable[[Any], tuple[str, str]]
) -> tuple[MixRow, ...]:
    split: dict[Any, LevelTallies] = {}
    for part in parts.selection.parts:
        found = unit_splits.unit_dimension_tallies(session, part.scope, slot=part.form.headline.slot, by=by)
        for value, counted in found.items():
            split[value] = counted if value not in split else split[value] + counted
    words = {value: word(value) for value in sorted(split, key=lambda value: word(value)[0])}
    members = _members(parts, {words[value][0]: split[value].n_responses for value in words})
    totals = {value: int(split[value].n_responses[members[words[value][0]]].sum()) for value in words}
    total = sum(totals.values())
    rows = []
    for value, (code, title) in words.items():
        n, units = totals[value], members[code]
        if not n:
            continue
        answered, satisfied = _answered(parts.selection, split[value].counts[:, 0])
        share = parts.share(satisfied, answered, units)
        rows.append(MixRow(code, title, showing_of(n, parts.policy), n, n / total, share))
    rows.sort(key=lambda row: (-(row.n or 0), row.code))
    return protect_rows(rows, minimum=parts.policy.min_staff)


def _members(parts: WholeParts, cells: Mapping[str, Counts]) -> dict[str, NDArray[np.intp]]:
    """By column, the units whose cell is added: those that show it, and the rest where that gives none away.

    A unit withholds cells so that its own total tells none; the same cells are unknown here. What is left is one
    equation a unit and one a column, and no cell may follow from them that did not follow from its unit alone.
    """
    kept, codes = parts.pool.kept, list(cells)
    n = np.stack([cells[code][kept] for code in codes], axis=1) if codes else np.zeros((len(kept), 0), int)
    hidden = np.array([_withheld(row, codes, parts.policy) for row in n], dtype=bool).reshape(n.shape)
    is_added = np.array([hold_enough(column[mask], parts.policy.min_staff)
                         for column, mask in zip(n.T, hidden.T, strict=True)], dtype=bool)  # fmt: skip
    already = _following(hidden, np.zeros(len(codes), dtype=bool))
    for column in sorted(np.flatnonzero(is_added), key=lambda place: int(n[hidden[:, place], place].sum())):
        if not (_following(hidden, is_added) & ~already).any():
            break
        is_added[column] = False
    return {code: kept if is_added[place] else kept[~hidden[:, place]] for place, code in enumerate(codes)}


def _withheld(numbers: Counts, codes: list[str], policy: PolicyValues) -> list[bool]:
    rows = [
        MixRow(code, "", Showing.SHOWN, int(n), 0.0, None) for code, n in zip(codes, numbers, strict=True)
    ]
    shown = {row.code for row in protect_rows(rows, minimum=policy.min_staff) if row.n is not None}
    return [code not in shown for code in codes]


def _following(hidden: NDArray[np.bool_], is_added: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which hidden cells have one value only, given the sums of each unit and of each column that is added."""
    unit, column = np.nonzero(hidden)
    if not len(unit):
        return np.zeros(0, dtype=bool)
    equations = np.concatenate(
        [unit == place for place in np.unique(unit)] + [column == place for place in np.flatnonzero(is_added)]
    ).reshape(-1, len(unit)).astype(float)  # fmt: skip
    # The projection onto what the equations say: 1 where it says the cell itself.
    projected = np.einsum("ce,ec->c", np.linalg.pinv(equations), equations)
    return np.asarray(projected > 1 - 1e-9)


def _answered(selection: Selection, counts: NDArray[np.integer[Any]]) -> tuple[Counts, Counts]:
    """Answered and satisfied of the overall item, by unit."""
    choices = selection.parts[0].form.headline.choices
    points = [choice.position for choice in choices]
    pleased = [choice.position for choice in choices if choice.is_satisfied]
    answered, satisfied = (counts[:, some].sum(axis=1).astype(np.int64) for some in (points, pleased))
    return answered, satisfied


def reasons(session: Session, parts: WholeParts) -> dict[str, tuple[ShareFigure, ...]]:
    """How many of those who saw the list named each reason, by its group; the most named first."""
    chosen: dict[str, Counts] = {}
    asked: dict[str, Counts] = {}
    choices: dict[str, Choice] = {}
    nobody = np.zeros(len(parts.selection.unit_ids), dtype=np.int64)
    for part in parts.selection.parts:
        item = part.form.by_code.get(REASONS)
        if item is None:
            continue
        counts = tallies.level_tallies(session, part.scope).counts
        for slot, choice in enumerate(item.choices, start=item.slot):
            choices[choice.code] = choice
            chosen[choice.code] = chosen.get(choice.code, nobody) + counts[:, slot, CHOSEN]
            shown = counts[:, slot, [CHOSEN, NOT_CHOSEN, Missing.LEFT_BLANK]].sum(axis=1)
            asked[choice.code] = asked.get(choice.code, nobody) + shown
    groups: dict[str, list[ShareFigure]] = {}
    for code, choice in choices.items():
        groups.setdefault(choice.group, []).append(_reason(parts, choice, chosen[code], asked[code]))
    return {
        group: tuple(sorted(figures, key=lambda figure: (-(figure.n_satisfied or 0), figure.code)))
        for group, figures in groups.items()
    }


def _reason(parts: WholeParts, choice: Choice, chosen: Counts, asked: Counts) -> ShareFigure:
    words = choice.label.in_language(parts.language)
    rows = parts.pool.rows(asked)
    k, n = int(chosen[rows].sum()), int(asked[rows].sum())
    showing = showing_of(n, parts.policy)
    if showing is not Showing.SHOWN:
        return ShareFigure(
            choice.code, words, showing, None if showing is Showing.WITHHELD else n, None, None
        )
    estimate = parts.pool.share(chosen, asked, parts.responses, rows=rows, effect=parts.effect)
    return ShareFigure(choice.code, words, showing, n, k, estimate, (Level(choice.code, words, k),))


def quality(session: Session, parts: WholeParts) -> QualityFigure:
    """Responses that carry a sign, and the overall share with and without them; signs are no verdict.

    Answers that two people took out are numbered only: their share would tell those of single units.
    """
    nobody = np.zeros(len(parts.selection.unit_ids), dtype=np.int64)
    flagged, satisfied, answered, bad, less, out = (nobody.copy() for _ in range(6))
    for part in parts.selection.parts:
        slot = part.form.headline.slot
        all_of, signs = (
            tallies.level_tallies(session, part.scope),
            tallies.flagged_level_tallies(session, part.scope),
        )
        flagged += signs.n_responses
        everyone = _answered(parts.selection, all_of.counts[:, slot])
        with_sign = _answered(parts.selection, signs.counts[:, slot])
        answered, satisfied = answered + everyone[0], satisfied + everyone[1]
        bad, less = bad + with_sign[0], less + with_sign[1]
        out += tallies.level_tallies(session, _taken_out(part.scope)).n_responses
    rows = parts.pool.rows(flagged)
    n_flagged, n_out = int(flagged[rows].sum()), int(out[parts.pool.kept].sum())
    if 0 < n_flagged < parts.policy.min_staff:
        return QualityFigure(None, None, None, n_out)
    return QualityFigure(
        n_flagged,
        parts.share(satisfied, answered, rows),
        parts.share(satisfied - less, answered - bad, rows),
        n_out,
    )


def _taken_out(scope: tallies.Scope) -> tallies.Scope:
    return replace(scope, is_excluded=True)
