"""What a waiting change of the registry would do, as a part of the page on which the second person decides."""

from typing import Any

from survey_app.db import db
from survey_app.queries.approvals import ApprovalRow
from survey_app.services.registry_changes import previewing
from survey_app.services.registry_changes.operations import Plan
from survey_app.services.registry_changes.preview import preview_of
from survey_app.web.admin.registry.asked import told
from survey_app.web.admin.registry.words import KINDS
from survey_app.web.current import today
from survey_app.web.security import ROLE_TITLES, current_account
from survey_app.web.unit_kinds import UNIT_KINDS

TEMPLATE = "admin/registry/_review.html"


def review_part(row: ApprovalRow) -> dict[str, Any]:
    """The same preview as the one who proposed saw, made again now; or why it can no longer be carried out."""
    if row.state != "pending":
        return {}
    review = previewing.review(db.session, row, viewer=current_account(), today=today())
    return {
        "part": TEMPLATE,
        "operation": review.operation,
        "obstacle": told(review.refused) if review.refused else "",
        **(plan_shown(review.plan) if review.plan else {"preview": None}),
    }


def plan_shown(plan: Plan) -> dict[str, Any]:
    """A plan as its pages show it."""
    return {
        "preview": preview_of(plan, today=today()),
        "change_kinds": KINDS,
        "unit_kinds": UNIT_KINDS,
        "role_titles": {role.value: title for role, title in ROLE_TITLES.items()},
    }
