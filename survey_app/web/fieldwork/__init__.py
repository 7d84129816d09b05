"""Collecting answers, for the staff who arrange it: devices, print, tickets, paper, interviews, recordings."""

# Each module adds its routes to the one blueprint.
from survey_app.web.fieldwork import devices, home, print_files, print_kit, recordings
from survey_app.web.fieldwork.blueprint import bp

__all__ = ["bp", "devices", "home", "print_files", "print_kit", "recordings"]
