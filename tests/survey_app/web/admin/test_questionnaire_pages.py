"""The pages of questionnaires: written by one person without a script, published by another, previewed by both."""

import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import func, select

from survey_app.clock import utc_now
from survey_app.db import db
from survey_app.errors import DefinitionError
from survey_app.models import Approval, QuestionnaireVersion, Response, Unit
from survey_app.queries import questionnaire_drafts as queries
from survey_app.services import accounts, approvals, definitions
from survey_app.services import questionnaire_drafts as drafts
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.definition_diff import differences
from survey_app.web.admin.questionnaires import words
from survey_app.web.current import today
from tests.sites import csrf_token

PASSWORD = "một mật khẩu đủ dài để thử"
DRAFTS = "/admin/questionnaires/drafts"
# Where the full form stands in the library of the small world.
FULL = "v2"


@pytest.fixture
def editor(staff):
    return staff(Role.PAR_OFFICE)


def post(client, path: str, page: str, **fields):
    """What a browser sends from a page: its token and the revision it shows."""
    html = client.get(page).text
    revision = re.search(r'name="revision" value="(\d+)"', html)
    kept = {"csrf_token": csrf_token(html), "revision": revision.group(1) if revision else "1"}
    return client.post(path, data=kept | fields)


def copied(client, source: str = FULL) -> str:
    sent = post(client, DRAFTS, "/admin/questionnaires", copy=source)
    assert sent.status_code == 303
    return sent.headers["Location"]


def stored(app, draft: str):
    with app.app_context():
        return queries.draft(db.session, int(draft.rsplit("/", 1)[1]))


def test_the_library_shows_every_seed_with_its_state_and_honest_provenance(editor):
    page = editor.get("/admin/questionnaires").text
    for name in (
        "access_2024 v1",
        "full_form v1",
        "one_tap v1",
        "three_level v1",
        "vi_du_2027 v1",
        "tt01_2018 v1",
    ):
        assert name in page
    assert page.count("Ví dụ, không dùng thật") == 1
    assert "KHÔNG so sánh được với thang 5 mức" in page
    assert "Đang dùng" in page
    methods = editor.get("/admin/questionnaires/methods").text
    assert "từ 80%: 7,5 điểm" in methods and methods.count("Ví dụ, không dùng thật") == 1


def test_a_draft_is_written_panel_by_panel_and_its_faults_stand_at_their_fields(app, editor):
    draft = copied(editor)
    node = f"{draft}/node?at=2.0.0"
    sent = post(editor, f"{draft}/node", node, at="2.0.0", code="F1.1", kind="satisfaction", text="",
                scale="satisfaction5", stage="submit", hidden="kiosk", mandatory="yes")  # fmt: skip
    assert sent.status_code == 303
    page = editor.get(node).text
    assert "Chưa có lời tiếng Việt." in page
    whole = editor.get(draft).text
    assert "Lỗi phải sửa (1)" in whole
    assert "F1.1 · lời hỏi" in whole
    assert "Gửi người thứ hai duyệt" not in whole
    item = stored(app, draft).definition["tree"][2]["children"][0]["children"][0]
    assert item["relevant"] == {"stage": ["submit"]}
    assert item["channels_hidden"] == ["kiosk"]
    assert item["mandatory"] is True
    assert item["text"]["en"], "a translation is not lost with the Vietnamese"


def test_saving_a_panel_unchanged_changes_nothing(app, editor):
    draft = copied(editor)
    before = stored(app, draft).definition
    for at in ("0", "1", "2", "2.0", "2.0.0", "2.3.1", "3.1", "4", "5", "6.1"):
        page = editor.get(f"{draft}/node?at={at}").text
        form = page.split(f'action="{draft}/node"')[1].split("</form>")[0]
        assert editor.post(f"{draft}/node", data=form_fields(form)).status_code == 303
    scale = editor.get(f"{draft}/scale?name=satisfaction5").text
    assert (
        editor.post(f"{draft}/scale", data=form_fields(scale.split('class="block panel"')[1])).status_code
        == 303
    )
    head = editor.get(f"{draft}/head").text
    assert (
        editor.post(f"{draft}/head", data=form_fields(head.split('class="block panel"')[1])).status_code
        == 303
    )
    after = stored(app, draft).definition
    assert differences(before, after) == ()
    assert without_empty(after) == without_empty(before)


class FormReader(HTMLParser):
    """What a browser would send of a form as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.select = self.area = ""

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "input" and said.get("name") and (said.get("type") != "checkbox" or "checked" in said):
            self.say(said["name"], said.get("value") or "")
        elif tag == "select":
            self.select = said["name"]
        elif tag == "option" and "selected" in said:
            self.say(self.select, said["value"] or "")
        elif tag == "textarea":
            self.area = said["name"]

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data):
        if self.area:
            self.say(self.area, data)

    def say(self, name, value):
        self.fields.setdefault(name, []).append(value)


def form_fields(html: str) -> dict[str, list[str]]:
    reader = FormReader()
    reader.feed(html.split("</form>")[0])
    return reader.fields


def without_empty(value):
    """The same definition, what is empty left out: `max_choices` null is no limit, written or not."""
    if isinstance(value, dict):
        return {key: without_empty(each) for key, each in value.items() if each not in (None, [], {})}
    return [without_empty(each) for each in value] if isinstance(value, list) else value


def test_the_tree_is_changed_by_buttons_and_nothing_is_removed_by_chance(app, editor):
    draft = copied(editor, "v3")
    added = post(editor, f"{draft}/tree", draft, do="add", at="", kind="factor")
    group = added.headers["Location"].split("at=")[1]
    post(editor, f"{draft}/tree", draft, do="add", at=group, kind="satisfaction")
    post(editor, f"{draft}/tree", draft, do="up", at=group)
    tree = stored(app, draft).definition["tree"]
    assert [node["code"] for node in tree] == ["overall", "N1", "reasons"]
    assert tree[1]["children"][0]["code"] == "C1"
    refused = post(editor, f"{draft}/tree", draft, do="remove", at="1")
    assert refused.status_code == 422
    assert post(editor, f"{draft}/tree", draft, do="remove", at="1", sure="yes").status_code == 303
    assert len(stored(app, draft).definition["tree"]) == 2
    assert post(editor, f"{draft}/tree", draft, do="up", at="7.7").status_code == 404


def test_a_stale_page_never_overwrites_what_somebody_saved_since(app, editor):
    draft = copied(editor, "v3")
    page = editor.get(draft).text
    stale = {"csrf_token": csrf_token(page), "revision": "1", "do": "add", "at": "", "kind": "fact"}
    assert editor.post(f"{draft}/tree", data=stale).status_code == 303
    assert editor.post(f"{draft}/tree", data=stale).status_code == 409
    assert stored(app, draft).revision == 2


def test_translations_stand_side_by_side_and_missing_ones_are_counted(app, editor):
    draft = copied(editor, "v3")
    page = f"/admin/questionnaires/words/d{draft.rsplit('/', 1)[1]}"
    post(editor, f"{draft}/words", f"{page}?language=en", language="en", **{"text.tree[0].text": ""})
    missing = editor.get(f"{page}?language=en&show=missing").text
    assert missing.count("<textarea") == 1
    assert 'name="text.tree[0].text"' in missing
    post(editor, f"{draft}/words", f"{page}?language=bru", language="bru", **{"text.tree[0].text": "Bru"})
    assert stored(app, draft).definition["tree"][0]["text"]["bru"] == "Bru"


def test_a_mapping_is_edited_item_by_item(app, editor):
    draft = copied(editor, "v3")
    post(editor, f"{draft}/mapping", f"{draft}/mapping", old="overall", kin="recoded", new="overall")
    page = editor.get(f"{draft}/mapping").text
    assert "Bảng quy đổi chưa nói mỗi mức cũ thành mức mới nào." in page
    assert "Còn" not in editor.get(draft).text.split("Gửi duyệt")[0].split("flash")[-1]
    points = {f"point.{code}": code for code in
              ("very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied")}  # fmt: skip
    post(
        editor, f"{draft}/mapping", f"{draft}/mapping", old="overall", kin="recoded", new="overall", **points
    )
    assert "chưa nói mỗi mức cũ" not in editor.get(f"{draft}/mapping").text
    link = next(each for each in stored(app, draft).mapping if each["old"] == "overall")
    assert (link["kin"], len(link["points"])) == ("recoded", 5)


def test_from_draft_over_review_to_a_published_version_with_its_difference(app, editor):
    draft = copied(editor)
    node = f"{draft}/node?at=2.0.0"
    post(editor, f"{draft}/node", node, at="2.0.0", code="F1.1", kind="satisfaction", text="Đủ ghế ngồi",
         scale="satisfaction5")  # fmt: skip
    without_reason = post(editor, f"{draft}/review", draft)
    assert without_reason.status_code == 422
    assert post(editor, f"{draft}/review", draft, reason="Sửa lời").status_code == 303
    page = editor.get(draft).text
    assert "Bản thảo đang khóa" in page
    assert post(editor, f"{draft}/node", node, at="2.0.0", text="x").status_code == 409
    difference = editor.get(f"/admin/questionnaires/compare?old={FULL}&new=d{draft.rsplit('/', 1)[1]}").text
    assert "Sửa lời" in difference
    assert "Đủ ghế ngồi" in difference
    with app.app_context(), app.test_request_context():
        second = accounts.create_account(
            db.session, name="duyet", password=PASSWORD, role=Role.ADMIN,
            unit_id=db.session.scalars(select(Unit.id).where(Unit.name == "Quảng Trị")).one(), now=utc_now(),
        )  # fmt: skip
        db.session.flush()
        account_id = getattr(second, "id", None) or getattr(second, "account_id", second)
        waiting = db.session.scalars(select(Approval)).one()
        approvals.approve(db.session, approval_id=waiting.id, kinds=KINDS, note="",
                          by=Viewer(account_id, Role.ADMIN, waiting.unit_id),
                          at=Moment(utc_now(), today()))  # fmt: skip
        db.session.commit()
        made = db.session.scalars(
            select(QuestionnaireVersion.id).where(QuestionnaireVersion.version == 2)
        ).one()
    assert "Đủ ghế ngồi" in editor.get(f"/admin/questionnaires/versions/{made}").text
    assert "lời hỏi khác" in editor.get(f"/admin/questionnaires/versions/{made}/mapping/2").text
    assert "Đã ban hành." in editor.get(draft).text


@pytest.mark.parametrize("door", ["q", "k"])
@pytest.mark.parametrize(
    "screen", ["question", "reasons", "F1.1", "visits", "expectations", "stage", "thanks"]
)
def test_a_preview_is_the_citizens_page_with_nothing_to_send_from(app, editor, door, screen):
    page = editor.get(f"/admin/questionnaires/preview/{FULL}/screen?door={door}&screen={screen}")
    assert page.status_code == 200
    assert "XEM TRƯỚC" in page.text
    assert "citizen.css" in page.text
    assert "<script" not in page.text
    assert not re.search(r'name="token" value="[^"]+"', page.text)
    assert not re.search(r'action="(?!#)', page.text)
    assert "/q/" not in page.text.replace("/questionnaires/", "")
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    path = f"/admin/questionnaires/preview/{FULL}/screen"
    assert editor.post(path, data={"overall": "satisfied"}).status_code in {400, 405}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Response)) == 0


def test_only_the_preview_is_framed_and_only_by_us(editor):
    outer = editor.get(f"/admin/questionnaires/preview/{FULL}")
    assert "frame-src 'self'" in outer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in outer.headers["Content-Security-Policy"]
    assert outer.text.count('sandbox="allow-same-origin"') == 3
    other = editor.get("/admin/questionnaires")
    assert "frame-src" not in other.headers["Content-Security-Policy"]
    assert other.headers["X-Frame-Options"] == "DENY"


def test_a_scale_that_is_not_of_five_has_no_faces(editor):
    page = editor.get("/admin/questionnaires/preview/v4/screen").text
    assert "Chưa hài lòng" in page
    assert 'class="faces"' not in page


def test_a_draft_is_printed_as_a_specimen_and_not_while_it_has_faults(editor):
    draft = copied(editor, "v3")
    key = f"d{draft.rsplit('/', 1)[1]}"
    sheet = editor.get(f"/admin/questionnaires/preview/{key}/sheet.pdf")
    assert sheet.data.startswith(b"%PDF")
    post(editor, f"{draft}/node", f"{draft}/node?at=0", at="0", code="overall", kind="satisfaction", text="",
         scale="satisfaction5", screen="question")  # fmt: skip
    assert editor.get(f"/admin/questionnaires/preview/{key}/sheet.pdf").status_code == 422
    assert "Phiếu còn lỗi" in editor.get(f"/admin/questionnaires/preview/{key}").text


def test_those_who_only_read_see_no_draft_and_change_nothing(staff, app):
    client = staff(Role.VIEWER)
    page = client.get("/admin/questionnaires")
    assert page.status_code == 200
    assert "Soạn bản thảo" not in page.text
    for path in (f"{DRAFTS}/1", "/admin/questionnaires/words/v1", "/admin/questionnaires/preview/v1"):
        assert client.get(path).status_code == 403
    token = csrf_token(page.text)
    assert client.post(DRAFTS, data={"csrf_token": token, "copy": FULL}).status_code == 403


def problems() -> list[str]:
    """Every fault that a definition or a mapping may have, as its English is written in the source."""
    from inspect import getsource

    from survey_app.services import screen_faults, version_mappings

    sources = "\n".join(
        getsource(module) for module in (definitions, drafts, screen_faults, version_mappings)
    )
    found = re.findall(
        r'(?:_require\(|DefinitionError\(|_try\(faults, _require,).*?f?"([^"]*)"\s*\)', sources, re.DOTALL
    )
    return sorted({re.sub(r"\{[^}]*\}", "1", text) for text in found})


def test_every_fault_has_words_of_its_own(vietnamese_page):
    known = problems()
    assert len(known) > 25, "the faults were not found in the source"
    unworded = [text for text in known if "Chưa đúng:" in words.fault_words(DefinitionError("tree", text))]
    assert unworded == []


def test_a_method_is_written_by_a_form_whose_faults_stand_at_their_rows(editor):
    token = csrf_token(editor.get("/admin/questionnaires/methods").text)
    there = editor.post("/admin/questionnaires/methods/drafts", data={"csrf_token": token}).location
    fields = {
        "csrf_token": token, "revision": "1", "code": "tinh_moi", "version": "1", "title.vi": "Phương pháp mới",
        "questionnaire": "vi_du_2027 1", "aggregation": "weighted_factors", "weight.PV1": "2", "weight.PV2": "1,5",
        "weight.TG1": "nhiều", "aspect": "PV", "decimals": "1", "scale": "", "effective_from": "2027-01-01",
        "band.0.share": "62,5", "band.0.points": "8", "band.1.share": "0", "band.1.points": "không",
        "legal_basis": "Kiểm thử", "provenance": "Kiểm thử",
    }  # fmt: skip
    assert editor.post(there, data=fields).status_code == 303
    text = editor.get(there).text
    assert 'value="62,5"' in text and 'value="1,5"' in text
    assert "Điền trọng số lớn hơn 0." in text and "Điền số điểm từ 0." in text
    assert editor.post(f"{there}/review", data=fields | {"revision": "2", "reason": "Thử"}).status_code == 422
    mended = fields | {"revision": "2", "weight.TG1": "1", "band.1.points": "0"}
    editor.post(there, data=mended)
    sent = editor.post(f"{there}/review", data=fields | {"revision": "3", "reason": "Thử"})
    assert (sent.status_code, "/admin/approvals/" in sent.location) == (303, True)


def test_a_change_of_a_published_mapping_is_proposed_with_a_basis_and_a_reason(editor):
    there = "/admin/questionnaires/versions/5/mapping/2"
    assert "Đề nghị sửa" in editor.get(there).text
    page = f"{there}/item?at=F2.1&new=PV2.2"
    fields = {"old": "F2.1", "new": "PV2.2", "kin": "same", "basis": "Phép thử", "reason": "Cùng nội dung"}
    refused = post(editor, f"{there}/item", page, **fields)
    assert (refused.status_code, "Hai câu cũ nối vào một câu mới." in refused.text) == (422, True)
    bare = post(editor, f"{there}/item", page, **fields | {"basis": "", "kin": "broken"})
    assert (bare.status_code, "Thiếu giá trị bắt buộc." in bare.text) == (422, True)
    sent = post(editor, f"{there}/item", page, **fields | {"kin": "broken"})
    assert (sent.status_code, "/admin/approvals/" in sent.location) == (303, True)
    assert "Phép thử" in editor.get(sent.location).text
