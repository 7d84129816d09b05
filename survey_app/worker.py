"""Work that must not slow a submit: the nightly job and batches of reports, in a process beside the web one."""

import logging
from functools import wraps

from flask import Flask
from huey import crontab

from config import read_settings
from survey_app import create_app, document_work, nightly_work
from survey_app.services.nightly import NightlyReport

log = logging.getLogger(__name__)
settings = read_settings()
huey = document_work.queue(settings)


@wraps(document_work.make_documents)
def make_documents(batch_id: int) -> None:
    with create_app(settings).app_context():
        document_work.make_documents(batch_id)


# Known to the queue by the name under which the web asks for it.
huey.task(name=document_work.TASK)(make_documents)

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
