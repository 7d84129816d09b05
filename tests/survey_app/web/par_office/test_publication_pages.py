"""The whole way over the pages: drafted, commented on by every unit, approved, published, read by everyone."""

import gzip
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from survey_app.models import Approval, Publication
from survey_app.queries import lookups
from survey_app.services import wave_states
from survey_app.services.accounts import Role
from tests.builders import make_response
from tests.sites import csrf_token

UNITS = {"Đông Hà": 60, "Hòa Xuân": 45, "Cồn Cỏ": 8}


@pytest.fixture
def closed(session, world):
    """A sample of three units, one of them too small to be published, with its books closed."""
    for unit, n in UNITS.items():
        for place in range(n):
            answer = "satisfied" if place % 4 else "dissatisfied"
            make_response(session, world, wave="sample", unit=unit, answers={"overall": answer},
                          on=date(2026, 8, 1) + timedelta(days=place % 28))  # fmt: skip
    session.flush()
    row = lookups.wave_row(session, world.waves["sample"])
    at = datetime(2026, 10, 1, 2, tzinfo=UTC)
    wave_states.close_books(session, row, reason="", by=None, now=at, today=date(2026, 10, 1))
    session.commit()


def post(client, page, address, **data):
    """Send a form with the token of the page it stands on."""
    data["csrf_token"] = csrf_token(client.get(page).text)
    return client.post(address, data=data, content_type="multipart/form-data")


@pytest.mark.usefixtures("closed")
def test_from_a_draft_to_what_everyone_may_read(staff, client, session, world, app):
    office, admin = staff(Role.PAR_OFFICE), staff(Role.ADMIN)
    managers = {unit: staff(Role.MANAGER, unit) for unit in UNITS}
    listed = "/par/publications"
    assert post(office, listed, listed, basis="continuous", period="2026Q3").status_code == 409
    started = post(office, listed, listed, basis="sample", period="2026Q3")
    assert started.status_code == 303
    id_ = session.scalars(select(Publication.id)).one()
    page = f"/par/publications/{id_}"
    for step in ("review", "hearing"):
        assert post(office, page, f"{page}/{step}").status_code == 303
    assert post(office, page, f"{page}/propose").status_code == 409
    for unit, manager in managers.items():
        place = f"/manager/hearings/{id_}/units/{world.units[unit]}"
        assert "Chờ ý kiến của ông/bà" in manager.get("/manager/hearings").text
        bad = post(manager, place, place, stance="agrees", text="", file=(io.BytesIO(b"MZ"), "a.pdf"))
        assert (bad.status_code, "Chỉ nhận tệp PDF" in bad.text) == (422, True)
        letter = (io.BytesIO(b"%PDF-1.4 letter"), "Ý kiến.pdf")
        assert post(manager, place, place, stance="agrees", text="", file=letter).status_code == 303
        shown = manager.get(place).text
        assert ('class="headline-value"' in shown) is (unit != "Cồn Cỏ")
        assert manager.get(f"{place}/file").data == b"%PDF-1.4 letter"
        answer = f"{page}/replies/{world.units[unit]}"
        assert post(office, page, answer, answer="accepted", reason="Đã ghi nhận.").status_code == 303
    foreign = f"/manager/hearings/{id_}/units/{world.units['Đông Hà']}"
    assert managers["Cồn Cỏ"].get(f"{foreign}/file").status_code == 404
    assert post(office, page, f"{page}/propose").status_code == 303
    session.rollback()
    waiting = f"/admin/approvals/{session.scalars(select(Approval.id)).one()}"
    assert post(admin, waiting, waiting, decision="approve", note="").status_code == 303
    assert post(office, page, f"{page}/publish").status_code == 303
    assert post(office, page, f"{page}/withdraw", reason=" ").status_code == 409

    public = f"/results/{id_}"
    assert client.get(public).status_code == 404
    switch = "/admin/public-results"
    assert post(office, switch, switch, change="open", reason="").status_code == 422
    assert post(office, switch, switch, change="open", reason="Kế hoạch 12/KH-UBND").status_code == 303
    assert post(office, switch, switch, change="open", reason="Lần nữa").status_code == 409
    session.rollback()
    newest = session.scalars(select(Approval.id).order_by(Approval.id.desc())).first()
    opening = f"/admin/approvals/{newest}"
    assert post(admin, opening, opening, decision="approve", note="").status_code == 303
    _read_by_everyone(client, office, public)

    saved = json.loads(office.get(f"{page}/content.json").data)
    told = app.test_cli_runner().invoke(args=["verify-report", str(id_)])
    assert (told.exit_code, saved["fingerprint"] in told.output) == (0, True)
    assert post(admin, switch, switch, change="close").status_code == 303
    assert client.get(public).status_code == 404


def _read_by_everyone(client, signed_in, public):
    """The same page for whoever asks, whatever cookies they bring, light, and marked so that it is sent once."""
    page = client.get(public)
    text = page.text
    assert len(gzip.compress(page.data)) < 30_000
    assert "74,2%" in text and "xã Hòa Xuân" in text and "8 phiếu" not in text
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in page.headers["Vary"] and "Set-Cookie" not in page.headers
    signed_in.set_cookie("lang", "en")
    assert signed_in.get(public).text == text
    again = client.get(public, headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    unit = client.get(f"{public}/units/U-Cồn Cỏ")
    assert unit.status_code == 200 and "dưới 10 phiếu" in unit.text
    assert client.get(f"{public}/units/no-such").status_code == 404
    assert public in client.get("/results").text
    english = client.get(f"{public}?lang=en")
    assert 'lang="en"' in english.text and "74.2%" in english.text


@pytest.mark.usefixtures("closed")
def test_verification_of_a_changed_file_says_what_differs_and_fails(staff, session, app, tmp_path):
    office = staff(Role.PAR_OFFICE)
    post(office, "/par/publications", "/par/publications", basis="sample", period="2026Q3")
    id_ = session.scalars(select(Publication.id)).one()
    saved = json.loads(office.get(f"/par/publications/{id_}/content.json").data)
    saved["content"]["vi"]["comparison"]["province"]["n"] += 1
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(saved), encoding="utf-8")
    told = app.test_cli_runner().invoke(args=["verify-report", str(path)])
    assert told.exit_code == 1
    assert "fingerprint" in told.output and "province › n: 106 → 105" in told.output
