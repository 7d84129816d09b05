"""What people expect to be improved against how satisfied they are with it, by factor of the full form."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from analysis.intervals.shares import wilson_interval
from analysis.measurement.importance_performance import Quadrant, importance_performance
from survey_app.queries import tallies
from survey_app.services.counting import Part, Selection
from survey_app.services.figures import ExpectedFactor, ExpectedFigure, FactorFigure
from survey_app.services.policy import PolicyValues

SEED = Path(__file__).resolve().parents[2] / "seeds" / "expectations.json"
# With fewer points their own mean, where the cross-hairs stand, is no common level.
FACTORS_NEEDED = 3


@cache
def _mappings() -> Mapping[str, Mapping[str, object]]:
    """By code of the questionnaire: which item asks, and to which factor each of its options belongs."""
    found: Mapping[str, Mapping[str, object]] = json.loads(SEED.read_text(encoding="utf-8"))
    return found


def expected_factors(
    session: Session,
    selection: Selection,
    factors: tuple[FactorFigure, ...],
    *,
    policy: PolicyValues,
    design_effect: float,
) -> ExpectedFigure | None:
    """Importance and performance of each factor; None where no form asks or too few answered."""
    parts = [part for part in selection.parts if part.form.factors]
    if not parts or parts[-1].form.code not in _mappings():
        return None
    slots = _slots_by_factor(parts[-1])
    if not slots:
        return None
    n_asked, chosen = tallies.chosen_among(session, parts[-1].scope, tuple(slots.values()))
    if n_asked < policy.min_index:
        return None
    named = dict(zip(slots, chosen, strict=True))
    shown = [each for each in factors if each.share.estimate is not None and each.share.code in named]
    if len(shown) < FACTORS_NEEDED:
        return None
    importance = wilson_interval(
        [named[each.share.code] for each in shown], [n_asked] * len(shown),
        design_effect=max(1.0, design_effect), confidence_level=policy.confidence_level,
    )  # fmt: skip
    performance = [each.share.estimate for each in shown if each.share.estimate is not None]
    found = importance_performance(
        importance, [[each.value, each.ci_low, each.ci_high] for each in performance],
        items=[each.share.code for each in shown],
    )  # fmt: skip
    rows = tuple(
        ExpectedFactor(each.share.code, each.share.label, named[each.share.code], weight, value, place.value)
        for each, weight, value, place in zip(
            shown, (importance[i] for i in range(len(shown))), performance, found.quadrants, strict=True
        )
    )
    order = list(Quadrant)
    ordered = sorted(
        rows, key=lambda row: (order.index(Quadrant(row.place)), -row.importance.value, row.code)
    )
    return ExpectedFigure(n_asked, tuple(ordered), *found.cross_hairs)


def _slots_by_factor(part: Part) -> dict[str, tuple[int, ...]]:
    mapping = _mappings()[part.form.code]
    item = part.form.by_code.get(str(mapping["item"]))
    factor_of = mapping["factors"]
    if item is None or not isinstance(factor_of, dict):
        return {}
    slots: dict[str, tuple[int, ...]] = {}
    for slot, choice in enumerate(item.choices, start=item.slot):
        factor = factor_of.get(choice.code)
        if factor is not None:
            slots[factor] = (*slots.get(factor, ()), slot)
    return slots
