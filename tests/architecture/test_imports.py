"""Who may import whom: the contracts of pyproject.toml, and what no contract can say."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

LINTER = Path(sys.executable).with_name("lint-imports")
OURS = {"analysis", "config", "survey_app"}


def imported(path: Path) -> set[str]:
    """Every module that a file names in an import, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def test_the_import_contracts_hold():
    # In a process of its own: the linter silences every logger of the one it runs in.
    done = subprocess.run([LINTER], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sources("migrations/versions"), ids=lambda path: path.stem)
def test_a_revision_imports_nothing_of_ours(path):
    assert not {name.split(".")[0] for name in imported(path)} & OURS


def test_analysis_reads_no_clock_no_disk_and_no_global_random_state():
    for path in sources("analysis"):
        assert not imported(path) & {"time", "pathlib", "os", "random"}, path
        assert "today(" not in path.read_text(encoding="utf-8"), path
        assert "np.random.seed" not in path.read_text(encoding="utf-8"), path


def test_matplotlib_is_imported_in_charts_only():
    for path in sources("analysis"):
        if "charts" not in path.parts:
            assert not [name for name in imported(path) if name.startswith("matplotlib")], path


def test_only_the_clock_module_and_the_commands_read_the_clock():
    for path in sources("survey_app"):
        text = path.read_text(encoding="utf-8")
        if path.name != "clock.py" and "cli" not in path.parts:
            assert not [call for call in ("datetime.now(", "date.today(", "utcnow(") if call in text], path


def test_services_and_queries_never_commit():
    for path in sources("survey_app/services") + sources("survey_app/queries"):
        assert ".commit(" not in path.read_text(encoding="utf-8"), path


def test_responses_are_inserted_in_one_place():
    """One function writes responses, whatever way they come."""
    sites = [
        path.relative_to(ROOT).as_posix()
        for path in sources("survey_app")
        for call in ("insert_each_once(session, Response", "insert(Response")
        if call in path.read_text(encoding="utf-8")
    ]
    assert sites == ["survey_app/services/submissions.py"]
