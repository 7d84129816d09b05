"""Fields whose faults are told in the reader's language: WTForms has no Vietnamese words of its own."""

from contextlib import suppress

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, ValidationError, widgets

from survey_app.web.reasons import reason_words


class NumberField(IntegerField):  # type: ignore[misc]
    """What is no number is told by the validators, in our words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        with suppress(ValueError):
            super().process_formdata(valuelist)


class DayField(DateField):  # type: ignore[misc]
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("Xin nhập ngày đúng dạng.")) from error


class ChoiceField(SelectField):  # type: ignore[misc]
    """One of a list."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(reason_words("unknown_choice")) from error

    def pre_validate(self, form: FlaskForm) -> None:
        if self.data not in {value for value, *_words in self.iter_choices()}:
            raise ValidationError(reason_words("unknown_choice"))


class CheckListField(SelectMultipleField):  # type: ignore[misc]
    """Some of a list, each with a box to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(reason_words("unknown_choice")) from error

    def pre_validate(self, form: FlaskForm) -> None:
        if set(self.data or ()) - {value for value, *_words in self.iter_choices()}:
            raise ValidationError(reason_words("unknown_choice"))
