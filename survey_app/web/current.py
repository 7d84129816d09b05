"""What a view asks of the application that it runs in: its settings, its signer, and which day it is at the office."""

from datetime import date

from flask import current_app

from config import Settings
from survey_app.clock import local_today
from survey_app.signing import Signer


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def signer() -> Signer:
    found: Signer = current_app.extensions["signer"]
    return found


def today() -> date:
    return local_today(settings())
