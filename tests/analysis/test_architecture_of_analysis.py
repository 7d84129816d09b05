"""What the statistics package may reach for."""

import ast
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
    "itertools",
    "math",
    "types",
    "typing",
}
MODULES = sorted((Path(__file__).parents[2] / "analysis").glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_imports_numbers_only(path: Path) -> None:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    assert found <= ALLOWED


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_public_functions_say_what_they_take_and_give(path: Path) -> None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and path.stem != "validation":
            text = ast.get_docstring(node) or ""
            assert {"Parameters", "Returns"} <= set(text.splitlines()), node.name
