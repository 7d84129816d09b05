"""What a publication says: a report's content at the public minimum, in every language, as parts that can be frozen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.services import (
    accounts,
    comparisons,
    freezing,
    public_withholding,
    scorecards,
    whole_scorecards,
)
from survey_app.services.figures import (
    ClosingFigure,
    ComparedUnit,
    QualityFigure,
    Scorecard,
    ShareFigure,
)
from survey_app.services.publication_parts import joined, split, unit_part
from survey_app.services.report_content import ReportContent, report_content

LANGUAGES = ("vi", "en")
# What frozen content holds of words; units keep their Vietnamese names.
WORDS = frozenset({"label", "title"})
NO_SIGNS = QualityFigure(None, None, None, 0)
# How far a figure counted again may lie from what was kept: the order of adding is not fixed.
TOLERANCE = 1e-9
Parts = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Unlike:
    """One value that is not as it was: where it stands, and both."""

    where: str
    kept: str
    found: str


def content_parts(
    session: Session,
    *,
    root_unit_id: int,
    basis: str,
    period_code: str,
    viewer: accounts.Viewer,
    as_of: date,
    earlier: Sequence[int],
) -> Parts | None:
    """The content by language and part, as everyone may have it beside the earlier releases.

    None while the office has no period.
    """
    about: dict[str, Any] = {
        "root_unit_id": root_unit_id,
        "basis": basis,
        "viewer": viewer,
        "today": as_of,
        "is_public": True,
    }
    content = report_content(session, period_code=period_code, language="vi", **about)
    if content is None:
        return None
    found = {"vi": dict(split(for_release(content)))}
    for language in LANGUAGES[1:]:
        found[language] = _translated(session, content, found["vi"], language, about)
    return {
        language: dict(
            split(public_withholding.withheld(session, joined(parts, language), earlier=earlier, as_of=as_of))
        )
        for language, parts in found.items()
    }


def _translated(
    session: Session,
    content: ReportContent,
    parts: Mapping[str, dict[str, Any]],
    language: str,
    about: Mapping[str, Any],
) -> dict[str, dict[str, Any]]:
    """The same figures in another language: counted are the comparison and the whole, and their words are then known.

    A card with words that neither holds is counted too.
    """
    period_code = content.comparison.period.code
    compared = comparisons.compare_units(
        session, period_code=period_code, kind=None, language=language, **about
    )
    if compared is None or content.whole is None:
        raise NotFound(f"period {period_code}")
    whole = whole_scorecards.whole_of(
        session, compared, viewer=about["viewer"], today=about["today"], language=language, is_public=True
    )
    own = dict(split(for_release(ReportContent(language, compared, whole, ()))))
    words: dict[str, str | None] = {}
    for name, other in own.items():
        _learn(parts[name], other, words)
    for row in compared.rows:
        name = unit_part(row.unit.id)
        if name in parts:
            known = _told(parts[name], words)
            own[name] = known if known is not None else _counted(session, row, period_code, language, about)
    return own


def _counted(
    session: Session, row: ComparedUnit, period_code: str, language: str, about: Mapping[str, Any]
) -> dict[str, Any]:
    card = scorecards.unit_scorecard(
        session, unit_id=row.unit.id, basis=about["basis"], period_code=period_code, viewer=about["viewer"],
        today=about["today"], language=language, is_public=True,
    )  # fmt: skip
    if card is None:
        raise NotFound(f"period {period_code}")
    frozen: dict[str, Any] = freezing.freeze(replace(_card(card), unit=row.unit))
    return frozen


def _learn(one: Any, other: Any, words: dict[str, str | None]) -> None:
    """Which words stand for which; None where the same words are said in two ways."""
    if isinstance(one, dict):
        for name, value in one.items():
            if name in WORDS:
                words[value] = other[name] if words.get(value, other[name]) == other[name] else None
            elif name in other:
                _learn(value, other[name], words)
    elif isinstance(one, list) and len(one) == len(other):
        for each, its in zip(one, other, strict=True):
            _learn(each, its, words)


def _told(value: Any, words: Mapping[str, str | None]) -> Any:
    """Frozen content in other words; None where one is not known."""
    if isinstance(value, list):
        told = [_told(each, words) for each in value]
        return (
            None
            if any(new is None and old is not None for old, new in zip(value, told, strict=True))
            else told
        )
    if not isinstance(value, dict):
        return value
    found = {name: words.get(each) if name in WORDS else _told(each, words) for name, each in value.items()}
    return None if any(found[name] is None and each is not None for name, each in value.items()) else found


def for_release(content: ReportContent) -> ReportContent:
    """Without what is for staff alone, or moves after the books are closed.

    Comments may be purged, weeks become months, late answers come in, and signs to be looked at are no result.
    """
    comparison = replace(content.comparison, flagged=())
    names = {row.unit.id: row.unit for row in comparison.rows}
    cards = (replace(_card(card), unit=names[card.unit.id]) for card in content.cards)
    whole = None if content.whole is None else _card(content.whole)
    return ReportContent(content.language, comparison, whole, tuple(cards))


def _card(card: Scorecard) -> Scorecard:
    return replace(
        card, comments=None, n_comments_waiting=False, to_do=(), trend=None, quality=NO_SIGNS,
        closing=ClosingFigure(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """A figure by its unit and code."""

    unit_id: int
    code: str
    showing: str
    n: int | None
    value: float | None
    ci_low: float | None
    ci_high: float | None


def scores_of(content: ReportContent) -> list[Score]:
    """Every share of the whole and of each unit: overall, factors, items."""
    cards = content.cards if content.whole is None else (content.whole, *content.cards)
    return [
        _score(card.unit.id, share)
        for card in cards
        for share in (
            card.overall,
            *(share for factor in card.factors for share in (factor.share, *factor.items)),
        )
    ]


def _score(unit_id: int, share: ShareFigure) -> Score:
    estimate = share.estimate
    limits = (None,) * 3 if estimate is None else (estimate.value, estimate.ci_low, estimate.ci_high)
    return Score(unit_id, share.code, share.showing.value, share.n, *limits)


# Parts that are split by day: where only months are left, a period that cuts months cannot be split again.
BY_DAY = frozenset({"channels", "stages", "assisted", "fields"})
# What a unit is called is no figure; a unit renamed since keeps the name it was published under.
NAMES = frozenset({"unit", "root"})


def unlike(
    kept: Any, found: Any, *, where: str = "", leave_out: frozenset[str] = frozenset()
) -> Iterator[Unlike]:
    """Every value of frozen content that differs, named by the codes on the way to it."""
    if isinstance(kept, dict) and isinstance(found, dict):
        for name in {**kept, **found}:
            if name not in NAMES and name not in leave_out:
                place = f"{where} › {name}" if where else str(name)
                yield from unlike(kept.get(name), found.get(name), where=place, leave_out=leave_out)
    elif isinstance(kept, list) and isinstance(found, list) and len(kept) == len(found):
        for number, (one, other) in enumerate(zip(kept, found, strict=True)):
            yield from unlike(one, other, where=f"{where}[{_name_of(one, number)}]", leave_out=leave_out)
    elif not _is_same(kept, found):
        yield Unlike(where, _spelled(kept), _spelled(found))


def _name_of(value: Any, place: int) -> str:
    """The code of a figure, a factor or a unit; else its place."""
    if isinstance(value, dict):
        for each in (value, value.get("share"), value.get("unit")):
            if isinstance(each, dict) and each.get("code"):
                return str(each["code"])
    return str(place)


def _is_same(kept: Any, found: Any) -> bool:
    if isinstance(kept, float) and isinstance(found, float):
        return abs(kept - found) <= TOLERANCE * max(1.0, abs(kept))
    return bool(kept == found)


def _spelled(value: Any) -> str:
    return f"{value:.6f}" if isinstance(value, float) else str(value)[:80]
