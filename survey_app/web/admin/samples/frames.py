"""Frames: a list is uploaded for a wave, shown with what was left out of it, and taken or thrown away."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.errors import FrameRefused, UnreadableTable
from survey_app.i18n import in_page_language
from survey_app.queries import samples as queries
from survey_app.queries import set_asides
from survey_app.queries.samples import SampleWave
from survey_app.sentences import capitalised
from survey_app.services import sample_frames
from survey_app.spreadsheets import MAX_FILE_BYTES
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.samples import draw_words
from survey_app.web.admin.samples.draw_form import DrawForm, draw_form
from survey_app.web.admin.samples.plans import MOST_BYTES, OFFICE
from survey_app.web.admin.uploads import unreadable_words
from survey_app.web.current import signer, today
from survey_app.web.form_fields import ChoiceField
from survey_app.web.security import current_account, requires, takes_body

FAULTS_SHOWN = 30


class FrameForm(FlaskForm):  # type: ignore[misc]
    kind = RadioField(
        _("Loại danh sách"),
        choices=[
            SelectChoice("transactions", _("Hồ sơ thủ tục hành chính (mỗi dòng một hồ sơ)")),
            SelectChoice("residents", _("Thôn, tổ dân phố (mỗi dòng một thôn, kèm số hộ)")),
        ],
        default="transactions",
    )
    title = StringField(_("Tên danh sách"))
    unit = ChoiceField(_("Đơn vị, khi tệp không có cột đơn vị"), coerce=int, validate_choice=False)
    file = FileField(_("Tệp (CSV hoặc XLSX, tối đa 5 MB)"))


@bp.get("/samples")
@requires(*OFFICE)
def samples() -> ResponseReturnValue:
    """Sample waves with their frames and draws."""
    waves = sample_frames.own_waves(db.session, viewer=current_account())
    rows = [
        (wave, queries.frames_of(db.session, wave.id), queries.draws_of(db.session, wave.id))
        for wave in waves
    ]
    return render_template("admin/samples/waves.html", rows=rows, title_of=title_of, words=draw_words)


@bp.get("/samples/waves/<int(max=2147483647):wave_id>")
@requires(*OFFICE)
def sample_wave(wave_id: int) -> ResponseReturnValue:
    return _wave_page(wave_id, _form(wave_id))


# Reads the file before it takes the lock that citizens' answers need.
@bp.post("/samples/waves/<int(max=2147483647):wave_id>/frames")
@requires(*OFFICE)
@takes_body(MOST_BYTES)
def load_sample_frame(wave_id: int) -> ResponseReturnValue:
    form = _form(wave_id)
    upload = form.file.data if form.validate_on_submit() else None
    if upload is None:
        form.file.errors = [gettext("Xin chọn tệp danh sách.")]
        return _wave_page(wave_id, form), 422
    content = upload.read(MAX_FILE_BYTES + 1)
    try:
        read = sample_frames.read_list(
            db.session, content, wave_id=wave_id, kind=form.kind.data, only_unit=form.unit.data or None,
            viewer=current_account(), signer=signer(),
        )  # fmt: skip
    except FrameRefused as refused:
        return _wave_page(wave_id, form, faults=draw_words.fault_lines(refused.faults, FAULTS_SHOWN)), 422
    except UnreadableTable as unreadable:
        return _wave_page(wave_id, form, faults=[unreadable_words(unreadable)]), 422
    title = form.title.data or gettext("Danh sách ngày %(day)s", day=draw_words.day_words(today()))
    with own_transaction() as session:
        frame_id = sample_frames.keep_frame(
            session, read, wave_id=wave_id, kind=form.kind.data, title=title, viewer=current_account(),
            now=utc_now(), today=today(),
        )  # fmt: skip
    for sentence in draw_words.left_out_words(read):
        flash(sentence)
    return redirect(url_for("admin.sample_frame", frame_id=frame_id), code=303)


@bp.get("/samples/frames/<int(max=2147483647):frame_id>")
@requires(*OFFICE)
def sample_frame(frame_id: int) -> ResponseReturnValue:
    _wave, frame = sample_frames.own_frame(db.session, frame_id=frame_id, viewer=current_account())
    return frame_page(frame_id, draw_form(frame))


@bp.post("/samples/frames/<int(max=2147483647):frame_id>/accept")
@requires(*OFFICE)
@writes
def accept_sample_frame(frame_id: int) -> ResponseReturnValue:
    sample_frames.own_frame(db.session, frame_id=frame_id, viewer=current_account())
    sample_frames.accept_frame(db.session, frame_id=frame_id, viewer=current_account(), now=utc_now())
    flash(gettext("Đã nhận danh sách làm khung mẫu."))
    return redirect(url_for("admin.sample_frame", frame_id=frame_id), code=303)


@bp.post("/samples/frames/<int(max=2147483647):frame_id>/discard")
@requires(*OFFICE)
@writes
def discard_sample_frame(frame_id: int) -> ResponseReturnValue:
    wave, _frame = sample_frames.own_frame(db.session, frame_id=frame_id, viewer=current_account())
    sample_frames.discard_frame(db.session, frame_id=frame_id, viewer=current_account(), now=utc_now())
    flash(gettext("Đã bỏ danh sách."))
    return redirect(url_for("admin.sample_wave", wave_id=wave.id), code=303)


def frame_page(frame_id: int, form: DrawForm, *, refusal: str | None = None) -> str:
    """A frame with what it holds, and the form to draw from it once it is taken."""
    wave, frame = sample_frames.own_frame(db.session, frame_id=frame_id, viewer=current_account())
    counts = queries.frame_counts(db.session, frame_id)
    drawn = queries.drawn_unit_ids(db.session, wave.id)
    return render_template(
        "admin/samples/frame.html", wave=wave, frame=frame, counts=counts, form=form, refusal=refusal,
        title_of=title_of, words=draw_words, n_units=len({row.unit_id for row in counts}),
        has_undrawn=any(row.unit_id not in drawn for row in counts),
        seed_sources=set_asides.seed_sources(db.session, wave.id),
    )  # fmt: skip


def title_of(wave: SampleWave) -> str:
    return in_page_language(wave.title_vi, wave.title_en)


def _form(wave_id: int) -> FrameForm:
    wave = sample_frames.own_wave(db.session, wave_id=wave_id, viewer=current_account())
    form = FrameForm()
    names = sample_frames.unit_names(db.session, wave.id)
    form.unit.choices = [
        SelectChoice(0, gettext("Tệp có cột đơn vị")),
        *(SelectChoice(unit.id, capitalised(unit.label)) for unit in names),
    ]
    if request.method == "GET":
        form.unit.data = 0
    return form


def _wave_page(wave_id: int, form: FrameForm, *, faults: list[str] | None = None) -> str:
    wave = sample_frames.own_wave(db.session, wave_id=wave_id, viewer=current_account())
    return render_template(
        "admin/samples/wave.html", wave=wave, form=form, faults=faults or [], title_of=title_of, words=draw_words,
        frames=queries.frames_of(db.session, wave_id), draws=queries.draws_of(db.session, wave_id),
    )  # fmt: skip
