"""Everything one report says: the comparison of all units and the scorecard of each, taken at one moment."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.services import accounts, comparisons, scorecards, whole_scorecards
from survey_app.services.figures import Comparison, Scorecard


@dataclass(frozen=True, slots=True)
class ReportContent:
    """What page, PDF, DOCX, XLSX, CSV and API are all drawn from, so that they cannot disagree.

    `whole` is the scorecard of all units together, None where the office has none; `cards` are those of the units in
    the order of the comparison's rows.
    """

    language: str
    comparison: Comparison
    whole: Scorecard | None
    cards: tuple[Scorecard, ...]

    def card(self, unit_id: int) -> Scorecard | None:
        """The scorecard of one unit; None if the report has none of it."""
        return next((card for card in self.cards if card.unit.id == unit_id), None)


def report_content(
    session: Session,
    *,
    root_unit_id: int,
    basis: str,
    period_code: str | None,
    viewer: accounts.Viewer,
    today: date,
    language: str = "vi",
    is_public: bool = False,
) -> ReportContent | None:
    """The content of a period's report; None while the office has no period.

    In what is to be published every cell holds the public minimum.
    """
    compared = comparisons.compare_units(
        session, root_unit_id=root_unit_id, basis=basis, period_code=period_code, kind=None,
        viewer=viewer, today=today, language=language, is_public=is_public,
    )  # fmt: skip
    if compared is None:
        return None
    cards = (
        scorecards.unit_scorecard(
            session, unit_id=row.unit.id, basis=basis, period_code=period_code,
            viewer=viewer, today=today, language=language, is_public=is_public,
        )
        for row in compared.rows
    )  # fmt: skip
    whole = whole_scorecards.whole_of(
        session, compared, viewer=viewer, today=today, language=language, is_public=is_public
    )
    return ReportContent(language, compared, whole, tuple(card for card in cards if card is not None))
