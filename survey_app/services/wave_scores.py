"""The headline share of a wave, whole and by unit: what the command line shows after an import."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from analysis.index import Inference, group_shares
from analysis.packing import Missing
from analysis.types import Estimate, IntArray
from survey_app.months import last_day
from survey_app.queries import imports, lookups
from survey_app.queries.tallies import Scope, level_tallies, moment_tallies
from survey_app.services.counting import Part, Selection, whole_share
from survey_app.services.figures import Showing
from survey_app.services.forms import OVERALL, Form, load_form
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.sample_design import Designed, designed_part


@dataclass(frozen=True, slots=True)
class UnitScore:
    """Share of satisfied answers to the headline item; numbers are None where withheld."""

    label: str
    showing: Showing
    n: int | None
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many gave one answer to the headline item, in the order of the scale and then the missing ones."""

    code: str
    n: int


@dataclass(frozen=True, slots=True)
class WaveScores:
    """A wave's headline figures. `n_responses` counts every released response, answered or not."""

    code: str
    title_vi: str
    title_en: str
    basis: str
    is_simulated: bool
    n_responses: int
    levels: tuple[LevelCount, ...]
    overall: UnitScore
    units: tuple[UnitScore, ...]
    minimum_shown: int
    minimum_base: int


def wave_scores(session: Session, *, wave_code: str, today: date) -> WaveScores:
    """Released figures of a wave, under the policy in force, with every unit that takes part."""
    rule = current_policy(session, today)
    wave = lookups.wave_by_code(session, wave_code)
    form = load_form(session, version_id=wave.version_id)
    rows = imports.wave_units(session, wave.id)
    scope = Scope(
        unit_ids=tuple(unit_id for unit_id, _ in rows),
        wave_ids=(wave.id,),
        version_id=wave.version_id,
        n_slots=form.n_slots,
        starts_on=wave.opens_on.replace(day=1),
        ends_on=last_day((wave.closes_on or today).replace(day=1)),
    )
    selection = Selection(
        scope.unit_ids, wave.basis, scope.starts_on, scope.ends_on, (wave,), (Part(scope, form),)
    )
    counts = level_tallies(session, scope)
    people = moment_tallies(session, scope, form.scoring())
    drawn = designed_part(session, selection, selection.parts[0], people)
    return WaveScores(
        code=wave.code,
        title_vi=wave.title_vi,
        title_en=wave.title_en,
        basis=wave.basis,
        is_simulated=wave.is_simulated,
        n_responses=int(counts.n_responses.sum()),
        levels=_levels(form, counts.counts.sum(axis=0)[form.headline.slot]),
        overall=_whole(drawn, rule),
        units=_scores([name for _, name in rows], drawn, rule),
        minimum_shown=rule.min_staff,
        minimum_base=rule.min_index,
    )


def _levels(form: Form, counts: IntArray) -> tuple[LevelCount, ...]:
    answered = [LevelCount(choice.code, int(counts[choice.position])) for choice in form.headline.choices]
    missing = [LevelCount(reason.name.lower(), int(counts[reason])) for reason in Missing if counts[reason]]
    return (*answered, *missing)


def _whole(drawn: Designed, rule: PolicyValues) -> UnitScore:
    """All units as one, counted as the comparison of units counts its province."""
    inference = Inference(confidence_level=rule.confidence_level)
    return _score("", whole_share(drawn.moments, drawn.strata, inference=inference), rule)


def _scores(labels: Sequence[str], drawn: Designed, rule: PolicyValues) -> tuple[UnitScore, ...]:
    inference = Inference(confidence_level=rule.confidence_level)
    shares = group_shares(drawn.moments, strata=drawn.strata, inference=inference)[OVERALL]
    return tuple(_score(label, shares.at(place), rule) for place, label in enumerate(labels))


def _score(label: str, estimate: Estimate, rule: PolicyValues) -> UnitScore:
    """A base below the policy's minimum is not shown, nor is a share of too few."""
    if estimate.n_respondents < rule.min_staff:
        return UnitScore(label, Showing.WITHHELD, None, None)
    if estimate.n_respondents < rule.min_index:
        return UnitScore(label, Showing.INSUFFICIENT, estimate.n_respondents, None)
    return UnitScore(label, Showing.SHOWN, estimate.n_respondents, estimate)
