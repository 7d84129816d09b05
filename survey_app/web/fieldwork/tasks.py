"""The tasks of fieldwork in the order in which an office meets them."""

from typing import NamedTuple

from flask_babel.speaklater import LazyString


class Task(NamedTuple):
    """One card of the entrance page."""

    endpoint: str
    title: LazyString
    text: LazyString


TASKS: tuple[Task, ...] = ()
