"""The small world of the tests, and builders that take only what a test is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import (
    Comment,
    Desk,
    Period,
    Point,
    PointCode,
    PointUnit,
    QuestionnaireVersion,
    Response,
    ScoreRelease,
    ServiceField,
    Ticket,
    TicketBatch,
    Unit,
    Wave,
    WaveUnit,
)
from survey_app.months import month_of
from survey_app.names import search_key, sort_key
from survey_app.services import forms
from survey_app.services.policy import load_policy
from survey_app.services.questionnaires import load_indicator_sets, load_seed_questionnaires
from survey_app.services.submissions import Submission
from survey_app.services.transaction_tables import CountEntry
from survey_app.services.transactions import Source, plan_counts, store_counts
from survey_app.signing import PointToken, Signer
from survey_app.vocabulary import Channel, Stage

OPENED = date(2026, 1, 1)
SECRET_KEY = "a secret of the tests only, long enough to sign with"
AUDIT_KEY = Signer(SECRET_KEY).audit_key()
CODES = {"Đông Hà": "DHAAAAA2", "Hòa Xuân": "HXAAAAA2", "Cồn Cỏ": "CCAAAAA2"}


@dataclass(frozen=True, slots=True)
class World:
    """Ids of a province with three units, one point and one desk each, two continuous waves and a sample wave."""

    province: int
    units: Mapping[str, int]
    points: Mapping[str, int]
    codes: Mapping[str, str]
    waves: Mapping[str, int]
    versions: Mapping[str, int]

    @classmethod
    def read(cls, session: Session) -> "World":
        units = {name: id_ for id_, name in session.execute(select(Unit.id, Unit.name))}
        points = {code: id_ for id_, code in session.execute(select(Point.id, Point.code))}
        return cls(
            province=units["Quảng Trị"],
            units=units,
            points={name: points[f"P-{name}"] for name in CODES},
            codes=CODES,
            waves={code: id_ for id_, code in session.execute(select(Wave.id, Wave.code))},
            versions={
                f"{code}_v{version}": id_
                for id_, code, version in session.execute(
                    select(QuestionnaireVersion.id, QuestionnaireVersion.code, QuestionnaireVersion.version)
                )
            },
        )


def make_unit(
    session: Session,
    name: str,
    *,
    kind: str = "ward",
    parent_id: int | None = None,
    code: str | None = None,
    population: int | None = 20_000,
    valid_from: date = OPENED,
    valid_to: date | None = None,
) -> int:
    unit = Unit(
        code=code or f"U-{name}",
        name=name,
        kind=kind,
        level=1 if parent_id is None else 2,
        parent_id=parent_id,
        gso_code=None,
        population=population,
        valid_from=valid_from,
        valid_to=valid_to,
        search_key=search_key(name),
        sort_key=sort_key(name),
    )
    session.add(unit)
    session.flush()
    return unit.id


def make_point(session: Session, name: str, *, unit_id: int, code8: str) -> int:
    point = Point(code=f"P-{name}", name=f"Sảnh {name}")
    session.add(point)
    session.flush()
    session.add_all(
        [
            PointUnit(point_id=point.id, unit_id=unit_id, valid_from=OPENED),
            PointCode(code=code8, point_id=point.id, created_on=OPENED),
            Desk(code=f"D-{name}", point_id=point.id, name="Quầy 1"),
        ]
    )
    session.flush()
    return point.id


def make_wave(
    session: Session,
    code: str,
    *,
    version_id: int,
    root_id: int,
    unit_ids: list[int],
    basis: str = "continuous",
    opens_on: date = OPENED,
    closes_on: date | None = None,
    population: int | None = None,
) -> int:
    wave = Wave(
        code=code,
        title_vi=f"Đợt {code}",
        title_en=f"Wave {code}",
        basis=basis,
        root_unit_id=root_id,
        version_id=version_id,
        opens_on=opens_on,
        closes_on=closes_on,
        grace_days=30,
    )
    session.add(wave)
    session.flush()
    session.add_all(
        WaveUnit(wave_id=wave.id, unit_id=unit_id, target=100, population=population) for unit_id in unit_ids
    )
    session.flush()
    return wave.id


def build_world(session: Session) -> None:
    """What `World.read` reads; part of the template database of the tests."""
    load_policy(session)
    versions = load_seed_questionnaires(session, OPENED)
    load_indicator_sets(session)
    session.add_all(
        [
            ServiceField(code="land", name_vi="Đất đai", name_en="Land", icon="land", position=1),
            ServiceField(code="civil", name_vi="Hộ tịch", name_en="Civil status", icon="civil", position=2),
        ]
    )
    province = make_unit(session, "Quảng Trị", kind="province", code="QT", population=1_870_845)
    kinds = {"Đông Hà": "ward", "Hòa Xuân": "commune", "Cồn Cỏ": "special_zone"}
    unit_ids = [make_unit(session, name, kind=kind, parent_id=province) for name, kind in kinds.items()]
    for name, unit_id in zip(kinds, unit_ids, strict=True):
        make_point(session, name, unit_id=unit_id, code8=CODES[name])
    common = {"root_id": province, "unit_ids": unit_ids}
    make_wave(
        session,
        "tap",
        version_id=versions["one_tap"].id,
        opens_on=OPENED,
        closes_on=date(2026, 4, 30),
        **common,
    )
    make_wave(session, "full", version_id=versions["full_form"].id, opens_on=date(2026, 5, 1), **common)
    make_wave(
        session,
        "sample",
        version_id=versions["full_form"].id,
        basis="sample",
        opens_on=date(2026, 8, 1),
        closes_on=date(2026, 8, 31),
        population=5_000,
        **common,
    )
    for code, starts, ends in (
        ("2026Q2", date(2026, 3, 15), date(2026, 6, 14)),
        ("2026Q3", date(2026, 6, 15), date(2026, 9, 14)),
    ):
        session.add(
            Period(
                code=code,
                root_unit_id=province,
                title_vi=f"Kỳ {code}",
                title_en=f"Period {code}",
                starts_on=starts,
                ends_on=ends,
            )
        )


def make_response(
    session: Session,
    world: World,
    *,
    unit: str = "Đông Hà",
    wave: str = "full",
    answers: Mapping[str, Any] | None = None,
    reached: frozenset[str] | None = None,
    on: date = date(2026, 7, 1),
    received_on: date | None = None,
    channel: Channel = Channel.QR,
    stage: Stage = Stage.COLLECT_RESULT,
    **columns: Any,
) -> UUID:
    """One stored response; what a test does not name is ordinary."""
    with session.no_autoflush:  # so that many responses are inserted together
        row = session.get_one(Wave, world.waves[wave])
        form = forms.load_form(session, version_id=row.version_id)
    packed = form.pack(
        answers or {"overall": "satisfied"},
        stage=stage,
        channel=channel,
        reached=reached if reached is not None else frozenset(answers or {"overall"}),
    )
    key = uuid4()
    session.add(
        Response(
            id=key,
            wave_id=row.id,
            version_id=row.version_id,
            unit_id=columns.pop("unit_id", world.units[unit]),
            point_id=columns.pop("point_id", world.points[unit]),
            channel=channel,
            stage=stage,
            language="vi",
            collected_on=on,
            received_on=received_on or on,
            answers=packed,
            digest=bytes(16),
            **columns,
        )
    )
    return key


def release_everything(session: Session, world: World, *, through: date = date(2026, 12, 31)) -> None:
    """Let every stored response count."""
    for unit_id in world.units.values():
        for wave_id in world.waves.values():
            session.merge(ScoreRelease(unit_id=unit_id, wave_id=wave_id, released_through=through))
    session.flush()


def make_submission(
    world: World,
    *,
    unit: str = "Đông Hà",
    wave: str = "full",
    version: str = "full_form_v1",
    channel: Channel = Channel.QR,
    **changes: Any,
) -> Submission:
    """What a citizen sends, before it is stored: one answer, satisfied, unless the test says otherwise."""
    values: dict[str, Any] = {
        "id": uuid4(),
        "point": PointToken(world.codes[unit], world.versions[version], int(channel), world.waves[wave]),
        "language": "vi",
        "answers": {"overall": "satisfied"},
        "parts": frozenset({1, 2}),
        "reached": frozenset({"overall", "reasons"}),
    }
    return Submission(**(values | changes))


def make_comment(
    session: Session,
    world: World,
    text: str = "Cần thêm ghế.",
    *,
    unit: str = "Đông Hà",
    month: date = date(2026, 7, 1),
    released_on: date | None = None,
) -> UUID:
    key = uuid4()
    session.add(
        Comment(
            id=key,
            unit_id=world.units[unit],
            month=month,
            polarity="neutral",
            language="vi",
            text=text,
            released_on=released_on,
        )
    )
    return key


def make_tickets(
    session: Session,
    world: World,
    signer: Signer,
    *,
    unit: str = "Đông Hà",
    size: int = 20,
    wave_id: int | None = None,
    expires_on: date = date(2099, 12, 31),
    revoked_on: date | None = None,
) -> list[str]:
    """A batch of tickets of a unit's point, smaller than an office may order; their texts."""
    key = uuid4()
    session.add(
        TicketBatch(
            id=key,
            point_id=world.points[unit],
            code=world.codes[unit],
            wave_id=wave_id,
            size=size,
            created_on=OPENED,
            expires_on=expires_on,
            revoked_on=revoked_on,
            origin="staff",
        )
    )
    session.flush()
    texts = [signer.ticket(batch=key, wave_id=wave_id or 0, serial=serial) for serial in range(size)]
    session.add_all(Ticket(hash=signer.ticket_hash(text), batch=key) for text in texts)
    session.commit()
    return texts


def make_transactions(
    session: Session,
    world: World,
    month: date,
    n: int,
    *,
    unit: str = "Đông Hà",
    mode: int = 0,
    outcome: int = 0,
) -> None:
    """Files of a unit in a whole month, as an office enters them."""
    entry = CountEntry(world.units[unit], *month_of(month), n, mode=mode, outcome=outcome)
    plan = plan_counts(session, [entry])
    store_counts(session, plan, Source("hand", ""), now=datetime(2026, 9, 15, tzinfo=UTC))
