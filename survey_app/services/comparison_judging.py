"""How units stand against all of them, and against those alike: tiers, ranks, chances, other shares beside."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from analysis.comparing.tiers import Tiers, tiers_against_province
from analysis.counting.moments import Moments
from analysis.index import group_shares
from analysis.ranking.pairwise import pairwise_share_ranks
from analysis.small_areas.empirical_bayes import empirical_bayes_shares
from analysis.types import Estimates, IntArray, RankInterval, Tier
from survey_app.errors import NotFound
from survey_app.queries.units import UnitRow
from survey_app.services import channel_standard, peer_groups, rank_chances
from survey_app.services.counting import Headline, Selection
from survey_app.services.figures import (
    PeerGroup,
    RankChances,
    ShareFigure,
    Showing,
    ShrunkFigure,
    StandardisedFigure,
    StandardShare,
)
from survey_app.services.policy import PolicyValues
from survey_app.services.sample_design import Designed, designed_headline
from survey_app.services.showing import share_figure

# With fewer units there is no telling how much units differ.
UNITS_TO_SHRINK = 8
# Ranks are read off simulated differences; the same figures give the same ranks.
RANK_SEED = 20260101


@dataclass(frozen=True, slots=True)
class Judged:
    """Figures of all units with their tiers and rank intervals, in the order of the rows."""

    drawn: Designed
    estimates: Estimates
    shares: tuple[ShareFigure, ...]
    tiers: Tiers
    ranks: dict[int, RankInterval]
    shrunk: dict[int, ShrunkFigure]
    chances: dict[int, RankChances]
    standardised: dict[int, StandardisedFigure]
    standard: tuple[StandardShare, ...]


@dataclass(frozen=True, slots=True)
class Peers:
    """All groups, the one asked for, and how its units stand against it, by unit."""

    groups: tuple[PeerGroup, ...]
    code: str | None
    tiers: dict[int, Tier]
    reference: float | None


def judge(
    session: Session,
    selection: Selection,
    counted: Headline,
    *,
    hidden: frozenset[int],
    policy: PolicyValues,
    language: str,
    is_standardised: bool,
) -> Judged:
    drawn = designed_headline(session, selection, counted.moments)
    estimates = group_shares(drawn.moments, strata=drawn.strata)["overall"]
    shares = tuple(
        share_figure(
            "overall", "", counts=counted.levels[index], choices=counted.choices, estimate=estimates[index],
            policy=policy, language=language, is_hidden=unit_id in hidden,
        )
        for index, unit_id in enumerate(selection.unit_ids)
    )  # fmt: skip
    tiers = _tiers(counted.moments, shares, estimates, policy=policy)
    shown = np.array(
        [index for index, share in enumerate(shares) if share.showing is Showing.SHOWN], dtype=int
    )
    shrunk, chances = _shrunk(shown, estimates, policy)
    ranks = _ranks(selection, shown, estimates)
    standardised, standard = (
        channel_standard.channel_standard(
            session, selection, estimates, shown=list(map(int, shown)), policy=policy, language=language
        )
        if is_standardised
        else ({}, ())
    )
    return Judged(
        drawn, estimates, shares, tiers, ranks, shrunk, chances if ranks else {}, standardised, standard
    )


def _tiers(
    moments: Moments, shares: tuple[ShareFigure, ...], estimates: Estimates, *, policy: PolicyValues
) -> Tiers:
    """All units against each other; those that are withheld take no part."""
    n = moments.sums[:, moments.column("r:overall")]
    n = n * np.array([share.showing is not Showing.WITHHELD for share in shares])
    # Of a stratified sample as many as its weighted share says.
    k = np.rint(np.nan_to_num(estimates.value) * n)
    return tiers_against_province(
        k.astype(int),
        n.astype(int),
        design_effect=np.maximum(np.nan_to_num(estimates.design_effect, nan=1.0), 1.0),
        adjustment=policy.tier_adjustment, alpha=policy.alpha, min_n=policy.min_index,
    )  # fmt: skip


def peer_standing(
    session: Session,
    rows: list[UnitRow],
    selection: Selection,
    counted: Headline,
    judged: Judged,
    *,
    code: str | None,
    policy: PolicyValues,
) -> Peers:
    """The groups of similar units; within the one asked for, its units are judged against each other alone."""
    groups = peer_groups.peer_groups(session, rows, starts_on=selection.starts_on, ends_on=selection.ends_on)
    if code is None:
        return Peers(groups, None, {}, None)
    group = next((each for each in groups if each.code == code), None)
    if group is None:
        raise NotFound(f"peer group {code}")
    places = [place for place, unit_id in enumerate(selection.unit_ids) if unit_id in group.unit_ids]
    shares = tuple(judged.shares[place] for place in places)
    moments = counted.moments.take(np.array(places, dtype=np.intp))
    if not any(share.showing is Showing.SHOWN for share in shares):
        return Peers(groups, code, {}, None)
    tiers = _tiers(moments, shares, judged.estimates[np.array(places)], policy=policy)
    found = {
        selection.unit_ids[place]: tiers[row] if share.showing is Showing.SHOWN else Tier.INSUFFICIENT
        for row, (place, share) in enumerate(zip(places, shares, strict=True))
    }
    return Peers(groups, code, found, tiers.province.value)


def _ranks(selection: Selection, shown: IntArray, estimates: Estimates) -> dict[int, RankInterval]:
    """Ranks that the units shown may hold, from all their differences; none for self-selected answers."""
    if selection.basis != "sample" or len(shown) < 2:
        return {}
    ranks = pairwise_share_ranks(estimates[shown], rng=np.random.default_rng(RANK_SEED))
    return {int(index): ranks[place] for place, index in enumerate(shown)}


def _shrunk(
    shown: IntArray, estimates: Estimates, policy: PolicyValues
) -> tuple[dict[int, ShrunkFigure], dict[int, RankChances]]:
    """Shares of the units shown, drawn towards what they have in common; and their chances of the first places."""
    if len(shown) < UNITS_TO_SHRINK:
        return {}, {}
    own = estimates[shown]
    found = empirical_bayes_shares(
        own.value * own.n_respondents, own.n_respondents,
        design_effect=np.maximum(np.nan_to_num(own.design_effect, nan=1.0), 1.0),
        correction="integrated", confidence_level=policy.confidence_level,
    )  # fmt: skip
    columns = (found.value, found.ci_low, found.ci_high, found.gamma)
    shrunk = {
        int(index): ShrunkFigure(*(float(column[place]) for column in columns))
        for place, index in enumerate(shown)
    }
    chances = rank_chances.rank_chances(
        list(map(int, shown)), found.posterior_a, found.posterior_b, n_places=peer_groups.n_places()
    )
    return shrunk, chances
