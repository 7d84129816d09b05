"""What every call of a program stands on: the blueprint, the day, the signer, and bodies larger than an answer."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from flask import Blueprint, current_app

from config import Settings
from survey_app.clock import local_today
from survey_app.signing import Signer
from survey_app.web.bodies import Limits

View = TypeVar("View", bound=Callable[..., Any])

bp = Blueprint("api", __name__, url_prefix="/api/v1")


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def signer() -> Signer:
    found: Signer = current_app.extensions["signer"]
    return found


def today() -> date:
    return local_today(settings())


def takes_body(limits: Limits) -> Callable[[View], View]:
    """Let a view read a body of these limits, checked once the program is known and before a byte is read."""

    def declare(view: View) -> View:
        view.most_bytes = limits.most_bytes  # type: ignore[attr-defined]
        return view

    return declare
