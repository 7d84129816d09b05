"""The forms that send recordings, and the words for kinds of texts and for what is wrong with a file."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField

KIND_WORDS = {
    "question": _("Câu hỏi"), "answer": _("Câu trả lời"), "button": _("Nút bấm"), "note": _("Lời nhắn"),
}  # fmt: skip
REFUSALS = {
    "too_large": _("Tệp lớn hơn 300 kB."),
    "too_long": _("Bản đọc dài hơn 60 giây."),
    "not_audio": _("Tệp không phải Ogg (Opus, Vorbis) hay MP3."),
    "unknown_key": _("Tên tệp không phải mã của câu nào trong phiếu này."),
}


class UploadForm(FlaskForm):
    files = MultipleFileField(
        _("Tệp Ogg hoặc MP3, tên tệp là mã của câu"),
        validators=[FileRequired(message=_("Xin chọn ít nhất một tệp."))],
    )


class OneForm(FlaskForm):
    file = FileField(_("Tệp Ogg hoặc MP3"), validators=[FileRequired(message=_("Xin chọn một tệp."))])
