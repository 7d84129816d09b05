"""Charts from public survey files, read by the project's own mappings of their columns."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from analysis import charts
from analysis.charts import Column, LikertRow
from analysis.comparing.tiers import tiers_against_province
from analysis.counting.moments import moments
from analysis.intervals.shares import wilson_interval
from analysis.monitoring.control import Rule, p_chart
from analysis.surveys.design_effects import cluster_design_effect, pooled_design_effect
from analysis.surveys.linearisation import design_totals, ratio
from bench.gallery.language import Language
from config import ROOT

MAPPINGS = ROOT / "seeds" / "mappings"
Drawing = Callable[[Language, int], Figure]


@dataclass(frozen=True)
class Survey:
    """A file of responses with the mapping of its columns and the form they answered."""

    rows: list[dict[str, str]]
    mapping: dict[str, Any]
    form: dict[str, Any]

    def days(self) -> list[date]:
        column, pattern = self.mapping["collected_on"]["column"], self.mapping["collected_on"]["formats"][0]
        return [datetime.strptime(row[column], pattern).date() for row in self.rows]  # noqa: DTZ007 local days

    def points(self) -> list[dict[str, Any]]:
        """Levels of the scale, best first."""
        (scale,) = self.form["scales"].values()
        return scale["points"]

    def source(self, say: Language) -> str:
        title, licence = self.mapping["wave"]["title"][say.code], self.mapping["source"]["licence"]
        return f"{say.say('Nguồn', 'Source')}: {title} ({licence})."


def read_survey(folder: Path, mapping_name: str, file_name: str) -> Survey | None:
    """The survey, or None where the folder does not hold its file."""
    path = folder / file_name
    if not path.exists():
        return None
    mapping = json.loads((MAPPINGS / f"{mapping_name}.json").read_text(encoding="utf-8"))
    form_name = "{code}_v{version}.json".format(**mapping["questionnaire"])
    form = json.loads((MAPPINGS / "forms" / form_name).read_text(encoding="utf-8"))
    with path.open(encoding="utf-8") as file:
        return Survey(list(csv.DictReader(file)), mapping, form)


def real_drawings(folder: Path) -> dict[str, Drawing]:
    """The charts of every file that the folder holds."""
    drawings: dict[str, Drawing] = {}
    if london := read_survey(folder, "fft_gp_london_2023_2024", "fft_gp_london_2023_2024.csv"):
        drawings |= {
            "real_london_control": partial(london_control, london),
            "real_london_forest": partial(london_forest, london),
        }
    if juarez := read_survey(folder, "juarez_2023", "juarez_perception_2023.csv"):
        drawings["real_juarez_likert"] = partial(juarez_likert, juarez)
    return drawings


def london_satisfied(survey: Survey) -> tuple[np.ndarray, np.ndarray]:
    """Whether each response recommends the practice, and whether it says anything at all."""
    (item,) = survey.mapping["items"].values()
    levels = [item["recode"].get(row[item["column"]]) for row in survey.rows]
    good = {point["code"] for point in survey.points() if point["satisfied"]}
    return np.array([level in good for level in levels]), np.array([level is not None for level in levels])


def london_control(survey: Survey, say: Language, width: int) -> Figure:
    """Laney's chart over months of very unequal size: 42 responses in one, 1,876 in another."""
    satisfied, answered = london_satisfied(survey)
    months = np.array([day.replace(day=1) for day in survey.days()])
    starts = sorted(set(months))
    n = np.array([(answered & (months == month)).sum() for month in starts])
    x = np.array([(satisfied & (months == month)).sum() for month in starts])
    laney, plain = p_chart(x, n, method="laney"), p_chart(x, n, method="p")
    ends = [(month + timedelta(days=31)).replace(day=1) - timedelta(days=1) for month in starts]
    spread = f"{laney.sigma_z[0]:.2f}".replace(".", say.say(",", "."))
    flagged = {
        rule: {signal.index for signal in laney.signals if signal.rule is rule}
        for rule in (Rule.BEYOND_LIMITS, Rule.RUN_OF_EIGHT)
    }
    text = say.text(
        say.say("Sẽ giới thiệu phòng khám, theo tháng", "Would recommend the practice, by month"),
        say.say(
            f"Số phiếu mỗi tháng rất không đều; giới hạn Laney rộng gấp {spread} lần giới hạn p.",
            f"Very uneven months; Laney's limits are {spread} times as wide as the p limits.",
        ),
        source=survey.source(say),
        is_simulated=False,
    )
    return charts.control_chart(
        starts, laney.p, lower=laney.lower, upper=laney.upper, center=laney.center, ends_on=ends, n=n.tolist(),
        is_signal=[row in flagged[Rule.BEYOND_LIMITS] for row in range(len(n))],
        is_run=[row in flagged[Rule.RUN_OF_EIGHT] for row in range(len(n))],
        break_label="", center_label=say.say("trung bình", "mean"),
        limit_label=say.say("giới hạn Laney p′ (3σ)", "Laney p′ limits (3σ)"),
        other_limits=(plain.lower, plain.upper), other_label=say.say("giới hạn p (3σ)", "p limits (3σ)"),
        signal_label=say.say("ngoài giới hạn Laney", "beyond Laney's limits"), date_format="%m/%Y", text=text,
        width_px=width,
    )  # fmt: skip


def london_forest(survey: Survey, say: Language, width: int) -> Figure:
    """Practices with design effects of their days; those that cannot estimate one borrow the common one."""
    satisfied, answered = london_satisfied(survey)
    names = sorted({row[survey.mapping["units"]["column"]] for row in survey.rows})
    units = np.array([names.index(row[survey.mapping["units"]["column"]]) for row in survey.rows])
    clusters = np.array([day.toordinal() for day in survey.days()])
    values = np.column_stack([satisfied & answered, answered])[answered]
    people = design_totals(
        moments(values, units[answered], clusters[answered], n_units=len(names), columns=("s", "r"))
    )
    own = cluster_design_effect(people, "s", "r", floor=1.0)
    effect = np.where(np.isfinite(own), own, pooled_design_effect(ratio(people, "s", "r")))
    k, n = people.people("s"), people.n
    estimates = wilson_interval(k, n, design_effect=effect)
    tiers = tiers_against_province(k, n, design_effect=effect)
    text = say.text(
        say.say("Mười một phòng khám ở London", "Eleven practices in London"),
        say.say(
            "Khoảng tin cậy 95% đã tính hệ số thiết kế của các ngày; phân nhóm theo Holm, 5%.",
            "95% intervals allow for the design effect of days; tiers by Holm, 5%.",
        ),
        source=survey.source(say),
        is_simulated=False,
    )
    text = replace(
        text, estimate_label=say.say("Sẽ giới thiệu (khoảng 95%)", "Would recommend (95%\xa0interval)")
    )
    label = say.say("Tất cả", "All") + " " + text.estimate(tiers.province)
    return charts.forest_plot(
        names, [estimates[row] for row in range(len(names))], [tiers[row] for row in range(len(names))],
        center=tiers.province, center_label=label, text=text, width_px=width,
        more=[Column(say.say("Hệ số thiết kế", "Design effect"), [text.number(e) for e in effect], is_named=True)],
        tier_words=dict(zip(say.tiers, (
            say.say("cao hơn mức chung", "above the others"), say.say("không khác biệt rõ", "not clearly different"),
            say.say("thấp hơn mức chung", "below the others")), strict=True)),
    )  # fmt: skip


def juarez_likert(survey: Survey, say: Language, width: int) -> Figure:
    """Six items on health services; reasons for missing answers counted apart."""
    levels = survey.points()
    labels = [point["label"][say.code] for point in levels]
    n_good = sum(point["satisfied"] for point in levels)
    rows = []
    for item in _items(survey.form["tree"]):
        counted = Counter(_juarez_answer(survey, item["code"], row) for row in survey.rows)
        counts = [counted[point["code"]] for point in levels]
        missing = [counted["not_applicable"], counted["not_reached"] + counted[None]]
        estimate = wilson_interval(sum(counts[:n_good]), sum(counts)).at()
        rows.append(LikertRow(item["text"][say.code], counts, missing, estimate))
    text = say.text(
        say.say("Dịch vụ y tế ở Ciudad Juárez, từng câu", "Health services in Ciudad Juárez, item by item"),
        say.say(
            "Phỏng vấn tại hộ gia đình; khoảng 95% không tính cụm phỏng vấn viên.",
            "Interviews in households; 95% intervals without the clusters of interviewers.",
        ),
        source=survey.source(say),
        is_simulated=False,
    )
    return charts.diverging_bars(
        rows, levels=labels, width_px=width, text=text,
        missing_labels=[say.say("Không dùng dịch vụ", "No such service"), say.say("Bỏ trống", "Left blank")],
    )  # fmt: skip


def _items(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The leaves of the form."""
    return [leaf for node in tree for leaf in (_items(node["children"]) if "children" in node else [node])]


def _juarez_answer(survey: Survey, code: str, row: dict[str, str]) -> str | None:
    for blank in survey.mapping["blank"]:
        if row[blank["column"]] in blank["values"]:
            return blank["reason"]
    item = survey.mapping["items"][code]
    given = row[item["column"]]
    return survey.mapping["recodes"][item["recode"]].get(str(int(float(given)))) if given else None
