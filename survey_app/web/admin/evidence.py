"""The evidence of a wave as one file: what an inspector takes away, none of it an answer."""

import io
import json
import zipfile
from collections.abc import Iterable

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.anchors import anchor_line, read_anchors
from survey_app.clock import utc_now
from survey_app.csv_export import csv_bytes
from survey_app.db import db, own_transaction
from survey_app.i18n import in_page_language
from survey_app.services import evidence as service
from survey_app.services.evidence import Evidence
from survey_app.web.admin.approval_words import kind_title
from survey_app.web.admin.approvals import state_words
from survey_app.web.admin.audit import READERS, batch_words, broken_words, entry_rows
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.moments import clock_words
from survey_app.web.current import settings, today
from survey_app.web.downloads import ZIP, download
from survey_app.web.security import current_account, requires


@bp.get("/evidence")
@requires(*READERS)
def evidence() -> ResponseReturnValue:
    waves = service.visible_waves(db.session, viewer=current_account())
    return render_template("admin/evidence.html", waves=waves)


# Gathering reads for long; only noting that it was taken needs the lock.
@bp.post("/evidence/<int(max=2147483647):wave_id>")
@requires(*READERS)
def evidence_take(wave_id: int) -> ResponseReturnValue:
    viewer, now = current_account(), utc_now()
    anchors = list(read_anchors(settings().anchors_path))
    found = service.collect(db.session, wave_id=wave_id, viewer=viewer, anchors=anchors)
    with own_transaction() as session:
        service.note_taken(session, wave_code=found.wave.code, viewer=viewer, now=now)
    name = f"ho-so-kiem-chung-{today().isoformat()}-{wave_id}.zip"
    return download(_packed(_files(found)), ZIP, name)


def _files(found: Evidence) -> Iterable[tuple[str, bytes]]:
    """Each file of the pack; the page first, the rest to be worked with."""
    title = in_page_language(found.wave.title_vi, found.wave.title_en)
    page = render_template(
        "admin/evidence_pack.html", found=found, title=title, made=clock_words(utc_now()), clock=clock_words,
        kind_title=kind_title, state_of=state_words, broken_words=broken_words, batch_words=batch_words,
        rows=entry_rows(found.entries),
    )  # fmt: skip
    yield "index.html", page.encode()
    yield "questionnaire.json", json.dumps(found.definition, ensure_ascii=False, indent=1).encode()
    yield (
        "plan.csv",
        csv_bytes(
            ["unit", "code", "stratum", "target", "population"],
            ([each.label, each.code, each.stratum, each.target, each.population] for each in found.planned),
        ),
    )
    yield (
        "roots.csv",
        csv_bytes(
            ["received_on", "generation", "revision", "n", "n_open", "root"],
            (
                [
                    root.received_on.isoformat(),
                    root.generation,
                    root.revision,
                    root.n,
                    root.n_open,
                    root.root.hex(),
                ]
                for root in found.batches
            ),
        ),
    )
    yield "decisions.csv", csv_bytes(
        ["kind", "subject", "reason", "proposed_by", "proposed_at", "state", "decided_by", "decided_at", "note"],
        (
            [row.kind, row.subject, row.reason, row.proposed_by, row.proposed_at.isoformat(), row.state,
             row.decided_by, row.decided_at and row.decided_at.isoformat(), row.decision_note]
            for row in found.decisions
        ),
    )  # fmt: skip
    if found.anchor is not None:
        yield "anchor.txt", (anchor_line(found.anchor, today()) + "\n").encode()


def _packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in files:
            pack.writestr(name, content)
    return out.getvalue()
