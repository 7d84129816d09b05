"""Released comments of a unit and all below it, masked, with their themes, for reading, filtering and searching."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from analysis.intervals.shares import wilson_interval
from analysis.types import Estimate
from survey_app.errors import NotFound
from survey_app.months import months_later
from survey_app.names import clean_name, search_key
from survey_app.queries import calendar, comments, units
from survey_app.queries.comments import CommentRow
from survey_app.queries.units import UnitRow
from survey_app.services import accounts, counting, themes
from survey_app.services.masking import mask
from survey_app.services.policy import current_policy
from survey_app.services.themes import Theme

POLARITIES = ("bad", "neutral", "good")
MONTHS_BACK = 24
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class CommentChoice:
    """What a reader asked for; empty means everything."""

    polarity: str = ""
    month: str = ""
    theme: str = ""
    words: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ShownComment:
    """One comment as it may be read."""

    text: str
    month: date
    polarity: str


@dataclass(frozen=True, slots=True)
class PolarityShare:
    """How many of all comments are of a kind; None while there are too few for a share."""

    polarity: str
    n: int
    share: Estimate | None


@dataclass(frozen=True, slots=True)
class CommentPage:
    """The comments of a unit: how many, of which kinds, about what, and those that the choice leaves."""

    unit: UnitRow
    is_simulated: bool
    has_units_below: bool
    n: int
    polarities: tuple[PolarityShare, ...]
    months: tuple[date, ...]
    themes: tuple[Theme, ...]
    n_elsewhere: int
    found: tuple[ShownComment, ...]
    n_found: int
    n_pages: int
    is_waiting: bool
    minimum_batch: int
    choice: CommentChoice


def unit_comments(
    session: Session, *, unit_id: int, choice: CommentChoice, viewer: accounts.Viewer, today: date
) -> CommentPage:
    """Comments released to a unit the viewer may see, or to units below it; nothing of what still waits."""
    accounts.require_unit(session, unit_id=unit_id, viewer=viewer)
    if choice.polarity and choice.polarity not in POLARITIES:
        raise NotFound(f"polarity {choice.polarity}")
    policy = current_policy(session, today)
    own = set(units.unit_subtree_ids(session, unit_id, today)) | {unit_id}
    root = units.ancestor_ids(session, unit_id)[-1]
    everyone = set(units.unit_subtree_ids(session, root, today)) | {root} | own
    since = months_later(today.replace(day=1), -MONTHS_BACK)
    rows = comments.released_comments(session, unit_ids=everyone, since=since)
    here, elsewhere = (
        _masked(row for row in rows if row.unit_id in own),
        [mask(row.text) for row in rows if row.unit_id not in own],
    )
    found_themes = themes.find_themes(
        [each.text for each in here], elsewhere, confidence_level=policy.confidence_level
    )
    found = [each for each in here if _matches(each, choice)]
    first = (max(1, choice.page) - 1) * PAGE_SIZE
    return CommentPage(
        units.unit_by_id(session, unit_id), _is_simulated(session, sorted(own), since, today), len(own) > 1,
        len(here), _polarities(here, policy.confidence_level), tuple(sorted({e.month for e in here}, reverse=True)),
        found_themes, len(elsewhere), tuple(found[first : first + PAGE_SIZE]), len(found),
        max(1, -(-len(found) // PAGE_SIZE)), calendar.has_waiting_comments(session, unit_id),
        policy.comment_release_min, choice,
    )  # fmt: skip


def _masked(rows: Iterable[CommentRow]) -> list[ShownComment]:
    return [ShownComment(mask(row.text), row.month, row.polarity) for row in rows]


def _is_simulated(session: Session, unit_ids: list[int], since: date, today: date) -> bool:
    """Comments carry no wave; where any wave of these units in the time is made up, so may they be."""
    return any(
        counting.select_responses(
            session, unit_ids=unit_ids, basis=basis, starts_on=since, ends_on=today
        ).is_simulated
        for basis in counting.BASES
    )


def _polarities(rows: list[ShownComment], confidence_level: float) -> tuple[PolarityShare, ...]:
    if not rows:
        return ()
    counts = [sum(row.polarity == polarity for row in rows) for polarity in POLARITIES]
    shares = wilson_interval(counts, [len(rows)] * len(counts), confidence_level=confidence_level)
    return tuple(
        PolarityShare(polarity, n, shares[place])
        for place, (polarity, n) in enumerate(zip(POLARITIES, counts, strict=True))
    )


def _matches(row: ShownComment, choice: CommentChoice) -> bool:
    if choice.polarity and row.polarity != choice.polarity:
        return False
    if choice.month and f"{row.month:%Y-%m}" != choice.month:
        return False
    if choice.theme and choice.theme not in themes.terms(row.text):
        return False
    return not choice.words or holds(row.text, choice.words)


def holds(text: str, words: str) -> bool:
    """Whether a text holds what is searched: marks count if they are typed, and not if they are left out."""
    wanted = clean_name(words).casefold()
    if not search_key(wanted):
        return True
    if search_key(wanted) == " ".join(wanted.split()):
        return search_key(wanted) in search_key(text)
    return wanted in clean_name(text).casefold()
