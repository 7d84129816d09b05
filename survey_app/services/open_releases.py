"""The published results that may be had as data: everyone's of offices whose pages are open, and a program's own."""

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.queries import publications as queries
from survey_app.queries import units
from survey_app.queries.publications import PublicationRow
from survey_app.services.publication_parts import joined
from survey_app.services.published_results import Release
from survey_app.services.report_content import ReportContent

IN_FORCE = "published"


class OpenReleases:
    """Releases in force, read as they were frozen: of open offices, and of those among `unit_ids`."""

    def releases(self, session: Session, *, unit_ids: Collection[int] = ()) -> Sequence[Release]:
        roots = sorted({*queries.open_roots(session), *unit_ids})
        rows = queries.publications_of(session, root_unit_ids=roots, states=[IN_FORCE])
        offices = {root: units.unit_by_id(session, root) for root in {row.root_unit_id for row in rows}}
        return [_release(row, offices[row.root_unit_id]) for row in rows]

    def content(
        self, session: Session, release_id: int, language: str, *, unit_ids: Collection[int] = ()
    ) -> ReportContent | None:
        try:
            row = queries.publication(session, release_id)
        except NotFound:
            return None
        if row.state != IN_FORCE or row.root_unit_id not in {*queries.open_roots(session), *unit_ids}:
            return None
        return joined(queries.parts(session, row.id, language=language), language)


def _release(row: PublicationRow, office: units.UnitRow) -> Release:
    assert row.published_on is not None
    return Release(
        id=row.id, office_code=office.code, office=office.label, basis=row.basis,
        period_code=row.period_code, revision=row.revision, published_on=row.published_on,
        method_version=row.method_version, is_simulated=row.is_simulated, fingerprint=row.fingerprint,
    )  # fmt: skip
