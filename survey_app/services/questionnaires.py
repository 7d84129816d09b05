"""Publishing questionnaires and indicator sets: data with a version, immutable from then on."""

import json
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import DefinitionError, PublishedVersionImmutable
from survey_app.models import IndicatorSet, QuestionnaireSlot, QuestionnaireVersion
from survey_app.queries import questionnaires as versions
from survey_app.services.definitions import Definition
from survey_app.services.forms import Form, compile_version
from survey_app.services.indicator_sets import validate_indicator_set
from survey_app.services.official_methods import store_method
from survey_app.services.version_mappings import read_links, store_mapping

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def publish(session: Session, definition: Definition, today: date) -> QuestionnaireVersion:
    """Store a definition and the meaning of its bytes; the same content again is what is already stored."""
    form = compile_version(definition)
    digest = definition_digest(definition)
    stored = versions.find_version(session, code=form.code, version=form.version)
    if stored is not None:
        if stored.digest != digest:
            raise PublishedVersionImmutable(form.code, form.version)
        return stored
    version = QuestionnaireVersion(
        code=form.code,
        version=form.version,
        definition=dict(definition),
        digest=digest,
        n_slots=form.n_slots,
        published_on=today,
        effective_from=date.fromisoformat(definition["effective_from"]),
        legal_basis=definition["legal_basis"],
        provenance=definition["provenance"],
    )
    session.add(version)
    session.flush()
    session.add_all(_slot_rows(form, version_id=version.id))
    session.flush()
    return version


def definition_digest(definition: Definition) -> bytes:
    """SHA-256 of the definition written in one way: sorted keys, no spaces, UTF-8."""
    text = json.dumps(definition, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).digest()


def with_library_scales(definition: Definition, library: Definition) -> dict[str, Any]:
    """The definition with the library's scales that its items name and it does not declare itself."""
    named = set(_scale_names(definition["tree"]))
    missing = {name: library[name] for name in sorted(named - definition["scales"].keys()) if name in library}
    return {**definition, "scales": {**definition["scales"], **missing}}


def load_seed_questionnaires(
    session: Session, today: date, *, seeds: Path = SEEDS
) -> dict[str, QuestionnaireVersion]:
    """Publish every seed questionnaire with the methods and mappings that go with them. Safe to run twice.

    What is returned is the highest version of each questionnaire, by code.
    """
    library = _read_json(seeds / "scales.json")
    definitions = [_read_json(path) for path in (seeds / "questionnaires").glob("*.json")]
    ordered = sorted(definitions, key=lambda definition: (definition["code"], definition["version"]))
    published = {
        definition["code"]: publish(session, with_library_scales(definition, library), today)
        for definition in ordered
    }
    for path in sorted((seeds / "version_mappings").glob("*.json")):
        _store_seed_mapping(session, _read_json(path))
    for path in sorted((seeds / "methods").glob("*.json")):
        store_method(session, _read_json(path))
    return published


def _store_seed_mapping(session: Session, seed: dict[str, Any]) -> None:
    """A mapping that stands in a file of its own, between two versions that are both published."""
    old, new = (versions.find_version(session, code=seed[end]["code"], version=seed[end]["version"])
                for end in ("from", "to"))  # fmt: skip
    if old is None or new is None:
        raise DefinitionError("mapping", f"{seed['from']} or {seed['to']} is not published")
    links = read_links(seed["links"], old.definition, new.definition)
    store_mapping(session, old_id=old.id, new_id=new.id, links=links, basis=seed["basis"])


def load_indicator_sets(session: Session, *, seeds: Path = SEEDS) -> dict[str, IndicatorSet]:
    """Store every seed set of administrative indicators, by code. Safe to run twice; a change is refused."""
    return {
        stored.code: stored
        for path in sorted((seeds / "indicators").glob("*.json"))
        for stored in [_store_indicator_set(session, _read_json(path))]
    }


def _store_indicator_set(session: Session, definition: dict[str, Any]) -> IndicatorSet:
    validate_indicator_set(definition)
    code, version = definition["code"], definition["version"]
    stored = versions.find_indicator_set(session, code=code, version=version)
    if stored is not None:
        if stored.definition != definition:
            raise PublishedVersionImmutable(code, version)
        return stored
    stored = IndicatorSet(
        code=code,
        version=version,
        definition=definition,
        effective_from=date.fromisoformat(definition["effective_from"]),
        legal_basis=definition["legal_basis"],
        provenance=definition["provenance"],
    )
    session.add(stored)
    session.flush()
    return stored


def _slot_rows(form: Form, *, version_id: int) -> list[QuestionnaireSlot]:
    return [
        QuestionnaireSlot(
            version_id=version_id,
            position=slot.position,
            item_code=slot.item_code,
            option_code=slot.option_code,
            factor_code=slot.factor_code,
            kind=slot.kind,
        )
        for slot in form.slots()
    ]


def _scale_names(nodes: list[Any]) -> Iterator[str]:
    for node in nodes:
        if "children" in node:
            yield from _scale_names(node["children"])
        elif "scale" in node:
            yield node["scale"]


def _read_json(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value
