"""A report's content as parts that can be frozen and read one at a time, and the content of its parts."""

from collections.abc import Iterator, Mapping
from typing import Any

from survey_app.services import freezing
from survey_app.services.figures import Comparison, Scorecard
from survey_app.services.report_content import ReportContent

COMPARISON, WHOLE = "comparison", "whole"


def unit_part(unit_id: int) -> str:
    return f"unit:{unit_id}"


def split(content: ReportContent) -> Iterator[tuple[str, Any]]:
    yield COMPARISON, freezing.freeze(content.comparison)
    if content.whole is not None:
        yield WHOLE, freezing.freeze(content.whole)
    for card in content.cards:
        yield unit_part(card.unit.id), freezing.freeze(card)


def joined(parts: Mapping[str, Any], language: str) -> ReportContent:
    """The content of one language, of its parts in their order."""
    cards = (
        freezing.thaw(part, Scorecard) for name, part in parts.items() if name not in (COMPARISON, WHOLE)
    )
    whole = freezing.thaw(parts[WHOLE], Scorecard) if WHOLE in parts else None
    return ReportContent(language, freezing.thaw(parts[COMPARISON], Comparison), whole, tuple(cards))
