"""Shares as if every unit had been answered through the same channels, beside the raw ones."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session

from analysis.types import Estimates, FloatArray
from analysis.weighting.collapsing import Collapsing
from analysis.weighting.standardisation import standardised_share
from survey_app.queries import tallies
from survey_app.services.counting import Selection
from survey_app.services.figures import StandardisedFigure, StandardShare
from survey_app.services.policy import PolicyValues
from survey_app.vocabulary import Channel, label


def channel_standard(
    session: Session,
    selection: Selection,
    estimates: Estimates,
    *,
    shown: Sequence[int],
    policy: PolicyValues,
    language: str,
) -> tuple[dict[int, StandardisedFigure], tuple[StandardShare, ...]]:
    """By place in the selection, of the units shown; and the mix of channels of these units together.

    A channel on which a unit has fewer answers than an index needs is counted with another one, so that nothing of
    small cells follows from the raw and the standardised share together.
    """
    counts = _counts(session, selection)
    codes = sorted({channel for _, channel in counts})
    if len(codes) < 2 or not len(shown):
        return {}, ()
    places = {unit_id: place for place, unit_id in enumerate(selection.unit_ids)}
    table = np.zeros((2, len(places), len(codes)))
    for (unit_id, channel), (k, n) in counts.items():
        table[:, places[unit_id], codes.index(channel)] = k, n
    satisfied, answering = table[:, list(shown)]
    standard: FloatArray = answering.sum(axis=0)
    found = standardised_share(
        satisfied, answering, standard, collapse=Collapsing(min_n=policy.min_index),
        design_effect=np.maximum(np.nan_to_num(estimates.design_effect[list(shown)], nan=1.0), 1.0),
        confidence_level=policy.confidence_level,
    )  # fmt: skip
    figures = {
        place: StandardisedFigure(found.estimates.at(row), int(found.n_collapsed[row]))
        for row, place in enumerate(shown)
    }
    mix = tuple(
        StandardShare(Channel(code).name.lower(), label(Channel(code), language), float(part))
        for code, part in zip(codes, standard / standard.sum(), strict=True)
    )
    return figures, mix


def _counts(session: Session, selection: Selection) -> dict[tuple[int, int], tuple[int, int]]:
    """Satisfied and answering respondents by unit and channel."""
    totals: dict[tuple[int, int], tuple[int, int]] = {}
    for part in selection.parts:
        item = part.form.headline
        answered = {choice.position: choice.is_satisfied for choice in item.choices}
        for unit_id, channel, code, n in tallies.unit_channel_answers(session, part.scope, slot=item.slot):
            if code in answered:
                before = totals.get((unit_id, channel), (0, 0))
                totals[unit_id, channel] = before[0] + n * answered[code], before[1] + n
    return totals
