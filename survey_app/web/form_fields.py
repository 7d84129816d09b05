"""Fields whose faults are told in the reader's language: WTForms has no Vietnamese words of its own."""

from contextlib import suppress
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, widgets

from survey_app.web.reasons import REASONS


class NumberField(IntegerField):  # type: ignore[misc]
    """What is no number is told by the validators, in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        with suppress(ValueError):
            super().process_formdata(valuelist)


class DayField(DateField):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"invalid_value_message": _("Xin nhập ngày đúng dạng."), **options})


class _Told:
    """A choice that is not in the list is told in our words."""

    def __init__(self, *args: Any, **options: Any) -> None:
        words = REASONS["unknown_choice"]
        super().__init__(
            *args, **{"invalid_value_message": words, "invalid_choice_message": words, **options}
        )


class ChoiceField(_Told, SelectField):  # type: ignore[misc]
    """One of a list."""


class CheckListField(_Told, SelectMultipleField):  # type: ignore[misc]
    """Some of a list, each with a box to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()
