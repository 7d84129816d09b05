"""What every page of fieldwork stands on: the blueprint, the day, the signer, and uploads larger than an answer."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from flask import Blueprint, current_app

from config import Settings
from survey_app.clock import local_today
from survey_app.signing import Signer
from survey_app.web import display

View = TypeVar("View", bound=Callable[..., Any])

bp = Blueprint("fieldwork", __name__, url_prefix="/fieldwork")
bp.record_once(display.prepare)


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def signer() -> Signer:
    found: Signer = current_app.extensions["signer"]
    return found


def today() -> date:
    return local_today(settings())


def takes_upload(most_bytes: int) -> Callable[[View], View]:
    """Let a view of the staff take a larger body than a citizen's page may."""

    def declare(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return declare
