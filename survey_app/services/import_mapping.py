"""What a mapping says: how the columns of a foreign file become units, a wave and responses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from survey_app.names import clean_name
from survey_app.services.import_sources import AnswerSource, BlankRule, CellTest, DateSource, ValueSource


@dataclass(frozen=True, slots=True)
class RootRule:
    """The unit above all units of the file."""

    code: str
    name: str
    kind: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class WaveRule:
    code: str
    title_vi: str
    title_en: str
    basis: str
    opens_on: date
    closes_on: date


@dataclass(frozen=True, slots=True)
class PeriodRule:
    code: str
    title_vi: str
    title_en: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class NameRule:
    """Units, or points of a unit, named by a column: `pattern` writes the name unless `names` has it."""

    column: str
    pattern: str
    names: Mapping[str, str]
    codes: Mapping[str, str]
    kind: str = ""
    creates: bool = True

    def name(self, value: str) -> str:
        return clean_name(self.names.get(value, self.pattern.replace("{value}", value)))


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """Everything that turns a row of the file into a response."""

    version: tuple[str, int]
    root: RootRule
    wave: WaveRule
    periods: tuple[PeriodRule, ...]
    units: NameRule
    points: NameRule | None
    collected_on: DateSource
    coded: Mapping[str, ValueSource]
    language: ValueSource
    collector: ValueSource | None
    weight: ValueSource | None
    stratum: ValueSource | None
    skip: CellTest | None
    blank: tuple[BlankRule, ...]
    items: Mapping[str, AnswerSource]

    @property
    def columns(self) -> frozenset[str]:
        """The columns a file must have."""
        sources = (
            *self.coded.values(),
            self.language,
            self.collector,
            self.weight,
            self.stratum,
            self.collected_on,
        )
        named = {source.column for source in sources if source is not None and source.column}
        named |= {rule.column for rule in (self.units, self.points) if rule is not None}
        named |= {rule.test.column for rule in self.blank} | ({self.skip.column} if self.skip else set())
        return frozenset(named | {column for item in self.items.values() for column in item.columns})
