"""Where the demo's answers are given: units with their people, points and desks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.demo.truth import LAST_DAY
from survey_app.queries import units
from survey_app.queries.units import UnitRow

MANAGED_UNIT = "QT.19333"
ISLAND = "QT.19742"
ROOT = "QT"
STORM = (date(2026, 9, 10), date(2026, 9, 11))
"""A storm that never was: first and last day on which offices by the sea were closed."""

STORM_UNITS = frozenset(
    {
        "QT.19093", "QT.19159", "QT.19225", "QT.19255", "QT.19288", "QT.19372", "QT.19414", "QT.19496", "QT.19639",
        "QT.19645", "QT.19654", "QT.19735", "QT.19741", ISLAND,
    }
)  # fmt: skip
SECOND_POINTS = {
    MANAGED_UNIT: "Điểm tiếp nhận hồ sơ số 2, phường Đông Hà",
    "QT.18880": "Điểm tiếp nhận hồ sơ số 2, phường Đồng Hới",
}


@dataclass(frozen=True, slots=True)
class DeskPlace:
    """A counter; at the province's centre it belongs to a department."""

    id: int
    agency_id: int | None


@dataclass(frozen=True, slots=True)
class PointPlace:
    id: int
    code: str
    desks: tuple[DeskPlace, ...]


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """A unit that collects; `population` is None where people do not live, as at the province's centre."""

    id: int
    code: str
    name: str
    kind: str
    population: int | None
    points: tuple[PointPlace, ...]


def second_points_csv() -> bytes:
    """The two satellite points that only the demo has, as an import file."""
    rows = [f'{unit}.2,"{name}",{unit},2025-07-01' for unit, name in SECOND_POINTS.items()]
    return "\n".join(["code,name,unit_code,valid_from", *rows, ""]).encode()


_PROCEDURES = (
    ("land", "Đăng ký biến động quyền sử dụng đất", "Sở Nông nghiệp và Môi trường", "both"),
    ("civil_status", "Đăng ký khai sinh", "Ủy ban nhân dân cấp xã", "commune"),
    ("civil_status", "Đăng ký kết hôn", "Ủy ban nhân dân cấp xã", "commune"),
    ("certification", "Chứng thực bản sao từ bản chính", "Ủy ban nhân dân cấp xã", "both"),
    (
        "social_support",
        "Hỗ trợ chi phí mai táng cho đối tượng bảo trợ xã hội",
        "Ủy ban nhân dân cấp xã",
        "commune",
    ),
    ("", "Công bố công khai danh mục thủ tục hành chính", "Văn phòng Ủy ban nhân dân tỉnh", "province"),
)


def procedures_csv() -> bytes:
    """A few procedures under codes that are nobody's, as an import file."""
    rows = [
        f"MP.{number:03},{name} (mô phỏng),{field},{agency},{level},2025-07-01"
        for number, (field, name, agency, level) in enumerate(_PROCEDURES, 1)
    ]
    return "\n".join(["code,name,field_code,agency,level,valid_from", *rows, ""]).encode()


def collecting_units(session: Session) -> tuple[UnitPlace, ...]:
    """Every current unit with a point, in order of code."""
    rows = units.units_as_at(session, LAST_DAY)
    by_code = {row.code: row for row in rows}
    places = [_unit_place(session, row, by_code) for row in sorted(rows, key=lambda row: row.code)]
    return tuple(place for place in places if place.points)


def _unit_place(session: Session, row: UnitRow, by_code: Mapping[str, UnitRow]) -> UnitPlace:
    points = tuple(
        PointPlace(point.id, point.code, _desks(session, point.id, by_code))
        for point in units.points_of_unit(session, row.id, LAST_DAY)
    )
    return UnitPlace(row.id, row.code, row.name, row.kind, row.population, points)


def _desks(session: Session, point_id: int, by_code: Mapping[str, UnitRow]) -> tuple[DeskPlace, ...]:
    return tuple(
        DeskPlace(desk.id, _department(desk.code, by_code))
        for desk in units.desks_of_point(session, point_id)
    )


def _department(desk_code: str, by_code: Mapping[str, UnitRow]) -> int | None:
    """The department whose code ends the desk's code, as QT.TTPVHCC.1.STP belongs to QT.STP."""
    department = by_code.get(f"{ROOT}.{desk_code.rsplit('.', 1)[-1]}")
    return department.id if department is not None and department.kind == "department" else None
