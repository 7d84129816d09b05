import contextlib
import csv
import io
import json
import os
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from analysis.packing import Missing
from config import ROOT
from survey_app.models import (
    AuditEntry,
    CountCell,
    Period,
    Point,
    PointCode,
    QuestionnaireVersion,
    Response,
    RollupMonth,
    Unit,
    Wave,
)  # fmt: skip
from survey_app.queries.units import unit_subtree_ids
from survey_app.services import import_rows
from survey_app.services.figures import Showing
from survey_app.services.forms import compile_version, load_form
from survey_app.services.import_rows import UnreadableFile
from survey_app.services.json_fields import MappingError
from survey_app.services.mapping_reader import read_mapping
from survey_app.services.response_import import apply_import, plan_import
from survey_app.services.wave_scores import wave_scores
from survey_app.signing import Signer

TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
SIGNER = Signer("a secret of the tests only")
EXTRACTS = ROOT / "tests" / "data"
MAPPINGS = ROOT / "seeds" / "mappings"
FILLED = (Response, Unit, Point, Wave, Period, AuditEntry, QuestionnaireVersion, CountCell)

HEADER = "day,unit,rating,channel,weight,stratum,land,staff"
TAP = {
    "questionnaire": {"code": "full_form", "version": 1},
    "root": {"code": "ELSEWHERE", "name": "Nơi khác", "kind": "agency", "valid_from": "2025-01-01"},
    "wave": {"code": "ELSEWHERE-1", "title": {"vi": "Đợt thử", "en": "Trial"}, "basis": "sample",
             "opens_on": "2025-03-01", "closes_on": "2025-03-31"},
    "units": {"column": "unit", "kind": "commune", "create": True},
    "collected_on": {"column": "day", "formats": ["%d/%m/%Y", "%Y-%m-%d"]},
    "channel": {"column": "channel", "recode": {"P": "paper", "I": "interview"}},
    "language": {"value": "vi"},
    "weight": {"column": "weight"},
    "stratum": {"column": "stratum"},
    "recodes": {"level5": {"1": "very_dissatisfied", "2": "dissatisfied", "3": "neutral", "4": "satisfied",
                           "5": "very_satisfied"}},
    "items": {
        "overall": {"column": "rating", "recode": "level5", "numeric": True, "missing": {"9": "dont_know"}},
        "reasons": {"options": {"time_bad": "land", "attitude_good": "staff"}, "chosen": ["x"],
                    "not_chosen": ["-"]},
    },
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A file, its mapping and what must come out of it."""

    mapping: str
    path: Path
    n_rows: int
    n_released: int
    n: int
    percent: float
    units: dict[str, tuple[int, float]]


SOURCES = {
    "juarez extract": Source(
        "juarez_2023", EXTRACTS / "juarez_extract.csv", 60, 55, 52, 78.8, {"Distrito 3": (37, 81.1)}
    ),
    "london extract": Source(
        "fft_gp_london_2023_2024", EXTRACTS / "fft_extract.csv", 58, 54, 51, 88.2,
        {"Health Partners @ Violet Melchett": (34, 82.4)},
    ),
}  # fmt: skip
# The whole files are not kept here: where REAL_DATA_DIR names their folder, the same test reads them too.
if "REAL_DATA_DIR" in os.environ:
    REAL = Path(os.environ["REAL_DATA_DIR"])
    SOURCES |= {
        "juarez": Source("juarez_2023", REAL / "juarez_perception_2023.csv", 1524, 1524, 1426, 82.6,
                         {"Distrito 5": (158, 90.5), "Distrito 9": (152, 77.6)}),
        "london": Source("fft_gp_london_2023_2024", REAL / "fft_gp_london_2023_2024.csv", 3882, 3882, 3863,
                         91.0,
                         {"Royal Hospital Chelsea": (104, 99.0),
                          "Health Partners @ Violet Melchett": (655, 82.0)}),
    }  # fmt: skip


def mapping_of(name):
    return read_mapping((MAPPINGS / f"{name}.json").read_bytes())


def tap_mapping(**changes):
    return read_mapping(json.dumps(TAP | changes).encode())


def tap_file(*rows):
    return "\n".join([HEADER, *rows, ""]).encode()


def run(session, mapping, content, *, apply=True, signer=SIGNER, today=TODAY):
    planned = plan_import(session, mapping=mapping, content=content, signer=signer)
    return apply_import(session, planned, now=NOW, today=today) if apply else planned.report


def stored(session):
    return [session.scalar(select(func.count()).select_from(model)) for model in FILLED]


@pytest.mark.parametrize("name", SOURCES)
def test_import_gives_the_known_scores_of_a_real_survey(session, world, name):
    source = SOURCES[name]
    mapping = mapping_of(source.mapping)
    report = run(session, mapping, source.path.read_bytes())
    assert (report.n_rows, report.n_new, report.errors) == (source.n_rows, source.n_rows, ())
    scores = wave_scores(session, wave_code=mapping.wave.code, today=TODAY)
    assert (scores.n_responses, scores.overall.n) == (source.n_released, source.n)
    assert round(100 * scores.overall.estimate.value, 1) == source.percent
    assert scores.overall.estimate.ci_low < source.percent / 100 < scores.overall.estimate.ci_high
    assert not scores.is_simulated
    shown = {
        unit.label: (unit.n, round(100 * unit.estimate.value, 1)) for unit in scores.units if unit.estimate
    }
    assert shown.items() >= source.units.items()
    assert all(min(each for _, each in source.units.values()) <= each for _, each in shown.values())


def test_scores_leave_out_dont_know_and_withhold_small_units(session, world):
    mapping = mapping_of("fft_gp_london_2023_2024")
    run(session, mapping, (EXTRACTS / "fft_extract.csv").read_bytes())
    scores = wave_scores(session, wave_code="FFT-LONDON-2023", today=TODAY)
    assert {level.code: level.n for level in scores.levels} == {
        "extremely_likely": 32, "likely": 13, "neither": 3, "unlikely": 1,
        "extremely_unlikely": 2, "dont_know": 3,
    }  # fmt: skip
    assert {unit.label: (unit.showing, unit.n) for unit in scores.units} == {
        "Health Partners @ Violet Melchett": (Showing.SHOWN, 34),
        "The Chelsea Practice": (Showing.INSUFFICIENT, 17),
        "Knightsbridge Medical Centre": (Showing.WITHHELD, None),
    }


def test_dry_run_writes_nothing(session, world):
    before = stored(session)
    mapping = mapping_of("juarez_2023")
    report = run(session, mapping, (EXTRACTS / "juarez_extract.csv").read_bytes(), apply=False)
    assert (report.n_new, report.is_applied, report.is_new_wave, len(report.new_units)) == (
        60,
        False,
        True,
        5,
    )
    assert not session.new
    assert not session.dirty
    assert stored(session) == before


def test_import_twice_adds_nothing(session, world):
    mapping, content = mapping_of("juarez_2023"), (EXTRACTS / "juarez_extract.csv").read_bytes()
    run(session, mapping, content)
    after = stored(session)
    again = run(session, mapping, content, today=date(2026, 9, 16))
    assert (again.n_new, again.n_already, again.n_different) == (0, 60, 0)
    assert stored(session) == after


def test_ids_are_version_5_and_keyed_by_the_instance():
    mapping, content = mapping_of("fft_gp_london_2023_2024"), (EXTRACTS / "fft_extract.csv").read_bytes()
    files = [import_rows.read_file(content, mapping=mapping, form=FORM, signer=Signer(key)) for key in "aab"]
    first, again, other = ([draft.id for draft in file.drafts] for file in files)
    assert first == again
    assert not set(first) & set(other)
    assert {(each.version, each.variant) for each in first} == {(5, "specified in RFC 4122")}


def test_the_same_row_read_otherwise_is_named_and_the_first_stays(session, world):
    content = tap_file("01/03/2025,A,5,P,1,0,x,-")
    run(session, tap_mapping(), content)
    before = session.scalars(select(Response.answers).where(Response.batch.is_not(None))).one()
    changed = {"level5": TAP["recodes"]["level5"] | {"5": "satisfied"}}
    report = run(session, tap_mapping(recodes=changed), content)
    assert (report.n_new, report.n_already, report.n_different) == (0, 0, 1)
    assert session.scalars(select(Response.answers).where(Response.batch.is_not(None))).one() == before


def test_every_kind_of_column_reaches_its_place(session, world):
    run(session, tap_mapping(), tap_file('2025-03-07, A ,"4,0",I,"0,5",3,x,-', "08/03/2025,B,9,P,2,0,,"))
    rows = session.scalars(
        select(Response).where(Response.batch.is_not(None)).order_by(Response.collected_on)
    ).all()
    form = load_form(session, version_id=world.versions["full_form_v1"])
    first, second = (form.unpack(row.answers) for row in rows)
    assert (first["overall"], first["reasons"], first["F1.1"]) == ("satisfied", ("time_bad",), "not_asked")
    assert (second["overall"], second["reasons"]) == ("dont_know", "left_blank")
    assert [(row.channel, row.weight, row.stratum) for row in rows] == [(6, 0.5, 3), (5, 2.0, 0)]
    assert [(row.collected_on.isoformat(), row.received_on, row.language) for row in rows] == [
        ("2025-03-07", TODAY, "vi"), ("2025-03-08", TODAY, "vi"),
    ]  # fmt: skip
    assert {(row.is_test, row.is_late, row.is_ticketed, row.flags) for row in rows} == {
        (False, False, False, 0)
    }


def test_blank_answers_say_why(session, world):
    run(session, mapping_of("juarez_2023"), (EXTRACTS / "juarez_extract.csv").read_bytes())
    wave_id = session.scalar(select(Wave.id).where(Wave.code == "JUAREZ-2023"))
    packed = session.scalars(select(Response.answers).where(Response.wave_id == wave_id)).all()
    missing = [Missing(answers[0]).name for answers in packed if answers[0] in set(Missing)]
    assert sorted(missing) == ["LEFT_BLANK"] * 2 + ["NOT_APPLICABLE"] * 3


def test_blank_answers_of_an_incomplete_interview_were_not_reached(session, world):
    rules = [{"column": "stratum", "values": ["7"], "reason": "not_reached"}]
    run(session, tap_mapping(blank=rules), tap_file("01/03/2025,A,5,P,1,7,,", "01/03/2025,A,5,P,1,0,,"))
    form = load_form(session, version_id=world.versions["full_form_v1"])
    slot = form.by_code["reasons"].slot
    packed = session.scalars(select(Response.answers).where(Response.batch.is_not(None))).all()
    assert sorted(answers[slot] for answers in packed) == [Missing.LEFT_BLANK, Missing.NOT_REACHED]


def test_rejected_rows_are_listed_and_the_others_go_in(session, world):
    content = tap_file(
        "01/03/2025,A,5,P,1,0,x,-",
        "31/02/2025,A,7,P,1,0,x,-",
        "01/04/2025,A,5,Q,1,0,x,-",
        "02/03/2025,,5,P,-1,x,maybe,-",
        "02/03/2025,B,,P,1,0,,",
    )
    report = run(session, tap_mapping(), content)
    assert (report.n_rows, report.n_new, report.n_rejected) == (5, 2, 3)
    assert [(error.row, error.column, error.got) for error in report.errors] == [
        (3, "day", "31/02/2025"), (3, "rating", "7"),
        (4, "day", "01/04/2025"), (4, "channel", "Q"),
        (5, "unit", ""), (5, "weight", "-1"), (5, "stratum", "x"), (5, "land", "maybe"),
    ]  # fmt: skip
    assert report.errors[1].expected.en == "one of: 1, 2, 3, 4, 5"
    assert report.errors[2].expected.vi == "ngày trong đợt, từ 01/03/2025 đến 31/03/2025"


def test_errors_show_no_control_characters(session, world):
    report = run(session, tap_mapping(), tap_file("01/03/2025,A,\x1b[31m5\u202e,P,1,0,x,-"))
    assert report.errors[0].got == "\\u001b[31m5\\u202e"


def test_skipped_rows_are_counted_apart(session, world):
    rows = tap_file("01/03/2025,A,5,P,1,0,x,-", "01/03/2025,A,5,P,1,99,x,-")
    report = run(session, tap_mapping(skip={"column": "stratum", "values": ["99"]}), rows)
    assert (report.n_rows, report.n_skipped, report.n_new, report.n_rejected) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("content", "row", "expected"),
    [
        (tap_file("01/03/2025,A,5,P,1,0,x,-") + b"\xff", 3, "UTF-8"),
        (tap_file("01/03/2025,A\x00,5,P,1,0,x,-"), 2, "NUL"),
        (b"", 1, "these columns"),
        (b"day,unit\n", 1, "channel, land, rating"),
        (tap_file().replace(b"day,", b"day,unit,"), 1, "once: unit"),
        (tap_file("01/03/2025,A,5,P,1,0,x,-", "01/03/2025,A"), 3, "8 cells, this row has 2"),
        (tap_file('01/03/2025,"A,5,P,1,0,x,-'), 2, "quotes"),
        (HEADER.encode() + b"\n" + b'"' + b"a" * 200_000 + b'"\n', 2, "well-formed"),
        (b"a" * (import_rows.MAX_FILE_BYTES + 1), 0, "5 MB"),
        (HEADER.encode() + b"\n" + b"a,,,,,,,\n" * (import_rows.MAX_ROWS + 1), 50_002, "50000 rows"),
    ],
    ids=[
        "not utf-8",
        "nul",
        "empty",
        "columns missing",
        "column twice",
        "ragged",
        "open quote",
        "huge cell",
        "huge file",
        "many rows",
    ],
)
def test_an_unreadable_file_writes_nothing(session, world, content, row, expected):
    before = stored(session)
    with pytest.raises(UnreadableFile, match=expected) as caught:
        run(session, tap_mapping(), content)
    assert caught.value.row == row
    assert caught.value.expected.vi
    assert stored(session) == before


def test_a_byte_order_mark_and_decomposed_letters_are_read(session, world):
    content = unicodedata.normalize("NFD", tap_file("01/03/2025,Hòa Bình,5,P,1,0,x,-").decode())
    run(session, tap_mapping(), b"\xef\xbb\xbf" + content.encode())
    assert session.scalar(select(Unit.name).where(Unit.code == "ELSEWHERE.hoa-binh")) == "Hòa Bình"


def test_foreign_units_stay_outside_the_province(session, world):
    before = unit_subtree_ids(session, world.province, TODAY)
    run(session, mapping_of("juarez_2023"), (EXTRACTS / "juarez_extract.csv").read_bytes())
    wave = session.scalars(select(Wave).where(Wave.code == "JUAREZ-2023")).one()
    root = session.get_one(Unit, wave.root_unit_id)
    assert unit_subtree_ids(session, world.province, TODAY) == before
    assert (root.parent_id, wave.is_simulated, wave.basis) == (None, False, "sample")
    assert session.scalar(select(Period.root_unit_id).where(Period.code == "JUAREZ-2023-11")) == root.id
    codes = select(func.count()).select_from(PointCode).join(Point, Point.id == PointCode.point_id)
    assert session.scalar(codes.where(Point.code.startswith("JUAREZ"))) == 0


def test_points_by_column_and_known_units_by_code(session, world):
    units = {"column": "unit", "codes": {"dh": "U-Đông Hà"}}
    content = tap_file("01/03/2026,dh,5,P,1,0,x,-", "02/03/2026,dh,5,I,1,0,x,-")
    with pytest.raises(MappingError, match="not a code"):
        tap_mapping(units=units)
    session.get_one(Unit, world.units["Đông Hà"]).code = "DH"
    session.flush()
    changes = {
        "root": {"code": "QT", "name": "Quảng Trị", "kind": "province", "valid_from": "2026-01-01"},
        "wave": TAP["wave"] | {"opens_on": "2026-03-01", "closes_on": "2026-03-31"},
        "units": units | {"codes": {"dh": "DH"}},
        "points": {"column": "channel", "name": "Điểm {value}"},
    }
    report = run(session, tap_mapping(**changes), content)
    assert (report.new_units, report.n_new) == ((), 2)
    assert set(session.scalars(select(Point.name).where(Point.code.in_(["DH.p", "DH.i"])))) == {
        "Điểm P",
        "Điểm I",
    }
    with pytest.raises(MappingError, match="no unit nowhere"):
        run(session, tap_mapping(**changes), tap_file("01/03/2026,nowhere,5,P,1,0,x,-"))


def test_a_code_of_another_root_is_not_taken_over(session, world):
    session.get_one(Unit, world.units["Đông Hà"]).code = "DH"
    session.flush()
    units = TAP["units"] | {"codes": {"A": "DH"}}
    with pytest.raises(MappingError, match="DH is a unit elsewhere"):
        run(session, tap_mapping(units=units), tap_file("01/03/2025,A,5,P,1,0,x,-"))


def test_two_values_with_one_code_must_be_named_apart(session, world):
    content = tap_file("01/03/2025,A B,5,P,1,0,x,-", "01/03/2025,a-b,5,P,1,0,x,-")
    with pytest.raises(MappingError, match="both get"):
        run(session, tap_mapping(), content)


def test_a_wave_stored_with_other_dates_is_refused(session, world):
    content = tap_file("01/03/2025,A,5,P,1,0,x,-")
    run(session, tap_mapping(), content)
    other = tap_mapping(wave=TAP["wave"] | {"closes_on": "2025-04-30"})
    with pytest.raises(MappingError, match="other basis"):
        run(session, other, content + b"02/03/2025,A,5,P,1,0,x,-\n")


def test_another_file_of_the_same_wave_is_noticed(session, world):
    content = tap_file("01/03/2025,A,5,P,1,0,x,-")
    run(session, tap_mapping(), content)
    report = run(session, tap_mapping(), content + b"02/03/2025,A,5,P,1,0,x,-\n", apply=False)
    assert (report.n_of_other_files, report.n_new) == (1, 2)


def test_scores_from_the_rollup_equal_a_recount(session, world):
    run(session, mapping_of("juarez_2023"), (EXTRACTS / "juarez_extract.csv").read_bytes())
    assert session.scalar(select(func.count()).select_from(RollupMonth)) > 0
    counted = wave_scores(session, wave_code="JUAREZ-2023", today=TODAY)
    session.execute(delete(RollupMonth))
    assert wave_scores(session, wave_code="JUAREZ-2023", today=TODAY) == counted


def test_import_leaves_one_audit_line_without_any_answer(session, world):
    run(session, tap_mapping(), tap_file("01/03/2025,A,5,P,1,0,x,-"))
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.target, entry.details["new"]) == ("responses.imported", "ELSEWHERE-1", 1)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"surprise": 1}, "mapping"),
        ({"root": TAP["root"] | {"code": "two words"}}, "mapping.root.code"),
        ({"root": TAP["root"] | {"kind": "planet"}}, "mapping.root.kind"),
        ({"root": TAP["root"] | {"valid_from": "2025-12-01"}}, "mapping.root.valid_from"),
        ({"wave": TAP["wave"] | {"basis": "census"}}, "mapping.wave.basis"),
        ({"wave": TAP["wave"] | {"closes_on": "2025-02-01"}}, "mapping.wave.closes_on"),
        ({"collected_on": {"column": "day", "formats": ["%d/%m"]}}, "mapping.collected_on.formats[0]"),
        ({"collected_on": {"column": "day", "formats": ["%Q"]}}, "mapping.collected_on.formats[0]"),
        ({"collected_on": {"column": "day"}}, "mapping.collected_on"),
        ({"channel": {"value": "telepathy"}}, "mapping.channel"),
        ({"channel": {"column": "channel"}}, "mapping.channel.recode"),
        ({"language": {"column": "a", "value": "b"}}, "mapping.language"),
        ({"blank": [{"column": "a", "values": [""], "reason": "bored"}]}, "mapping.blank[0].reason"),
        ({"items": {}}, "mapping.items"),
        ({"items": {"overall": {"value": "5"}}}, "mapping.items.overall.column"),
        ({"items": {"overall": {"column": "a", "recode": "nothing"}}}, "mapping.items.overall.recode"),
        ({"items": {"overall": {"column": "a", "missing": {"9": "no"}}}}, "mapping.items.overall.missing"),
        ({"items": {"overall": {"column": "a\ud800"}}}, "mapping.items.overall.column"),
    ],
)
def test_a_bad_mapping_is_refused_by_its_place(changes, path):
    with pytest.raises(MappingError) as caught:
        tap_mapping(**changes)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b'{"a": 1, "a": 2}', b"[" * 100_000, b"{" + b" " * 300_000 + b"}"]
)
def test_what_is_no_mapping_is_refused(content):
    with pytest.raises(MappingError):
        read_mapping(content)


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        ({"nothing": {"column": "rating"}}, "no such item"),
        ({"reasons": {"column": "rating"}}, "options are for a multi-select"),
        ({"overall": {"column": "rating", "recode": {"1": "superb"}}}, "no such choice: superb"),
        ({"reasons": {"options": {"weather": "land"}, "chosen": ["x"]}}, "no such choice: weather"),
    ],
)
def test_a_mapping_must_fit_its_questionnaire(session, world, items, problem):
    with pytest.raises(MappingError, match=problem):
        run(session, tap_mapping(items=items), tap_file())


def test_two_imports_at_once_store_a_row_once(session, world):
    mapping, content = tap_mapping(), tap_file("01/03/2025,A,5,P,1,0,x,-")
    first, second = (plan_import(session, mapping=mapping, content=content, signer=SIGNER) for _ in "ab")
    assert apply_import(session, first, now=NOW, today=TODAY).n_new == 1
    late = apply_import(session, second, now=NOW, today=TODAY)
    assert (late.n_new, late.n_already) == (0, 1)


def test_an_unknown_questionnaire_is_refused(session, world):
    mapping = replace(tap_mapping(), version=("nothing", 1))
    with pytest.raises(MappingError, match="neither published nor a seed"):
        run(session, mapping, tap_file())


FORM = compile_version(json.loads((ROOT / "seeds/mappings/forms/fft_gp_v1.json").read_text(encoding="utf-8")))
LONDON = mapping_of("fft_gp_london_2023_2024")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300), st.text(max_size=60), st.text(max_size=20))
def test_any_bytes_are_read_or_refused(noise, time, rating):
    row = io.StringIO()
    csv.writer(row).writerows([["time", "surgery", "rating"], [time, "A", rating]])
    for content in (noise, b"time,surgery,rating\n" + noise, row.getvalue().encode("utf-8", "surrogatepass")):
        with contextlib.suppress(UnreadableFile):
            found = import_rows.read_file(content, mapping=LONDON, form=FORM, signer=SIGNER)
            assert found.n_rows == len(found.drafts) + len({error.row for error in found.errors})


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(TAP)), JSON_VALUES, st.data())
def test_any_json_is_a_mapping_or_refused(key, value, data):
    changed = dict(TAP)
    if isinstance(TAP[key], dict):
        inner = data.draw(st.sampled_from(sorted(TAP[key])))
        changed[key] = TAP[key] | {inner: value}
    else:
        changed[key] = value
    with contextlib.suppress(MappingError):
        read_mapping(json.dumps(changed).encode())
