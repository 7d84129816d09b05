"""How each number is made, for an official and for a statistician, with the thresholds in force."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel.speaklater import LazyString

from survey_app.db import db
from survey_app.formatting import percent
from survey_app.i18n import current_language
from survey_app.method_sections import AAPOR, METHOD_SECTIONS, POLICY_TITLES, VERSIONS
from survey_app.services import policy
from survey_app.services.policy import PolicyValues
from survey_app.services.scorecards import METHOD_VERSION
from survey_app.web.current import today
from survey_app.web.public.routes import bp
from survey_app.web.security import public

NAMES = {"holm": "Holm", "bh": "Benjamini–Hochberg"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value of the policy with the reason for it, as people read them."""

    title: LazyString
    value: str
    basis: str


@bp.get("/methods")
@public
def methods() -> ResponseReturnValue:
    values = policy.current_policy(db.session, today())
    return render_template(
        "public/methods.html",
        sections=METHOD_SECTIONS,
        values=values,
        thresholds=_thresholds(values, policy.value_bases(db.session, today())),
        versions=VERSIONS,
        aapor=AAPOR,
        method_version=METHOD_VERSION,
    )


def _thresholds(values: PolicyValues, bases: Mapping[str, str]) -> list[Threshold]:
    return [
        Threshold(title, _shown(getattr(values, name)), bases[name]) for name, title in POLICY_TITLES.items()
    ]


def _shown(value: float | str) -> str:
    if isinstance(value, str):
        return NAMES[value]
    if isinstance(value, int):
        return str(value)
    return percent(value, language=current_language(), digits=0)
