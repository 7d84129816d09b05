"""Work that must not slow a submit: the nightly job, run by a process of its own beside the web one."""

import logging

from flask import Flask
from huey import SqliteHuey, crontab

from config import read_settings
from survey_app import create_app, nightly_work
from survey_app.services.nightly import NightlyReport

log = logging.getLogger(__name__)
settings = read_settings()
# The rollback journal: this queue is written by the standard library's SQLite, whose WAL may be unsafe.
huey = SqliteHuey("survey", filename=str(settings.queue_path), journal_mode="delete", fsync=True)

# 00:15 in Hà Nội, as the scheduler reads it.
NIGHTLY = crontab(hour="17", minute="15")


def nightly_in(app: Flask) -> NightlyReport:
    """Run the nightly job for an application."""
    with app.app_context():
        return nightly_work.run(app.extensions["settings"])


@huey.periodic_task(NIGHTLY)
@huey.lock_task("nightly")
def nightly() -> None:
    report = nightly_in(create_app(settings))
    log.info("nightly: %s", report)
