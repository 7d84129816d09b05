"""The staff page of recordings: what is missing, sending files, and who may."""

import csv
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_app.db import db
from survey_app.models import AuditEntry, Recording
from survey_app.services import recordings
from survey_app.services.accounts import Role
from tests.sites import csrf_token

AUDIO = Path(__file__).resolve().parents[3] / "data" / "audio"
MP3 = (AUDIO / "very_satisfied.mp3").read_bytes()
KEY = recordings.text_key("Rất hài lòng")
PASSWORD = "một mật khẩu đủ dài để thử"


def version_id(client) -> str:
    return client.get("/fieldwork/recordings").text.split('<option value="', 1)[1].split('"', 1)[0]


def send(client, path: str, **files):
    token = csrf_token(client.get(path.rsplit("?")[0]).text)
    return client.post(path, data={"csrf_token": token, **files}, content_type="multipart/form-data")


def post_many(client, language: str, *files: tuple[bytes, str]):
    page = client.get(f"/fieldwork/recordings?language={language}").text
    target = page.split('class="upload" method="post" enctype="multipart/form-data" action="')[1].split('"')[
        0
    ]
    data = {"csrf_token": csrf_token(page), "files": [(BytesIO(content), name) for content, name in files]}
    return client.post(target, data=data, content_type="multipart/form-data")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER, Role.INTERVIEWER, Role.DESK_STAFF])
def test_other_roles_may_not_open_it(staff, role):
    assert staff(role).get("/fieldwork/recordings").status_code == 403


def test_the_list_counts_what_is_missing_and_shows_only_that_when_asked(staff):
    client = staff(Role.PAR_OFFICE)
    assert "Bản đọc" in client.get("/fieldwork/").text
    sent = post_many(client, "bru", (MP3, f"{KEY}.mp3"))
    assert sent.status_code == 303
    page = client.get("/fieldwork/recordings?language=bru").text
    total = page.count('<th scope="row">')
    assert f"<dd>1/{total}</dd>" in page
    missing = client.get("/fieldwork/recordings?language=bru&show=missing").text
    assert missing.count('<th scope="row">') == total - 1
    assert "Rất hài lòng</a>" not in missing


def test_several_files_at_once_are_kept_and_each_fault_is_named(staff, app):
    client = staff(Role.PAR_OFFICE)
    other = recordings.text_key("Hài lòng")
    answer = post_many(client, "pac", (MP3, f"{KEY}.mp3"), (b"<svg>", f"{other}.ogg"), (MP3, "bai hat.mp3"))
    assert answer.status_code == 200
    for words in ("Đã nhận 1 bản đọc.", "2 tệp không nhận được", "bai hat.mp3", "Tệp không phải Ogg"):
        assert words in answer.text
    with app.app_context():
        assert db.session.execute(select(Recording.text_key, Recording.language)).all() == [(KEY, "pac")]


def test_nothing_usable_is_refused_and_says_so(staff):
    client = staff(Role.ADMIN)
    answer = post_many(client, "vi", (b"", ""))
    assert (answer.status_code, "Xin chọn ít nhất một tệp." in answer.text) == (422, True)
    assert post_many(client, "vi", (b"x" * 400_000, f"{KEY}.mp3")).status_code == 422


def test_one_recording_is_sent_heard_replaced_and_deleted(staff, app):
    client = staff(Role.PAR_OFFICE)
    path = f"/fieldwork/recordings/{version_id(client)}/vi/{KEY}"
    refused = send(client, path, file=(BytesIO(b"RIFF....WAVE"), "a.wav"))
    assert (refused.status_code, "Tệp không phải Ogg" in refused.text) == (422, True)
    assert send(client, path, file=(BytesIO(MP3), "bat ky ten nao.mp3")).status_code == 303
    page = client.get(path).text
    address = page.split('<audio controls preload="metadata" src="')[1].split('"')[0]
    assert client.get(address).data == MP3
    assert "Dài 1,1 giây" in page
    deleted = client.post(f"{path}/office/delete", data={"csrf_token": csrf_token(page)})
    assert deleted.status_code == 303
    assert "<audio" not in client.get(path).text
    with app.app_context():
        actions = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.like("recording.%"))
        ).all()
    assert actions == ["recording.stored", "recording.deleted"]


def test_the_script_for_the_reader_names_each_file_and_its_words(staff):
    client = staff(Role.PAR_OFFICE)
    answer = client.get(f"/fieldwork/recordings/{version_id(client)}/en.csv")
    rows = list(csv.reader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [KEY, "Câu trả lời", "Rất hài lòng", "Very satisfied", ""] in rows
