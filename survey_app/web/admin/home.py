"""The entrance to setting up: what this account may do, each a page of its own, under its heading."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from survey_app.web.admin.approvals import DECIDING, n_waiting
from survey_app.web.admin.audit import checked
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.tasks import SECTIONS
from survey_app.web.security import Role, access_table, current_account, requires


@bp.get("/")
@requires(*Role)
def home() -> ResponseReturnValue:
    role, table = current_account().role, access_table(current_app)
    open_to_me = [
        (title, [task for task in tasks if (access := table[task.endpoint]) and role in access.roles])
        for title, tasks in SECTIONS
    ]
    sections = [each for each in open_to_me if each[1]]
    waiting = {"admin.approvals": n_waiting()} if role in DECIDING else {}
    return render_template("admin/home.html", sections=sections, waiting=waiting, **checked())
