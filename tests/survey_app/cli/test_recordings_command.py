"""`flask recordings generate`, with programs in the place of espeak-ng and ffmpeg: what they are told, what is kept."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey_app import speech
from survey_app.db import db
from survey_app.errors import SpeechUnavailable
from survey_app.models import Recording
from survey_app.services import recordings

AUDIO = Path(__file__).resolve().parents[2] / "data" / "audio"
KEY = recordings.text_key("Rất hài lòng")


@pytest.fixture
def programs(tmp_path, monkeypatch) -> Path:
    """Programs that note what they were told and give back a small recording."""
    folder = tmp_path / "bin"
    folder.mkdir()
    said = tmp_path / "said"
    for name, body in (
        ("espeak-ng", f'#!/bin/sh\necho "$2: $(cat)" >> {said}\necho sound\n'),
        ("ffmpeg", f"#!/bin/sh\ncat > /dev/null\ncat {AUDIO / 'very_satisfied.mp3'}\n"),
    ):
        (folder / name).write_text(body, encoding="utf-8")
        (folder / name).chmod(0o755)
    for needed in ("cat", "sh"):
        (folder / needed).symlink_to(str(shutil.which(needed)))
    monkeypatch.setenv("PATH", str(folder))
    return said


def generate(app, *arguments):
    return app.test_cli_runner().invoke(args=["recordings", "generate", *arguments])


def test_every_text_is_read_once_and_the_offices_own_is_left_alone(app, programs):
    with app.app_context():
        own = (AUDIO / "very_satisfied.opus.ogg").read_bytes()
        row = {"text_key": KEY, "language": "vi", "source": "office", "media_type": "audio/ogg", "duration_ms": 900,
               "digest": bytes(32), "uploaded_on": date(2026, 9, 1), "content": own}  # fmt: skip
        db.session.add(Recording(**row))
        db.session.commit()
    first = generate(app, "--questionnaire", "one_tap")
    assert first.exit_code == 0, first.output
    said = programs.read_text(encoding="utf-8")
    assert "vi: Vì sao Ông/Bà đánh giá như vậy?" in said
    assert "vi: Rất hài lòng\n" not in said
    assert "0 câu được máy đọc" in generate(app, "--questionnaire", "one_tap").output
    with app.app_context():
        sources = dict(
            db.session.execute(select(Recording.source, func.count()).group_by(Recording.source)).all()
        )
    assert sources == {"office": 1, "generated": len(said.splitlines())}


def test_english_is_read_in_english(app, programs):
    assert generate(app, "--language", "en", "--questionnaire", "one_tap").exit_code == 0
    said = programs.read_text(encoding="utf-8")
    assert "en-gb: Very satisfied" in said


def test_without_the_programs_it_says_which_are_missing(app, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = generate(app)
    assert refused.exit_code == 1
    assert "espeak-ng, ffmpeg" in refused.output


def test_an_unknown_form_or_a_program_that_fails_is_told(app, programs):
    assert "no_such_form" in generate(app, "--questionnaire", "no_such_form").output
    failing = Path(shutil.which("ffmpeg") or "")
    failing.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    refused = generate(app, "--questionnaire", "one_tap")
    assert refused.exit_code == 1
    with pytest.raises(SpeechUnavailable):
        speech.read_aloud("Xong", language="vi")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Recording)) == 0


@pytest.mark.skipif(bool(speech.missing_programs()), reason="espeak-ng and ffmpeg are optional")
def test_the_real_programs_make_a_recording():
    sound = recordings.checked_sound(speech.read_aloud("Rất hài lòng", language="vi"))
    assert sound.media_type == "audio/mpeg"
    assert 700 <= sound.duration_ms <= 3_000
