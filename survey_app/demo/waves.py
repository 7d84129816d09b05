"""What the demo does with waves beyond their answers: one is closed, one is planned, and so is a bridge."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.demo.fieldwork import INTERVIEWED_BY, WAVE_CODES
from survey_app.demo.places import ROOT
from survey_app.demo.truth import TODAY
from survey_app.models import Account, QuestionnaireVersion, Wave
from survey_app.queries import lookups, units
from survey_app.services import wave_plans, wave_states
from survey_app.services.accounts import Role, Viewer
from survey_app.services.wave_plans import WavePlan
from survey_app.vocabulary import Channel

AT = datetime(TODAY.year, TODAY.month, TODAY.day, 1, 0, tzinfo=UTC)
PLANNED, BRIDGE = "mot-cua-2027", "bac-cau-2026"


def prepare_waves(session: Session) -> None:
    """Close the wave whose grace is over, and plan two; the last step of the demo, since closing freezes."""
    root = units.unit_by_code(session, ROOT)
    account_id = session.scalars(select(Account.id).where(Account.name == INTERVIEWED_BY)).one()
    office = Viewer(account_id, Role.PAR_OFFICE, root.id)
    row = lookups.wave_by_code(session, WAVE_CODES[0])
    wave_states.close_books(session, row, reason="", by=office, now=AT, today=TODAY)
    newest = {
        code: session.scalars(
            select(QuestionnaireVersion.id)
            .where(QuestionnaireVersion.code == code)
            .order_by(QuestionnaireVersion.version.desc())
        ).first()
        for code in ("one_tap", "full_form")
    }
    common = {"root_unit_id": root.id, "grace_days": 30, "languages": None}
    plans = (
        WavePlan(
            code=PLANNED, title_vi="Phản hồi thường xuyên năm 2027", title_en="Continuous feedback 2027",
            basis="continuous", version_id=newest["full_form"], bridge_version_id=None,
            opens_on=date(2027, 1, 1), closes_on=date(2027, 12, 31), channels=None, **common,
        ),
        WavePlan(
            code=BRIDGE, title_vi="Đợt bắc cầu sang phiếu mới", title_en="Bridge wave to the new form",
            basis="continuous", version_id=newest["full_form"], bridge_version_id=newest["one_tap"],
            opens_on=date(2026, 11, 1), closes_on=date(2026, 12, 31),
            channels=(int(Channel.KIOSK), int(Channel.QR)), **common,
        ),
    )  # fmt: skip
    for plan in plans:
        wave_plans.create_draft(session, plan, by=office, now=AT)
        session.get_one(
            Wave, wave_plans.own_wave(session, plan.code, viewer=office).row.id
        ).is_simulated = True
    session.flush()
