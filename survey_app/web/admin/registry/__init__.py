"""The registry's pages: units by day, small edits, guided changes, and figures across a merger."""

# Each module adds its routes to the one blueprint.
from survey_app.web.admin.registry import browse, changes, edits, fields, points, trends

__all__ = ["browse", "changes", "edits", "fields", "points", "trends"]
