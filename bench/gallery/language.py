"""The gallery in Vietnamese or English: its words, numbers and names of units."""

import csv
from dataclasses import dataclass

from analysis.charts import ChartText
from analysis.types import Tier
from config import ROOT

UNITS = ROOT / "seeds" / "quang_tri" / "units.csv"
KINDS = {
    "ward": ("phường", "ward"),
    "commune": ("xã", "commune"),
    "special_zone": ("đặc khu", "special zone"),
}


@dataclass(frozen=True)
class Language:
    """Which of two wordings to use."""

    code: str

    def say(self, vietnamese: str, english: str) -> str:
        return vietnamese if self.code == "vi" else english

    def text(self, title: str, description: str, *, source: str, is_simulated: bool = True) -> ChartText:
        return ChartText(
            title=title,
            description=description,
            notice=self.say("DỮ LIỆU MÔ PHỎNG", "SIMULATED DATA") if is_simulated else None,
            decimal_comma=self.code == "vi",
            is_titled=True,
            source=source,
            n_label=self.say("Số phiếu", "Responses"),
            estimate_label=self.say("Hài lòng (khoảng 95%)", "Satisfied (95%\xa0interval)"),
            withheld=self.say("chưa đủ dữ liệu", "too few responses"),
            empty=self.say("Không có đơn vị nào để so sánh.", "No unit to compare."),
        )

    @property
    def tiers(self) -> dict[Tier, str]:
        return {
            Tier.HIGHER: self.say("cao hơn mức tỉnh", "above the province"),
            Tier.NOT_DIFFERENT: self.say("không khác biệt rõ", "not clearly different"),
            Tier.LOWER: self.say("thấp hơn mức tỉnh", "below the province"),
        }

    def units(self, *, is_long: bool) -> list[str]:
        """The 78 units of today, by their short or their full names."""
        with UNITS.open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["kind"] in KINDS and not row["valid_to"]]
        names = [
            self.say(f"{KINDS[row['kind']][0]} {row['name']}", f"{row['name']} {KINDS[row['kind']][1]}")
            for row in rows
        ]
        if not is_long:
            return names
        return [
            self.say(
                f"Trung tâm Phục vụ hành chính công {name}", f"{name}, public administration service centre"
            )
            for name in names
        ]
