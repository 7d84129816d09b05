"""Draw every chart, in both languages and both widths, as PNG and SVG.

Run ``python -m bench.gallery DIRECTORY``; with ``--real FOLDER`` also from the public survey files in that folder.
"""

import argparse
import html
import time
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from analysis.charts import to_png, to_svg
from bench.gallery.all_units import UNITS
from bench.gallery.language import Language
from bench.gallery.one_unit import ONE_UNIT
from bench.gallery.real import real_drawings

WIDTHS = {"wide": 1120, "narrow": 336}
LANGUAGES = ("vi", "en")
# A page brings its own typeface; a file on its own names one that has Vietnamese letters.
ALONE = (
    '<svg xmlns="http://www.w3.org/2000/svg" font-family="Be Vietnam Pro, DejaVu Sans, Noto Sans, sans-serif"'
)
Drawings = dict[str, Callable[[Language, int], Figure]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--real", type=Path, metavar="FOLDER", help="folder of public survey files")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="draw only these charts")
    given = parser.parse_args()
    drawings: Drawings = UNITS | ONE_UNIT | (real_drawings(given.real) if given.real else {})
    if unknown := set(given.only) - drawings.keys():
        parser.error(f"no such chart: {', '.join(sorted(unknown))}; there are {', '.join(drawings)}")
    given.directory.mkdir(parents=True, exist_ok=True)
    chosen = {name: draw for name, draw in drawings.items() if not given.only or name in given.only}
    for name, draw in chosen.items():
        print(f"{name:24} {write(name, draw, given.directory):6.2f} s", flush=True)
    (given.directory / "index.html").write_text(index(list(chosen)), encoding="utf-8")


def write(name: str, draw: Callable[[Language, int], Figure], directory: Path) -> float:
    """Write one chart in every language and width; seconds for building and writing all its SVGs."""
    seconds = 0.0
    for language in LANGUAGES:
        for label, width in WIDTHS.items():
            path = directory / f"{name}_{language}_{label}"
            start = time.perf_counter()
            figure = draw(Language(language), width)
            svg = to_svg(figure)
            seconds += time.perf_counter() - start
            path.with_suffix(".svg").write_text(svg.replace("<svg", ALONE, 1), encoding="utf-8")
            path.with_suffix(".png").write_bytes(to_png(figure))
    return seconds


def index(names: list[str]) -> str:
    """A page with every picture."""
    rows = "".join(
        f'<h2>{html.escape(name)}</h2><p><img src="{name}_{language}_wide.svg" width="1120" alt="">'
        f'<img src="{name}_{language}_narrow.svg" width="336" alt=""></p>'
        for name in names
        for language in LANGUAGES
    )
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Charts</title><h1>Charts</h1>{rows}</html>'


if __name__ == "__main__":
    main()
