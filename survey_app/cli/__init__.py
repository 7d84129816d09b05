"""`flask …` commands, all safe to run twice."""

from flask import Flask

from survey_app.cli.access import access
from survey_app.cli.accounts import accounts
from survey_app.cli.api_clients import api_clients
from survey_app.cli.audit import audit_group
from survey_app.cli.audit_release import audit_release
from survey_app.cli.demo import demo
from survey_app.cli.instance import init
from survey_app.cli.nightly import nightly
from survey_app.cli.publications import verify_report
from survey_app.cli.recordings import recordings_group
from survey_app.cli.responses import responses
from survey_app.cli.retention import purge
from survey_app.cli.samples import samples
from survey_app.cli.units import units
from survey_app.cli.waves import periods, waves


def init_app(app: Flask) -> None:
    for command in (
        access, accounts, api_clients, audit_group, audit_release, demo, init, nightly, periods, purge,
        recordings_group, responses, samples, units, verify_report, waves,
    ):  # fmt: skip
        app.cli.add_command(command)
