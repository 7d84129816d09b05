"""Numbers of others: made-up points of the nine indicators and made-up published figures, all marked as simulated."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.demo.places import MANAGED_UNIT
from survey_app.models import IndicatorChoice, IndicatorCount, IndicatorSet, OfficialFigure, Period
from survey_app.queries import units

NEIGHBOUR = "QT.18880"
CHOSEN_ON = date(2026, 6, 1)
BASIS = "Căn cứ mô phỏng để xem thử; hệ thống thật cần văn bản hiện hành của tỉnh."
SOURCE = "Số mô phỏng để xem thử, không phải số đã công bố."
# Files that got 2, 1 and 0 points; indicators 5, 8 and 9 are of the unit as a whole.
FULL = {1: (1480, 420, 96), 2: (1502, 401, 93), 3: (1611, 302, 83), 4: (1820, 150, 26), 5: (0, 1, 0),
        6: (1990, 6, 0), 7: (1412, 561, 23), 8: (1, 0, 0), 9: (0, 1, 0)}  # fmt: skip
# Without 2, 5 and 9: no class may be named.
LACKING = {number: row for number, row in FULL.items() if number not in {2, 5, 9}}
OFFICERS = {
    "CB-01": {1: (310, 84, 12), 2: (300, 92, 14), 3: (350, 44, 12), 4: (380, 24, 2), 7: (290, 110, 6)},
    "CB-02": {1: (120, 60, 30), 3: (140, 50, 20), 4: (160, 44, 6), 7: (100, 98, 12)},
}


def enter_other_numbers(session: Session) -> None:
    """For one unit everything, for another what is missing, and for the province what others would publish."""
    managed, neighbour = (units.unit_by_code(session, code).id for code in (MANAGED_UNIT, NEIGHBOUR))
    root = units.ancestor_ids(session, managed)[-1]
    chosen = session.scalars(select(IndicatorSet.id).order_by(IndicatorSet.id)).first()
    period = session.scalars(select(Period.id).where(Period.code == "2026-Q3")).one()
    session.add(IndicatorChoice(root_unit_id=root, set_id=chosen, legal_basis=BASIS, chosen_on=CHOSEN_ON))
    entered = [(managed, "", FULL), (neighbour, "", LACKING)]
    entered += [(managed, officer, rows) for officer, rows in OFFICERS.items()]
    for unit_id, officer, rows in entered:
        for number, (two, one, zero) in rows.items():
            session.add(
                IndicatorCount(
                    unit_id=unit_id, period_id=period, officer=officer, number=number,
                    n_two=two, n_one=one, n_zero=zero, is_simulated=True,
                )
            )  # fmt: skip
    for unit_id, kind, title, value, out_of in (
        (root, "sipas", "Năm 2025", "84.27", "100"),
        (root, "service_quality", "Quý III/2026", "5.12", "6"),
        (managed, "service_quality", "Quý III/2026", "5.31", "6"),
    ):
        session.add(
            OfficialFigure(
                unit_id=unit_id, kind=kind, period_title=title, value=Decimal(value), out_of=Decimal(out_of),
                published_on=CHOSEN_ON, source=SOURCE, is_simulated=True,
            )
        )  # fmt: skip
    session.flush()
