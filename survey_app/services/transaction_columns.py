"""The columns of a file of counts by their many names, and what the words of their cells and headings mean."""

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from typing import TypeVar

from survey_app.names import search_key
from survey_app.services.cell_values import read_count, read_day, read_period
from survey_app.services.known_tables import BadValue, Column, Words
from survey_app.vocabulary import LABELS, FileOutcome, FilingMode

T = TypeVar("T", bound=IntEnum)

MODE_WORDS: Mapping[FilingMode, tuple[str, ...]] = {
    FilingMode.ONLINE: ("truc tuyen", "online", "dvctt", "cong dich vu cong", "qua mang"),
    FilingMode.POST: ("buu chinh", "bcci", "buu dien", "post"),
    FilingMode.IN_PERSON: ("truc tiep", "tai quay", "in person"),
}
OUTCOME_WORDS: Mapping[FileOutcome, tuple[str, ...]] = {
    FileOutcome.SUPPLEMENT: ("bo sung", "supplement", "more papers"),
    FileOutcome.REFUSED: ("tu choi", "khong tiep nhan", "tra lai", "refused", "khong dat"),
    FileOutcome.DONE: ("da giai quyet", "da tra", "giai quyet", "hoan thanh", "dung han", "qua han", "done",
                       "settled", "som han", "truoc han", "tre han"),
}  # fmt: skip
# Files that were settled, split by whether that was in time: two parts, neither of which is all of them.
_IN_TIME = ("dung han", "som han", "truoc han")
_LATE = ("qua han", "tre han")
_PENDING = ("dang", "chua", "ton", "rut", "ty le", "phan tram")


def value_kind(heading: str) -> tuple[FilingMode, FileOutcome] | None:
    """Which files a column of numbers counts, by the words of its heading; None where it counts something else."""
    key = search_key(heading)
    if any(f" {word} " in f" {key} " for word in _PENDING):
        return None
    mode = _first(key, MODE_WORDS)
    outcome = _first(key, OUTCOME_WORDS)
    return None if mode is None and outcome is None else (
        FilingMode(mode or 0), FileOutcome(outcome or 0)
    )  # fmt: skip


def timeliness(heading: str) -> str | None:
    """Whether a column counts only the files settled in time, or only the late ones; None where it counts all."""
    key = search_key(heading)
    words = {"late": _LATE, "in_time": _IN_TIME}
    return next((part for part, each in words.items() if any(word in key for word in each)), None)


def _first(key: str, words: Mapping[T, tuple[str, ...]]) -> T | None:
    return next((code for code, each in words.items() if any(word in key for word in each)), None)


@lru_cache(maxsize=1_000)
def _read_mode(text: str) -> int:
    return _code(text, FilingMode, MODE_WORDS)


@lru_cache(maxsize=1_000)
def _read_outcome(text: str) -> int:
    return _code(text, FileOutcome, OUTCOME_WORDS)


def _code(text: str, kind: type[T], words: Mapping[T, tuple[str, ...]]) -> int:
    key = search_key(text.replace("_", " "))
    for code in kind:
        names = (code.name.replace("_", " "), *LABELS[kind, code])
        if key in {search_key(name) for name in names}:
            return int(code)
    found = _first(key, words)
    if found is not None:
        return int(found)
    labels = [LABELS[kind, code] for code in kind]
    raise BadValue(", ".join(vi for vi, _ in labels), ", ".join(en for _, en in labels))


UNIT = Column("unit", Words("Đơn vị", "Unit"), str, (
    "Tên đơn vị", "Mã đơn vị", "Cơ quan", "Cơ quan đơn vị", "Đơn vị thực hiện", "Cơ quan thực hiện", "Địa phương",
    "Xã phường", "Xã, phường, đặc khu", "UBND cấp xã", "Tên cơ quan", "Unit code", "Tên xã phường", "Nơi tiếp nhận",
), is_needed=True)  # fmt: skip
NUMBER = Column("n_files", Words("Số hồ sơ", "Files"), read_count, (
    "Số lượng", "Số lượng hồ sơ", "Tổng số hồ sơ", "Tổng số", "Tổng", "Tổng hồ sơ", "Hồ sơ", "Số hồ sơ tiếp nhận",
    "Tiếp nhận", "Tổng tiếp nhận", "Tổng cộng", "Số giao dịch", "Number of files", "Total",
), may_be_blank=True)  # fmt: skip
COLUMNS = (
    UNIT,
    Column("desk", Words("Quầy", "Desk"), str, ("Mã quầy", "Tên quầy", "Bàn", "Desk code"), may_be_blank=True),
    Column("field", Words("Lĩnh vực", "Field"), str, ("Mã lĩnh vực", "Tên lĩnh vực", "Service field"),
           may_be_blank=True),
    Column("period", Words("Kỳ", "Period"), read_period,
           ("Tháng", "Kỳ báo cáo", "Thời gian", "Kỳ thống kê", "Month", "Quý"), may_be_blank=True),
    Column("starts_on", Words("Từ ngày", "From"), read_day, ("Ngày bắt đầu", "Ngày đầu kỳ", "starts on")),
    Column("ends_on", Words("Đến ngày", "To"), read_day, ("Ngày kết thúc", "Ngày cuối kỳ", "ends on")),
    Column("mode", Words("Hình thức nộp", "Way of filing"), _read_mode,
           ("Hình thức", "Kênh nộp", "Kênh", "Hình thức tiếp nhận", "Phương thức", "Channel"), may_be_blank=True),
    Column("outcome", Words("Kết quả", "Outcome"), _read_outcome,
           ("Tình trạng", "Kết quả giải quyết", "Trạng thái", "Tình trạng hồ sơ"), may_be_blank=True),
    NUMBER,
)  # fmt: skip
