"""A kiosk from its one-time code to its end: who gets in, what counts, what it owes, and what is never lost."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from survey_app.db import write_transaction
from survey_app.errors import (
    AlreadyExists,
    DeviceRefused,
    DeviceRevoked,
    NotFound,
    UnknownEnrolment,
    UnreadableQueue,
)
from survey_app.models import AuditEntry, Device, DeviceDay, DeviceLedger, DeviceState, Response
from survey_app.services import device_import, device_ledger, devices
from survey_app.services.accounts import Role, Viewer
from survey_app.services.device_intake import (
    DayCount,
    Envelope,
    Heartbeat,
    hear,
    known_device,
    receive_from_device,
)
from survey_app.services.device_profile import KioskProfile
from survey_app.services.submissions import Submission
from survey_app.signing import PointToken, Signer
from survey_app.vocabulary import Channel

TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
SIGNER = Signer("a secret of the tests")


@pytest.fixture
def keeper(world):
    return Viewer(account_id=1, role=Role.PAR_OFFICE, unit_id=world.province)


@pytest.fixture(autouse=True)
def _account(session, world):
    """The account that acts; the audit names it."""
    from survey_app.models import Account

    if session.get(Account, 1) is None:
        session.add(
            Account(id=1, name="keeper", password_hash="-", role="par_office", unit_id=world.province)
        )
        session.commit()


def expect(session, keeper, place="Đông Hà", **changes):
    point_id = next(
        point_id
        for point_id, words in devices.points_to_choose(session, viewer=keeper, on=TODAY)
        if place in words
    )
    values = {
        "signer": SIGNER,
        "point_id": point_id,
        "name": "Máy 1",
        "profile": KioskProfile(),
        "viewer": keeper,
    }
    return devices.expect_device(session, **(values | {"now": NOW, "on": TODAY} | changes))


def enrolled(session, keeper, *, commissioned=True):
    enrolment = expect(session, keeper)
    kiosk = devices.enrol(session, signer=SIGNER, code=enrolment.code, now=NOW)
    if commissioned:
        devices.commission(session, enrolment.device_id, viewer=keeper, now=NOW, on=TODAY)
    session.commit()
    return enrolment.device_id, kiosk


def record(world, kiosk, **changes) -> Submission:
    token = PointToken(kiosk.code, world.versions["full_form_v1"], int(Channel.LINK), world.waves["full"])
    values = {
        "id": uuid4(), "point": token, "language": "vi", "answers": {"overall": "satisfied"},
        "parts": frozenset({1, 2}), "reached": frozenset({"overall", "reasons"}),
    }  # fmt: skip
    return Submission(**(values | changes))


def receive(session, kiosk, submission, number, *, is_trial=False):
    device = known_device(session, signer=SIGNER, code=kiosk.code, key=kiosk.key)
    receipt = receive_from_device(
        session, submission, device, Envelope(number, is_trial), signer=SIGNER, today=TODAY
    )
    session.commit()
    return receipt


def said(**changes) -> Heartbeat:
    values = {
        "app_version": "x", "n_opened": 0, "n_finished": 0, "n_sent": 0, "n_unsent": 0, "n_refused": 0,
        "oldest_unsent_days": None, "battery_percent": None, "is_charging": None, "storage_percent": None,
        "is_storage_persistent": True, "client_now": NOW, "days": [],
    }  # fmt: skip
    return Heartbeat(**(values | changes))


def standing(session, device_id, keeper):
    return devices.device_details(session, device_id, viewer=keeper, on=TODAY).standing


def test_one_time_code_lets_one_tablet_in_once(session, keeper):
    enrolment = expect(session, keeper)
    spelt = f" {enrolment.code[:4].lower()}-{enrolment.code[4:]} "
    kiosk = devices.enrol(session, signer=SIGNER, code=spelt, now=NOW)
    assert known_device(session, signer=SIGNER, code=kiosk.code, key=kiosk.key).state == "trial"
    for _ in range(2):
        with pytest.raises(UnknownEnrolment):
            devices.enrol(session, signer=SIGNER, code=enrolment.code, now=NOW)


def test_one_time_code_ends_after_an_hour_and_with_a_new_one(session, keeper):
    enrolment = expect(session, keeper)
    with pytest.raises(UnknownEnrolment):
        devices.enrol(session, signer=SIGNER, code=enrolment.code, now=NOW + timedelta(hours=1))
    who = {"viewer": keeper, "now": NOW, "on": TODAY}
    renewed = devices.renew_enrolment(session, enrolment.device_id, signer=SIGNER, **who)
    with pytest.raises(UnknownEnrolment):
        devices.enrol(session, signer=SIGNER, code=enrolment.code, now=NOW)
    devices.enrol(session, signer=SIGNER, code=renewed.code, now=NOW)
    with pytest.raises(AlreadyExists):
        devices.renew_enrolment(session, enrolment.device_id, signer=SIGNER, **who)


def test_no_database_holds_a_key_or_a_code(session, keeper):
    enrolment = expect(session, keeper)
    kept = session.scalars(select(Device)).one()
    assert enrolment.code.encode() not in kept.enrolment_hash
    kiosk = devices.enrol(session, signer=SIGNER, code=enrolment.code, now=NOW)
    session.flush()
    everything = repr([*session.execute(select(*Device.__table__.columns)).one()])
    assert kiosk.key not in everything and bytes.fromhex(kiosk.key) not in everything.encode(
        "latin-1", "ignore"
    )


@pytest.mark.parametrize("key", ["", "0" * 64, "zz"])
def test_another_key_is_refused(session, keeper, key):
    _, kiosk = enrolled(session, keeper)
    with pytest.raises(DeviceRefused):
        known_device(session, signer=SIGNER, code=kiosk.code, key=key)


def test_the_key_of_another_device_is_refused(session, keeper):
    _, one = enrolled(session, keeper)
    _, other = enrolled(session, keeper)
    with pytest.raises(DeviceRefused):
        known_device(session, signer=SIGNER, code=one.code, key=other.key)


def test_an_answer_of_a_kiosk_is_one_of_its_channel_and_collector(session, world, keeper):
    _, kiosk = enrolled(session, keeper)
    receive(session, kiosk, record(world, kiosk), 1)
    stored = session.scalars(select(Response)).one()
    assert (stored.channel, stored.collector, stored.is_test) == (Channel.KIOSK, kiosk.code, False)


def test_answers_of_the_trial_never_count_even_if_they_come_after_it(session, world, keeper):
    device_id, kiosk = enrolled(session, keeper, commissioned=False)
    receive(session, kiosk, record(world, kiosk), 1)
    devices.commission(session, device_id, viewer=keeper, now=NOW, on=TODAY)
    receive(session, kiosk, record(world, kiosk), 2, is_trial=True)
    receive(session, kiosk, record(world, kiosk), 3)
    assert sorted(session.scalars(select(Response.is_test))) == [False, True, True]
    with pytest.raises(AlreadyExists):
        devices.commission(session, device_id, viewer=keeper, now=NOW, on=TODAY)


def test_a_retry_under_its_number_adds_neither_a_row_nor_a_tick(session, world, keeper):
    device_id, kiosk = enrolled(session, keeper)
    same = record(world, kiosk)
    receipts = [receive(session, kiosk, same, 1) for _ in range(3)]
    assert [receipt.is_new for receipt in receipts] == [True, False, False]
    assert len({receipt.code for receipt in receipts}) == 1
    assert standing(session, device_id, keeper).received == device_ledger.Received(1, 1)


def test_ten_answers_dropped_on_the_way_are_missed(session, world, keeper):
    """A proxy that says yes and throws away: the device has counted on, and nothing of it comes."""
    device_id, kiosk = enrolled(session, keeper)
    dropped = set(range(11, 21))
    for number in range(1, 41):
        if number not in dropped:
            receive(session, kiosk, record(world, kiosk), number)
    device = known_device(session, signer=SIGNER, code=kiosk.code, key=kiosk.key)
    before = standing(session, device_id, keeper)
    assert (before.n_finished, before.n_owed, before.n_missing) == (40, 10, 10)
    hear(session, device, said(n_finished=40, n_sent=40), now=NOW, today=TODAY)
    after = standing(session, device_id, keeper)
    assert (after.n_finished, after.n_owed, after.n_held, after.n_missing) == (40, 10, 0, 10)


def test_what_waits_on_the_device_is_owed_and_not_missing(session, world, keeper):
    device_id, kiosk = enrolled(session, keeper)
    receive(session, kiosk, record(world, kiosk), 1)
    device = known_device(session, signer=SIGNER, code=kiosk.code, key=kiosk.key)
    hear(session, device, said(n_finished=15, n_sent=1, n_unsent=12, n_refused=2), now=NOW, today=TODAY)
    found = standing(session, device_id, keeper)
    assert (found.n_owed, found.n_held, found.n_missing) == (14, 14, 0)


def test_the_unit_is_told_which_of_its_kiosks_in_use_owe(session, world, keeper):
    device_id, kiosk = enrolled(session, keeper)
    receive(session, kiosk, record(world, kiosk), 3)
    unit_id = world.units["Đông Hà"]
    assert [each.n_owed for each in devices.owing(session, unit_id=unit_id, on=TODAY)] == [2]
    assert devices.owing(session, unit_id=world.units["Hòa Xuân"], on=TODAY) == ()
    devices.revoke(session, device_id, viewer=keeper, now=NOW, on=TODAY)
    assert devices.owing(session, unit_id=unit_id, on=TODAY) == ()


def test_a_heartbeat_takes_the_place_of_the_one_before(session, keeper):
    _, kiosk = enrolled(session, keeper)
    device = known_device(session, signer=SIGNER, code=kiosk.code, key=kiosk.key)
    day = DayCount(age_days=1, n_opened=5, n_finished=4, n_morning=3, n_afternoon=1, n_after_hours=0)
    old = DayCount(age_days=41, n_opened=1, n_finished=1, n_morning=1, n_afternoon=0, n_after_hours=0)
    wrong_clock = NOW - timedelta(days=3650)
    for n in (1, 2):
        later = NOW + timedelta(minutes=n)
        hear(
            session,
            device,
            said(n_finished=n, client_now=wrong_clock, days=[day, old]),
            now=later,
            today=TODAY,
        )
    state = session.scalars(select(DeviceState)).one()
    assert (state.n_finished, state.seen_at) == (2, NOW + timedelta(minutes=2))
    assert state.clock_skew_seconds == -3650 * 86400 - 120
    days = session.execute(select(DeviceDay.day, DeviceDay.n_finished)).all()
    assert days == [(TODAY - timedelta(days=1), 4)]


def test_revoked_is_refused_at_once_and_its_page_is_gone(session, keeper, world):
    device_id, kiosk = enrolled(session, keeper)
    devices.revoke(session, device_id, viewer=keeper, now=NOW, on=TODAY)
    with pytest.raises(DeviceRevoked):
        receive(session, kiosk, record(world, kiosk), 1)
    assert session.scalar(select(func.count()).select_from(Response)) == 0


def test_swapping_keeps_the_point_and_closes_the_old_ledger_with_its_gap(session, world, keeper):
    device_id, kiosk = enrolled(session, keeper)
    receive(session, kiosk, record(world, kiosk), 1)
    device = known_device(session, signer=SIGNER, code=kiosk.code, key=kiosk.key)
    hear(session, device, said(n_finished=4, n_sent=1, n_unsent=3), now=NOW, today=TODAY)
    fresh = devices.swap(session, device_id, reason="broken", signer=SIGNER, viewer=keeper, now=NOW, on=TODAY)
    old = standing(session, device_id, keeper).device
    new = standing(session, fresh.device_id, keeper).device
    assert (old.state, old.end_reason, old.n_missing_at_end) == ("replaced", "broken", 3)
    assert (new.point_id, new.name, new.state, new.replaces_id) == (
        old.point_id,
        old.name,
        "awaiting",
        device_id,
    )
    # The old tablet comes to life again and delivers what it held.
    receive(session, kiosk, record(world, kiosk), 2)
    assert standing(session, device_id, keeper).n_owed == 2
    with pytest.raises(AlreadyExists):
        devices.swap(session, device_id, reason="broken", signer=SIGNER, viewer=keeper, now=NOW, on=TODAY)
    with pytest.raises(NotFound):
        devices.swap(session, device_id, reason="bored", signer=SIGNER, viewer=keeper, now=NOW, on=TODAY)


def test_a_device_of_a_foreign_unit_is_not_found(session, world, keeper):
    device_id, _ = enrolled(session, keeper)
    stranger = Viewer(account_id=1, role=Role.MANAGER, unit_id=world.units["Hòa Xuân"])
    assert devices.all_standings(session, viewer=stranger, on=TODAY) == ()
    who = {"viewer": stranger, "on": TODAY}
    with pytest.raises(NotFound):
        devices.device_details(session, device_id, **who)
    with pytest.raises(NotFound):
        devices.revoke(session, device_id, now=NOW, **who)
    with pytest.raises(NotFound):
        devices.report_incident(session, device_id, reason="power", now=NOW, **who)
    with pytest.raises(NotFound):
        expect(session, keeper, viewer=stranger)


def test_an_incident_lasts_until_the_next_or_the_end(session, keeper):
    device_id, _ = enrolled(session, keeper)
    for reason in ("power", "network"):
        devices.report_incident(session, device_id, reason=reason, viewer=keeper, now=NOW, on=TODAY)
    assert standing(session, device_id, keeper).incident.reason == "network"
    devices.end_incident(session, device_id, viewer=keeper, on=TODAY + timedelta(days=1))
    details = devices.device_details(session, device_id, viewer=keeper, on=TODAY)
    assert details.standing.incident is None
    assert [incident.ended_on for incident in details.incidents] == [TODAY + timedelta(days=1), TODAY]


def test_a_new_profile_without_a_pin_keeps_the_old_one(session, keeper):
    device_id, _ = enrolled(session, keeper)
    first = KioskProfile(pin_salt="ab", pin_hash="cd")
    who = {"viewer": keeper, "now": NOW, "on": TODAY}
    devices.change_profile(session, device_id, first, name="Máy 2", **who)
    devices.change_profile(session, device_id, KioskProfile(idle_seconds=45), name="Máy 2", **who)
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert last.details["after"]["idle_seconds"] == 45
    assert last.details["before"]["idle_seconds"] != 45
    assert "pin" not in repr(last.details) and "name" not in last.details["after"]
    profile = standing(session, device_id, keeper).profile
    assert (profile.idle_seconds, profile.pin_salt, profile.pin_hash) == (45, "ab", "cd")


# ---- the ledger ----
def test_ledger_rows_are_made_beforehand_and_every_number_ticks_once(session, keeper):
    device_id, _ = enrolled(session, keeper)
    blocks = session.execute(select(DeviceLedger.block, DeviceLedger.ticked)).all()
    assert len(blocks) >= 4 and all(not any(ticked) for _, ticked in blocks)
    numbers = [1, 8, 9, 1024, 1025, 5000, 100_000, device_ledger.MAX_NUMBER]
    assert [device_ledger.tick(session, device_id, number) for number in numbers] == [True] * len(numbers)
    assert [device_ledger.tick(session, device_id, number) for number in numbers] == [False] * len(numbers)
    rows = session.execute(select(DeviceLedger.block, DeviceLedger.ticked)).all()
    found = device_ledger.received([(block, ticked) for block, ticked in rows])
    assert found == device_ledger.Received(len(numbers), device_ledger.MAX_NUMBER)


def test_ticks_at_the_same_moment_lose_none(engine, session, keeper):
    device_id, _ = enrolled(session, keeper)

    def tick(number: int) -> bool:
        with Session(engine) as own, write_transaction(own):
            return device_ledger.tick(own, device_id, number)

    with ThreadPoolExecutor(16) as pool:
        new = list(pool.map(tick, [*range(1, 65), *range(1, 65)]))
    assert sum(new) == 64
    rows = session.execute(select(DeviceLedger.block, DeviceLedger.ticked)).all()
    assert device_ledger.received([(block, ticked) for block, ticked in rows]) == device_ledger.Received(
        64, 64
    )


def test_no_row_of_the_ledger_leads_to_an_answer(session, world, keeper):
    """The same answers under other numbers leave the same responses, and the ledger knows no id and no day."""
    device_id, kiosk = enrolled(session, keeper)
    answers = [record(world, kiosk) for _ in range(8)]
    for number, one in zip([3, 1, 8, 5, 2, 7, 4, 6], answers, strict=True):
        receive(session, kiosk, one, number)
    (block,) = session.execute(
        select(DeviceLedger.ticked).where(DeviceLedger.device_id == device_id, DeviceLedger.block == 0)
    ).one()
    assert block == b"\xff" + bytes(127)
    assert {column.name for column in DeviceLedger.__table__.columns} == {"device_id", "block", "ticked"}
    assert "number" not in Response.__table__.columns


# ---- the file of a kiosk ----
def sealed(kiosk, records, *, key=None, code=None, **changes):
    salt, iv = b"s" * 16, b"i" * 12
    material = bytes.fromhex(key or kiosk.key)
    content = json.dumps({"exported_at": NOW.isoformat(), "records": records}).encode()
    bound = (code or kiosk.code).encode()
    cipher = AESGCM(HKDF(SHA256(), 32, salt, b"kiosk-queue").derive(material)).encrypt(iv, content, bound)
    file = {
        "format": "kiosk-queue-1",
        "code": kiosk.code,
        "salt": salt.hex(),
        "iv": iv.hex(),
        "sealed": cipher.hex(),
    }
    return json.dumps(file | changes).encode()


def take_in(session, keeper, content, submissions):
    queue = device_import.open_queue(session, content, signer=SIGNER)
    by_number = dict(enumerate(submissions, 1))

    def read(raw):
        return by_number[raw["number"]], Envelope(raw["number"], False)

    report = device_import.take_in(session, queue, read, signer=SIGNER, viewer=keeper, now=NOW, today=TODAY)
    session.commit()
    return report


def test_a_file_is_taken_in_once_however_often_it_is_brought(session, world, keeper):
    device_id, kiosk = enrolled(session, keeper)
    submissions = [record(world, kiosk) for _ in range(3)]
    wrong = record(world, kiosk, answers={"overall": "no such level"})
    receive(session, kiosk, submissions[0], 1)
    content = sealed(kiosk, [{"number": n, "body": "{}"} for n in range(1, 5)])
    first = take_in(session, keeper, content, [*submissions, wrong])
    again = take_in(session, keeper, content, [*submissions, wrong])
    assert (first.n_new, first.n_known, first.n_refused) == (2, 1, 1)
    assert (again.n_new, again.n_known, again.n_refused) == (0, 3, 1)
    assert session.scalar(select(func.count()).select_from(Response)) == 3
    assert standing(session, device_id, keeper).received == device_ledger.Received(3, 3)


def test_a_revoked_kiosk_is_taken_over_by_its_file(session, world, keeper):
    device_id, kiosk = enrolled(session, keeper)
    devices.revoke(session, device_id, viewer=keeper, now=NOW, on=TODAY)
    report = take_in(session, keeper, sealed(kiosk, [{"number": 1, "body": "{}"}]), [record(world, kiosk)])
    assert report.n_new == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kiosk: b"",
        lambda kiosk: b"\xff\xfe",
        lambda kiosk: b"[1, 2]",
        lambda kiosk: b"{}",
        lambda kiosk: b"[" * 200_000,
        lambda kiosk: sealed(kiosk, [], format="other"),
        lambda kiosk: sealed(kiosk, [], code="NOSUCHXX"),
        lambda kiosk: sealed(kiosk, [], key="ab" * 32),
        lambda kiosk: sealed(kiosk, [], iv="zz"),
        lambda kiosk: sealed(kiosk, [], sealed="00" * 40),
        lambda kiosk: sealed(kiosk, "text"),
        lambda kiosk: sealed(kiosk, 5),
    ],
)
def test_a_file_that_is_not_a_kiosks_own_is_refused_whole(session, keeper, spoil):
    _, kiosk = enrolled(session, keeper)
    with pytest.raises(UnreadableQueue):
        device_import.open_queue(session, spoil(kiosk), signer=SIGNER)


def test_days_of_the_point_decide_whose_device_it_is(session, world, keeper):
    device_id, _ = enrolled(session, keeper)
    session.execute(update(Device).where(Device.id == device_id).values(name="Máy ở sảnh"))
    (found,) = devices.all_standings(session, viewer=keeper, on=TODAY)
    assert (found.device.name, found.unit_title) == ("Máy ở sảnh", "Phường Đông Hà")
