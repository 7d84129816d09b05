"""Answers that are files: saved under a name of their own, or shown in the page's place."""

import os
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from flask import Response, send_file

from survey_app.csv_export import csv_bytes
from survey_app.errors import NotFound
from survey_app.spreadsheets import workbook_bytes

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSON = "application/json"
PDF = "application/pdf"
ZIP = "application/zip"


def download(content: bytes | str, media_type: str, name: str) -> Response:
    return _named(content, media_type, "attachment", name)


def file_download(path: Path, media_type: str, name: str) -> Response:
    """A file sent piece by piece; it may be removed from its folder meanwhile."""
    return _sent(path.open("rb"), media_type, name)


def zip_download(files: Iterable[tuple[str, bytes]], name: str) -> Response:
    """Files packed on the disk, one at a time, and sent from there."""
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file_name, content in files:
            archive.writestr(file_name, content)
    return _sent(packed, ZIP, name)


def _sent(file: IO[bytes], media_type: str, name: str) -> Response:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    response = send_file(file, mimetype=media_type, as_attachment=True, download_name=name, max_age=0)
    response.content_length = size
    return response


def shown_pdf(content: bytes, name: str) -> Response:
    """To be read and printed in the browser."""
    return _named(content, PDF, "inline", name)


def csv_download(heading: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> Response:
    return download(csv_bytes(heading, rows), CSV, name)


def table_download(
    kind: str, heading: Sequence[str], rows: Iterable[Sequence[object]], *, name: str, sheet: str
) -> Response:
    """A table as the kind of file that the address asks for."""
    if kind == "csv":
        return csv_download(heading, rows, f"{name}.csv")
    if kind == "xlsx":
        return download(workbook_bytes([(sheet, heading, list(rows))]), XLSX, f"{name}.xlsx")
    raise NotFound(f"a file .{kind[:10]}")


def _named(content: bytes | str, media_type: str, disposition: str, name: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", disposition, filename=name)
    return response
