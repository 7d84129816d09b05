"""All units of an office side by side: tiers against the whole, never an order of noise."""

from collections import Counter
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from analysis.comparing.targets import n_to_confirm
from analysis.types import Tier
from survey_app.queries import calendar, transactions, units
from survey_app.queries.units import UnitRow
from survey_app.services import accounts, counting, peer_groups, unit_mixes
from survey_app.services.comparison_judging import Judged, Peers, judge, peer_standing
from survey_app.services.counting import Headline, Selection
from survey_app.services.figures import (
    ComparedUnit,
    Comparison,
    MixTable,
    PeriodChoice,
    ShareFigure,
    Showing,
)
from survey_app.services.policy import PolicyValues, policy_for
from survey_app.services.scorecards import METHOD_VERSION, counted_from, target_figure
from survey_app.services.showing import share_figure
from survey_app.services.units_on import described_on

# Sample size is quoted for telling apart a unit that truly differs by this much.
SEPARATED_BY = 0.05


def compare_units(
    session: Session,
    *,
    root_unit_id: int,
    basis: str,
    period_code: str | None,
    kind: str | None,
    viewer: accounts.Viewer,
    today: date,
    units_on: date | None = None,
    language: str = "vi",
    is_public: bool = False,
    peers: str | None = None,
    is_standardised: bool = False,
) -> Comparison | None:
    """Every unit below a root that the viewer may see; None while the office has no period.

    With `units_on` units are called, placed and sorted into kinds as on that day, whatever the period; `peers` is the
    code of a peer group to look at.
    """
    accounts.require_unit(session, unit_id=root_unit_id, viewer=viewer)
    roots = units.ancestor_ids(session, root_unit_id)
    period = counting.choose_period(session, root_unit_ids=roots, code=period_code, today=today)
    if period is None:
        return None
    policy = policy_for(session, today, is_public=is_public)
    rows = _evaluated(session, root_unit_id=root_unit_id, on=period.ends_on, basis=basis)
    if units_on is not None:
        rows = described_on(session, rows, units_on)
    selection = counting.select_responses(
        session, unit_ids=[row.id for row in rows], basis=basis,
        starts_on=period.starts_on, ends_on=period.ends_on,
    )  # fmt: skip
    counted = counting.headline(session, selection)
    inner = counting.periods_within(session, root_unit_ids=roots, period=period)
    hidden = counting.hidden_within(session, selection, inner, minimum=policy.min_staff)
    judged = judge(
        session, selection, counted, hidden=hidden, policy=policy, language=language,
        is_standardised=is_standardised and not inner,
    )  # fmt: skip
    return _comparison(
        session, root=units.unit_by_id(session, root_unit_id), rows=rows, selection=selection, counted=counted,
        judged=judged, policy=policy, period=counting.period_choice(period, language), is_composite=bool(inner),
        is_running=today <= period.ends_on, kind=kind, language=language,
        units_on=units_on or period.ends_on,
        peers=peer_standing(session, rows, selection, counted, judged, code=peers, policy=policy),
    )  # fmt: skip


def _evaluated(session: Session, *, root_unit_id: int, on: date, basis: str) -> list[UnitRow]:
    """Units of that day that took part in a wave of the basis, in Vietnamese order."""
    taking_part = calendar.units_in_waves(session, basis=basis)
    return [
        row
        for row in units.units_as_at(session, on, root_unit_id)
        if row.id in taking_part and row.id != root_unit_id
    ]


def _comparison(
    session: Session,
    *,
    root: UnitRow,
    rows: list[UnitRow],
    selection: Selection,
    counted: Headline,
    judged: Judged,
    policy: PolicyValues,
    period: PeriodChoice,
    is_composite: bool,
    is_running: bool,
    kind: str | None,
    language: str,
    units_on: date,
    peers: Peers,
) -> Comparison:
    """The rows of one kind of unit; they stay judged against all units of the root."""
    rates = response_bases(session, selection)
    compared = []
    for index, row in enumerate(rows):
        if (kind is not None and row.kind != kind) or (peers.code is not None and row.id not in peers.tiers):
            continue
        share = judged.shares[index]
        is_shown = share.showing is Showing.SHOWN
        rate = rates.get(row.id)
        target = target_figure(share.estimate, policy, is_running=is_running)
        compared.append(
            ComparedUnit(
                unit=row,
                share=share,
                shrunk=judged.shrunk.get(index),
                response_rate=share.n / rate if share.n is not None and rate else None,
                tier=judged.tiers[index] if is_shown else Tier.INSUFFICIENT,
                p_adjusted=float(judged.tiers.adjusted[index]) if is_shown else None,
                rank=judged.ranks.get(index),
                verdict=target.verdict if target else None,
                chances=judged.chances.get(index),
                standardised=judged.standardised.get(index),
                peer_tier=peers.tiers.get(row.id),
            )
        )
    shown_rows = [row.unit for row in compared]

    def mix_of(by: str) -> MixTable:
        if is_composite:
            return MixTable((), ())
        return unit_mixes.mix_table(session, selection, shown_rows, by=by, policy=policy, language=language)

    province = _province(selection, counted, judged=judged, policy=policy, language=language)
    return Comparison(
        root=root,
        basis=selection.basis,
        period=period,
        is_simulated=selection.is_simulated,
        method_version=METHOD_VERSION,
        province=province,
        reference=judged.tiers.province.value if province.estimate else None,
        n_withheld=sum(share.showing is Showing.WITHHELD for share in judged.shares),
        is_composite=is_composite,
        is_running=is_running,
        rows=tuple(compared),
        n_by_tier=dict(Counter(row.tier for row in compared)),
        adjustment=policy.tier_adjustment,
        alpha=policy.alpha,
        target=policy.target,
        n_to_separate=_n_to_separate(province, len(compared), policy),
        channels=mix_of("channel"),
        stages=mix_of("stage"),
        flagged=() if is_composite else unit_mixes.flagged_units(session, selection, compared, policy=policy),
        minimum_shown=policy.min_index,
        minimum_base=policy.min_staff,
        counted_from=counted_from(selection),
        n_places=peer_groups.n_places() if judged.chances else 0,
        n_ranked=len(judged.chances),
        units_on=units_on,
        standard=judged.standard,
        peer_groups=peers.groups,
        peers=peers.code,
        peer_reference=peers.reference,
    )


def _province(
    selection: Selection,
    counted: Headline,
    *,
    judged: Judged,
    policy: PolicyValues,
    language: str,
) -> ShareFigure:
    """The share over all units that are not withheld; a sample weights each unit by its frame."""
    kept = [index for index, share in enumerate(judged.shares) if share.showing is not Showing.WITHHELD]
    levels: Counter[str] = Counter()
    for index in kept:
        levels.update(counted.levels[index])
    drawn = judged.drawn
    estimate = counting.whole_share(drawn.moments, drawn.strata, rows=np.array(kept, dtype=np.intp))
    return share_figure(
        "overall",
        selection.parts[0].form.headline.text.in_language(language) if selection.parts else "",
        counts=levels,
        choices=counted.choices,
        estimate=estimate,
        policy=policy,
        language=language,
    )


def response_bases(session: Session, selection: Selection) -> dict[int, int | None]:
    """What a unit's responses are set against: hồ sơ for a stream, the target number for a sample."""
    if selection.basis == "sample":
        sizes = calendar.frame_sizes(
            session, wave_ids=[wave.id for wave in selection.waves], unit_ids=list(selection.unit_ids)
        )
        return {unit_id: target for unit_id, (_, target) in sizes.items()}
    return dict(
        transactions.transactions_between(
            session,
            unit_ids=list(selection.unit_ids),
            starts_on=selection.starts_on,
            ends_on=selection.ends_on,
        )
    )


def _n_to_separate(province: ShareFigure, n_units: int, policy: PolicyValues) -> int | None:
    """Respondents a unit needs so that a true difference of five points would show after all comparisons."""
    if province.estimate is None or not n_units:
        return None
    share = province.estimate.value
    if not 0 < share < 1:
        return None
    truth = share - SEPARATED_BY if share - SEPARATED_BY > 0 else share + SEPARATED_BY
    return n_to_confirm(share, truth, confidence_level=1 - policy.alpha / n_units)
