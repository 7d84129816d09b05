"""Fields for numbers as an official types them: "2,5", "90%", "1.500.000"."""

import re
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField

from survey_app import formatting
from survey_app.i18n import current_language

_THOUSANDS = re.compile(r"\d{1,3}(?:[.\s]\d{3})+")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


def read_number(text: str) -> float | None:
    """A number in either spelling, without its percent sign; None for what is none."""
    text = text.strip().removesuffix("%").strip()
    if "," in text:
        text = text.replace(".", "").replace(" ", "").replace(",", ".", 1)
    elif _THOUSANDS.fullmatch(text):
        text = re.sub(r"[.\s]", "", text)
    return float(text) if _PLAIN.fullmatch(text) and len(text) <= 18 else None


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
        number = read_number(self.data)
        if number is None:
            raise ValueError(_("Xin nhập một số, ví dụ 5 hoặc 2,5."))
        # Percents are decimal: 0.07, and not 0.07 and a bit more.
        self.value = round(number * self.scale, 12)

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

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([re.sub(r"(?<=\d)[.,\s](?=\d{3}\b)", "", text) for text in valuelist])
        if self.value is not None and self.value != int(self.value):
            raise ValueError(_("Xin nhập một số nguyên."))
