"""Waves: their list and calendar, the wizard, opening and closing, progress, and what a bridge wave measured."""

from survey_app.web.admin.waves import calendar, editing, listing, progress, states

__all__ = ["calendar", "editing", "listing", "progress", "states"]
