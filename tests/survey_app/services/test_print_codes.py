"""Codes on paper: whose they are, which may be printed, and what replacing one does."""

from datetime import UTC, date, datetime
from random import Random

import pytest
from sqlalchemy import select

from survey_app.errors import NotFound, UnknownCode
from survey_app.models import AuditEntry, Device, PointCode, PointUnit, Wave
from survey_app.queries.units import point_by_code
from survey_app.services import print_codes
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.collection import open_form
from survey_app.signing import Signer
from survey_app.vocabulary import Channel
from tests.builders import make_submission

TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"


@pytest.fixture
def office(session, world) -> Viewer:
    return create_account(
        session, name="so", password=PASSWORD, role=Role.PAR_OFFICE, unit_id=world.province, now=NOW
    )


@pytest.fixture
def manager(world) -> Viewer:
    return Viewer(account_id=1, role=Role.MANAGER, unit_id=world.units["Đông Hà"])


def add_code(session, world, code: str, *, unit: str = "Đông Hà", **columns) -> None:
    session.add(PointCode(code=code, point_id=world.points[unit], created_on=date(2026, 5, 1), **columns))
    session.flush()


def enrol(session, world, code: str) -> None:
    """A kiosk with a code of its own."""
    add_code(session, world, code)
    session.add(
        Device(
            code=code, point_id=world.points["Đông Hà"], name="Máy 1", profile={}, created_on=date(2026, 5, 1)
        )
    )
    session.flush()


def codes_of(session, viewer: Viewer) -> dict[str, list[str]]:
    points = print_codes.printable_points(session, viewer=viewer, today=TODAY)
    return {point.unit_name: [each.code for each in point.codes] for point in points}


def replace(session, office, code: str, seed: int = 1) -> str | None:
    return print_codes.replace_code(session, code=code, by=office, today=TODAY, now=NOW, rng=Random(seed))


def test_office_sees_every_point_in_vietnamese_order_and_a_manager_the_own(session, world, office, manager):
    assert list(codes_of(session, office)) == ["Cồn Cỏ", "Đông Hà", "Hòa Xuân"]
    assert codes_of(session, manager) == {"Đông Hà": ["DHAAAAA2"]}


def test_codes_of_kiosks_and_revoked_ones_are_not_for_print(session, world, manager):
    enrol(session, world, "KKAAAAA2")
    add_code(session, world, "RRAAAAA2", revoked_on=date(2026, 9, 14))
    add_code(session, world, "SSAAAAA2")
    assert codes_of(session, manager) == {"Đông Hà": ["DHAAAAA2", "SSAAAAA2"]}
    for code in ("KKAAAAA2", "RRAAAAA2", "NSSSSSS2"):
        with pytest.raises(NotFound):
            print_codes.printable_code(session, code=code, viewer=manager, today=TODAY)


def test_point_without_a_code_is_listed_and_has_no_poster(session, world, manager):
    session.get(PointCode, "DHAAAAA2").revoked_on = TODAY
    session.flush()
    enrol(session, world, "KKAAAAA2")
    assert codes_of(session, manager) == {"Đông Hà": []}
    assert print_codes.newest_codes(session, viewer=manager, today=TODAY) == ()


def test_poster_carries_the_newest_code(session, world, manager):
    add_code(session, world, "SSAAAAA2")
    found = print_codes.newest_codes(session, viewer=manager, today=TODAY)
    assert [printed.code for printed in found] == ["SSAAAAA2"]


def test_foreign_code_and_point_are_not_there(session, world, manager):
    with pytest.raises(NotFound):
        print_codes.printable_code(session, code="HXAAAAA2", viewer=manager, today=TODAY)
    with pytest.raises(NotFound):
        print_codes.printable_point(session, point_id=world.points["Hòa Xuân"], viewer=manager, today=TODAY)


def test_printed_name_is_that_of_the_unit_of_today(session, world, office):
    assignment = session.scalars(select(PointUnit).where(PointUnit.point_id == world.points["Đông Hà"])).one()
    assignment.valid_to = date(2026, 8, 31)
    session.add(
        PointUnit(point_id=assignment.point_id, unit_id=world.units["Hòa Xuân"], valid_from=date(2026, 9, 1))
    )
    session.flush()
    printed = print_codes.printable_code(session, code="DHAAAAA2", viewer=office, today=TODAY)
    assert printed.point.unit_title == "Xã Hòa Xuân"


def test_simulated_wave_marks_what_is_printed(session, world, manager):
    assert not print_codes.printable_code(session, code="DHAAAAA2", viewer=manager, today=TODAY).is_simulated
    session.get(Wave, world.waves["full"]).is_simulated = True
    session.flush()
    assert print_codes.printable_code(session, code="DHAAAAA2", viewer=manager, today=TODAY).is_simulated


def test_replaced_code_opens_nothing_and_the_new_one_opens_the_same_point(session, world, office, settings):
    signer = Signer(settings.SECRET_KEY)
    new = replace(session, office, "DHAAAAA2")
    assert new is not None and new != "DHAAAAA2"
    with pytest.raises(UnknownCode):
        open_form(session, signer=signer, code="DHAAAAA2", channel=Channel.QR, today=TODAY)
    opened = open_form(session, signer=signer, code=new, channel=Channel.QR, today=TODAY)
    assert opened.place.point_id == world.points["Đông Hà"]
    assert point_by_code(session, new, TODAY).id == world.points["Đông Hà"]
    assert codes_of(session, office)["Đông Hà"] == [new]


def test_replacing_is_recorded_with_both_codes(session, world, office):
    new = replace(session, office, "DHAAAAA2")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "point_code.replaced")).one()
    assert (entry.target, entry.account_id) == ("point_code:DHAAAAA2", office.account_id)
    assert entry.details == {"point": "P-Đông Hà", "new_code": new}


def test_replacing_twice_gives_one_new_code(session, world, office):
    first = replace(session, office, "DHAAAAA2", seed=1)
    assert replace(session, office, "DHAAAAA2", seed=2) is None
    assert codes_of(session, office)["Đông Hà"] == [first]
    assert (
        len(session.scalars(select(AuditEntry).where(AuditEntry.action == "point_code.replaced")).all()) == 1
    )


def test_new_code_is_never_one_that_exists(session, world, office):
    taken = replace(session, office, "DHAAAAA2", seed=7)
    again = replace(session, office, taken, seed=7)
    assert again not in {None, taken, "DHAAAAA2"}


@pytest.mark.parametrize("code", ["HXAAAAA2", "KKAAAAA2", "NSSSSSS2"])
def test_nobody_replaces_a_foreign_code_a_kiosks_or_none(session, world, code):
    enrol(session, world, "KKAAAAA2")
    viewer = Viewer(account_id=1, role=Role.PAR_OFFICE, unit_id=world.units["Đông Hà"])
    with pytest.raises(NotFound):
        replace(session, viewer, code)
    live = select(PointCode.code).where(PointCode.revoked_on.is_(None)).order_by(PointCode.code)
    assert session.scalars(live).all() == ["CCAAAAA2", "DHAAAAA2", "HXAAAAA2", "KKAAAAA2"]


def test_answers_already_begun_with_the_old_code_arrive(session, world, office, settings):
    from survey_app.services.submissions import receive_response

    submission = make_submission(world)
    replace(session, office, "DHAAAAA2")
    receipt = receive_response(session, submission, signer=Signer(settings.SECRET_KEY), today=TODAY)
    assert receipt.is_new


def test_code_is_issued_only_where_none_is_live(session, world, office):
    def issue() -> str:
        point_id = world.points["Đông Hà"]
        return print_codes.issue_code(session, point_id=point_id, by=office, today=TODAY, now=NOW)

    assert issue() == "DHAAAAA2"
    session.get(PointCode, "DHAAAAA2").revoked_on = TODAY
    session.flush()
    new = issue()
    assert codes_of(session, office)["Đông Hà"] == [new]
    assert issue() == new
    actions = session.scalars(select(AuditEntry.target).where(AuditEntry.action == "point_code.issued")).all()
    assert actions == [f"point_code:{new}"]
