"""The frame around the demo's answers: registry, forms, policy, waves, periods, transactions and accounts."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from config import ROOT as PROJECT
from survey_app.demo.people import INSPECTION
from survey_app.demo.places import (
    ISLAND,
    MANAGED_UNIT,
    ROOT,
    UnitPlace,
    collecting_units,
    procedures_csv,
    second_points_csv,
)
from survey_app.demo.records import Fieldwork
from survey_app.demo.truth import (
    FIRST_DAY,
    FORM_CHANGE,
    LAST_DAY,
    QUARTER_CHANGE,
    SAMPLE_FROM,
    SAMPLE_TO,
    TODAY,
    Truth,
)
from survey_app.demo.visits import SampleUnit
from survey_app.models import Account, Period, ScoreRelease, Wave, WaveUnit
from survey_app.queries import lookups, units
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.assignments import NewCases, give_cases
from survey_app.services.forms import load_form
from survey_app.services.policy import load_policy
from survey_app.services.questionnaires import load_indicator_sets, load_seed_questionnaires
from survey_app.services.registry import ImportReport, SourceFile, import_registry

PREPARED_ON = date(2026, 3, 2)
PREPARED_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
REGISTRY_FILES = ("units", "lineage", "points", "desks", "service_fields")
INTERVIEWER, INTERVIEWED_BY = "phongvan", "sonoivu"
OPEN_CASES = (("interview", 6), ("phone", 4))
WAVE_CODES = ("mot-cua-2026-1", "mot-cua-2026-2", "mau-2026")


class RegistryRefused(Exception):
    """The seed registry was not imported; the message lists the first errors."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account with its password, which exists nowhere else: shown once by whoever builds the demo."""

    name: str
    password: str
    role: str
    unit_name: str


_ACCOUNTS = (
    ("quantri", Role.ADMIN, ROOT),
    ("sonoivu", Role.PAR_OFFICE, ROOT),
    ("dongha", Role.MANAGER, MANAGED_UNIT),
    ("conco", Role.MANAGER, ISLAND),
    ("lanhdao", Role.VIEWER, ROOT),
    (INTERVIEWER, Role.INTERVIEWER, ROOT),
    ("nhapphieu", Role.DESK_STAFF, MANAGED_UNIT),
    ("doankiemtra", Role.INSPECTION_TEAM, MANAGED_UNIT),
    ("thanhtra", Role.STATE_INSPECTOR, ROOT),
)


def load_registry(session: Session, *, seed: int) -> tuple[UnitPlace, ...]:
    """The province's registry and the demo's own second points; every unit that collects answers."""
    folder = PROJECT / "seeds" / "quang_tri"
    files = [SourceFile(f"{name}.csv", (folder / f"{name}.csv").read_bytes()) for name in REGISTRY_FILES]
    files.append(SourceFile("demo_points.csv", second_points_csv()))
    files.append(SourceFile("demo_procedures.csv", procedures_csv()))
    report = import_registry(
        session, files=files, apply=True, now=PREPARED_AT, today=PREPARED_ON, rng=Random(seed)
    )
    _require_applied(report)
    session.flush()
    return collecting_units(session)


def _require_applied(report: ImportReport) -> None:
    if not report.is_applied:
        listed = "; ".join(f"{error.file}:{error.row} {error.expected.en}" for error in report.errors[:5])
        raise RegistryRefused(listed)


def open_fieldwork(
    session: Session, truth: Truth, places: tuple[UnitPlace, ...], design: Sequence[SampleUnit]
) -> Fieldwork:
    """Forms, policy, indicator sets, waves with their units, and the office's periods."""
    load_policy(session)
    load_indicator_sets(session)
    versions = load_seed_questionnaires(session, PREPARED_ON)
    root_id = units.unit_by_code(session, ROOT).id
    one_tap, full = versions["one_tap"].id, versions["full_form"].id
    waves = _waves(root_id=root_id, one_tap=one_tap, full=full)
    session.add_all([*waves, *_periods(root_id)])
    session.flush()
    session.add_all(_wave_units(waves, places, design))
    session.flush()
    fields = {field.code: field.id for field in units.service_fields(session)}
    rows = tuple(lookups.wave_row(session, wave.id) for wave in waves)
    forms = tuple(load_form(session, version_id=row.version_id) for row in rows)
    return Fieldwork(rows, forms, tuple(fields[code] for code in truth.field_mix), places, tuple(design))


def _waves(*, root_id: int, one_tap: int, full: int) -> list[Wave]:
    continuous_vi, continuous_en = (
        "Phản hồi thường xuyên tại Một cửa",
        "Continuous feedback at the one-stop desk",
    )
    day_before_change = date.fromordinal(FORM_CHANGE.toordinal() - 1)
    shared = {"root_unit_id": root_id, "is_simulated": True}
    return [
        Wave(code=WAVE_CODES[0], title_vi=f"{continuous_vi} (phiếu một chạm)",
             title_en=f"{continuous_en} (one-tap form)", basis="continuous", version_id=one_tap,
             opens_on=FIRST_DAY, closes_on=day_before_change, **shared),
        Wave(code=WAVE_CODES[1], title_vi=continuous_vi, title_en=continuous_en, basis="continuous",
             version_id=full, opens_on=FORM_CHANGE, closes_on=None, **shared),
        Wave(code=WAVE_CODES[2], title_vi="Khảo sát chọn mẫu năm 2026", title_en="Sample survey 2026",
             basis="sample", version_id=full, opens_on=SAMPLE_FROM, closes_on=SAMPLE_TO, **shared),
    ]  # fmt: skip


def _wave_units(
    waves: Sequence[Wave], places: Sequence[UnitPlace], design: Sequence[SampleUnit]
) -> list[WaveUnit]:
    continuous = [WaveUnit(wave_id=wave.id, unit_id=place.id) for wave in waves[:2] for place in places]
    sampled = [
        WaveUnit(
            wave_id=waves[2].id, unit_id=places[each.unit].id, target=each.target, population=each.population
        )
        for each in design
    ]
    return continuous + sampled


def _periods(root_id: int) -> list[Period]:
    last_of_first = date.fromordinal(QUARTER_CHANGE.toordinal() - 1)
    rows = (
        ("2026-Q2", "Quý II/2026", "Quarter II/2026", FIRST_DAY, last_of_first),
        ("2026-Q3", "Quý III/2026", "Quarter III/2026", QUARTER_CHANGE, LAST_DAY),
        ("2026-6T", "6 tháng", "Six months", FIRST_DAY, LAST_DAY),
    )
    return [
        Period(code=code, root_unit_id=root_id, title_vi=vi, title_en=en, starts_on=start, ends_on=end)
        for code, vi, en, start, end in rows
    ]


def release_everything(session: Session, work: Fieldwork) -> None:
    """Count what was received up to the last recorded day, for every unit in every wave it takes part in."""
    sampled = {each.unit for each in work.design}
    pairs = [
        (place.id, wave.id)
        for wave in work.waves
        for unit, place in enumerate(work.places)
        if wave.basis != "sample" or unit in sampled
    ]
    rows = [{"unit_id": unit, "wave_id": wave, "released_through": LAST_DAY} for unit, wave in pairs]
    session.execute(insert(ScoreRelease), rows)


def give_interviews(session: Session, work: Fieldwork, *, seed: int) -> None:
    """A few open cases at one unit for the demo's interviewer, in the wave that still runs."""
    accounts_by_name = {row.name: row.id for row in session.execute(select(Account.name, Account.id))}
    root, unit = (units.unit_by_code(session, code) for code in (ROOT, MANAGED_UNIT))
    office = Viewer(accounts_by_name[INTERVIEWED_BY], Role.PAR_OFFICE, root.id)
    at = datetime(TODAY.year, TODAY.month, TODAY.day, 1, 0, tzinfo=UTC)
    wave = next(wave for wave in work.waves if wave.code == WAVE_CODES[1])
    for mode, n in OPEN_CASES:
        new = NewCases(
            wave_id=wave.id, unit_id=unit.id, account_id=accounts_by_name[INTERVIEWER], mode=mode, n=n
        )
        give_cases(session, new, viewer=office, today=TODAY, now=at, rng=Random(seed))


def make_accounts(session: Session) -> tuple[DemoAccount, ...]:
    """One account a role, with passwords that nobody chose."""
    made = []
    for name, role, unit_code in _ACCOUNTS:
        unit = units.unit_by_code(session, unit_code)
        password = secrets.token_urlsafe(12)
        at = datetime(TODAY.year, TODAY.month, TODAY.day, 1, 0, tzinfo=UTC)
        create_account(
            session, name=name, password=password, role=role, unit_id=unit.id, now=at, mandate=INSPECTION
        )
        made.append(DemoAccount(name, password, role.value, unit.label))
    return tuple(made)
