"""The values that every staff page, chart and document shows; small cells are already withheld in them."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from analysis.types import Difference, Estimate, RankInterval, Tier, Verdict
from survey_app.queries.units import UnitRow


class Showing(Enum):
    """How much of a figure may be shown, by its base n and the policy in force."""

    SHOWN = "shown"
    INSUFFICIENT = "insufficient"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """A named row of the office's calendar."""

    code: str
    title: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Level:
    """How many gave one level of the scale, or one missing reason."""

    code: str
    label: str
    n: int
    is_satisfied: bool = False


@dataclass(frozen=True, slots=True)
class ShareFigure:
    """A share with everything needed to check it by hand; numbers are None where withheld or too few."""

    code: str
    label: str
    showing: Showing
    n: int | None
    n_satisfied: int | None
    estimate: Estimate | None
    levels: tuple[Level, ...] = ()
    missing: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class FactorFigure:
    """A factor, its items, and whether it is really below the next one."""

    share: ShareFigure
    mean: Estimate | None
    items: tuple[ShareFigure, ...]


@dataclass(frozen=True, slots=True)
class ExpectedFactor:
    """A factor by how many expect it to improve and how satisfied people are; `place` is one of five quadrants."""

    code: str
    label: str
    n_chosen: int
    importance: Estimate
    performance: Estimate
    place: str


@dataclass(frozen=True, slots=True)
class ExpectedFigure:
    """Importance against performance; the cuts are the means of the factors shown."""

    n_asked: int
    rows: tuple[ExpectedFactor, ...]
    importance_cut: float
    performance_cut: float


@dataclass(frozen=True, slots=True)
class TargetFigure:
    """The three-way verdict, and how many respondents would settle it if the truth were `assumed`.

    `interval` is what the verdict was read from: while a period runs, one that holds however often it is looked at.
    """

    target: float
    verdict: Verdict
    interval: Estimate
    is_running: bool
    assumed: float
    n_to_confirm: int | None


@dataclass(frozen=True, slots=True)
class ChangeFigure:
    """This period against the one before, on the same form; `difference` is None where no form is shared.

    `same_form_from` is the day from which the earlier period used the form, if it began with another. While the
    period runs the difference is looked at again and again, so nothing is concluded from it.
    """

    previous: PeriodChoice
    difference: Difference | None
    same_form_from: date | None
    is_running: bool = False


@dataclass(frozen=True, slots=True)
class MixRow:
    """One slice of who answered; `share` is of all responses counted."""

    code: str
    label: str
    showing: Showing
    n: int | None
    share: float | None
    satisfied: Estimate | None


@dataclass(frozen=True, slots=True)
class IndexFigure:
    """One of the four named indices, over full forms only."""

    name: str
    label: str
    estimate: Estimate | None
    n: int | None


@dataclass(frozen=True, slots=True)
class CommentBatch:
    """Comments released together, shuffled; `waiting` are not enough yet to be released."""

    released_on: date
    n: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QualityFigure:
    """Signs to be looked at: how many responses carry one, and the share without them; and what two people took out."""

    n_flagged: int | None
    with_flagged: Estimate | None
    without_flagged: Estimate | None
    n_excluded: int
    if_counted: Estimate | None = None


@dataclass(frozen=True, slots=True)
class ClosingFigure:
    """What closed waves mean for a page: answers that came after, and whether parts lack waves without days."""

    n_late: int = 0
    lacks_days: bool = False


@dataclass(frozen=True, slots=True)
class WeekPoint:
    """A point of the control chart: one or more whole weeks, pooled until 30 respondents.

    `is_run` marks the end of a run on one side of the centre, `is_signal` any signal.
    """

    starts_on: date
    ends_on: date
    n: int
    share: float
    lower: float
    upper: float
    center: float
    is_signal: bool
    is_run: bool = False


@dataclass(frozen=True, slots=True)
class Recoding:
    """From which day a form holds, and which new answer each old one is counted as: (old words, new words)."""

    on: date
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrendFigure:
    """The control chart: shares by week with limits that follow n.

    `breaks` are days from which another form measures something else; where the older answers were recoded, by
    the mapping published with the form, `recodings` say how.
    """

    method: str
    points: tuple[WeekPoint, ...]
    breaks: tuple[date, ...]
    recodings: tuple[Recoding, ...] = ()


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing that waits for this manager; `kind` picks the words, the rest fill them."""

    kind: str
    subject: str
    on: date | None = None
    n: int | None = None
    # What it is about, where a page of its own shows it.
    target_id: int | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One unit in one period on one basis: the only source of page, chart and document."""

    unit: UnitRow
    basis: str
    period: PeriodChoice
    released_through: date | None
    is_simulated: bool
    method_version: str
    confidence_level: float
    overall: ShareFigure
    is_composite: bool
    n_responses: int | None
    n_transactions: int | None
    response_rate: float | None
    design_effect: float | None
    target: TargetFigure | None
    change: ChangeFigure | None
    trend: TrendFigure | None
    reasons_bad: tuple[ShareFigure, ...]
    reasons_good: tuple[ShareFigure, ...]
    factors: tuple[FactorFigure, ...]
    lowest_is_separate: bool | None
    indices: tuple[IndexFigure, ...]
    channels: tuple[MixRow, ...]
    stages: tuple[MixRow, ...]
    assisted: tuple[MixRow, ...]
    fields: tuple[MixRow, ...]
    comments: CommentBatch | None
    n_comments_waiting: bool
    quality: QualityFigure
    to_do: tuple[ToDo, ...]
    minimum_shown: int
    minimum_base: int
    closing: ClosingFigure = ClosingFigure()
    # The first day counted, where earlier answers are to a form that measures something else.
    counted_from: date | None = None
    # What people expect to improve against how satisfied they are, where the form asks.
    expected: ExpectedFigure | None = None


@dataclass(frozen=True, slots=True)
class ShrunkFigure:
    """A unit's share drawn towards the common level of all units, for reading beside its own, never instead of it.

    `weight` is that of the unit's own answers; the rest is the common level.
    """

    value: float
    ci_low: float
    ci_high: float
    weight: float


@dataclass(frozen=True, slots=True)
class RankChances:
    """How probable it is that a unit truly stands among the first and among the last places; for reading only."""

    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class StandardisedFigure:
    """A unit's share as if it had been answered through the channels of all units together.

    `n_joined` channels had too few answers and were counted with another one.
    """

    estimate: Estimate
    n_joined: int


@dataclass(frozen=True, slots=True)
class StandardShare:
    """A channel's part of the standard mix."""

    code: str
    label: str
    share: float


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """Units alike in kind, in people, and in how many of their files are of the heavy fields.

    `low` and `high` bound the population (`high` excluded); `is_heavy` is None where fields do not divide the group.
    """

    code: str
    kind: str
    low: int | None
    high: int | None
    is_heavy: bool | None
    unit_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ComparedUnit:
    """One row of the comparison; `rank` only on a sample basis, never without its interval.

    `chances` come with ranks only. `peer_tier` stands against the chosen peer group, None without one.
    """

    unit: UnitRow
    share: ShareFigure
    shrunk: ShrunkFigure | None
    response_rate: float | None
    tier: Tier
    p_adjusted: float | None
    rank: RankInterval | None
    verdict: Verdict | None
    chances: RankChances | None = None
    standardised: StandardisedFigure | None = None
    peer_tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class UnitMix:
    """How a unit's responses split over the columns of a table; a withheld part is None."""

    unit: UnitRow
    n: int | None
    shares: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class MixTable:
    """Responses of every unit by channel or stage."""

    columns: tuple[str, ...]
    rows: tuple[UnitMix, ...]


@dataclass(frozen=True, slots=True)
class FlaggedUnit:
    """A unit's share with and without responses that carry a sign; signs are no verdict."""

    unit: UnitRow
    n_flagged: int
    with_flagged: Estimate
    without_flagged: Estimate


@dataclass(frozen=True, slots=True)
class Comparison:
    """All units against the province in one period on one basis.

    The province leaves out withheld units, whose numbers would otherwise follow by subtraction. `reference` is the
    share of all counted responses taken alike, against which tiers are judged. A composite period holds shorter ones;
    of a running one the groups are provisional.
    """

    root: UnitRow
    basis: str
    period: PeriodChoice
    is_simulated: bool
    method_version: str
    province: ShareFigure
    reference: float | None
    n_withheld: int
    is_composite: bool
    is_running: bool
    rows: tuple[ComparedUnit, ...]
    n_by_tier: dict[Tier, int]
    adjustment: str
    alpha: float
    target: float
    n_to_separate: int | None
    channels: MixTable
    stages: MixTable
    flagged: tuple[FlaggedUnit, ...]
    minimum_shown: int
    minimum_base: int
    counted_from: date | None = None
    n_places: int = 0
    n_ranked: int = 0
    units_on: date | None = None
    standard: tuple[StandardShare, ...] = ()
    peer_groups: tuple[PeerGroup, ...] = ()
    peers: str | None = None
    peer_reference: float | None = None


@dataclass(frozen=True, slots=True)
class OfficeTask:
    """One line with one action; `names` are a few of the `n` that it is about, `of` names the wave or change."""

    kind: str
    n: int
    names: tuple[str, ...] = ()
    of: str = ""
    code: str = ""
    on: date | None = None
    n_answers: int | None = None
