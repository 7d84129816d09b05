"""Documents that can be believed: links lead somewhere, commands exist, words and settings are explained."""

import os
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import click
import pytest
from flask import Flask

from config import ROOT, Settings, read_settings
from survey_app import create_app

README = ROOT / "README.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
OPERATIONS = ROOT / "docs" / "operations.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("seeds/**/*.md")])

LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"```.*?```", re.DOTALL)
CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
FLASK = re.compile(r"\bflask (?:--app survey_app )?((?:[a-z][a-z-]* ?)+)")
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")

# English and Vietnamese words of the project's naming table.
TERMS = (
    "unit", "đơn vị, bộ phận một cửa", "point", "desk", "điểm đặt", "quầy", "wave", "đợt khảo sát",
    "respondent", "response", "answer", "người trả lời", "phiếu", "câu trả lời",
    "item", "factor", "index", "câu hỏi", "nhóm tiêu chí", "chỉ số",
    "scale", "scale_point", "thang đo", "mức", "channel", "kênh", "kiosk", "qr", "link", "phone", "paper",
    "stratum", "cluster", "weight", "tầng", "cụm", "trọng số",
    "design_effect", "margin_of_error", "hệ số thiết kế", "sai số biên",
    "missing_reason", "lý do không trả lời", "not applicable", "don't know", "refused",
)  # fmt: skip
FURTHER_TERMS = (
    "basis", "stage", "device-day", "n_effective", "interval", "tier", "verdict", "release", "rollup",
    "dirty", "receipt", "ticket", "period", "lineage", "policy", "comment", "exclusion", "simulated",
)  # fmt: skip
INDICES = (
    "pooled_answers", "mean_of_item_shares", "mean_of_factor_shares", "mean_of_respondent_shares",
)  # fmt: skip
FOUR_NUMBERS = (
    "SIPAS-style index", "Satisfaction component of QĐ 766", "One-stop evaluation points",
    "Continuous desk feedback",
)  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(read_settings({"INSTANCE_DIR": str(tmp_path_factory.mktemp("instance"))}))


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _links(path: Path) -> list[str]:
    return LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8")))


def _anchors(path: Path) -> set[str]:
    """Headings as a repository's page names them: lower case, no punctuation, hyphens for spaces."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def _code(path: Path) -> list[str]:
    """Commands as they stand in blocks and between backticks, continued lines joined, comments left out."""
    found = ["".join(parts) for parts in CODE.findall(path.read_text(encoding="utf-8"))]
    lines = [line for text in found for line in text.replace("\\\n", " ").splitlines()]
    return [line.split(" #")[0] for line in lines]


def _command(app: Flask, words: list[str]) -> click.Command | None:
    """The command that the words begin with; a group alone does not count."""
    found: click.Command | None = app.cli
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.commands.get(word)
    return None if isinstance(found, click.Group) and found is not app.cli and len(words) > 1 else found


@pytest.mark.parametrize("path", DOCUMENTS, ids=_named)
def test_every_link_of_a_document_leads_to_a_file(path):
    broken = []
    for link in _links(path):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(link)
    assert broken == []


def test_every_decision_is_numbered_once_and_says_when_and_whether():
    files = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [path.name[:4] for path in files]
    assert numbers == [f"{number:04}" for number in range(1, len(files) + 1)]
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"Date: \d{4}-\d{2}-\d{2} · Status: \w+", text), path.name
        for part in ("Context", "Decision", "Consequences"):
            assert re.search(rf"^## {part}", text, re.MULTILINE), (path.name, part)


@pytest.mark.parametrize("path", DOCUMENTS, ids=_named)
def test_every_flask_command_named_exists_with_its_options(app, path):
    unknown = []
    for line in _code(path):
        for match in FLASK.finditer(line):
            words = match[1].split()
            command = _command(app, words)
            known = {name for parameter in (command.params if command else ()) for name in parameter.opts}
            options = set(OPTION.findall(line[match.end() :])) - {"--help"}
            if command is None or (command is not app.cli and options - known):
                unknown.append(line.strip())
    assert unknown == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=_named)
def test_every_make_target_named_exists(path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {target for line in _code(path) for target in MAKE.findall(line)}
    assert named - targets == set()


def test_every_make_target_says_what_it_does_and_is_listed():
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    assert {line.split("\t")[0].strip() for line in listed.splitlines()} == set(phony[1].split())


def test_modules_that_make_runs_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    ours = re.findall(r"-m ((?:survey_app|bench)[\w.]*)", makefile)
    missing = [
        name
        for name in ours
        if not any((ROOT / f"{name.replace('.', os.sep)}{end}").exists() for end in (".py", "/__main__.py"))
    ]
    assert missing == []


@pytest.mark.parametrize("term", [*TERMS, *FURTHER_TERMS, *INDICES, *FOUR_NUMBERS])
def test_glossary_explains(term):
    words = re.compile(rf"(?<!\w){re.escape(term.lower())}(?!\w)")
    assert words.search(GLOSSARY.read_text(encoding="utf-8").lower())


def test_operations_explain_every_setting():
    text = OPERATIONS.read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))
    assert rows == {field.name for field in fields(Settings)}


def test_operations_name_every_environment_variable_that_is_read():
    source = (ROOT / "config.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', source))
    read |= set(re.findall(r"environ\.get\('([A-Z_]+)'", source))
    assert {"INSTANCE_DIR", "DEMO", "PORT"} <= read
    text = OPERATIONS.read_text(encoding="utf-8")
    assert [name for name in sorted(read) if f"`{name}`" not in text] == []


def test_changelog_names_the_method_version_in_force():
    from survey_app.services.scorecards import METHOD_VERSION

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(
        r"^## \[\d.+?\] – \d{4}-\d{2}-\d{2}$(.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert latest is not None
    for audience in ("Citizens", "Managers", "PAR office", "Operators", "Developers", "Method"):
        assert f"### {audience}\n" in latest[1], audience
    assert f"Method version **{METHOD_VERSION}**" in text


def test_readme_names_the_accounts_of_the_demo():
    from survey_app.demo import fieldwork

    source = Path(fieldwork.__file__).read_text(encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    for name in ("quantri", "sonoivu", "dongha", "conco", "lanhdao"):
        assert f'"{name}"' in source, name
        assert f"`{name}`" in text, name
