"""A file on its way from the trial to the writing: carried by the page, so that nothing is kept on the server."""

import base64
import binascii
import zlib
from typing import NamedTuple

from flask import Response, make_response, request
from flask_babel import gettext as _

from survey_app.csv_export import csv_bytes
from survey_app.errors import InvalidBody, NotFound, UnreadableTable
from survey_app.services.known_tables import ReadTable, reject_rows
from survey_app.spreadsheets import MAX_FILE_BYTES
from survey_app.web.bodies import clean_text

# A file and the form around it; carried to the second step, a file is a third longer at most.
MOST_BYTES = 8 * 1024 * 1024
ERRORS_SHOWN = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACCEPTED = f".csv,.xlsx,text/csv,{XLSX}"


class Upload(NamedTuple):
    """A file by its name, which is only shown and kept as its source."""

    name: str
    content: bytes


def chosen_file(field: str) -> Upload | None:
    """The file of a form, one byte longer than allowed at most; None where none was chosen."""
    given = request.files.get(field)
    if given is None or not given.filename:
        return None
    return Upload(clean_text(given.filename)[-120:], given.read(MAX_FILE_BYTES + 1))


def carried(uploads: list[Upload]) -> list[tuple[str, str]]:
    """Hidden fields that hold the files."""
    fields = []
    for upload in uploads:
        packed = base64.urlsafe_b64encode(zlib.compress(upload.content)).decode()
        fields += [("file_name", upload.name), ("file_content", packed)]
    return fields


def carried_files() -> list[Upload]:
    """The files that the trial's page carried; one longer than the limit is cut and then refused by its reader."""
    names, contents = request.form.getlist("file_name"), request.form.getlist("file_content")
    if len(names) != len(contents) or not names or len(names) > 10:
        raise InvalidBody("carried files")
    return [
        Upload(clean_text(name)[-120:], _unpacked(text)) for name, text in zip(names, contents, strict=True)
    ]


def _unpacked(text: str) -> bytes:
    try:
        packed = base64.b64decode(text, altchars=b"-_", validate=True)
        return zlib.decompressobj().decompress(packed, MAX_FILE_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise InvalidBody("carried file") from error


def reject_file(table: ReadTable, name: str) -> Response:
    """The refused rows as a CSV file, the reason in columns of its own."""
    return download(
        csv_bytes(*reject_rows(table)), f"dong-bi-tu-choi-{_stem(name)}.csv", "text/csv; charset=utf-8"
    )


def require_form(form: str) -> None:
    """Refuse a kind of file that is not written here."""
    if form not in {"csv", "xlsx"}:
        raise NotFound(f"a file .{form[:10]}")


def download(content: bytes, name: str, mimetype: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = mimetype
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def unreadable_words(error: UnreadableTable) -> str:
    """Why a file could not be read as a table."""
    words = {
        "too_large": _("Tệp lớn quá mức cho phép (tối đa 5 MB, sau giải nén 64 MB)."),
        "empty": _("Tệp trống."),
        "entities": _("Tệp XLSX chứa khai báo XML không được phép."),
        "not_a_table": _("Tệp không phải CSV hoặc XLSX đọc được."),
        "not_utf8": _("Tệp CSV không dùng mã UTF-8. Xin lưu lại với mã UTF-8."),
        "broken_row": _("Tệp CSV có dấu ngoặc kép không đóng."),
        "too_many_rows": _("Tệp có quá nhiều dòng."),
        "too_many_columns": _("Tệp có quá nhiều cột."),
        "cell_too_long": _("Có ô quá dài."),
        "control_characters": _("Có ô chứa ký tự điều khiển."),
    }
    where = [_("Dòng %(row)s.", row=error.row)] if error.row else []
    return " ".join([words[error.reason], *where, _("Chưa ghi gì.")])


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
