"""Pure statistics of citizen satisfaction: counts, arrays and tables in, frozen results out."""

from analysis.design import Survey

__all__ = ["Survey"]
