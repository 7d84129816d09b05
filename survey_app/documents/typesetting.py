"""One road from a template and its data to a page: Typst, with our fonts, no network and no file of anyone else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import typst

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "print"
PICTURE_PPI = 144.0
FONTS = Path(__file__).resolve().parent / "fonts"


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Set `templates/print/<template>.typ`, which reads its data as ``json(bytes(sys.inputs.data))``.

    The data are values, never markup: Typst shows a text as it is, whatever it holds.
    """
    return _set(template, data, "pdf")


def svg(template: str, data: Mapping[str, Any]) -> bytes:
    """The same for a template of one page, as a drawing whose letters are outlines."""
    return _set(template, data, "svg")


def png(template: str, data: Mapping[str, Any]) -> bytes:
    """The same for a template of one page, as a picture to be sent on."""
    return _set(template, data, "png")


def _set(template: str, data: Mapping[str, Any], form: Literal["pdf", "svg", "png"]) -> bytes:
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    # Only our folders are read, so that the same data give the same pages on every machine.
    return bytes(
        typst.compile(
            str(TEMPLATES / f"{template}.typ"),
            root=str(TEMPLATES),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            sys_inputs=inputs,
            format=form,
            ppi=PICTURE_PPI if form == "png" else None,
        )
    )
