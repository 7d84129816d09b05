"""Build the import files of Quảng Trị from the two source files: `python seeds/quang_tri/build.py [FOLDER]`.

Codes are ours: a GSO code lives on after its unit has ended (18859: phường Bắc Lý, now Đồng Thuận).
"""

import csv
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "source"

MERGER = "2025-07-01"
LAST_DAY_OF_OLD_UNITS = "2025-06-30"
OLD_PROVINCES_FROM = "1989-07-01"
OLD_UNITS_FROM = "2025-01-01"

OLD_PROVINCES = {"Tỉnh Quảng Bình": "QB-OLD", "Tỉnh Quảng Trị": "QT-OLD"}
KINDS = {
    "thành phố": "city",
    "thị xã": "town",
    "huyện": "district",
    "phường": "ward",
    "thị trấn": "township",
    "xã": "commune",
    "đặc khu": "special_zone",
}
LEVELS = {"city": 2, "town": 2, "district": 2}
SPELLING = {"Đa Krông": "Đakrông"}

DEPARTMENTS = {
    "SNV": "Sở Nội vụ",
    "STC": "Sở Tài chính",
    "STP": "Sở Tư pháp",
    "SXD": "Sở Xây dựng",
    "SYT": "Sở Y tế",
    "SNNMT": "Sở Nông nghiệp và Môi trường",
}
CENTRE = "QT.TTPVHCC"
CENTRE_NAME = "Trung tâm Phục vụ hành chính công tỉnh Quảng Trị"

DESKS_BY_POPULATION = (
    (
        30_000,
        (
            "Hộ tịch, chứng thực",
            "Đất đai, môi trường",
            "Lao động, bảo trợ xã hội",
            "Đăng ký kinh doanh, xây dựng",
        ),
    ),
    (10_000, ("Hộ tịch, chứng thực", "Đất đai, xây dựng, kinh doanh", "Lao động, bảo trợ xã hội")),
    (1_000, ("Hộ tịch, chứng thực, bảo trợ xã hội", "Đất đai, xây dựng, kinh doanh")),
    (0, ("Tiếp nhận và trả kết quả",)),
)

SERVICE_FIELDS = (
    ("land", "Đất đai", "Land", "land"),
    ("civil_status", "Hộ tịch", "Births, marriages, deaths", "family"),
    ("certification", "Chứng thực", "Certified copies and signatures", "stamp"),
    ("social_support", "Bảo trợ xã hội", "Social support", "hands"),
    ("labour", "Lao động, việc làm", "Work and employment", "briefcase"),
    ("merit", "Người có công", "People with meritorious service", "medal"),
    ("business", "Đăng ký kinh doanh", "Business registration", "shop"),
    ("construction", "Xây dựng, nhà ở", "Building and housing", "crane"),
    ("health_insurance", "Y tế, bảo hiểm", "Health and insurance", "health"),
    ("education", "Giáo dục", "Education", "book"),
    ("agriculture", "Nông nghiệp, môi trường", "Farming and environment", "leaf"),
    ("other", "Lĩnh vực khác", "Another field", "more"),
)

COLUMNS = {
    "units": (
        "code",
        "name",
        "kind",
        "level",
        "parent_code",
        "gso_code",
        "population",
        "valid_from",
        "valid_to",
    ),
    "lineage": ("predecessor_code", "successor_code", "effective_on", "population_share"),
    "points": ("code", "name", "unit_code", "valid_from"),
    "desks": ("code", "point_code", "name", "is_single_officer"),
    "service_fields": ("code", "name_vi", "name_en", "icon", "position"),
}

Row = tuple[object, ...]


def read_source(name: str) -> list[dict[str, str]]:
    text = unicodedata.normalize("NFC", (SOURCE / name).read_text(encoding="utf-8"))
    return list(csv.DictReader(text.splitlines()))


def split_kind(full_name: str) -> tuple[str, str]:
    """("Phường 1") -> ("ward", "1")"""
    for word, kind in KINDS.items():
        if full_name.lower().startswith(word + " "):
            name = full_name[len(word) + 1 :]
            return kind, SPELLING.get(name, name)
    raise ValueError(f"no kind of unit at the start of {full_name!r}")


def slug(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.upper().replace("Đ", "D"))
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return re.sub(r"[^A-Z0-9]+", "-", letters).strip("-")


def district_code(row: Mapping[str, str]) -> str:
    kind, name = split_kind(row["district"])
    prefix = {"city": "TP", "town": "TX", "district": "H"}[kind]
    return f"{OLD_PROVINCES[row['province']]}.{prefix}-{slug(name)}"


def legacy_code(row: Mapping[str, str]) -> str:
    """The code of the unit that ended; Cồn Cỏ was a district without communes and stands for itself."""
    if not row["ward"]:
        return district_code(row)
    return f"{OLD_PROVINCES[row['province']]}.{int(float(row['wardCode']))}"


def province_units() -> list[Row]:
    return [
        ("QT", "Quảng Trị", "province", 1, "", "44", 1_870_845, MERGER, ""),
        ("QB-OLD", "Quảng Bình", "province", 1, "", "44", "", OLD_PROVINCES_FROM, LAST_DAY_OF_OLD_UNITS),
        ("QT-OLD", "Quảng Trị", "province", 1, "", "45", "", OLD_PROVINCES_FROM, LAST_DAY_OF_OLD_UNITS),
        (CENTRE, CENTRE_NAME, "service_centre", 2, "QT", "", "", MERGER, ""),
        *(
            (f"QT.{code}", name, "department", 2, "QT", "", "", MERGER, "")
            for code, name in DEPARTMENTS.items()
        ),
    ]


def current_units(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    return [
        (f"QT.{row['gso_ward_code']}", row["name"], KINDS[row["type"]], 3, "QT", row["gso_ward_code"],
         row["population"], MERGER, "")
        for row in rows
    ]  # fmt: skip


def old_districts(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    districts = {district_code(row): row for row in rows}
    units: list[Row] = []
    for code, row in districts.items():
        kind, name = split_kind(row["district"])
        units.append(
            (
                code,
                name,
                kind,
                LEVELS[kind],
                OLD_PROVINCES[row["province"]],
                "",
                "",
                OLD_UNITS_FROM,
                LAST_DAY_OF_OLD_UNITS,
            )
        )
    return units


def old_communes(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    units: list[Row] = []
    for row in rows:
        if row["ward"]:
            kind, name = split_kind(row["ward"])
            units.append(
                (
                    legacy_code(row),
                    name,
                    kind,
                    3,
                    district_code(row),
                    str(int(float(row["wardCode"]))),
                    "",
                    OLD_UNITS_FROM,
                    LAST_DAY_OF_OLD_UNITS,
                )
            )
    return units


def lineage(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    provinces: list[Row] = [(code, "QT", MERGER, 1) for code in OLD_PROVINCES.values()]
    return provinces + [(legacy_code(row), f"QT.{row['newWardCode']}", MERGER, 1) for row in rows]


def points(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    communes = [
        (f"QT.{row['gso_ward_code']}.1", f"Trung tâm Phục vụ hành chính công {row['type']} {row['name']}",
         f"QT.{row['gso_ward_code']}", MERGER)
        for row in rows
    ]  # fmt: skip
    return [(f"{CENTRE}.1", CENTRE_NAME, CENTRE, MERGER), *communes]


def desks(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    result: list[Row] = [
        (f"{CENTRE}.1.{code}", f"{CENTRE}.1", f"Quầy {name}", 0) for code, name in DEPARTMENTS.items()
    ]
    for row in rows:
        point = f"QT.{row['gso_ward_code']}.1"
        names = next(names for floor, names in DESKS_BY_POPULATION if int(row["population"]) >= floor)
        is_single = int(len(names) == 1)
        result += [(f"{point}.{n}", point, f"Quầy {n}: {name}", is_single) for n, name in enumerate(names, 1)]
    return result


def build(folder: Path) -> None:
    current = read_source("quang_tri_78_units_2025.csv")
    legacy = read_source("quang_tri_legacy_to_2025_map.csv")
    fields = [(*field, position) for position, field in enumerate(SERVICE_FIELDS, 1)]
    write(
        folder,
        "units",
        province_units() + current_units(current) + old_districts(legacy) + old_communes(legacy),
    )
    write(folder, "lineage", lineage(legacy))
    write(folder, "points", points(current))
    write(folder, "desks", desks(current))
    write(folder, "service_fields", fields)


def write(folder: Path, name: str, rows: Iterable[Row]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS[name])
        writer.writerows(rows)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
