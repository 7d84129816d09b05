"""What is released to whom, and the one function that withholds, for page, CSV, XLSX, DOCX, API and print alike.

The plan is finite and is data: the tables and one-dimension drill-downs that each audience gets. Whatever writes a
release takes what `withhold` returns, so no writer withholds again, and what is withheld in one is withheld in all.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from survey_app.errors import DisclosureLeft
from survey_app.services.figures import QualityFigure, Scorecard
from survey_app.services.policy import PolicyValues
from survey_app.services.release_attack import solved_cells
from survey_app.services.release_cells import (
    PARTITIONS,
    Minimums,
    at_index_minimum,
    at_minimums,
    small_cells,
    without_cells,
    without_figures,
)
from survey_app.services.release_checks import Finding, findings, remembered, revisions
from survey_app.services.release_remedies import remedied, with_cards, without_units
from survey_app.services.report_content import ReportContent
from survey_app.services.rounding import rounded

SEED = Path(__file__).resolve().parents[2] / "seeds" / "release_plan.json"
# Tables of a scorecard that are fields of it, and what stands there when the audience does not get them.
_EMPTY: Mapping[str, object] = {
    "factors": (), "indices": (), "reasons_bad": (), "reasons_good": (), "channels": (), "stages": (), "fields": (),
    "assisted": (), "trend": None, "comments": None, "to_do": (), "quality": QualityFigure(None, None, None, 0),
}  # fmt: skip


class Audience(StrEnum):
    """Who gets a release: staff of the office, or everybody."""

    STAFF = "staff"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one audience gets: which tables, from which minimums, shares to how many decimals."""

    minimum: str
    index_minimum: str
    share_digits: int | None
    tables: frozenset[str]

    def minimums(self, policy: PolicyValues) -> Minimums:
        return Minimums(getattr(policy, self.minimum), getattr(policy, self.index_minimum))


@cache
def plan_of(audience: Audience) -> Plan:
    """The plan of an audience, as the data say it."""
    said = json.loads(SEED.read_text(encoding="utf-8"))["audiences"][audience.value]
    return Plan(said["minimum"], said["index_minimum"], said["share_digits"], frozenset(said["tables"]))


def withhold(
    content: ReportContent,
    *,
    audience: Audience,
    policy: PolicyValues,
    earlier: Sequence[ReportContent] = (),
    successors: Mapping[int, int] | None = None,
) -> ReportContent:
    """The content as this audience may have it, beside every earlier release, oldest first.

    `earlier` are contents as they were released to the audience; `successors` names, for each unit that ended in
    another, that other one. A unit that fewer than the minimum joined since an earlier revision keeps that revision.
    """
    plan = plan_of(audience)
    minimums = plan.minimums(policy)
    cut = _at_minimums(_only_planned(content, plan), minimums)
    if plan.share_digits is not None:
        cut = rounded(cut, plan.share_digits)
    lines = successors or {}
    cut = _merged_as_a_whole(cut, earlier, lines)
    seen: list[tuple[Finding, ...]] = []
    while found := _findings(cut, earlier, lines, minimums.base):
        if seen.count(found) > 1:
            raise DisclosureLeft(found[0].unit)
        # Where a round changed nothing, the units named are not told of at all.
        cut = without_units(cut, found) if found in seen else remedied(cut, earlier, found)
        seen.append(found)
    return cut


def disclosure_findings(
    content: ReportContent,
    previous: ReportContent | Sequence[ReportContent] | None = None,
    *,
    successors: Mapping[int, int] | None = None,
) -> tuple[Finding, ...]:
    """What a release would give away by itself and beside earlier ones; empty for what `withhold` returned."""
    earlier = (previous,) if isinstance(previous, ReportContent) else tuple(previous or ())
    return _findings(content, earlier, successors or {}, content.comparison.minimum_base)


def _findings(
    content: ReportContent, earlier: Sequence[ReportContent], successors: Mapping[int, int], k: int
) -> tuple[Finding, ...]:
    """By single sums first; by all of them together once those tell nothing."""
    found = findings(content, earlier, successors=successors, k=k)
    return found or tuple(solved_cells(content, remembered(content, earlier), k))


def _merged_as_a_whole(
    content: ReportContent, earlier: Sequence[ReportContent], successors: Mapping[int, int]
) -> ReportContent:
    """No drill-down of a unit whose predecessors were told of in the same period: three tables would tell a fourth."""
    before = revisions(content, earlier)
    told = {successors[card.unit.id] for each in before for card in each.cards if card.unit.id in successors}
    parts = dict.fromkeys(("factors", "indices", "reasons_bad", "reasons_good", *PARTITIONS), ())

    def cut(card: Scorecard) -> Scorecard:
        return replace(card, **parts) if card.unit.id in told else card  # type: ignore[arg-type]

    return with_cards(content, cut)


def _only_planned(content: ReportContent, plan: Plan) -> ReportContent:
    """Without the tables that the audience does not get."""
    gone = {name: value for name, value in _EMPTY.items() if name not in plan.tables}
    if "comments" not in plan.tables:
        gone["n_comments_waiting"] = False

    def planned(card: Scorecard) -> Scorecard:
        return replace(card, **gone)  # type: ignore[arg-type]

    compared = content.comparison
    flagged = compared.flagged if "quality" in plan.tables else ()
    return with_cards(replace(content, comparison=replace(compared, flagged=flagged)), planned)


def _at_minimums(content: ReportContent, minimums: Minimums) -> ReportContent:
    """No cell below the minimum base, no index below that of an index."""

    def cut(card: Scorecard) -> Scorecard:
        overall = at_minimums(card.overall, minimums)
        if overall.n is None:
            return without_figures(card)
        if overall.estimate is None and card.overall.estimate is not None:
            return replace(without_figures(card), overall=overall, n_responses=overall.n)
        return at_index_minimum(without_cells(card, small_cells(card, minimums)), minimums)

    compared = replace(
        content.comparison,
        province=at_minimums(content.comparison.province, minimums),
        minimum_base=minimums.base,
        minimum_shown=minimums.index,
    )

    def minimum(card: Scorecard) -> Scorecard:
        return replace(card, minimum_base=minimums.base, minimum_shown=minimums.index)

    return with_cards(replace(content, comparison=compared), lambda card: minimum(cut(card)))
