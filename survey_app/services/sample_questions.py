"""What a sample plan is asked for: every assumption, as it is typed, stored and read back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from analysis.planning.selection import cluster_design_effect
from survey_app.errors import InvalidField

AIMS = ("whole", "groups", "units")
SOURCES = ("registry", "transactions", "typed")
ALLOCATIONS = ("proportional", "neyman", "equal", "power")
MOST_UNITS = 400
LARGEST_POPULATION = 200_000_000


@dataclass(frozen=True, slots=True)
class TypedSize:
    """A line of the typed list: a unit by its code, how many people or dossiers, and its own expected share."""

    code: str
    size: int
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAsked:
    """All assumptions of one scenario; shares and margins are proportions."""

    aim: str = "whole"
    kinds: tuple[str, ...] = ()
    share: float = 0.9
    margin: float = 0.05
    confidence_level: float = 0.95
    source: str = "registry"
    typed: tuple[TypedSize, ...] = ()
    design_effect: float = 1.0
    intraclass_correlation: float | None = None
    take: int = 30
    response_rate: float = 0.8
    minimum: int = 1
    allocation: str = "proportional"
    exponent: float = 0.5
    # A number of responses already decided on; the margins follow from it.
    total: int | None = None
    before: float = 0.85
    after: float = 0.9
    alpha: float = 0.05
    power: float = 0.8
    yamane_margin: float = 0.05
    cost_interview: int = 0
    cost_unit: int = 0
    cost_fixed: int = 0
    n_interviewers: int = 10
    interviews_a_day: int = 8

    @property
    def effect(self) -> float:
        """The design effect, computed where the likeness of people of a cluster is given."""
        if self.intraclass_correlation is None:
            return self.design_effect
        return float(cluster_design_effect(self.take, self.intraclass_correlation))


# Field by field, the least and the most that can be asked for.
BOUNDS: Mapping[str, tuple[float, float]] = {
    "share": (0.01, 0.99), "margin": (0.001, 0.5), "confidence_level": (0.5, 0.999),
    "design_effect": (0.2, 50), "intraclass_correlation": (0, 1), "take": (1, 1000),
    "response_rate": (0.01, 1), "minimum": (1, 100_000), "exponent": (0, 1), "total": (1, 10_000_000),
    "before": (0.001, 0.999), "after": (0.001, 0.999), "alpha": (0.0001, 0.5), "power": (0.5, 0.999),
    "yamane_margin": (0.005, 0.5), "cost_interview": (0, 1e10), "cost_unit": (0, 1e11), "cost_fixed": (0, 1e12),
    "n_interviewers": (1, 10_000), "interviews_a_day": (1, 100),
}  # fmt: skip
_CHOICES = {"aim": AIMS, "source": SOURCES, "allocation": ALLOCATIONS}


def check_asked(asked: PlanAsked) -> None:
    """Refuse what no plan can be made of; `InvalidField` names the first such field."""
    for name, allowed in _CHOICES.items():
        if getattr(asked, name) not in allowed:
            raise InvalidField(name, "unknown_choice")
    for name, (least, most) in BOUNDS.items():
        value = getattr(asked, name)
        if value is not None and not least <= value <= most:
            raise InvalidField(name, "out_of_range")
    if abs(asked.before - asked.after) < 1e-4:
        raise InvalidField("after", "same_as_before")
    if asked.source == "typed" and not asked.typed:
        raise InvalidField("typed", "empty")
    if len(asked.typed) > MOST_UNITS:
        raise InvalidField("typed", "too_many")
    codes = [line.code for line in asked.typed]
    if len(set(codes)) != len(codes):
        raise InvalidField("typed", "twice")
    for line in asked.typed:
        if not 1 <= line.size <= LARGEST_POPULATION or (
            line.share is not None and not 0.01 <= line.share <= 0.99
        ):
            raise InvalidField("typed", "out_of_range")


def to_stored(asked: PlanAsked) -> dict[str, Any]:
    return asdict(asked) | {
        "kinds": list(asked.kinds),
        "typed": [[line.code, line.size, line.share] for line in asked.typed],
    }


def from_stored(stored: Mapping[str, Any]) -> PlanAsked:
    """A stored question; one that an earlier release did not ask has its usual answer."""
    known = {field.name for field in fields(PlanAsked)}
    values = {name: value for name, value in stored.items() if name in known}
    values["kinds"] = tuple(values.get("kinds", ()))
    values["typed"] = tuple(TypedSize(*line) for line in values.get("typed", ()))
    return PlanAsked(**values)
