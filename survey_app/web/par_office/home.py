"""The entrance of the PAR office: what waits this Monday, each with one action, then every analysis as a card."""

from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app import office_sentences
from survey_app.db import db
from survey_app.i18n import current_language
from survey_app.services import office_tasks
from survey_app.services.approval_kinds import KINDS
from survey_app.services.figures import OfficeTask
from survey_app.web import current
from survey_app.web.par_office.blueprint import READERS, bp
from survey_app.web.security import current_account, may_open, requires


@dataclass(frozen=True, slots=True)
class Action:
    """A task in words, and where it is dealt with; no address where the reader may only look."""

    task: OfficeTask
    words: str
    address: str | None
    button: str


@bp.get("/")
@requires(*READERS)
def home() -> ResponseReturnValue:
    viewer = current_account()
    tasks = office_tasks.office_tasks(
        db.session, viewer=viewer, today=current.today(), kinds=KINDS, language=current_language()
    )
    actions = [_action(task) for task in tasks]
    return render_template("par_office/home.html", actions=actions, on=current.today())


def _action(task: OfficeTask) -> Action:
    endpoint, values, button = {
        "pending": ("admin.approvals", {}, _("Xem và quyết định")),
        "silent": ("admin.wave_progress", {"code": task.code}, _("Xem tiến độ")),
        "behind": ("admin.wave_progress", {"code": task.code}, _("Xem tiến độ")),
        "owing": ("fieldwork.device_list", {}, _("Xem máy")),
        **dict.fromkeys(
            ("replies", "heard", "draft", "review", "approved"),
            ("par_office.publication", {"publication_id": task.code}, _("Mở kết quả")),
        ),
    }[task.kind]
    address = url_for(endpoint, **values) if may_open(endpoint) else None
    return Action(task, office_sentences.office_task(task), address, button)
