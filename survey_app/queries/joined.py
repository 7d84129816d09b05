"""The packed answers of a group as one value, laid end to end by the database."""

from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class joined(FunctionElement[bytes]):
    """Aggregate: the values of a binary column one after another, in no particular order."""

    type = LargeBinary()
    inherit_cache = True


@compiles(joined, "postgresql")
def _on_postgresql(element: joined, compiler: Any, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, ''::bytea)"


@compiles(joined, "sqlite")
def _on_sqlite(element: joined, compiler: Any, **options: Any) -> str:
    # The codes are below 32, so the bytes are text as well, and come back as they were.
    return f"CAST(group_concat({compiler.process(element.clauses, **options)}, '') AS BLOB)"
