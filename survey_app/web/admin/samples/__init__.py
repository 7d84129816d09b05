"""Sample planning and drawing: scenarios, frames, draws and what is handed out of them."""

# Each module adds its routes to the one blueprint.
from survey_app.web.admin.samples import draws, frames, plan_files, plans

__all__ = ["draws", "frames", "plan_files", "plans"]
