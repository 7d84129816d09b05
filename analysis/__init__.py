"""Pure statistics of citizen satisfaction: counts, arrays and tables in, frozen results out."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.design import Survey

__all__ = ["Survey"]


def __getattr__(name: str) -> Any:
    """Import `Survey` when it is asked for: whoever only counts loads no dataframes."""
    if name == "Survey":
        from analysis.design import Survey  # noqa: PLC0415

        return Survey
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")
