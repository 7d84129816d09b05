"""The demo's kiosks: one waits for its network, one lost answers on the way, one is on trial. Simulated."""

import secrets
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.demo.places import MANAGED_UNIT
from survey_app.demo.truth import LAST_DAY
from survey_app.models import Account, DeviceState
from survey_app.queries import units
from survey_app.services import device_ledger, devices
from survey_app.services.accounts import Role, Viewer
from survey_app.services.device_profile import KioskProfile, hashed_pin
from survey_app.signing import Signer

INSTALLED_ON = date(2026, 3, 15)
OTHER_UNIT = "QT.18880"
DEMO_PIN = "2468"
# Name, unit, state; numbers finished, received, still held.
KIOSKS = (
    ("Máy ở lối ra (mô phỏng)", MANAGED_UNIT, "active", 812, 798, 14),
    ("Máy ở sảnh chờ (mô phỏng)", MANAGED_UNIT, "trial", 6, 6, 0),
    ("Máy ở lối ra (mô phỏng)", OTHER_UNIT, "active", 640, 630, 0),
)


def set_up_kiosks(session: Session) -> None:
    """What stands under devices, as if each kiosk had been heard on the last evening."""
    # Nobody holds a key of these: the secret that would derive them is thrown away.
    signer = Signer(secrets.token_hex())
    account_id = session.scalars(select(Account.id).where(Account.role == Role.ADMIN.value)).one()
    for name, unit_code, state, n_finished, n_received, n_unsent in KIOSKS:
        unit = units.unit_by_code(session, unit_code)
        keeper = Viewer(account_id, Role.ADMIN, unit.id)
        enrolment = devices.expect_device(
            session,
            signer=signer,
            point_id=units.points_of_unit(session, unit.id, LAST_DAY)[0].id,
            name=name,
            profile=KioskProfile(**hashed_pin(DEMO_PIN)),
            viewer=keeper,
            now=_evening(INSTALLED_ON),
            on=INSTALLED_ON,
        )
        devices.enrol(session, signer=signer, code=enrolment.code, now=_evening(INSTALLED_ON))
        if state == "active":
            devices.commission(
                session, enrolment.device_id, viewer=keeper, now=_evening(INSTALLED_ON), on=INSTALLED_ON
            )
        _count(session, enrolment.device_id, n_finished=n_finished, n_received=n_received, n_unsent=n_unsent)


def _count(session: Session, device_id: int, *, n_finished: int, n_received: int, n_unsent: int) -> None:
    for number in range(1, n_received + 1):
        device_ledger.tick(session, device_id, number)
    session.add(
        DeviceState(
            device_id=device_id,
            seen_at=_evening(LAST_DAY),
            app_version="demo",
            n_opened=n_finished + n_finished // 9,
            n_finished=n_finished,
            n_sent=n_finished - n_unsent,
            n_unsent=n_unsent,
            n_refused=0,
            oldest_unsent_days=2 if n_unsent else None,
            battery_percent=86,
            is_charging=True,
            clock_skew_seconds=3,
            storage_percent=1,
            is_storage_persistent=True,
        )
    )


def _evening(day: date) -> datetime:
    """Five in the afternoon at the office."""
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
