"""What goes with the data files: codebook, Frictionless data package, DDI-Codebook 2.5 and a script for R."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from lxml import etree

from survey_app.csv_export import csv_bytes
from survey_app.datasets.data_files import codebook_rows
from survey_app.services.microdata.local_suppression import Suppression
from survey_app.services.microdata.variables import LANGUAGES, MISSING_WORDS, Holds, Variable

DDI = "ddi:codebook:2_5"
CODEBOOK_HEADINGS = ("variable", "label_vi", "label_en", "code", "value_vi", "value_en", "is_missing")


@dataclass(frozen=True, slots=True)
class About:
    """What a dataset is, in two languages."""

    name: str
    title_vi: str
    title_en: str
    form: str
    made_on: date
    n_rows: int
    k: int
    is_simulated: bool
    suppression: Suppression

    def notes(self, language: str) -> list[str]:
        """What whoever counts with these rows has to know."""
        found = self.suppression
        if language == "vi":
            return [
                *(["DỮ LIỆU MÔ PHỎNG, không phải ý kiến thật."] if self.is_simulated else []),
                "Chỉ dùng cho mục đích đã khai; không tìm cách nhận ra người trả lời; không chuyển cho người khác.",
                "Dòng xếp ngẫu nhiên; mã dòng, điểm đặt và cụm đánh lại cho mỗi lần xuất nên không ghép được hai lần.",
                "Chỉ còn tháng, không có ngày giờ; không có góp ý bằng lời.",
                f"Mỗi nhóm đơn vị × đặc điểm người trả lời có từ {self.k} dòng: đã ẩn {found.n_traits_withheld} "
                f"giá trị ở {found.n_rows_changed}/{found.n_rows} dòng, ẩn tên {found.n_units_withheld} đơn vị.",
                "Mã âm là lý do không có câu trả lời; khi tính phải coi là thiếu.",
                "Dòng bị loại theo quyết định (is_excluded = 1) không có trong số liệu công bố.",
            ]
        return [
            *(["SIMULATED DATA, nobody's real opinion."] if self.is_simulated else []),
            "For the stated purpose only; do not try to recognise respondents; do not pass on.",
            "Rows are in random order; row, point and cluster keys are new in every export, so two cannot be joined.",
            "Only the month is left, no day or time; no comments.",
            f"Every group of unit and personal traits has at least {self.k} rows: {found.n_traits_withheld} values are "
            f"withheld in {found.n_rows_changed} of {found.n_rows} rows, the names of {found.n_units_withheld} units.",
            "Codes below zero are reasons for no answer; treat them as missing.",
            "Rows excluded by decision (is_excluded = 1) are not in the published figures.",
        ]


def codebook_csv(variables: Iterable[Variable]) -> bytes:
    return csv_bytes(CODEBOOK_HEADINGS, codebook_rows(variables))


def codebook_markdown(about: About, variables: Iterable[Variable]) -> str:
    """The codebook to be read, Vietnamese first."""
    lines = [
        f"# {about.title_vi}",
        "",
        f"*{about.title_en}*",
        "",
        f"{about.form} · {about.made_on:%d/%m/%Y}",
        "",
    ]
    for language in LANGUAGES:
        lines += [*(f"- {note}" for note in about.notes(language)), ""]
    lines += ["| biến / variable | nội dung | content | giá trị / values |", "|---|---|---|---|"]
    for variable in variables:
        values = "<br>".join(
            f"{code} = {words[0]} / {words[1]}" for code, words in sorted(variable.values.items())
        )
        cells = (f"`{variable.name}`", *variable.label, values)
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def data_package(about: About, variables: Sequence[Variable]) -> str:
    """A Frictionless tabular data package over data.csv."""
    kinds = {Holds.TEXT: "string", Holds.CODE: "integer", Holds.NUMBER: "number"}
    fields = []
    for variable in variables:
        described: dict[str, object] = {
            "name": variable.name,
            "type": kinds[variable.holds],
            "title": variable.label[0],
            "description": variable.label[1],
        }
        if any(code >= 0 for code in variable.values):
            described["constraints"] = {"enum": sorted(code for code in variable.values if code >= 0)}
            described["labels"] = {
                language: {str(code): words for code, words in variable.value_labels(language).items()}
                for language in LANGUAGES
            }
        fields.append(described)
    resource = {
        "name": "data",
        "path": "data.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "schema": {
            "fields": fields,
            "primaryKey": ["row_id"],
            "missingValues": ["", *(str(code) for code in sorted(MISSING_WORDS))],
        },
    }
    package = {
        "profile": "tabular-data-package",
        "name": about.name,
        "title": about.title_vi,
        "description": "\n".join((about.title_en, *about.notes("vi"), *about.notes("en"))),
        "created": f"{about.made_on.isoformat()}T00:00:00Z",
        "resources": [resource],
    }
    return json.dumps(package, ensure_ascii=False, indent=1)


def ddi_codebook(about: About, variables: Sequence[Variable]) -> bytes:
    """The same as DDI-Codebook 2.5."""
    root = etree.Element(f"{{{DDI}}}codeBook", nsmap={None: DDI})
    root.set("version", "2.5")
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "vi")

    def add(
        parent: etree._Element, tag: str, text: str = "", language: str = "", **attributes: str
    ) -> etree._Element:
        child = etree.SubElement(parent, f"{{{DDI}}}{tag}")
        for name, value in attributes.items():
            child.set(name, value)
        if language:
            child.set("{http://www.w3.org/XML/1998/namespace}lang", language)
        if text:
            child.text = text
        return child

    study = add(root, "stdyDscr")
    citation = add(study, "citation")
    titles = add(citation, "titlStmt")
    add(titles, "titl", about.title_vi, "vi")
    add(titles, "parTitl", about.title_en, "en")
    add(titles, "IDNo", about.name)
    production = add(citation, "prodStmt")
    add(production, "prodDate", about.made_on.isoformat(), date=about.made_on.isoformat())
    information = add(study, "stdyInfo")
    for language in LANGUAGES:
        add(information, "abstract", "\n".join(about.notes(language)), language)
    file = add(add(root, "fileDscr", ID="F1"), "fileTxt")
    add(file, "fileName", "data.csv")
    dimensions = add(file, "dimensns")
    add(dimensions, "caseQnty", str(about.n_rows))
    add(dimensions, "varQnty", str(len(variables)))
    described = add(root, "dataDscr")
    for number, variable in enumerate(variables, start=1):
        is_code = variable.holds is Holds.CODE and bool(variable.values)
        element = add(described, "var", ID=f"V{number}", name=variable.name, files="F1",
                      intrvl="discrete" if is_code or variable.holds is Holds.TEXT else "contin")  # fmt: skip
        for language in LANGUAGES:
            add(element, "labl", variable.in_language(language), language)
        for code, words in sorted(variable.values.items()):
            category = add(element, "catgry", missing="Y") if code < 0 else add(element, "catgry")
            add(category, "catValu", str(code))
            for language, word in zip(LANGUAGES, words, strict=True):
                add(category, "labl", word, language)
        add(element, "varFormat", type="character" if variable.holds is Holds.TEXT else "numeric")
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def r_script(variables: Sequence[Variable]) -> str:
    """Reads data.csv with labels and the design, in plain R."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    lines = [
        '# Đọc data.csv kèm nhãn / Reads data.csv with its labels. Nhãn / labels: "vi", "en".',
        'language <- "vi"',
        'data <- read.csv("data.csv", fileEncoding = "UTF-8-BOM", check.names = FALSE)',
        "labels <- list()",
        "values <- list()",
    ]
    for variable in variables:
        pairs = ", ".join(f"{language} = {quoted(variable.in_language(language))}" for language in LANGUAGES)
        lines.append(f"labels[[{quoted(variable.name)}]] <- list({pairs})")
        codes = sorted(code for code in variable.values if code >= 0)
        if codes:
            words = "; ".join(
                f"{language} = c({', '.join(quoted(variable.value_labels(language)[code]) for code in codes)})"
                for language in LANGUAGES
            ).replace("; ", ", ")
            lines.append(
                f"values[[{quoted(variable.name)}]] <- list(code = c({', '.join(map(str, codes))}), {words})"
            )
    lines += [
        "for (name in names(values)) {",
        "  # Mã âm là lý do thiếu / Codes below zero are reasons for no answer.",
        "  data[[name]][data[[name]] < 0] <- NA",
        "  words <- make.unique(values[[name]][[language]])",
        "  data[[name]] <- factor(data[[name]], levels = values[[name]]$code, labels = words)",
        "}",
        'for (name in names(labels)) attr(data[[name]], "label") <- labels[[name]][[language]]',
        "is_number <- vapply(data, is.numeric, logical(1))",
        "data[is_number] <- lapply(data[is_number], function(column) replace(column, which(column < 0), NA))",
        "# Thiết kế mẫu / Design, with the package survey:",
        "# design <- survey::svydesign(ids = ~cluster, strata = ~interaction(unit_code, stratum), weights = ~weight,",
        "#                             data = data, nest = TRUE)",
        "str(data)",
    ]
    return "\n".join(lines) + "\n"
