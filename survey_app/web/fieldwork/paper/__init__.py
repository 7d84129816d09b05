"""Paper forms: pads, openings of the box, keying, checking and booking."""

# Each module adds its routes to the one blueprint.
from survey_app.web.fieldwork.paper import batches, entry, openings, pads

__all__ = ["batches", "entry", "openings", "pads"]
