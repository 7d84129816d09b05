"""Fields for numbers as an official types them: "2,5", "90%", "1.500.000"."""

from typing import Any

from flask_babel import gettext as _
from wtforms import StringField

from survey_app import formatting
from survey_app.i18n import current_language
from survey_app.services.cell_values import read_decimal, read_whole
from survey_app.services.known_tables import BadValue


class NumberText(StringField):  # type: ignore[misc]
    """A number; `scale` is what one unit of it is worth (0.01 for percents)."""

    def __init__(self, *args: Any, scale: float = 1.0, digits: int = 2, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scale, self.digits = scale, digits
        self.value: float | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if not (self.data or "").strip():
            return
        try:
            # Percents are decimal: 0.07, and not 0.07 and a bit more.
            self.value = round(self.read(self.data) * self.scale, 12)
        except BadValue as refused:
            raise ValueError(self.words(self.data)) from refused

    def read(self, text: str) -> float:
        return read_decimal(text)

    def words(self, _text: str) -> str:
        return _("Xin nhập một số, ví dụ 5 hoặc 2,5.")

    def show(self, value: float | None) -> None:
        """Fill the field as the page's language writes the number, without needless zeros."""
        self.value = value
        if value is None:
            self.data = ""
            return
        text = formatting.decimal_number(value / self.scale, digits=self.digits, language=current_language())
        mark = "," if current_language() == "vi" else "."
        self.data = text.rstrip("0").rstrip(mark) if mark in text else text


class WholeText(NumberText):
    """A whole number; a full stop in it separates thousands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, digits=0, **kwargs)

    def read(self, text: str) -> float:
        return float(read_whole(text))

    def words(self, text: str) -> str:
        return _("Xin nhập một số nguyên.") if is_number(text) else super().words(text)


def is_number(text: str) -> bool:
    try:
        read_decimal(text)
    except BadValue:
        return False
    return True
