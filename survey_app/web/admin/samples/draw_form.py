"""The form of a draw: how many cases, shared out how, with which seed."""

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.fields.choices import SelectChoice

from survey_app.db import db
from survey_app.queries.samples import Frame
from survey_app.services import saved_plans
from survey_app.services.sample_draws import LONGEST_SEED, DrawAsked
from survey_app.services.selection import METHODS
from survey_app.web.admin.samples import draw_words
from survey_app.web.admin.samples.numbers import NumberText, WholeText
from survey_app.web.form_fields import ChoiceField
from survey_app.web.security import current_account


class DrawForm(FlaskForm):  # type: ignore[misc]
    plan = ChoiceField(_("Số phiếu theo phương án đã lưu"), coerce=int, validate_choice=False)
    n = WholeText(_("hoặc tổng số phiếu"))
    allocation = ChoiceField(
        _("chia cho đơn vị"),
        choices=[
            SelectChoice("proportional", _("Theo tỷ lệ quy mô")),
            SelectChoice("equal", _("Đều nhau, không quá quy mô")),
            SelectChoice("power", _("Lũy thừa 0,5 của quy mô")),
        ],
    )
    minimum = WholeText(_("Ít nhất mỗi đơn vị (phiếu)"))
    method = ChoiceField(_("Cách chọn"), validate_choice=False)
    take = WholeText(_("Số hộ mỗi lần chọn thôn"))
    reserve_share = NumberText(_("Dự phòng (so với số phiếu, %)"), scale=0.01)
    seed = StringField(_("Số khởi tạo (hạt giống)"))

    def asked(self, frame_id: int) -> DrawAsked:
        return DrawAsked(
            frame_id=frame_id,
            method=self.method.data or "",
            seed=(self.seed.data or "")[: LONGEST_SEED + 1],
            n=int(self.n.value or 0),
            allocation=self.allocation.data,
            minimum=int(self.minimum.value or 0),
            plan_id=self.plan.data or None,
            reserve_share=0.0 if self.reserve_share.value is None else self.reserve_share.value,
            take=int(self.take.value or 1),
        )


def draw_form(frame: Frame) -> DrawForm:
    """With the plans that this office saved and the ways of drawing that fit the frame."""
    form = DrawForm()
    form.plan.choices = [
        SelectChoice(0, gettext("Không theo phương án")),
        *(
            SelectChoice(plan.id, plan.title)
            for plan in saved_plans.list_plans(db.session, viewer=current_account())
        ),
    ]
    form.method.choices = [
        SelectChoice(method, draw_words.method_words(method)) for method in METHODS[frame.kind]
    ]
    if request.method == "GET":
        form.plan.data = 0
        form.reserve_share.show(0.3)
        form.take.show(10)
        form.minimum.show(30)
    return form
