"""The gallery writes every picture it promises, in both languages and widths."""

import csv
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from bench.gallery.__main__ import index, write
from bench.gallery.all_units import UNITS
from bench.gallery.language import Language
from bench.gallery.one_unit import ONE_UNIT
from bench.gallery.real import real_drawings

SIMULATED = UNITS | ONE_UNIT
RATINGS = ("Extremely likely", "Likely", "Neither likely nor unlikely", "Don't know")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A survey file with the columns of the public one, its numbers made up."""
    with (tmp_path / "fft_gp_london_2023_2024.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "surgery", "rating"])
        for row in range(120):
            month = 7 + row % 3
            rows.writerow(
                [f"2023-{month:02}-{1 + row % 25:02} 10:00:00", f"Surgery {row % 2}", RATINGS[row % 4]]
            )
    return tmp_path


def test_every_picture_is_written_and_every_svg_stands_alone(tmp_path: Path) -> None:
    write("profile", SIMULATED["profile"], tmp_path)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {
        f"profile_{language}_{width}.{kind}"
        for language in ("vi", "en")
        for width in ("wide", "narrow")
        for kind in ("svg", "png")
    }
    root = ElementTree.parse(tmp_path / "profile_vi_wide.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("name", SIMULATED)
def test_simulated_pictures_say_that_they_are(name: str) -> None:
    words = [text.get_text() for text in SIMULATED[name](Language("en"), 336).texts]
    assert "SIMULATED DATA" in words
    assert any(word.startswith("Source:") for word in words)


def test_index_names_every_picture() -> None:
    page = index(list(SIMULATED))
    assert all(f'"{name}_vi_wide.svg"' in page for name in SIMULATED)


def test_real_files_are_drawn_by_their_mappings(folder: Path) -> None:
    drawings = real_drawings(folder)
    assert set(drawings) == {"real_london_control", "real_london_forest"}
    for draw in drawings.values():
        words = {text.get_text() for text in draw(Language("vi"), 1120).texts}
        assert "DỮ LIỆU MÔ PHỎNG" not in words
        assert any("London" in word for word in words)


def test_folder_without_survey_files_has_no_drawings(tmp_path: Path) -> None:
    assert real_drawings(tmp_path) == {}
