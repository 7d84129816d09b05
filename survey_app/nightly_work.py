"""The night's work of an application: what the services do, and the anchor of the audit log beside the database."""

import logging

from config import Settings
from survey_app.anchors import keep_anchor, read_anchors
from survey_app.clock import local_today, utc_now
from survey_app.db import own_transaction
from survey_app.document_work import forget_old
from survey_app.services.nightly import NightlyReport, run_nightly

log = logging.getLogger(__name__)


def run(settings: Settings) -> NightlyReport:
    """Run it, keep the anchor, and say aloud when the audit log is not whole."""
    report = run_nightly(
        own_transaction,
        now=utc_now(),
        time_zone=settings.TIME_ZONE,
        anchors=read_anchors(settings.anchors_path),
    )
    forget_old(settings)
    if report.chain.anchor is not None:
        line = keep_anchor(settings.anchors_path, report.chain.anchor, local_today(settings))
        log.info("audit anchor: %s", line)
    if (broken := report.chain.report.broken) is not None:
        log.error("audit log broken at entry %s: %s", broken.sequence, broken.fault.value)
    if (answers := report.chain.answers) is not None and answers.n_broken:
        log.error("answers differ from their roots in %s batches", answers.n_broken)
        for batch in answers.report.broken:
            log.error("batch %s %s: %s", batch.wave_code, batch.received_on, batch.fault.value)
    return report
