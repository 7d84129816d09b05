"""`flask recordings generate`: texts without a recording are read by a program, where its programs are installed."""

from datetime import date

import click
from flask import current_app
from flask.cli import AppGroup

from survey_app import speech
from survey_app.clock import local_today
from survey_app.db import db, own_transaction
from survey_app.errors import RecordingRefused, SpeechUnavailable
from survey_app.queries.questionnaires import list_versions
from survey_app.queries.recordings import recordings_in
from survey_app.queries.units import service_fields
from survey_app.services import forms, recordings
from survey_app.spoken import SpokenText, spoken_texts

recordings_group = AppGroup("recordings", help="Bản đọc / Recordings.")


@recordings_group.command("generate")
@click.option("--language", type=click.Choice(sorted(speech.VOICES)), default="vi", show_default=True)
@click.option(
    "--questionnaire", default=None, help="Mã phiếu hỏi; mặc định mọi phiếu / Code; all by default."
)
def generate_command(language: str, questionnaire: str | None) -> None:
    """Đọc máy những câu chưa có bản đọc (cần espeak-ng, ffmpeg) / Have unrecorded texts read by espeak-ng."""
    if missing := speech.missing_programs():
        raise click.ClickException(f"Chưa cài / Not installed: {', '.join(missing)}")
    recorded = {row.text_key for row in recordings_in(db.session, [language])}
    texts = [text for text in _texts(language, questionnaire) if text.key not in recorded]
    today = local_today(current_app.extensions["settings"])
    for text in texts:
        _generate(text, language=language, today=today)
    click.echo(
        f"{len(texts)} câu được máy đọc, {len(recorded)} câu đã có từ trước. / texts read, had before."
    )


def _texts(language: str, questionnaire: str | None) -> list[SpokenText]:
    """The texts of these forms, each once."""
    fields = service_fields(db.session)
    versions = [row for row in list_versions(db.session) if questionnaire in (None, row.code)]
    if not versions:
        raise click.ClickException(f"Không có phiếu {questionnaire} / No such questionnaire")
    found = {
        text.key: text
        for row in versions
        for text in spoken_texts(forms.load_form(db.session, version_id=row.id), fields, language=language)
    }
    return list(found.values())


def _generate(text: SpokenText, *, language: str, today: date) -> None:
    """Each in a transaction of its own: speaking takes a while and must not hold up answers."""
    try:
        content = speech.read_aloud(text.shown, language=language)
        with own_transaction() as session:
            recordings.store_generated(session, content, key=text.key, language=language, today=today)
    except (SpeechUnavailable, RecordingRefused) as error:
        raise click.ClickException(f"{text.shown!r}: {error}") from error
