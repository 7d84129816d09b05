"""Head of the province's documents and a conversion table, so that reports show both; marked as examples."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import ConversionTable, LetterheadVersion, Unit
from survey_app.queries import units
from survey_app.services.letterheads import default_head

FROM = date(2026, 1, 1)
BANDS = (("0", "0"), ("70", "0.5"), ("80", "1"), ("85", "1.5"), ("90", "2"))


def set_up_documents(session: Session) -> None:
    """One head and one table for each of the two bases, of the province."""
    root_id = session.scalars(
        select(Unit.id).where(Unit.parent_id.is_(None)).order_by(Unit.id).limit(1)
    ).one()
    head = default_head(units.unit_by_id(session, root_id))
    session.add(
        LetterheadVersion(
            unit_id=root_id, effective_from=FROM, superior=head.superior, issuer=head.issuer, place=head.place,
            abbreviation=head.abbreviation, signer_titles=list(head.signer_titles), signer_name="",
            recipients=[], bases=[],
        )
    )  # fmt: skip
    for basis in ("continuous", "sample"):
        session.add(
            ConversionTable(
                unit_id=root_id, title="Bảng quy đổi mô phỏng (tiêu chí mức độ hài lòng)", basis=basis,
                legal_basis="Mô phỏng để xem thử, không phải bảng điểm của tỉnh", valid_from=FROM, valid_to=None,
                bands=[{"from": start, "points": points} for start, points in BANDS],
            )
        )  # fmt: skip
