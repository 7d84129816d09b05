"""The square itself: what it says, how much of it may be lost, and the white around it."""

import pypdfium2
import pytest
import typst
import zxingcpp
from PIL import ImageDraw

from survey_app.documents import qr
from tests.survey_app.documents.printed import decoded_svg, links

LINKS = [
    "http://localhost/q/DHAAAAA2",
    "https://hailong.quangtri.gov.vn/q/3GXTP8HR?s=supplement",
    "https://khao-sat-hai-long.trung-tam-phuc-vu-hanh-chinh-cong.quangtri.gov.vn/q/3GXTP8HR?s=collect_result",
]


@pytest.mark.parametrize("link", LINKS)
def test_svg_says_the_link_at_level_q_or_better(link):
    codes = decoded_svg(qr.svg(link))
    assert links(codes) == {link}
    assert codes[0].ec_level in {"Q", "H"}


@pytest.mark.parametrize("link", LINKS)
def test_quiet_zone_belongs_to_the_drawing(link):
    drawing = qr.drawing(link)
    size, runs = drawing["size"], drawing["runs"]
    for edge in (0, 1):
        assert min(run[edge] for run in runs) == qr.QUIET_ZONE
    assert max(x + length for x, _y, length in runs) == size - qr.QUIET_ZONE
    assert max(y for _x, y, _length in runs) == size - qr.QUIET_ZONE - 1


def test_runs_are_the_dark_modules_of_the_square():
    drawing = qr.drawing(LINKS[1])
    dark = {(x + step, y) for x, y, length in drawing["runs"] for step in range(length)}
    rows = [list(row) for row in qr._square(LINKS[1]).matrix_iter(border=qr.QUIET_ZONE)]
    assert dark == {(x, y) for y, row in enumerate(rows) for x, value in enumerate(row) if value}


def test_a_tenth_of_the_square_may_be_covered():
    source = b"#set page(width: auto, height: auto, margin: 0mm)\n#image(bytes(sys.inputs.svg), width: 100mm)"
    pdf = bytes(typst.compile(source, sys_inputs={"svg": qr.svg(LINKS[1]).decode()}))
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    side = image.width
    corner = side * 0.45
    ImageDraw.Draw(image).rectangle(
        (corner, corner, corner + side * 0.25, corner + side * 0.25), fill="white"
    )
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [LINKS[1]]
