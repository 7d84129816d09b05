"""A link as a printed square: always at correction level Q or better, always with its quiet zone."""

from io import BytesIO

import segno

# A quarter of the square may be scratched, folded or covered, and it still opens the page.
CORRECTION = "q"
# Four modules of white on each side belong to the drawing, so that no layout can take them away.
QUIET_ZONE = 4

Run = tuple[int, int, int]


def svg(url: str) -> bytes:
    """The square as a file of its own, black on white, to be scaled at will."""
    file = BytesIO()
    _square(url).save(
        file,
        kind="svg",
        border=QUIET_ZONE,
        scale=10,
        dark="#000",
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    return file.getvalue()


def drawing(url: str) -> dict[str, object]:
    """The square for a template: modules along a side, and the dark runs of each row as (x, y, length).

    Templates draw it themselves, since a picture inside an SVG file is not shown by word processors.
    """
    rows = [list(map(bool, row)) for row in _square(url).matrix_iter(border=QUIET_ZONE)]
    return {"size": len(rows), "runs": [run for y, row in enumerate(rows) for run in _runs(row, y)]}


def _square(url: str) -> segno.QRCode:
    return segno.make_qr(url, error=CORRECTION)


def _runs(row: list[bool], y: int) -> list[Run]:
    starts = [x for x, is_dark in enumerate(row) if is_dark and not (x and row[x - 1])]
    return [(x, y, (*row[x:], False).index(False)) for x in starts]
