"""Collecting answers, for the staff who arrange it: devices, print, tickets, paper, interviews, recordings."""

# Each module adds its routes to the one blueprint.
from survey_app.web.fieldwork import (
    assignments,
    call_backs,
    devices,
    home,
    imports,
    interviews,
    paper,
    print_files,
    print_kit,
    recordings,
    tickets,
)
from survey_app.web.fieldwork.blueprint import bp

__all__ = [
    "assignments",
    "bp",
    "call_backs",
    "devices",
    "home",
    "imports",
    "interviews",
    "paper",
    "print_files",
    "print_kit",
    "recordings",
    "tickets",
]
