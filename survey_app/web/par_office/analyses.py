"""Pages that read all respondents of a period at once: cross-tables, drivers, reliability, equity."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.db import db
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.services import crosstabs as crosstab_service
from survey_app.services import equity as equity_service
from survey_app.services import measurement
from survey_app.services.dimensions import Words
from survey_app.web import choices, current
from survey_app.web.choices import Choices
from survey_app.web.par_office.blueprint import READERS, bp
from survey_app.web.security import current_account, requires


@bp.get("/crosstabs")
@requires(*READERS)
def crosstabs() -> ResponseReturnValue:
    options, asked = _asked()
    table = crosstab_service.crosstab(
        db.session, **asked, words=_words(),
        rows=request.args.get("rows") or "age_band", columns=request.args.get("columns") or "satisfied",
    )  # fmt: skip
    if table is None:
        return render_template("par_office/nothing.html", title=_("Bảng chéo"))
    return render_template("par_office/crosstabs.html", table=table, choices=options)


@bp.get("/drivers")
@requires(*READERS)
def drivers() -> ResponseReturnValue:
    options, asked = _asked()
    found = measurement.drivers(db.session, **asked, version_id=_version_id())
    if found is None:
        return render_template("par_office/nothing.html", title=_("Yếu tố ảnh hưởng"))
    return render_template("par_office/drivers.html", found=found, choices=options)


@bp.get("/reliability")
@requires(*READERS)
def reliability() -> ResponseReturnValue:
    options, asked = _asked()
    found = measurement.reliability(
        db.session, **asked, version_id=_version_id(), whole_title=_("Các câu hỏi mọi người")
    )
    if found is None:
        return render_template("par_office/nothing.html", title=_("Độ tin cậy của phiếu"))
    return render_template("par_office/reliability.html", found=found, choices=options)


@bp.get("/equity")
@requires(*READERS)
def equity() -> ResponseReturnValue:
    options, asked = _asked()
    found = equity_service.equity(db.session, **asked, words=_words())
    if found is None:
        return render_template("par_office/nothing.html", title=_("Công bằng"))
    return render_template(
        "par_office/equity.html", found=found, choices=options, profile_words=profile_words()
    )


def _asked() -> tuple[Choices, dict[str, Any]]:
    """What all of them ask for, and the options of their form."""
    viewer, today = current_account(), current.today()
    options = choices.comparison_choices(viewer.unit_id, today)
    basis = request.args.get("basis") or choices.default_basis(options, preferred="continuous")
    return options, {
        "root_unit_id": viewer.unit_id,
        "basis": basis,
        "period_code": request.args.get("period"),
        "viewer": viewer,
        "today": today,
        "language": current_language(),
    }


def _version_id() -> int | None:
    given = request.args.get("form", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise NotFound("form")
    return int(given)


def profile_words() -> dict[str, str]:
    """What questions about the person are called in a sentence."""
    return {
        "sex": _("giới tính"),
        "age_band": _("nhóm tuổi"),
        "ethnicity": _("dân tộc"),
        "education": _("trình độ học vấn"),
        "living_area": _("nơi sinh sống"),
        "occupation": _("nghề nghiệp"),
        "disability": _("khuyết tật"),
    }


def _words() -> Words:
    titles = {
        "satisfied": _("Đánh giá chung: hài lòng hay không"),
        "channel": _("Kênh"),
        "stage": _("Giai đoạn"),
        "assisted_by": _("Người hỗ trợ"),
        "field": _("Lĩnh vực"),
        "unit_kind": _("Loại đơn vị"),
    }
    return Words(
        titles, choices.kind_names(), (_("Hài lòng"), _("Chưa hài lòng")), _("Không rõ hoặc không hỏi")
    )
