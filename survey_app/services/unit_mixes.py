"""Beside the comparison: through which channel and at which stage each unit was answered, and what signs change."""

from enum import IntEnum

import numpy as np
from sqlalchemy.orm import Session

from analysis.intervals.shares import wilson_interval
from survey_app.queries import tallies
from survey_app.queries.units import UnitRow
from survey_app.services.breakdowns import DIMENSIONS
from survey_app.services.counting import Selection
from survey_app.services.figures import ComparedUnit, FlaggedUnit, MixRow, MixTable, Showing, UnitMix
from survey_app.services.policy import PolicyValues
from survey_app.services.showing import protect_rows, showing_of
from survey_app.vocabulary import label


def mix_table(
    session: Session,
    selection: Selection,
    rows: list[UnitRow],
    *,
    by: str,
    policy: PolicyValues,
    language: str,
) -> MixTable:
    """Shares of each unit's responses by channel or stage; small cells withheld so that none can be worked out."""
    counts: dict[tuple[int, int], int] = {}
    for part in selection.parts:
        for key, n in tallies.unit_dimension_counts(session, part.scope, by=by).items():
            counts[key] = counts.get(key, 0) + n
    codes = [DIMENSIONS[by](value) for value in sorted({value for _, value in counts})]
    return MixTable(
        tuple(label(code, language) for code in codes),
        tuple(_unit_mix(row, codes, counts, policy) for row in rows),
    )


def _unit_mix(
    row: UnitRow, codes: list[IntEnum], counts: dict[tuple[int, int], int], policy: PolicyValues
) -> UnitMix:
    numbers = [counts.get((row.id, int(code)), 0) for code in codes]
    total = sum(numbers)
    if showing_of(total, policy) is not Showing.SHOWN:
        return UnitMix(row, None, (None,) * len(codes))
    cells = [
        MixRow(code.name, "", showing_of(n, policy), n, n / total, None)
        for code, n in zip(codes, numbers, strict=True)
    ]
    return UnitMix(row, total, tuple(cell.share for cell in protect_rows(cells, minimum=policy.min_staff)))


def flagged_units(
    session: Session, selection: Selection, compared: list[ComparedUnit], *, policy: PolicyValues
) -> tuple[FlaggedUnit, ...]:
    """Units with enough flagged responses to name the number, with the share counted both ways."""
    k = np.zeros(len(selection.unit_ids), np.int64)
    n, n_flagged = k.copy(), k.copy()
    for part in selection.parts:
        item, flagged = part.form.headline, tallies.flagged_level_tallies(session, part.scope)
        n_flagged += flagged.n_responses
        for choice in item.choices:
            counts = flagged.counts[:, item.slot, choice.position]
            n += counts
            k += counts * choice.is_satisfied
    place = {unit_id: index for index, unit_id in enumerate(selection.unit_ids)}
    figures = []
    for row in compared:
        share, index = row.share, place[row.unit.id]
        if share.estimate is None or share.n is None or share.n_satisfied is None:
            continue
        rest = share.n - int(n[index])
        if n_flagged[index] < policy.min_staff or rest < policy.min_index:
            continue
        without = wilson_interval(
            [share.n_satisfied - int(k[index])], [rest], design_effect=max(1.0, share.estimate.design_effect),
            confidence_level=policy.confidence_level,
        )  # fmt: skip
        figures.append(FlaggedUnit(row.unit, int(n_flagged[index]), share.estimate, without[0]))
    return tuple(figures)
