"""A unit before and after its latest merger or split: the difference, and its part that is only a change of mix."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analysis.comparing.hypothesis_tests import NoTest
from analysis.comparing.lineage import WaveCounts, counts_of_units, wave_changes
from analysis.comparing.merging import merged_comparison
from survey_app.services.policy import PolicyValues
from survey_app.services.unit_carrying import Answers, Holdings, at_old_points, carried_to_now
from survey_app.services.unit_lines import Origin


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """All answers before the change, as the unit is now, against all since.

    `reason` says why there is no difference (`missing` names whose answers are not there) or no test of it. Counts
    are None where they may not be shown. The parts add up to the difference: what changed inside the old units, and
    what only comes from more or fewer of the answers being given in each of them.
    """

    on: date
    reason: NoTest
    missing: tuple[str, ...] = ()
    n_before: int | None = None
    n_after: int | None = None
    before: float | None = None
    after: float | None = None
    value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    rate_part: float | None = None
    mix_part: float | None = None


def before_after(
    answers: Answers,
    unit_id: int,
    origins: Sequence[Origin],
    holdings: Holdings,
    changed_on: date,
    *,
    effect: float,
    policy: PolicyValues,
) -> BeforeAfter:
    """The change across a day; a comparison that cannot be made says so and shows nothing."""
    parts = [each for each in origins if each.ended_on == changed_on - timedelta(days=1)]
    sizes = {each.unit.id: answers.of_unit(each.unit.id).sum() for each in parts}
    missing = tuple(each.unit.label for each in parts if not sizes[each.unit.id])
    if missing:
        return BeforeAfter(changed_on, NoTest.NO_COUNTERPART, missing)
    own = answers.where(unit_id)
    old = carried_to_now(answers.only(~own), unit_id, origins, holdings)
    k, n = float(old.k.sum()), float(old.n.sum())
    k_after, n_after = int(answers.k[own].sum()), int(answers.n[own].sum())
    if min(n, n_after) < policy.min_index or min(sizes.values(), default=0) < policy.min_staff:
        return BeforeAfter(changed_on, NoTest.NOBODY)
    code = NoTest.ESTIMATED if old.is_estimated.any() else NoTest.TESTED
    found = wave_changes(
        WaveCounts(np.array([k]), np.array([n]), np.array([code], dtype=np.int8)),
        counts_of_units([k_after], [n_after]),
        breaks=NoTest.TESTED if _shares_a_form(answers, unit_id, origins) else NoTest.METHOD_BREAK,
        design_effect_before=effect,
        design_effect_after=effect,
        confidence_level=policy.confidence_level,
    )
    reason = NoTest(int(found.codes[0]))
    rate, mix = (
        _rate_and_mix(answers, unit_id, parts, holdings, effect=effect, policy=policy)
        if reason is NoTest.TESTED
        else (None, None)
    )
    return BeforeAfter(
        on=changed_on,
        reason=reason,
        n_before=round(n),
        n_after=n_after,
        before=_number(found.before[0]),
        after=_number(found.after[0]),
        value=_number(found.value[0]),
        ci_low=_number(found.ci_low[0]),
        ci_high=_number(found.ci_high[0]),
        p_value=_number(found.p_value[0]),
        rate_part=rate,
        mix_part=mix,
    )


def _shares_a_form(answers: Answers, unit_id: int, origins: Sequence[Origin]) -> bool:
    """Whether a form was in use on both sides: figures of two different forms alone are not compared."""
    before = frozenset[int]().union(*(answers.versions.get(each.unit.id, frozenset()) for each in origins))
    return bool(before & answers.versions.get(unit_id, frozenset()))


def _rate_and_mix(
    answers: Answers,
    unit_id: int,
    parts: Sequence[Origin],
    holdings: Holdings,
    *,
    effect: float,
    policy: PolicyValues,
) -> tuple[float | None, float | None]:
    """Kitagawa's split over the old units by point; only where each of them has enough on both sides."""
    sides = [
        [at_old_points(answers, unit_id, part, holdings) for part in parts],
        [answers.where(part.unit.id) for part in parts],
    ]
    k, n = (
        np.array([[table[rows].sum() for rows in side] for side in sides]) for table in (answers.k, answers.n)
    )
    is_all = n[0].sum() == answers.of_unit(unit_id).sum() and all(part.is_whole for part in parts)
    if len(parts) < 2 or not is_all or n.min() < policy.min_index:
        return None, None
    found = merged_comparison(k, n, design_effect=effect)
    return float(found.rate_part), float(found.mix_part)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
