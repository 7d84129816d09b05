"""What the statistics package may reach for."""

import ast
import sys
from pathlib import Path

import pytest

ALLOWED = {
    "narwhals",
    "numpy",
    "scipy",
    "analysis",
    "__future__",
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "inspect",
    "itertools",
    "math",
    "types",
    "typing",
}
ROOT = Path(__file__).parents[2] / "analysis"
MODULES = sorted(ROOT.rglob("*.py"))
DRAWING = {"numpy", "scipy", "analysis", "matplotlib"}
REACHING_OUT = {
    "glob",
    "os",
    "pathlib",
    "random",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "time",
}
"""The disk, the clock (dates on an axis are values), other programs, global random state."""
WHILE_DRAWING = (DRAWING | sys.stdlib_module_names) - REACHING_OUT


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def is_chart(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] == "charts"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_imports_numbers_only(path: Path) -> None:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    assert found <= (WHILE_DRAWING if is_chart(path) else ALLOWED)


@pytest.mark.parametrize("path", [path for path in MODULES if not is_chart(path)], ids=name_of)
def test_public_functions_say_what_they_take_and_give(path: Path) -> None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and path.stem != "validation":
            text = ast.get_docstring(node) or ""
            assert {"Parameters", "Returns"} <= set(text.splitlines()), node.name
