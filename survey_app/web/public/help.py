"""The guides for staff, readable by everyone; they hold no figures of anybody."""

from flask import render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from survey_app import guides
from survey_app.web.public.routes import bp
from survey_app.web.security import public


@bp.get("/help")
@public
def help_index() -> ResponseReturnValue:
    return _page(guides.INDEX)


@bp.get("/help/<name>")
@public
def help_page(name: str) -> ResponseReturnValue:
    return _page(name)


@bp.get("/help/anh/<name>")
@public
def help_picture(name: str) -> ResponseReturnValue:
    return send_file(guides.picture_path(name), mimetype="image/png", max_age=300)


def _page(name: str) -> str:
    guide = guides.guide(name, home=url_for("public.help_index"))
    return render_template("public/help.html", guide=guide, is_index=name == guides.INDEX)
