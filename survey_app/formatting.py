"""Numbers and dates as an official would write them: rounded once, here, and nowhere else."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

MINUS = "–"


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def decimal_number(value: float, *, digits: int = 1, language: str = "vi") -> str:
    """88.64 -> "88,6" (vi) or "88.6" (en)."""
    rounded = _rounded(value, digits)
    # What rounds to nothing has no sign.
    text = f"{rounded if rounded else abs(rounded):,.{digits}f}"
    if language == "vi":
        text = text.replace(",", "\0").replace(".", ",").replace("\0", ".")
    return text.replace("-", MINUS)


def count(value: int, *, language: str = "vi") -> str:
    """1234 -> "1.234" (vi) or "1,234" (en)."""
    text = f"{value:,}"
    return (text.replace(",", ".") if language == "vi" else text).replace("-", MINUS)


def percent(value: float, *, digits: int = 1, language: str = "vi") -> str:
    """0.8864 -> "88,6%"; no space before the sign."""
    return decimal_number(100 * value, digits=digits, language=language) + "%"


def percent_bare(value: float, *, digits: int = 1, language: str = "vi") -> str:
    """0.8864 -> "88,6", for places where the sign stands once beside several figures."""
    return decimal_number(100 * value, digits=digits, language=language)


def points(value: float, *, digits: int = 1, language: str = "vi") -> str:
    """A difference of proportions in percentage points, always with its sign: 0.017 -> "+1,7"."""
    text = decimal_number(100 * value, digits=digits, language=language)
    return text if text.startswith(MINUS) or not _rounded(100 * value, digits) else "+" + text


def short_date(value: date, *, language: str = "vi") -> str:
    """14/09/2026 in both languages of the office; English keeps day before month, with a short month name."""
    return f"{value:%d/%m/%Y}" if language == "vi" else f"{value.day} {value:%b %Y}"


def moment(value: datetime, *, language: str = "vi") -> str:
    """The local day and minute of an instant that carries its time zone: "14/09/2026 16:05"."""
    return f"{short_date(value.date(), language=language)} {value:%H:%M}"


def date_range(start: date, end: date, *, language: str = "vi") -> str:
    """15/06–14/09/2026, repeating the year only when it differs."""
    if language != "vi":
        return f"{short_date(start, language=language)} – {short_date(end, language=language)}"
    first = f"{start:%d/%m}" if start.year == end.year else f"{start:%d/%m/%Y}"
    return f"{first}–{end:%d/%m/%Y}"
