"""The entrance to fieldwork: what this account may do, each a page of its own."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.fieldwork.tasks import TASKS
from survey_app.web.security import Role, access_table, current_account, requires


@bp.get("/")
@requires(*Role)
def home() -> ResponseReturnValue:
    role, table = current_account().role, access_table(current_app)
    tasks = [task for task in TASKS if (access := table[task.endpoint]) and role in access.roles]
    return render_template("fieldwork/home.html", tasks=tasks)
