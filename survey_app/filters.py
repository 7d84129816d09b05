"""Template filters: `formatting` in the language of the page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask

from survey_app import formatting
from survey_app.i18n import current_language

FILTERS = ("count", "date_range", "decimal_number", "percent", "percent_bare", "points", "short_date")


def _in_page_language(format_value: Callable[..., str]) -> Callable[..., str]:
    @wraps(format_value)
    def filtered(*args: Any, **kwargs: Any) -> str:
        return format_value(*args, language=current_language(), **kwargs)

    return filtered


def init_app(app: Flask) -> None:
    time_zone = app.extensions["settings"].TIME_ZONE
    app.jinja_env.filters["fmt_moment"] = _in_page_language(
        lambda instant, language: formatting.moment(instant.astimezone(time_zone), language=language)
    )
    for name in FILTERS:
        app.jinja_env.filters[f"fmt_{name}"] = _in_page_language(getattr(formatting, name))
