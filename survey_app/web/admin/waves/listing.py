"""The list of waves, and the page of one: what it is, what has to hold before it opens, and its closings."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.i18n import current_language
from survey_app.languages import NAMES
from survey_app.queries import snapshots, waves
from survey_app.services import wave_plans, wave_states
from survey_app.services.accounts import visible_unit_ids
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.waves import words
from survey_app.web.admin.waves.forms import ReopenForm
from survey_app.web.admin.waves.words import OFFICE, READERS
from survey_app.web.current import today
from survey_app.web.security import current_account, requires

ORDER = ("open", "draft", "closed", "archived")


@bp.get("/waves", endpoint="waves")
@requires(*READERS)
def wave_list() -> ResponseReturnValue:
    viewer = current_account()
    found = wave_plans.visible_waves(db.session, viewer=viewer, with_drafts=viewer.role in OFFICE)
    chosen = request.args.get("state", "")
    shown = [wave for wave in found if not chosen or wave.row.state == chosen]
    groups = [(state, [wave for wave in shown if wave.row.state == state]) for state in ORDER]
    return render_template(
        "admin/waves/list.html",
        groups=[group for group in groups if group[1]],
        has_any=bool(found),
        may_plan=viewer.role in OFFICE,
        today=today(),
        **names(),
    )


@bp.get("/waves/<code>", endpoint="wave")
@requires(*READERS)
def wave_page(code: str) -> ResponseReturnValue:
    return page_of(code)


def page_of(code: str, *, refusal: str | None = None, reopen: ReopenForm | None = None) -> str:
    viewer = current_account()
    wave = wave_plans.visible_wave(db.session, code, viewer=viewer)
    is_own = viewer.role in OFFICE and wave.root_unit_id in visible_unit_ids(db.session, viewer=viewer)
    closings = snapshots.snapshots_of(db.session, wave.row.id)
    visible = visible_unit_ids(db.session, viewer=viewer)
    members = waves.members(db.session, wave.row.id, max(wave.row.opens_on, today()))
    language = current_language()
    checks = wave_states.opening_checks(db.session, wave, today=today()) if wave.row.state == "draft" else []
    return render_template(
        "admin/waves/wave.html",
        wave=wave,
        versions=[waves.version(db.session, each).title(language) for each in wave.row.version_ids],
        members=[member for member in members if member.unit_id in visible],
        checks=[(check, words.check_words(check)) for check in checks],
        may_open=all(check.is_met for check in checks if check.is_needed),
        closings=closings,
        n_late=snapshots.n_late(db.session, wave.row.id) if closings else 0,
        is_own=is_own,
        reopen=reopen or ReopenForm(),
        refusal=refusal,
        today=today(),
        **names(),
    )


def names() -> dict[str, object]:
    """Words that every page of waves needs."""
    return {
        "states": words.STATES, "bases": words.BASES, "named": words.NAMED, "channels": words.CHANNELS,
        "title_of": words.title_of, "language_names": NAMES,
    }  # fmt: skip
