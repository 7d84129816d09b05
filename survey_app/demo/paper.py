"""The demo's paper: two pads of one point, a box opened on the last day, and a batch that is half keyed."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.demo.places import MANAGED_UNIT
from survey_app.demo.truth import LAST_DAY
from survey_app.models import Account, PaperBatch, PaperOpening, PaperPad
from survey_app.queries import paper, units
from survey_app.services import paper_entry, paper_openings, paper_pads
from survey_app.services.accounts import Role, Viewer
from survey_app.services.paper_entry import FIRST, KeyedSheet
from survey_app.services.paper_openings import BoxCount, NewOpening
from survey_app.services.paper_pads import NewPad
from survey_app.services.paper_sheet import Column

PRINTED_ON = date(2026, 8, 31)
N_SHEETS, N_HANDED_OUT = 50, 31
IN_THE_BOX = BoxCount(n_collected=14, n_blank=1, n_spoiled=1)
N_KEYED = 5
KEEPER = "dongha"


def open_a_box(session: Session) -> None:
    """What a manager finds under paper: something printed, something counted, something left to key."""
    unit = units.unit_by_code(session, MANAGED_UNIT)
    account_id = session.scalars(select(Account.id).where(Account.name == KEEPER)).one()
    keeper = Viewer(account_id, Role.MANAGER, unit.id)
    point = units.points_of_unit(session, unit.id, LAST_DAY)[0]
    wave = paper.waves_on_paper(session, unit.id, LAST_DAY)[0]
    printed = {"viewer": keeper, "today": PRINTED_ON, "now": _morning(PRINTED_ON)}
    new = NewPad(point.id, wave.id, "vi", N_SHEETS)
    first, _ = (paper_pads.add_pad(session, new, **printed) for _ in range(2))
    paper_pads.count_pad(
        session, pad_id=first, n_handed_out=N_HANDED_OUT, n_spoiled=1, viewer=keeper, today=LAST_DAY
    )
    opening = NewOpening(
        point_id=point.id,
        opened_on=LAST_DAY,
        first_opener="Nguyễn Văn A (mô phỏng)",
        second_opener="Trần Thị B (mô phỏng)",
        counts={first: IN_THE_BOX},
    )
    opening_id = paper_openings.open_box(
        session, opening, viewer=keeper, today=LAST_DAY, now=_morning(LAST_DAY)
    )
    (batch,) = paper.batches_of_opening(session, opening_id)
    columns = paper_entry.batch_columns(session, batch.version_id)
    for position in range(1, N_KEYED + 1):
        sheet = KeyedSheet(
            keyed_round=FIRST,
            position=position,
            cells=tuple(_cell(column, position) for column in columns),
            is_finished=True,
            before=None,
        )
        paper_entry.save_row(session, sheet, batch_id=batch.id, viewer=keeper, today=LAST_DAY)


def paper_home(session: Session) -> dict[str, str]:
    """Paths of the one pad, opening and batch with something in them."""
    pad, opening, batch = (session.scalars(select(model.id).order_by(model.id).limit(1)).one()
                           for model in (PaperPad, PaperOpening, PaperBatch))  # fmt: skip
    return {
        "paper_pad": f"/fieldwork/paper/pads/{pad}",
        "paper_opening": f"/fieldwork/paper/openings/{opening}",
        "paper_batch": f"/fieldwork/paper/batches/{batch}",
    }


def _cell(column: Column, position: int) -> str:
    """Mostly the first two answers, as people give them; some questions left blank."""
    if (position + len(column.code)) % 7 == 0 and column.code != "overall":
        return ""
    return column.choices[(position + ord(column.number[-1])) % 2].key


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)
