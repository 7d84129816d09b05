"""A dataset as one file to download: small ones at once, large ones in a process of their own.

Long work would hold up the submits of the web process, and its memory would stay with it. One large export runs at
a time; whoever comes second is asked to wait.
"""

import multiprocessing
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from survey_app.datasets.data_files import KINDS, write_data
from survey_app.datasets.descriptions import (
    About,
    codebook_csv,
    codebook_markdown,
    data_package,
    ddi_codebook,
    r_script,
)
from survey_app.db import engine_options, prepare_engine
from survey_app.errors import ExportBusy, ExportFailed
from survey_app.services.accounts import Viewer
from survey_app.services.microdata.dataset import OpenedDataset, open_dataset

ALL = "all"
LARGE = 5_000
MOST_SECONDS = 900
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built, in values that another process can be given."""

    wave_id: int
    version_id: int
    kind: str
    viewer: Viewer
    today: date


@contextmanager
def built(session: Session, order: Order, *, n_rows: int, database_url: str) -> Iterator[Path]:
    """The ZIP of an order, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="dataset-") as folder:
        path = Path(folder) / "dataset.zip"
        if n_rows <= LARGE:
            build(session, order, path)
        else:
            _build_apart(order, path, database_url)
        yield path


def build(session: Session, order: Order, path: Path) -> None:
    """Data files and everything that describes them, as one ZIP."""
    dataset = open_dataset(
        session, wave_id=order.wave_id, version_id=order.version_id, viewer=order.viewer, today=order.today
    )
    kinds = KINDS if order.kind == ALL else (order.kind,)
    with tempfile.TemporaryDirectory(prefix="dataset-", dir=path.parent) as name:
        folder = Path(name)
        n_rows = write_data(folder, dataset, kinds)
        about = about_dataset(dataset, n_rows, order.today)
        variables = dataset.variables
        described = {
            "codebook.csv": codebook_csv(variables),
            "codebook.md": codebook_markdown(about, variables).encode(),
            "ddi-codebook.xml": ddi_codebook(about, variables),
        }
        if "csv" in kinds:
            described["datapackage.json"] = data_package(about, variables).encode()
            described["read_data.R"] = r_script(variables).encode()
        for file, content in described.items():
            (folder / file).write_bytes(content)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for each in sorted(folder.iterdir()):
                archive.write(each, f"{about.name}/{each.name}")


def about_dataset(dataset: OpenedDataset, n_rows: int, today: date) -> About:
    row = dataset.row
    return About(
        name=f"{row.wave_code}-{row.form_code}-v{row.form_version}".lower().replace("_", "-"),
        title_vi=row.title_vi,
        title_en=row.title_en,
        form=f"{row.form_code} v{row.form_version}",
        made_on=today,
        n_rows=n_rows,
        k=dataset.k,
        is_simulated=row.is_simulated,
        suppression=dataset.suppression,
    )


def _build_apart(order: Order, path: Path, database_url: str) -> None:
    if not _one_at_a_time.acquire(blocking=False):
        raise ExportBusy
    try:
        process = multiprocessing.get_context("spawn").Process(
            target=build_on, args=(database_url, order, path)
        )
        process.start()
        process.join(MOST_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
    finally:
        _one_at_a_time.release()
    if process.exitcode != 0:
        raise ExportFailed


def build_on(database_url: str, order: Order, path: Path) -> None:
    """In a process of its own."""
    engine = prepare_engine(create_engine(**engine_options(database_url)))
    with Session(engine) as session:
        build(session, order, path)
    engine.dispose()
