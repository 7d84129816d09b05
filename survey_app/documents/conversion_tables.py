"""The row "điểm quy đổi" of a report: points, those of both ends of the interval, and a warning at a border."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from flask_babel import gettext as _

from survey_app import formatting
from survey_app.i18n import current_language
from survey_app.result_tables import Cell, Column, Kind, Missing, ResultTable
from survey_app.services.conversions import Conversion, Converted, convert
from survey_app.services.figures import ShareFigure, Showing

# Code, label and share of a unit.
Named = tuple[str, str, ShareFigure]


def conversion_table(conversion: Conversion, units: Iterable[Named]) -> ResultTable:
    """A row a unit; one whose share is not shown has no points either."""
    columns = (
        Column("unit_code", _("Mã đơn vị"), Kind.TEXT),
        Column("unit", _("Đơn vị"), Kind.TEXT),
        Column("share", _("Tỷ lệ"), Kind.SHARE),
        Column("points", _("Điểm quy đổi"), Kind.NUMBER),
        Column("points_low", _("Điểm ở cận dưới"), Kind.NUMBER),
        Column("points_high", _("Điểm ở cận trên"), Kind.NUMBER),
        Column("crosses", _("Khoảng cắt ngưỡng"), Kind.TEXT),
    )
    title = _("Điểm quy đổi: %(title)s", title=conversion.title)
    return ResultTable(
        f"conversion_{conversion.id}", title, columns, tuple(_row(conversion, unit) for unit in units)
    )


def _row(conversion: Conversion, unit: Named) -> tuple[Cell, ...]:
    code, label, share = unit
    if share.estimate is None:
        missing = Missing.WITHHELD if share.showing is Showing.WITHHELD else Missing.TOO_FEW
        return (code, label, *(missing,) * 4, Missing.NOT_APPLICABLE)
    found = convert(share.estimate, conversion)
    edge = _("có (%(edge)s%%)", edge=_number(found.edge)) if found.edge is not None else _("không")
    points = (float(each) for each in (found.points, found.points_low, found.points_high))
    return (code, label, share.estimate.value, *points, edge)


def conversion_warnings(conversion: Conversion, units: Sequence[Named]) -> tuple[str, ...]:
    """How points are read off, and for whom a border lies inside the interval."""
    crossing = [
        (label, found)
        for _code, label, share in units
        if share.estimate is not None and (found := convert(share.estimate, conversion)).crosses
    ]
    rule = _("Điểm tính từ tỷ lệ đã làm tròn một chữ số thập phân; giá trị đúng bằng ngưỡng thuộc bậc trên.")
    if not crossing:
        return (rule,)
    if len(units) == 1:
        return (rule, _warning(*crossing[0]))
    n_crossing = formatting.count(len(crossing), language=current_language())
    return (
        rule,
        _(
            "%(n)s đơn vị có khoảng tin cậy cắt qua ngưỡng của bậc điểm: với các đơn vị này số phiếu hiện có chưa đủ "
            "để khẳng định bậc điểm.",
            n=n_crossing,
        ),
    )


def _warning(label: str, found: Converted) -> str:
    return _(
        "Lưu ý: khoảng tin cậy của %(unit)s cắt qua ngưỡng %(edge)s%%; điểm quy đổi có thể từ %(low)s đến %(high)s, "
        "số phiếu hiện có chưa đủ để khẳng định bậc điểm.",
        unit=label,
        edge=_number(found.edge or Decimal(0)),
        low=_number(found.points_low),
        high=_number(found.points_high),
    )


def _number(value: Decimal) -> str:
    text = format(value.normalize(), "f")
    return text.replace(".", ",") if current_language() == "vi" else text
