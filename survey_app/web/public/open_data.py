"""Open data: the releases that the office has opened, and the files of each."""

from flask import Response, current_app, render_template
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.open_data import LICENCE, open_data_files
from survey_app.services.published_results import EXTENSION, Source
from survey_app.web.downloads import zip_download
from survey_app.web.public.routes import bp
from survey_app.web.security import public


def _source() -> Source:
    source: Source = current_app.extensions[EXTENSION]
    return source


@bp.get("/open-data")
@public
def open_data() -> ResponseReturnValue:
    releases = _source().releases(db.session)
    return render_template("public/open_data.html", releases=releases, licence=LICENCE)


@bp.get("/open-data/<int(max=2147483647):release_id>.zip")
@public
def open_data_files_of(release_id: int) -> Response:
    """All files of a release."""
    content = _source().content(db.session, release_id, current_language())
    if content is None:
        raise NotFound(f"release {release_id}")
    files = open_data_files(content, current_language())
    return zip_download(files.items(), f"open-data-{release_id}.zip")
