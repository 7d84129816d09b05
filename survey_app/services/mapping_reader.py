"""Reads a mapping from JSON, strictly: every fault is named by its place before a row of the file is read."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from survey_app.names import KIND_WORDS
from survey_app.services import json_fields
from survey_app.services.import_mapping import ImportMapping, NameRule, PeriodRule, RootRule, WaveRule
from survey_app.services.import_sources import (
    EXAMPLE,
    AnswerSource,
    BlankRule,
    CellTest,
    DateSource,
    MultipleAnswer,
    SingleAnswer,
    ValueSource,
)
from survey_app.services.json_fields import Fields, MappingError
from survey_app.vocabulary import AssistedBy, Capacity, Channel, Residence, Stage

MAX_MAPPING_BYTES = 256 * 1024
BLANK_REASONS = frozenset({"not_reached", "left_blank", "not_applicable", "dont_know", "refused"})
ANSWERED_MISSING = BLANK_REASONS - {"not_reached"}
BASES = frozenset({"continuous", "sample"})
VOCABULARIES = {
    "channel": Channel, "stage": Stage, "capacity": Capacity, "assisted_by": AssistedBy,
    "residence": Residence,
}  # fmt: skip

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_ROOT_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,15}")
_code = json_fields.matching(_CODE, "not a code of 1 to 40 letters, digits, '_', '.', '-'")
_root_code = json_fields.matching(_ROOT_CODE, "not a code of 1 to 16 letters, digits, '_', '-'")
_kind = json_fields.one_of(KIND_WORDS)
_basis = json_fields.one_of(BASES)


def read_mapping(content: bytes) -> ImportMapping:
    """The mapping in the bytes of a file; raises `MappingError` at the first fault."""
    if len(content) > MAX_MAPPING_BYTES:
        raise MappingError("mapping", f"larger than {MAX_MAPPING_BYTES} bytes")
    try:
        text = unicodedata.normalize("NFC", content.decode("utf-8-sig"))
        loaded = json.loads(text, object_pairs_hook=json_fields.without_repeats)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise MappingError("mapping", f"not JSON in UTF-8 ({error})") from error
    return _mapping(Fields(loaded, "mapping"))


def _mapping(fields: Fields) -> ImportMapping:
    fields.take("source", _source_note, None)
    recodes = fields.take("recodes", _named_recodes, {})

    def value_source(value: Any, path: str) -> ValueSource:
        return _value_source(Fields(value, path), recodes)

    mapping = ImportMapping(
        version=fields.take("questionnaire", _version),
        root=fields.take("root", _root),
        wave=fields.take("wave", _wave),
        periods=fields.take("periods", json_fields.list_of(_period), ()),
        units=fields.take("units", _unit_names),
        points=fields.take("points", _point_names, None),
        collected_on=fields.take("collected_on", _date_source),
        coded=_coded(fields, value_source),
        language=fields.take("language", value_source),
        collector=fields.take("collector", value_source, None),
        weight=fields.take("weight", value_source, None),
        stratum=fields.take("stratum", value_source, None),
        skip=fields.take("skip", _test, None),
        blank=fields.take("blank", json_fields.list_of(_blank_rule), ()),
        items=fields.take("items", lambda value, path: _items(Fields(value, path), recodes)),
    )
    fields.finish()
    if mapping.root.valid_from > mapping.wave.opens_on:
        raise MappingError("mapping.root.valid_from", "after the wave opens")
    return mapping


def _coded(fields: Fields, value_source: Callable[[Any, str], ValueSource]) -> dict[str, ValueSource]:
    """The dimensions of the vocabulary; a value that no vocabulary knows is found before any row is read."""
    coded = {"channel": fields.take("channel", value_source)}
    for name in ("stage", "capacity", "assisted_by", "residence"):
        source = fields.take(name, value_source, None)
        if source is not None:
            coded[name] = source
    for name, source in coded.items():
        known = {each.name.lower() for each in VOCABULARIES[name]}
        if source.column is not None and source.recode is None:
            raise MappingError(f"mapping.{name}.recode", "missing")
        written = set(source.recode.values()) if source.recode is not None else {source.value}
        if not written <= known:
            raise MappingError(f"mapping.{name}", f"not one of {', '.join(sorted(known))}")
    return coded


def _value_source(fields: Fields, recodes: Mapping[str, Mapping[str, str]]) -> ValueSource:
    source = ValueSource(
        column=fields.take("column", json_fields.text, None),
        value=fields.take("value", json_fields.text, None),
        recode=fields.take("recode", _recode(recodes), None),
        is_numeric=fields.take("numeric", json_fields.truth, False),
    )
    fields.finish()
    if (source.column is None) == (source.value is None):
        raise MappingError(fields.path, "either column or value")
    return source


def _items(fields: Fields, recodes: Mapping[str, Mapping[str, str]]) -> dict[str, AnswerSource]:
    items = {
        code: fields.take(code, lambda value, path: _item(Fields(value, path), recodes))
        for code in [*fields.left]
    }
    if not items:
        raise MappingError(fields.path, "no items")
    return items


def _item(fields: Fields, recodes: Mapping[str, Mapping[str, str]]) -> AnswerSource:
    if "options" in fields.left:
        several = MultipleAnswer(
            fields.take("options", json_fields.texts),
            fields.take("chosen", json_fields.cell_values),
            fields.take("not_chosen", json_fields.cell_values, frozenset()),
        )
        fields.finish()
        return several
    missing = fields.take("missing", json_fields.texts, {})
    unknown = sorted(set(missing.values()) - ANSWERED_MISSING)
    if unknown:
        raise MappingError(f"{fields.path}.missing", f"unknown reason {', '.join(unknown)}")
    single = SingleAnswer(_value_source(fields, recodes), missing)
    if single.source.column is None:
        raise MappingError(f"{fields.path}.column", "missing")
    return single


def _source_note(value: Any, path: str) -> None:
    fields = Fields(value, path)
    for key in ("title", "licence", "note", "url"):
        fields.take(key, json_fields.text, None)
    fields.finish()


def _version(value: Any, path: str) -> tuple[str, int]:
    fields = Fields(value, path)
    code, number = fields.take("code", _code), fields.take("version", json_fields.whole_number)
    fields.finish()
    return code, number


def _root(value: Any, path: str) -> RootRule:
    fields = Fields(value, path)
    root = RootRule(
        fields.take("code", _root_code), fields.take("name", json_fields.name), fields.take("kind", _kind),
        fields.take("valid_from", json_fields.day),
    )  # fmt: skip
    fields.finish()
    return root


def _wave(value: Any, path: str) -> WaveRule:
    fields = Fields(value, path)
    title = fields.take("title", json_fields.title)
    wave = WaveRule(
        fields.take("code", _code), *title, fields.take("basis", _basis),
        fields.take("opens_on", json_fields.day), fields.take("closes_on", json_fields.day),
    )  # fmt: skip
    fields.finish()
    if wave.closes_on < wave.opens_on:
        raise MappingError(f"{path}.closes_on", "before opens_on")
    return wave


def _period(value: Any, path: str) -> PeriodRule:
    fields = Fields(value, path)
    title = fields.take("title", json_fields.title)
    period = PeriodRule(
        fields.take("code", _code),
        *title,
        fields.take("starts_on", json_fields.day),
        fields.take("ends_on", json_fields.day),
    )
    fields.finish()
    if period.ends_on < period.starts_on:
        raise MappingError(f"{path}.ends_on", "before starts_on")
    return period


def _unit_names(value: Any, path: str) -> NameRule:
    fields = Fields(value, path)
    kind, creates = fields.take("kind", _kind, "agency"), fields.take("create", json_fields.truth, False)
    return _name_rule(fields, kind=kind, creates=creates)


def _point_names(value: Any, path: str) -> NameRule:
    return _name_rule(Fields(value, path), kind="", creates=True)


def _name_rule(fields: Fields, *, kind: str, creates: bool) -> NameRule:
    rule = NameRule(
        column=fields.take("column", json_fields.text),
        pattern=fields.take("name", json_fields.text, "{value}"),
        names=fields.take("names", json_fields.texts, {}),
        codes=fields.take("codes", json_fields.texts, {}),
        kind=kind,
        creates=creates,
    )
    fields.finish()
    for value, code in rule.codes.items():
        _code(code, f"{fields.path}.codes.{value}")
    return rule


def _date_source(value: Any, path: str) -> DateSource:
    fields = Fields(value, path)
    source = DateSource(
        fields.take("column", json_fields.text, None),
        fields.take("formats", json_fields.list_of(_date_format), ()),
        fields.take("value", json_fields.day, None),
    )
    fields.finish()
    if (source.column is None) == (source.value is None) or (source.column is None) != (not source.formats):
        raise MappingError(path, "either column with formats, or value")
    return source


def _date_format(value: Any, path: str) -> str:
    """A format that names day, month and year: a date written and read again must be the same."""
    form = json_fields.text(value, path)
    try:
        written = EXAMPLE.strftime(form)
        if datetime.strptime(written, form).date() == EXAMPLE.date():  # noqa: DTZ007 - a local day
            return form
    except (ValueError, re.error) as error:
        raise MappingError(path, f"not a date format ({error})") from error
    raise MappingError(path, "does not name day, month and year")


def _test(value: Any, path: str) -> CellTest:
    fields = Fields(value, path)
    test = CellTest(fields.take("column", json_fields.text), fields.take("values", json_fields.cell_values))
    fields.finish()
    return test


def _blank_rule(value: Any, path: str) -> BlankRule:
    fields = Fields(value, path)
    reason = fields.take("reason", json_fields.text)
    if reason not in BLANK_REASONS:
        raise MappingError(f"{path}.reason", f"not one of {', '.join(sorted(BLANK_REASONS))}")
    return BlankRule(_test(fields.left, path), reason)


def _recode(recodes: Mapping[str, Mapping[str, str]]) -> Callable[[Any, str], Mapping[str, str]]:
    def read(value: Any, path: str) -> Mapping[str, str]:
        if not isinstance(value, str):
            return json_fields.texts(value, path)
        if value not in recodes:
            raise MappingError(path, f"no recode {value!r}")
        return recodes[value]

    return read


def _named_recodes(value: Any, path: str) -> dict[str, dict[str, str]]:
    fields = Fields(value, path)
    return {name: fields.take(name, json_fields.texts) for name in [*fields.left]}
