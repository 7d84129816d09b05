import csv
import random
import unicodedata
from collections import Counter
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from config import ROOT
from seeds.quang_tri import build
from survey_app.db import engine_options, prepare_engine
from survey_app.errors import NotFound, UnknownCode
from survey_app.models import (
    AuditEntry,
    Base,
    Point,
    PointCode,
    PointUnit,
    Response,
    Unit,
    UnitLineage,
    UnitPeriod,
)
from survey_app.names import unit_label
from survey_app.queries import units as queries
from survey_app.services import registry_import
from survey_app.services.registry import AmbiguousUnit, Changes, import_registry, resolve_unit
from survey_app.services.registry_import import SourceFile
from survey_app.services.registry_store import CODE_ALPHABET
from tests.builders import AUDIT_KEY

SEEDS = ROOT / "seeds" / "quang_tri"
TODAY = date(2026, 7, 1)
NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)
BEFORE = date(2025, 6, 30)

UNITS_HEADER = "code,name,kind,level,parent_code,gso_code,population,valid_from,valid_to\n"
PROVINCE = "P,Hòa Bình,province,1,,,,2020-01-01,\n"
POINTS_HEADER = "code,name,unit_code,valid_from\n"


def seed_files(encode=lambda text: text.encode()):
    names = ("units", "lineage", "points", "desks", "service_fields")
    return [SourceFile(f"{name}.csv", encode((SEEDS / f"{name}.csv").read_text("utf-8"))) for name in names]


def run(session, *files, apply=True):
    return import_registry(session, files=files, apply=apply, now=NOW, today=TODAY, rng=random.Random(1))


def units_file(*rows):
    return SourceFile("units.csv", (UNITS_HEADER + PROVINCE + "".join(f"{row}\n" for row in rows)).encode())


def csv_file(name, *lines):
    return SourceFile(name, "\n".join(lines).encode())


def complaints(report):
    return [(error.file, error.row, error.column) for error in report.errors]


@pytest.fixture
def session():
    engine = prepare_engine(create_engine(**engine_options("sqlite://")), audit_key=AUDIT_KEY)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture(scope="module")
def seeded():
    """Quảng Trị's registry, for tests that only read."""
    engine = prepare_engine(create_engine(**engine_options("sqlite://")), audit_key=AUDIT_KEY)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        report = run(session, *seed_files())
        assert report.is_applied, report.errors[:3]
        session.commit()
        yield session
    engine.dispose()


# --- the seed files


def test_seed_files_are_what_the_build_script_makes(tmp_path):
    build.build(tmp_path)
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (SEEDS / file.name).read_bytes(), file.name
    assert len(list(tmp_path.iterdir())) == 5


def test_today_has_78_communes_and_no_district(seeded):
    rows = queries.units_as_at(seeded, TODAY)
    kinds = Counter(row.kind for row in rows)
    assert kinds == {
        "province": 1,
        "service_centre": 1,
        "department": 6,
        "commune": 69,
        "ward": 8,
        "special_zone": 1,
    }
    communes = [row for row in rows if row.level == 3]
    assert sum(row.population for row in communes) == 1_870_664
    assert min(communes, key=lambda row: row.population).label == "đặc khu Cồn Cỏ"


def test_265_legacy_communes_map_to_78_without_orphan(seeded):
    old = [row for row in queries.units_as_at(seeded, BEFORE) if row.level == 3 or row.name == "Cồn Cỏ"]
    assert len(old) == 265
    links = {row.id: queries.successors(seeded, row.id) for row in old}
    assert {len(link) for link in links.values()} == {1}
    heirs = {link[0].unit.code for link in links.values()}
    assert heirs == {row.code for row in queries.units_as_at(seeded, TODAY) if row.level == 3}
    assert {link[0].effective_on for link in links.values()} == {date(2025, 7, 1)}


def test_lineage_agrees_with_the_predecessors_that_the_units_file_names(seeded):
    """The two source files were made apart; what one lists as merged is what the other maps."""
    for row in build.read_source("quang_tri_78_units_2025.csv"):
        unit = queries.unit_by_code(seeded, f"QT.{row['gso_ward_code']}")
        labels = {link.unit.label.casefold() for link in queries.predecessors(seeded, unit.id)}
        assert len(labels) <= int(row["n_predecessors"]) == len(queries.predecessors(seeded, unit.id)), (
            unit.label
        )
        named = {each.partition("(")[0].strip().casefold() for each in row["merged_from"].split(",")}
        assert labels == (named if named != {"không sáp nhập"} else {unit.label.casefold()}), unit.label


def test_old_units_hang_from_their_districts_and_provinces(seeded):
    bac_ly = queries.unit_by_code(seeded, "QB-OLD.18859")
    dong_thuan = queries.unit_by_code(seeded, "QT.18859")
    assert (bac_ly.label, bac_ly.parent_label) == ("phường Bắc Lý", "thành phố Đồng Hới")
    assert (dong_thuan.label, dong_thuan.parent_label) == ("phường Đồng Thuận", "tỉnh Quảng Trị")
    assert bac_ly.gso_code == dong_thuan.gso_code == "18859"
    quang_binh = queries.unit_by_code(seeded, "QB-OLD")
    assert len(queries.unit_subtree_ids(seeded, quang_binh.id, BEFORE)) == 1 + 8 + 145
    assert queries.unit_subtree_ids(seeded, quang_binh.id, TODAY) == []


def test_units_come_in_vietnamese_order(seeded):
    root = queries.unit_by_code(seeded, "QT")
    names = [row.name for row in queries.units_as_at(seeded, TODAY, root.id) if row.level == 3]
    assert names[:6] == ["A Dơi", "Ái Tử", "Ba Đồn", "Ba Lòng", "Bắc Gianh", "Bắc Trạch"]
    assert names.index("Đakrông") < names.index("Đông Hà") < names.index("Đồng Hới") < names.index("Gio Linh")
    assert names[-1] == "Vĩnh Thủy"


# --- names


@pytest.mark.parametrize(
    "text",
    ["dong ha", "ĐÔNG HÀ", "phuong dong ha", "19333", "QT.19333", unicodedata.normalize("NFD", "Đông Hà")],
)
def test_search_finds_dong_ha_first(seeded, text):
    assert queries.search_units(seeded, text, TODAY)[0].label == "phường Đông Hà"


def test_search_prefers_the_spelling_that_was_typed(seeded):
    assert queries.search_units(seeded, "thuy", TODAY)[0].name.endswith("Thủy")
    assert queries.search_units(seeded, "hoa", TODAY)[0].name == "Hòa Trạch"
    assert queries.search_units(seeded, "%_", TODAY) == []


def test_search_finds_an_old_commune_only_when_asked_for_its_time(seeded):
    assert queries.search_units(seeded, "bac ly", TODAY) == []
    assert queries.search_units(seeded, "bac ly", BEFORE)[0].code == "QB-OLD.18859"
    assert queries.search_units(seeded, "bac ly", None)[0].code == "QB-OLD.18859"


@pytest.mark.parametrize("text", ["Lệ Thủy", "Lệ Thuỷ", "xã Lệ Thủy", "XÃ LỆ THUỶ"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_unicode_form_and_tone_placement_give_the_same_unit(seeded, text, form):
    assert resolve_unit(seeded, name=unicodedata.normalize(form, text), on=TODAY).code == "QT.19249"


def test_ambiguous_name_lists_the_candidates(seeded):
    with pytest.raises(AmbiguousUnit) as refused:
        resolve_unit(seeded, name="Phường 1", on=BEFORE)
    parents = {each.parent_label for each in refused.value.candidates}
    assert parents == {"thành phố Đông Hà", "thị xã Quảng Trị"}
    assert all(parent in str(refused.value) for parent in parents)


def test_ambiguous_name_is_settled_by_its_parent(seeded):
    dong_ha = resolve_unit(seeded, name="Đông Hà", kind="city", on=BEFORE)
    found = resolve_unit(seeded, name="Phường 1", on=BEFORE, within_id=dong_ha.id)
    assert found.parent_id == dong_ha.id


def test_unknown_name_or_wrong_tone_is_not_found(seeded):
    for name in ("Đồng Hà", "Atlantis", ""):
        with pytest.raises(NotFound):
            resolve_unit(seeded, name=name, on=TODAY)


# --- points, codes, desks, fields


def test_every_point_has_one_code_without_look_alikes(seeded):
    codes = list(seeded.scalars(select(PointCode.code)))
    assert len(codes) == len(set(codes)) == 79 == seeded.scalar(select(func.count()).select_from(Point))
    assert all(len(code) == 8 and set(code) <= set(CODE_ALPHABET) for code in codes)
    assert not set("01ILOU") & set(CODE_ALPHABET)


def test_a_code_leads_to_its_point_and_unit(seeded):
    unit = queries.unit_by_code(seeded, "QT.19333")
    (point,) = queries.points_of_unit(seeded, unit.id, TODAY)
    assert queries.point_by_code(seeded, f" {point.public_code.lower()} ", TODAY) == point
    assert queries.point_unit_on(seeded, point.id, TODAY) == unit
    with pytest.raises(NotFound):
        queries.point_unit_on(seeded, point.id, BEFORE)
    with pytest.raises(UnknownCode):
        queries.point_by_code(seeded, "00000000", TODAY)


def test_a_revoked_code_leads_nowhere_from_that_day(session):
    run(session, *seed_files())
    code = session.scalars(select(PointCode).order_by(PointCode.code)).first()
    code.revoked_on = TODAY
    session.flush()
    with pytest.raises(UnknownCode):
        queries.point_by_code(session, code.code, TODAY)
    assert queries.point_by_code(session, code.code, date(2026, 6, 30)).id == code.point_id


def test_small_places_have_one_desk_with_one_officer(seeded):
    con_co = queries.unit_by_code(seeded, "QT.19742")
    (point,) = queries.points_of_unit(seeded, con_co.id, TODAY)
    assert [desk.is_single_officer for desk in queries.desks_of_point(seeded, point.id)] == [True]


def test_service_fields_end_with_the_other_field(seeded):
    fields = queries.service_fields(seeded)
    assert 8 <= len(fields) <= 13
    assert fields[-1].name_vi == "Lĩnh vực khác"


# --- import: dry, whole, twice


def test_dry_run_counts_and_writes_nothing(session):
    report = run(session, *seed_files(), apply=False)
    assert not report.is_applied
    assert report.changes["units"] == Changes(370, 0, 0)
    assert session.scalar(select(func.count()).select_from(Unit)) == 0


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: unicodedata.normalize("NFD", text).encode("utf-8-sig"),
        lambda text: text.replace("Hòa", "Hoà").replace("Hóa", "Hoá").replace("hủy", "huỷ").encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
    ids=["same", "nfd-bom", "new-tone-placement", "crlf"],
)
def test_second_import_changes_nothing(session, encode):
    run(session, *seed_files())
    codes = set(session.scalars(select(PointCode.code)))
    report = run(session, *seed_files(encode))
    assert report.errors == ()
    assert report.total == Changes(0, 0, 370 + 267 + 79 + 247 + 12)
    assert set(session.scalars(select(PointCode.code))) == codes
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_stored_rows_equal_the_files(seeded):
    stored = {unit.code: unit for unit in seeded.scalars(select(Unit))}
    with (SEEDS / "units.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            unit = stored.pop(row["code"])
            parent = seeded.get(Unit, unit.parent_id).code if unit.parent_id else ""
            assert (unit.name, unit.kind, parent) == (row["name"], row["kind"], row["parent_code"])
            assert str(unit.valid_from) == row["valid_from"] and str(unit.valid_to or "") == row["valid_to"]
    assert stored == {}


def test_one_bad_row_keeps_every_row_out(session):
    report = run(session, units_file("A,An,commune,3,P,,,2020-01-01,", "B,Ba,commune,3,X,,,2020-01-01,"))
    assert complaints(report) == [("units.csv", 4, "parent_code")]
    assert "X" in report.errors[0].expected.vi and "X" in report.errors[0].expected.en
    assert session.scalar(select(func.count()).select_from(Unit)) == 0


def test_a_changed_row_is_counted_and_changed(session):
    run(session, units_file("A,Hoà An,commune,3,P,,100,2020-01-01,"))
    report = run(session, units_file("A,Hòa An,commune,3,P,,120,2020-01-01,"))
    assert report.total == Changes(0, 1, 1)
    assert queries.unit_by_code(session, "A").population == 120


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("a b,An,commune,3,P,,,2020-01-01,", "code"),
        ("=A,An,commune,3,P,,,2020-01-01,", "code"),
        ("A,,commune,3,P,,,2020-01-01,", "name"),
        ("A," + "a" * 201 + ",commune,3,P,,,2020-01-01,", "name"),
        ("A,An\x07,commune,3,P,,,2020-01-01,", "name"),
        ("A,An,village,3,P,,,2020-01-01,", "kind"),
        ("A,An,commune,ba,P,,,2020-01-01,", "level"),
        ("A,An,commune,3,P,x1,,2020-01-01,", "gso_code"),
        ("A,An,commune,3,P,,1.5,2020-01-01,", "population"),
        ("A,An,commune,3,P,,,01/07/2025,", "valid_from"),
        ("A,An,commune,3,P,,,2025-02-30,", "valid_from"),
        ("A,An,commune,3,P,,,2025-01-01", ""),
        ("P,An,commune,3,P,,,2025-01-01,", "code"),
        ("A,An,commune,3,P,,,2025-01-01,2024-12-31", "valid_to"),
        ("A,An,commune,3,P,,,2019-12-31,", "valid_from"),
        ("A,An,commune,3,A,,,2025-01-01,", "level"),
        ("A,An,commune,1,P,,,2025-01-01,", "level"),
    ],
)
def test_a_bad_row_is_named_by_file_row_and_column(session, row, column):
    report = run(session, units_file(row))
    assert ("units.csv", 3, column) in complaints(report)
    assert not report.is_applied and all(error.expected.vi and error.expected.en for error in report.errors)


def test_two_units_of_one_name_kind_and_parent_at_one_time_are_refused(session):
    report = run(
        session,
        units_file("A,Hoà An,commune,3,P,,,2020-01-01,2024-12-31", "B,Hòa An,commune,3,P,,,2024-12-31,"),
    )
    assert complaints(report) == [("units.csv", 4, "name")]
    apart = units_file("A,Hoà An,commune,3,P,,,2020-01-01,2024-12-31", "B,Hòa An,commune,3,P,,,2025-01-01,")
    assert run(session, apart).is_applied


def test_two_units_of_one_gso_code_at_one_time_are_refused(session):
    rows = "A,An,commune,3,P,7,,2020-01-01,", "B,Ba,commune,3,P,7,,2024-12-31,"
    assert complaints(run(session, units_file(*rows))) == [("units.csv", 4, "gso_code")]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (b"code,name\nA,An\n", 1),
        (b"", 1),
        (UNITS_HEADER.encode("utf-16"), 1),
        (UNITS_HEADER.encode() + b"P,H\x00a,province,1,,,,2020-01-01,\n", 0),
        (UNITS_HEADER.encode() + b"P,H\xf2a,province,1,,,,2020-01-01,\n", 2),
        (UNITS_HEADER.encode() + b"P,\xed\xa0\x80,province,1,,,,2020-01-01,\n", 2),
        (UNITS_HEADER.encode() + b'P,"An,province,1,,,,2020-01-01,\n', 2),
        (b"x" * (registry_import.MAX_FILE_BYTES + 1), 0),
    ],
    ids=["unknown-header", "empty", "utf-16", "nul", "latin-1", "surrogate", "open-quote", "too-big"],
)
def test_a_file_that_is_not_a_registry_file_is_refused(session, content, row):
    report = run(session, SourceFile("units.csv", content))
    assert [(error.file, error.row) for error in report.errors] == [("units.csv", row)]


def test_too_many_rows_are_refused(session, monkeypatch):
    monkeypatch.setattr(registry_import, "MAX_ROWS", 2)
    report = run(session, units_file("A,An,commune,3,P,,,2020-01-01,"))
    assert complaints(report) == [("units.csv", 3, "")]


def test_reading_stops_after_too_many_errors(session, monkeypatch):
    monkeypatch.setattr(registry_import, "MAX_ERRORS", 2)
    report = run(session, units_file(*["A,An,village,3,P,,,2020-01-01,"] * 9))
    assert complaints(report) == [("units.csv", 3, "kind"), ("units.csv", 4, "kind"), ("units.csv", 5, "")]


def test_a_file_of_namesakes_is_refused_in_seconds(session):
    report = run(session, units_file(*(f"C{n},An,commune,3,P,,,2020-01-01," for n in range(20_000))))
    assert len(report.errors) == 19_999


# --- lineage and points over time

MERGER = (
    "A,An,commune,3,P,,,2020-01-01,2025-06-30",
    "B,Ba,commune,3,P,,,2020-01-01,2025-06-30",
    "N,Nam,commune,3,P,,,2025-07-01,",
    "S,Sen,commune,3,P,,,2025-07-01,",
)
LINEAGE_HEADER = "predecessor_code,successor_code,effective_on,population_share"


def test_a_split_shares_its_people_out(session):
    lineage = csv_file(
        "lineage.csv", LINEAGE_HEADER, "A,N,2025-07-01,0.4", "A,S,2025-07-01,0.6", "B,S,2025-07-01,1"
    )
    assert run(session, units_file(*MERGER), lineage).is_applied
    split = queries.successors(session, queries.unit_by_code(session, "A").id)
    assert [(link.unit.code, link.population_share) for link in split] == [("N", 0.4), ("S", 0.6)]
    assert len(queries.predecessors(session, queries.unit_by_code(session, "S").id)) == 2


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("A,X,2025-07-01,1", "successor_code"),
        ("A,N,2025-07-02,1", "effective_on"),
        ("A,N,2025-07-01,0.5", "population_share"),
        ("A,N,2025-07-01,1.5", "population_share"),
        ("A,N,2025-07-01,0", "population_share"),
        ("P,P,2025-07-01,1", "successor_code"),
    ],
)
def test_lineage_that_cannot_be_is_refused(session, row, column):
    report = run(
        session, units_file(*MERGER), csv_file("lineage.csv", LINEAGE_HEADER, row, "B,S,2025-07-01,1")
    )
    assert complaints(report) == [("lineage.csv", 2, column)]


def test_shares_above_one_are_refused(session):
    lineage = csv_file("lineage.csv", LINEAGE_HEADER, "A,N,2025-07-01,0.6", "A,S,2025-07-01,0.6")
    assert complaints(run(session, units_file(*MERGER), lineage)) == [("lineage.csv", 2, "population_share")]


def test_lineage_in_a_circle_is_refused(session):
    lineage = csv_file(
        "lineage.csv", LINEAGE_HEADER, "N,S,2026-07-01,0.1", "S,N,2026-08-01,0.1", "B,S,2025-07-01,1"
    )
    report = run(session, units_file(*MERGER), lineage)
    assert complaints(report) == [("lineage.csv", 2, "successor_code"), ("lineage.csv", 3, "successor_code")]


def test_a_point_follows_its_unit_through_a_merger_with_the_same_code(session):
    merger = csv_file("lineage.csv", LINEAGE_HEADER, "A,N,2025-07-01,1", "B,S,2025-07-01,1")
    points = csv_file("points.csv", POINTS_HEADER.strip(), "K,Điểm 1,A,2024-01-01", "K,Điểm 1,N,2025-07-01")
    run(session, units_file(*MERGER), merger, points)
    (code,) = session.scalars(select(PointCode.code))
    point = queries.point_by_code(session, code, TODAY)
    assert queries.point_unit_on(session, point.id, BEFORE).code == "A"
    assert queries.point_unit_on(session, point.id, date(2025, 7, 1)).code == "N"
    rows = session.execute(
        select(PointUnit.valid_from, PointUnit.valid_to).order_by(PointUnit.valid_from)
    ).all()
    assert rows == [(date(2024, 1, 1), BEFORE), (date(2025, 7, 1), None)]


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        (["K,Điểm 1,A,2024-01-01"], 2),
        (["K,Điểm 1,A,2024-01-01", "K,Điểm 1,N,2025-08-01"], 2),
        (["K,Điểm 1,N,2025-06-01"], 2),
        (["K,Điểm 1,X,2025-08-01"], 2),
        (["K,Điểm 1,A,2024-01-01", "K,Điểm 2,N,2025-07-01"], 3),
    ],
    ids=["no-heir", "gap", "too-early", "unknown-unit", "two-names"],
)
def test_a_point_without_a_unit_on_some_day_is_refused(session, rows, row):
    merger = csv_file("lineage.csv", LINEAGE_HEADER, "A,N,2025-07-01,1", "B,S,2025-07-01,1")
    report = run(session, units_file(*MERGER), merger, csv_file("points.csv", POINTS_HEADER.strip(), *rows))
    assert [(error.file, error.row) for error in report.errors] == [("points.csv", row)]


def test_ending_a_unit_that_still_has_points_is_refused_until_they_move(session):
    run(
        session,
        units_file("A,An,commune,3,P,,,2020-01-01,"),
        csv_file("points.csv", POINTS_HEADER.strip(), "K,Điểm 1,A,2024-01-01"),
    )
    merger = csv_file("lineage.csv", LINEAGE_HEADER, "A,N,2025-07-01,1", "B,S,2025-07-01,1")
    report = run(session, units_file(*MERGER), merger)
    assert complaints(report) == [("units.csv", 3, "unit_code")]
    move = csv_file("points.csv", POINTS_HEADER.strip(), "K,Điểm mới,N,2025-07-01")
    assert run(session, units_file(*MERGER), merger, move).is_applied
    assert run(session, move).total == Changes(0, 0, 1)
    assert session.scalar(select(func.count()).select_from(PointUnit)) == 2
    assert session.scalar(select(func.count()).select_from(UnitLineage)) == 2


def make_response(session, *, point_code, collected_on):
    """An answer of a wave that this test does not need: its keys are checked at a commit that never comes."""
    session.execute(text("PRAGMA defer_foreign_keys=ON"))
    point = session.scalars(select(Point).where(Point.code == point_code)).one()
    where = {"wave_id": 1, "version_id": 1, "unit_id": 1, "point_id": point.id, "channel": 2}
    days = {"collected_on": collected_on, "received_on": collected_on}
    session.add(Response(id=uuid4(), language="vi", answers=b"\x01", digest=bytes(16), **where, **days))
    session.flush()


def test_a_point_changes_unit_by_a_new_date_once_it_has_answers(session):
    row = "A,An,commune,3,P,,,2020-01-01,", "B,Ba,commune,3,P,,,2020-01-01,"
    run(session, units_file(*row), csv_file("points.csv", POINTS_HEADER.strip(), "K,Điểm 1,A,2024-01-01"))
    corrected = csv_file("points.csv", POINTS_HEADER.strip(), "K,Điểm 1,B,2024-01-01")
    assert run(session, corrected, apply=False).total == Changes(0, 1, 0)
    make_response(session, point_code="K", collected_on=date(2024, 5, 2))
    assert complaints(run(session, corrected)) == [("points.csv", 2, "unit_code")]
    moved = csv_file("points.csv", POINTS_HEADER.strip(), "K,Điểm 1,B,2025-01-01")
    assert run(session, moved).total == Changes(1, 0, 0)


def test_desks_need_their_point(session):
    desks = csv_file("desks.csv", "code,point_code,name,is_single_officer", "D,K,Quầy 1,0")
    assert complaints(run(session, units_file(), desks)) == [("desks.csv", 2, "point_code")]


def test_labels_of_every_kind_in_the_seeds(seeded):
    labels = {unit_label(row.kind, row.name) for row in queries.units_as_at(seeded, BEFORE)}
    assert {"thành phố Đồng Hới", "thị xã Ba Đồn", "huyện Cồn Cỏ", "thị trấn Khe Sanh", "phường 1"} <= labels


def test_an_import_opens_no_closed_point_and_accepts_a_unit_that_was_moved(session):
    assert run(session, *seed_files()).is_applied
    stay = session.scalars(select(PointUnit).where(PointUnit.valid_to.is_(None)).limit(1)).one()
    stay.valid_to = date(2026, 8, 31)
    child, parent = session.scalars(select(Unit).where(Unit.code.in_(("QT.19333", "QT.18880")))).all()
    moved = Unit(code="NEW", name="Mới", kind="commune", level=4, parent_id=parent.id, valid_from=date(2020, 1, 1),
                 search_key="moi", sort_key="moi")  # fmt: skip
    session.add(moved)
    session.flush()
    common = {"name": "Mới", "kind": "commune", "parent_id": child.id, "search_key": "moi", "sort_key": "moi"}
    session.add(UnitPeriod(unit_id=moved.id, valid_from=date(2020, 1, 1), **common))
    session.flush()
    report = run(session, units_file("X.1,An,commune,2,P,,,2026-01-01,"))
    assert report.errors == ()
    session.refresh(stay)
    assert stay.valid_to == date(2026, 8, 31)
