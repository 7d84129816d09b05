"""A small office with one point, one code and both questionnaires, for tests of the citizen's pages."""

import csv
import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from flask import Flask

from config import ROOT, read_settings
from survey_app import create_app
from survey_app.db import db
from survey_app.models import Point, PointCode, PointUnit, ServiceField, Unit, Wave, WaveUnit
from survey_app.models.base import Base
from survey_app.services import questionnaires

CODE = "K7M2P9QX"
ONE_TAP_CODE = "W3N8R4TZ"
UNIT_NAME = "Phường Đông Hà"
OPENED = date(2025, 7, 1)


@dataclass(frozen=True, slots=True)
class Site:
    app: Flask
    code: str = CODE
    one_tap_code: str = ONE_TAP_CODE


def build_site(folder: Path, *, is_simulated: bool = False) -> Site:
    """The application on an empty database with the one office."""
    settings = read_settings({"INSTANCE_DIR": str(folder), "SECRET_KEY": "a key for tests only"})
    app = create_app(replace(settings, TESTING=True))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        full, one_tap = (_version(name) for name in ("full_form_v1", "one_tap_v1"))
        _add_office(CODE, full, is_simulated=is_simulated)
        _add_office(ONE_TAP_CODE, one_tap, is_simulated=is_simulated)
        _add_service_fields()
        _add_closed_wave(full)
        db.session.commit()
    return Site(app)


def _version(name: str) -> int:
    seeds = ROOT / "seeds"
    definition = json.loads((seeds / "questionnaires" / f"{name}.json").read_text(encoding="utf-8"))
    library = json.loads((seeds / "scales.json").read_text(encoding="utf-8"))
    library = library.get("scales", library)
    complete = questionnaires.with_library_scales(definition, library)
    return questionnaires.publish(db.session, complete, OPENED).id


def _add_office(code: str, version_id: int, *, is_simulated: bool) -> None:
    unit = Unit(
        code=f"U.{code}",
        name=UNIT_NAME,
        kind="ward",
        level=2,
        valid_from=OPENED,
        search_key=code,
        sort_key=code,
    )
    point = Point(code=f"P.{code}", name=f"Trung tâm Phục vụ hành chính công {UNIT_NAME.lower()}")
    wave = Wave(
        code=f"W.{code}", title_vi="Phản hồi tại Một cửa", title_en="One-stop feedback", basis="continuous",
        version_id=version_id, opens_on=OPENED, closes_on=None, is_simulated=is_simulated,
    )  # fmt: skip
    db.session.add_all([unit, point])
    db.session.flush()
    wave.root_unit_id = unit.id
    db.session.add_all(
        [
            wave,
            PointUnit(point_id=point.id, valid_from=OPENED, unit_id=unit.id),
            PointCode(code=code, point_id=point.id, created_on=OPENED),
        ]
    )
    db.session.flush()
    db.session.add(WaveUnit(wave_id=wave.id, unit_id=unit.id))
    db.session.flush()


def _add_service_fields() -> None:
    with (ROOT / "seeds" / "quang_tri" / "service_fields.csv").open(encoding="utf-8") as file:
        db.session.add_all(
            ServiceField(**row | {"position": int(row["position"])}) for row in csv.DictReader(file)
        )


def _add_closed_wave(version_id: int) -> None:
    unit = db.session.query(Unit).first()
    db.session.add(
        Wave(
            code="closed-wave",
            title_vi="Đợt đã kết thúc",
            title_en="Ended",
            basis="sample",
            root_unit_id=unit.id,
            version_id=version_id,
            opens_on=OPENED,
            closes_on=OPENED + timedelta(days=91),
        )
    )
