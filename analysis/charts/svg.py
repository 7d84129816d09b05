"""A figure as an SVG fragment that may be inlined under a policy that forbids inline styles and scripts."""

from __future__ import annotations

import io
import re
import threading
import zlib
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.figure import Figure

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
UNWANTED = {f"{{{SVG}}}{name}" for name in ("metadata", "style", "script")} | {"metadata", "style", "script"}
LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
FONT = re.compile(r"(?:(?P<weight>bold|[1-9]00)\s+)?(?P<size>[\d.]+)px")
# What an attribute would only repeat: the initial value in SVG, or the typeface of the page.
DROPPED = {"font-family", "font", "font-stretch", "font-variant", "font-style", "stroke-miterlimit"}
INITIAL = {
    ("opacity", "1"), ("stroke-linecap", "butt"), ("stroke-linejoin", "miter"), ("stroke-dashoffset", "0"),
    ("text-anchor", "start"), ("font-weight", "normal"), ("font-weight", "400"),
}  # fmt: skip
# A mark whose gid begins so says the rest under the pointer.
TIP = "tip:"
# rcParams are global; two requests must not see each other's half-changed settings.
_rc_lock = threading.Lock()


def to_svg(figure: Figure) -> str:
    """Write a figure as an accessible SVG fragment for inlining.

    Parameters
    ----------
    figure : Figure
        Its label holds the title and, after a line break, the description.

    Returns
    -------
    str
        One ``<svg>`` element: presentation attributes only, no ``style``, script, metadata or reference
        outside itself; text is text in the typeface of the page. The same figure gives the same string, and
        its ids start with a checksum of its content and words, so that several can stand in one page.
    """
    buffer = io.BytesIO()
    with _rc_lock, mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "chart"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata=NO_METADATA)
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314 matplotlib's own output
    prefix = f"c{zlib.crc32(str(figure.get_label()).encode(), zlib.crc32(buffer.getvalue())):08x}"
    _clean(root, prefix)
    _introduce(root, str(figure.get_label()), prefix)
    return _without_prefixes(ElementTree.tostring(root, encoding="unicode"))


def _clean(root: ElementTree.Element, prefix: str) -> None:
    referred = set(re.findall(r'(?:url\(#|href="#)([\w-]+)', ElementTree.tostring(root, encoding="unicode")))
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in UNWANTED:
                parent.remove(child)
    for element in root.iter():
        _style_to_attributes(element)
        _rename(element, referred, prefix)
        _shorten_numbers(element)
    _drop_empty(root)


def _style_to_attributes(element: ElementTree.Element) -> None:
    declarations = element.attrib.pop("style", "").split(";")
    for declaration in declarations:
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name == "font" and (font := FONT.search(value)):
            element.set("font-size", font["size"])
            if font["weight"]:
                element.set("font-weight", font["weight"])
        if value and name not in DROPPED and (name, value) not in INITIAL:
            element.set(name, value.removesuffix("px"))


def _rename(element: ElementTree.Element, referred: set[str], prefix: str) -> None:
    """Keep only the ids something refers to, made unique in the page."""
    own = element.attrib.pop("id", None)
    if own is not None and own.startswith(TIP):
        element.set("data-tip", own.removeprefix(TIP))
    if own in referred:
        element.set("id", f"{prefix}-{own}")
    if XLINK_HREF in element.attrib:
        element.set("href", f"#{prefix}-{element.attrib.pop(XLINK_HREF).removeprefix('#')}")
    for name, value in element.attrib.items():
        if "url(#" in value:
            element.set(name, value.replace("url(#", f"url(#{prefix}-"))


def _shorten_numbers(element: ElementTree.Element) -> None:
    for name in ("d", "x", "y", "transform", "font-size", "stroke-dasharray", "stroke-width"):
        if name in element.attrib:
            element.set(name, LONG_NUMBER.sub(_to_tenth, element.attrib[name]))
    if "d" in element.attrib:
        element.set("d", " ".join(element.attrib["d"].split()))
    if element.attrib.get("transform", "").startswith(("rotate(-0 ", "rotate(0 ")):
        del element.attrib["transform"]
    element.text = (element.text or "").strip() or None
    element.tail = None


def _to_tenth(number: re.Match[str]) -> str:
    """A tenth of a pixel is finer than any screen."""
    return f"{float(number[0]):.1f}".removesuffix(".0")


def _drop_empty(element: ElementTree.Element) -> None:
    """Remove groups with nothing in them and unwrap groups that say nothing."""
    for child in list(element):
        _drop_empty(child)
    for index, child in reversed(list(enumerate(list(element)))):
        if child.tag == f"{{{SVG}}}g" and not child.attrib:
            element[index : index + 1] = list(child)
        elif child.tag == f"{{{SVG}}}defs" and not len(child):
            element.remove(child)


def _introduce(root: ElementTree.Element, label: str, prefix: str) -> None:
    title, _, description = label.partition("\n")
    _, _, width, height = root.attrib["viewBox"].split()
    root.attrib.pop("version", None)
    root.attrib.update(
        {"width": width, "height": height, "role": "img", "class": "chart-svg",
         "aria-labelledby": f"{prefix}-title {prefix}-desc"}
    )  # fmt: skip
    for position, (tag, words) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{prefix}-{tag}"})
        element.text = words
        root.insert(position, element)


def _without_prefixes(markup: str) -> str:
    """Plain HTML-inlinable names: no namespace prefixes or declarations."""
    return re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", re.sub(r"(</?)ns\d+:", r"\1", markup))
