"""What a new form changes: the measured break between the two forms of a bridge wave, never pooled across them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from analysis.index import group_shares
from analysis.types import Difference, Estimate
from survey_app.errors import NotFound
from survey_app.queries import calendar, imports, tallies
from survey_app.queries.tallies import Scope
from survey_app.queries.waves import PlannedWave
from survey_app.services import forms
from survey_app.services.figures import Showing
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.showing import showing_of
from survey_app.services.trends import difference
from survey_app.services.version_mappings import Kin, relation

OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Linked:
    """Of a pair of factors: criteria that the mapping carries over, and how many each form has."""

    n: int
    n_old: int
    n_new: int

    @property
    def is_whole(self) -> bool:
        return self.n == self.n_old == self.n_new


@dataclass(frozen=True, slots=True)
class Break:
    """One figure on both forms. Without a difference where either has too few people; `is_clear` if it excludes 0.

    A factor says how many of its criteria on each form go on in the other; the overall item says nothing of that.
    """

    code: str
    title: str
    old_title: str
    linked: Linked | None
    old: Estimate | None
    new: Estimate | None
    n_old: int | None
    n_new: int | None
    difference: Difference | None

    @property
    def is_clear(self) -> bool:
        return self.difference is not None and not self.difference.ci_low <= 0 <= self.difference.ci_high


@dataclass(frozen=True, slots=True)
class BridgeResult:
    """The overall item first, then the factors that the mapping of the two forms makes partners."""

    old_title: str
    new_title: str
    breaks: tuple[Break, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    released_through: date | None
    min_index: int


@dataclass(frozen=True, slots=True)
class _Half:
    form: forms.Form
    shares: dict[str, Estimate]
    titles: dict[str, str]


def bridge_result(session: Session, wave: PlannedWave, *, today: date, language: str) -> BridgeResult:
    """The break of the whole wave, from released answers."""
    if wave.row.bridge_version_id is None:
        raise NotFound(f"bridge {wave.row.code}")
    policy = current_policy(session, today)
    unit_ids = sorted(unit_id for unit_id, _ in imports.wave_units(session, wave.row.id))
    last = max(today, wave.row.closes_on or today)
    halves = []
    for version_id in wave.row.version_ids:
        form = forms.load_form(session, version_id=version_id)
        scope = Scope(tuple(unit_ids), (wave.row.id,), version_id, form.n_slots, wave.row.opens_on, last)
        halves.append(_half(session, form, scope, language))
    old, new = halves
    pairs = _partners(session, old.form, new.form, version_ids=wave.row.version_ids)
    matched_old, matched_new = ({pair[side] for pair in pairs} for side in (0, 1))
    return BridgeResult(
        old_title=old.form.title.in_language(language),
        new_title=new.form.title.in_language(language),
        breaks=tuple(_break(pair, old, new, policy) for pair in pairs),
        only_old=tuple(title for code, title in old.titles.items() if code not in matched_old),
        only_new=tuple(title for code, title in new.titles.items() if code not in matched_new),
        released_through=calendar.released_through(session, unit_ids=unit_ids, wave_ids=[wave.row.id]),
        min_index=policy.min_index,
    )


def _partners(
    session: Session, old: forms.Form, new: forms.Form, *, version_ids: tuple[int, ...]
) -> list[tuple[str, str, Linked | None]]:
    """Codes of what is compared, old and new: the overall items, then factors whose criteria go on in one another.

    A factor whose criteria went to several, or came from several, has no partner: a difference would be of content.
    """
    old_id, new_id = version_ids
    factor_of = {item.code: factor.code for factor in new.factors for item in factor.counted_items}
    ways: dict[str, list[str]] = {}
    for factor in old.factors:
        for item in factor.counted_items:
            found = relation(session, old_id=old_id, new_id=new_id, item=item.code)
            if found.kin in (Kin.SAME, Kin.RECODED) and found.item in factor_of:
                ways.setdefault(factor.code, []).append(factor_of[found.item])
    n_sources = Counter(there for targets in ways.values() for there in set(targets))
    n_old, n_new = ({each.code: len(each.counted_items) for each in form.factors} for form in (old, new))
    pairs: list[tuple[str, str, Linked | None]] = [(OVERALL, OVERALL, None)]
    for code, targets in ways.items():
        there = targets[0]
        if set(targets) == {there} and n_sources[there] == 1:
            pairs.append((code, there, Linked(len(targets), n_old[code], n_new[there])))
    return pairs


def _half(session: Session, form: forms.Form, scope: Scope, language: str) -> _Half:
    moments = tallies.moment_tallies(session, scope, form.scoring())
    whole = moments.sum_over(np.zeros(len(scope.unit_ids), dtype=np.int64), 1)
    shares = {code: found[0] for code, found in group_shares(whole).items()}
    titles = {OVERALL: form.headline.text.in_language(language)}
    titles |= {factor.code: factor.title.in_language(language) for factor in form.factors}
    return _Half(form, shares, titles)


def _break(
    pair: tuple[str, str, Linked | None], old: _Half, new: _Half, policy: PolicyValues
) -> Break:  # fmt: skip
    old_code, code, linked = pair
    one, other = new.shares[code], old.shares[old_code]
    shown = [_shown(estimate, policy) for estimate in (other, one)]
    is_enough = all(estimate is not None for estimate in shown)
    counts = [
        None if showing_of(estimate.n_respondents, policy) is Showing.WITHHELD else estimate.n_respondents
        for estimate in (other, one)
    ]
    return Break(
        code, new.titles[code], old.titles[old_code], linked, shown[0], shown[1], counts[0], counts[1],
        difference(one, other, policy) if is_enough else None,
    )  # fmt: skip


def _shown(estimate: Estimate, policy: PolicyValues) -> Estimate | None:
    return estimate if showing_of(estimate.n_respondents, policy) is Showing.SHOWN else None
