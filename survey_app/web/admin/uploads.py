"""A file on its way from the trial to the writing: carried by the page, so that nothing is kept on the server."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Response, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import FileStorage

from survey_app.errors import InvalidBody, UnreadableTable
from survey_app.services.known_tables import ReadTable, reject_rows
from survey_app.spreadsheets import MAX_FILE_BYTES
from survey_app.web.bodies import clean_text
from survey_app.web.downloads import XLSX, csv_download
from survey_app.web.packing import packed, unpacked

ERRORS_SHOWN = 30
ACCEPTED = f".csv,.xlsx,text/csv,{XLSX}"

UNREADABLE: Mapping[str, LazyString] = {
    "too_large": _("Tệp lớn quá mức cho phép (tối đa 5 MB, sau giải nén 64 MB)."),
    "empty": _("Tệp trống."),
    "no_heading": _("Không thấy dòng tiêu đề của bảng."),
    "entities": _("Tệp XLSX chứa khai báo XML không được phép."),
    "not_a_table": _("Tệp không phải CSV hoặc XLSX đọc được."),
    "not_utf8": _("Tệp CSV không dùng mã UTF-8. Xin lưu lại với mã UTF-8."),
    "broken_row": _("Tệp CSV có dấu ngoặc kép không đóng."),
    "too_many_rows": _("Tệp có quá nhiều dòng."),
    "too_many_columns": _("Tệp có quá nhiều cột."),
    "cell_too_long": _("Có ô quá dài."),
    "control_characters": _("Có ô chứa ký tự điều khiển."),
}


class Upload(NamedTuple):
    """A file by its name, which is only shown and kept as its source."""

    name: str
    content: bytes


def chosen_file(field: str) -> Upload | None:
    """The file of a form, one byte longer than allowed at most; None where none was chosen."""
    return next(iter(chosen_files(field, most=1)), None)


def chosen_files(field: str, *, most: int) -> list[Upload]:
    """The files of a form, as many as are read, each one byte longer than allowed at most."""
    return [_upload(given) for given in request.files.getlist(field)[:most] if given.filename]


def _upload(given: FileStorage) -> Upload:
    return Upload(clean_text(given.filename)[-120:], given.read(MAX_FILE_BYTES + 1))


def carried(uploads: list[Upload]) -> list[tuple[str, str]]:
    """Hidden fields that hold the files."""
    fields = []
    for upload in uploads:
        fields += [("file_name", upload.name), ("file_content", packed(upload.content))]
    return fields


def carried_files() -> list[Upload]:
    """The files that the trial's page carried; one longer than the limit is cut and then refused by its reader."""
    names, contents = request.form.getlist("file_name"), request.form.getlist("file_content")
    if len(names) != len(contents) or not names or len(names) > 10:
        raise InvalidBody("carried files")
    return [
        Upload(clean_text(name)[-120:], unpacked(text, most=MAX_FILE_BYTES))
        for name, text in zip(names, contents, strict=True)
    ]


def reject_file(table: ReadTable, name: str) -> Response:
    """The refused rows as a CSV file, the reason in columns of its own."""
    return csv_download(*reject_rows(table), f"dong-bi-tu-choi-{name.rpartition('.')[0] or name}.csv")


def unreadable_words(error: UnreadableTable) -> str:
    """Why a file could not be read as a table."""
    where = [gettext("Dòng %(row)s.", row=error.row)] if error.row else []
    return " ".join([str(UNREADABLE[error.reason]), *where, gettext("Chưa ghi gì.")])
