"""Printed pages looked at as a phone and a reader would: rendered, then decoded and read."""

import re

import pypdfium2
import typst
import zxingcpp
from zxingcpp import Barcode

DOTS_PER_INCH = 200


def decoded(pdf: bytes, *, page: int = 0) -> list[Barcode]:
    """The codes that a camera finds on a page."""
    image = pypdfium2.PdfDocument(pdf)[page].render(scale=DOTS_PER_INCH / 72).to_pil()
    return list(zxingcpp.read_barcodes(image))


def decoded_svg(svg: bytes) -> list[Barcode]:
    """The codes in a drawing, as it lies on a page."""
    source = "#set page(width: auto, height: auto, margin: 0mm)\n#image(bytes(sys.inputs.svg), width: 160mm)"
    return decoded(bytes(typst.compile(source.encode(), sys_inputs={"svg": svg.decode()})))


def links(codes: list[Barcode]) -> set[str]:
    return {code.text for code in codes}


def n_pages(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))


def paper(pdf: bytes, *, page: int = 0) -> tuple[int, int]:
    """Width and height of a page in millimetres."""
    width, height = pypdfium2.PdfDocument(pdf)[page].get_size()
    return round(width / 72 * 25.4), round(height / 72 * 25.4)


def text(pdf: bytes, *, page: int = 0) -> str:
    """The words of a page, with single spaces."""
    return re.sub(r"\s+", " ", pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_range())
