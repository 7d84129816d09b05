"""The picture: as large as asked, on white, and saying itself what it shows."""

import io

import numpy as np
from PIL import Image

from analysis.charts import to_png
from tests.analysis.charts.drawings import CHARTS, VIETNAMESE


def picture(scale: float = 2.0) -> Image.Image:
    return Image.open(io.BytesIO(to_png(CHARTS["mix"]("one", VIETNAMESE, 312), scale=scale, margin_px=10)))


def test_picture_has_its_margin_on_white_and_the_size_asked_for() -> None:
    assert picture().size[0] == 2 * (312 + 20)
    pixels = np.asarray(picture().convert("RGB"))
    assert (pixels[:18] == 255).all()
    assert (pixels[:, :18] == 255).all()
    assert (pixels < 200).any()


def test_picture_carries_title_and_description_and_nothing_about_the_machine() -> None:
    info = picture().info
    assert (info["Title"], info["Description"]) == (VIETNAMESE.title, VIETNAMESE.description)
    assert "Software" not in info


def test_words_and_marks_keep_their_places_in_the_picture() -> None:
    """Moved by the margin, axes and words alike: the picture is the drawing with a frame of white."""
    plain = np.asarray(picture(1).convert("L"))[10:-10, 10:-10].astype(int)
    figure = CHARTS["mix"]("one", VIETNAMESE, 312)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=72)
    bare = np.asarray(Image.open(buffer).convert("L")).astype(int)
    rows, columns = (min(one, other) for one, other in zip(plain.shape, bare.shape, strict=True))
    assert np.abs(plain[:rows, :columns] - bare[:rows, :columns]).mean() < 8


def test_same_figure_gives_the_same_bytes() -> None:
    assert to_png(CHARTS["mix"]("one", VIETNAMESE, 312)) == to_png(CHARTS["mix"]("one", VIETNAMESE, 312))
