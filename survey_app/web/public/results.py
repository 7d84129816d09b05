"""What was published, for everyone: read as it was frozen, the same for all, and kept by browsers and caches."""

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.queries import publications as queries
from survey_app.queries import units
from survey_app.queries.publications import PublicationRow
from survey_app.services import freezing
from survey_app.services.figures import Comparison, Scorecard
from survey_app.services.publication_parts import COMPARISON, WHOLE, unit_part
from survey_app.web import publication_words
from survey_app.web.public.routes import bp
from survey_app.web.security import shared

# What stands here changes only by another release; withdrawn results are gone after this long.
SECONDS_KEPT = 300
READABLE = ("published", "superseded")


@bp.get("/results")
@shared
def results() -> ResponseReturnValue:
    roots = queries.open_roots(db.session)
    rows = queries.publications_of(db.session, root_unit_ids=roots, states=["published"])
    titles = {root: units.unit_by_id(db.session, root).label for root in roots}
    return _kept("public/results.html", rows=rows, titles=titles)


@bp.get("/results/<int(max=2147483647):publication_id>")
@shared
def result(publication_id: int) -> ResponseReturnValue:
    row = _released(publication_id)
    return _kept(
        "public/result.html", row=row, comparison=_comparison(row), card=_card(row, WHOLE), **_about(row)
    )


@bp.get("/results/<int(max=2147483647):publication_id>/units/<code>")
@shared
def unit_result(publication_id: int, code: str) -> ResponseReturnValue:
    row = _released(publication_id)
    compared = _comparison(row)
    mine = next((each for each in compared.rows if each.unit.code == code), None)
    if mine is None:
        raise NotFound(f"unit {code[:20]} in publication {publication_id}")
    card = _card(row, unit_part(mine.unit.id))
    return _kept("public/unit_result.html", row=row, comparison=compared, mine=mine, card=card, **_about(row))


def _released(publication_id: int) -> PublicationRow:
    """A release of an office that shows what it published; any other does not exist here."""
    row = queries.publication(db.session, publication_id)
    if row.state not in READABLE or row.root_unit_id not in queries.open_roots(db.session):
        raise NotFound(f"publication {publication_id}")
    return row


def _comparison(row: PublicationRow) -> Comparison:
    content = queries.part(db.session, row.id, language=current_language(), name=COMPARISON)
    return freezing.thaw(content, Comparison)


def _card(row: PublicationRow, name: str) -> Scorecard:
    return freezing.thaw(queries.part(db.session, row.id, language=current_language(), name=name), Scorecard)


def _about(row: PublicationRow) -> dict[str, object]:
    """The other revisions of the same results."""
    revisions = queries.revisions_of(
        db.session, root_unit_id=row.root_unit_id, basis=row.basis, period_code=row.period_code
    )
    return {"revisions": [each for each in revisions if each.is_released]}


def _kept(template: str, **values: object) -> Response:
    """A page that everyone may keep for a while, and ask after by its mark instead of reading it again."""
    other = "en" if current_language() == "vi" else "vi"
    response = make_response(
        render_template(template, words=publication_words, other_language=other, **values)
    )
    response.headers["Cache-Control"] = f"public, max-age={SECONDS_KEPT}"
    response.add_etag()
    return response.make_conditional(request)
