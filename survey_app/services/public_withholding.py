"""What a publication leaves out: the public release plan, beside the releases that stood before it."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy.orm import Session

from survey_app.queries import publications as queries
from survey_app.queries import units
from survey_app.services import release_plan
from survey_app.services.policy import policy_for
from survey_app.services.publication_parts import joined
from survey_app.services.release_checks import Finding
from survey_app.services.release_plan import Audience
from survey_app.services.report_content import ReportContent


def standing(session: Session, *, root_unit_id: int, basis: str) -> list[int]:
    """Every release of an office that readers have, withdrawn ones too, in the order in which they came out."""
    rows = queries.publications_of(session, root_unit_ids=[root_unit_id], states=queries.RELEASED)
    mine = [(row.published_on or date.min, row.id) for row in rows if row.basis == basis]
    return [release_id for _, release_id in sorted(mine)]


def withheld(
    session: Session, content: ReportContent, *, earlier: Sequence[int], as_of: date
) -> ReportContent:
    """The content as everyone may have it; the same again for the same earlier releases, in any language."""
    return release_plan.withhold(
        content,
        audience=Audience.PUBLIC,
        policy=policy_for(session, as_of, is_public=True),
        earlier=_contents(session, earlier, content.language),
        successors=_successors(session, content),
    )


def findings(session: Session, content: ReportContent, *, earlier: Sequence[int]) -> tuple[Finding, ...]:
    """What the content would give away, alone or beside the earlier releases."""
    before = _contents(session, earlier, content.language)
    return release_plan.disclosure_findings(content, before, successors=_successors(session, content))


def _contents(session: Session, releases: Sequence[int], language: str) -> list[ReportContent]:
    return [joined(queries.parts(session, each, language=language), language) for each in releases]


def _successors(session: Session, content: ReportContent) -> dict[int, int]:
    """For each unit that ended in one other: the unit of this content that it is part of now."""
    listed = {row.unit.id for row in content.comparison.rows}
    links = units.merged_into(session)
    found = {unit_id: _followed(unit_id, links, listed) for unit_id in links}
    return {unit_id: now for unit_id, now in found.items() if now is not None}


def _followed(unit_id: int, links: dict[int, int], listed: Collection[int]) -> int | None:
    seen = {unit_id}
    while unit_id in links and links[unit_id] not in seen:
        unit_id = links[unit_id]
        seen.add(unit_id)
        if unit_id in listed:
            return unit_id
    return None
