"""What has been published, for whoever passes it on: open data and the API. They never count anything themselves.

Where releases are kept is the business of publishing; it gives the application a `Source`. Content that comes from a
source was withheld by `release_plan.withhold` before it was frozen.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from survey_app.services.report_content import ReportContent

EXTENSION = "published_results"


@dataclass(frozen=True, slots=True)
class Release:
    """One release in force: `fingerprint` is that of its frozen content."""

    id: int
    office_code: str
    office: str
    basis: str
    period_code: str
    revision: int
    published_on: date
    method_version: str
    is_simulated: bool
    fingerprint: str


class Source(Protocol):
    """Releases that are open to everyone or are of one of the units, and the content of each."""

    def releases(self, session: Session, *, unit_ids: Collection[int] = ()) -> Sequence[Release]: ...

    def content(
        self, session: Session, release_id: int, language: str, *, unit_ids: Collection[int] = ()
    ) -> ReportContent | None: ...
