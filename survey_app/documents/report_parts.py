"""What every report shares: whose it is, how the figures came about, and how they are checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _

from analysis.types import Estimate
from survey_app import formatting, report_sentences, sentences
from survey_app.documents.official_docx import letterhead_of, official_texts
from survey_app.documents.report import Report, Seal, Section, Text, figures_code, texts
from survey_app.result_tables import Cell, Column, Kind, ResultTable
from survey_app.services.conversions import Conversion
from survey_app.services.figures import MixRow, PeriodChoice, ShareFigure
from survey_app.services.letterheads import OfficeHead


@dataclass(frozen=True, slots=True)
class Setting:
    """For whom and where a report is made: language, the office's head, its conversions, where codes are checked."""

    language: str
    head: OfficeHead
    check_url: str = ""
    conversions: tuple[Conversion, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about, and what its figures rest on."""

    unit_code: str
    basis: str
    period: PeriodChoice
    is_simulated: bool
    minimum_shown: int
    minimum_base: int
    method_version: str


def assemble(
    setting: Setting,
    subject: Subject,
    *,
    about: str,
    sections: Iterable[Section],
    annexes: Iterable[Section],
    sealed: Iterable[ResultTable],
    kind: str | None = None,
    code: str = "BC",
) -> Report:
    """The document with its head, its grounds, its last annex with the code, and who receives it.

    `kind` and `code` name another document than a report ("Thông báo", "TB").
    """
    stored = official_texts("report")
    head = setting.head
    seal = _seal(setting, subject, sealed)
    return Report(
        language=setting.language,
        letterhead=letterhead_of(head, code),
        kind=kind or _("Báo cáo"),
        about=about,
        bases=head.bases or tuple(base["text"] for base in stored["bases"]),
        sections=tuple(section for section in sections if section.blocks),
        annexes=(*(annex for annex in annexes if annex.blocks), _seal_annex(seal)),
        recipients=head.recipients or tuple(stored["recipients"]),
        signer_titles=head.signer_titles,
        signer_name=head.signer_name,
        seal=seal,
        is_simulated=subject.is_simulated,
        minimum_base=subject.minimum_base,
    )


def _seal(setting: Setting, subject: Subject, sealed: Iterable[ResultTable]) -> Seal:
    """The code of the figures, and the address that recomputes them and compares."""
    parts = (subject.unit_code, subject.basis, subject.period.code)
    code = figures_code("|".join(parts), sealed)
    names = ("unit", "basis", "period")
    return Seal(
        code, f"{setting.check_url}?{urlencode({**dict(zip(names, parts, strict=True)), 'code': code})}"
    )


def _seal_annex(seal: Seal) -> Section:
    return Section(
        _("Mã kiểm chứng số liệu"),
        texts(
            (
                _("Mã kiểm chứng: %(code)s", code=seal.code),
                _(
                    "Mã được tính từ các số liệu của báo cáo này, không phụ thuộc ngôn ngữ và lời văn. Người có tài "
                    "khoản mở địa chỉ trong mã QR (hoặc trang Báo cáo, mục Kiểm chứng), hệ thống tính lại số liệu từ "
                    "các phiếu đang lưu và cho biết mã còn khớp hay không. Mã không thay cho số, ngày ban hành và chữ "
                    "ký số do hệ thống văn thư cấp."
                ),
            )
        ),
    )


def scope(subject: Subject, *, mark: str | None) -> tuple[Text, ...]:
    """What was measured, when and on which kind of evidence."""
    return texts(
        (
            _(
                "Số liệu: %(basis)s. %(note)s",
                basis=sentences.basis_title(subject.basis),
                note=sentences.basis_note(subject.basis),
            ),
            _("Kỳ báo cáo: %(period)s.", period=report_sentences.period(subject.period)),
            mark,
            _(
                "Hài lòng là tỷ lệ phiếu chọn hai mức cao nhất của thang trên số phiếu có trả lời câu hỏi; mức giữa "
                "không tính là hài lòng; “Không có ý kiến”, “Không biết” và câu bỏ trống không nằm trong tử số và mẫu "
                "số."
            ),
            _("Số liệu trong báo cáo là DỮ LIỆU MÔ PHỎNG, không phải kết quả khảo sát thật.")
            if subject.is_simulated
            else None,
        )
    )


def method_table(rows: Iterable[tuple[str, str | None]]) -> ResultTable:
    """The items that a survey discloses, each with its answer; those without one are left out."""
    columns = (Column("item", _("Mục công bố"), Kind.TEXT), Column("answer", _("Nội dung"), Kind.TEXT))
    return ResultTable(
        "method", _("Công bố phương pháp"), columns, tuple((item, answer) for item, answer in rows if answer)
    )


def shared_method(
    setting: Setting, subject: Subject, *, wording: str, estimate: Estimate | None
) -> list[tuple[str, str | None]]:
    """What is disclosed alike for a unit and for the province."""
    is_sample = subject.basis == "sample"
    minimums = {
        "base": formatting.count(subject.minimum_base, language=setting.language),
        "shown": formatting.count(subject.minimum_shown, language=setting.language),
    }
    return [
        (_("Cơ quan chủ trì và công bố"), ", ".join(setting.head.issuer.split("\n"))),
        (
            _("Đối tượng và khung mẫu"),
            _("Người đã giao dịch thủ tục hành chính; chọn ngẫu nhiên từ danh sách hồ sơ, mỗi đơn vị là một tầng.")
            if is_sample
            else _("Người đến giao dịch tự nguyện trả lời tại điểm đặt hoặc qua mã QR, liên kết; không có khung mẫu."),
        ),
        (_("Thời gian thu thập"), report_sentences.period(subject.period)),
        (
            _("Câu hỏi dùng tính chỉ số chung"),
            f"“{wording}”" if wording else None,
        ),
        (
            _("Trọng số"),
            _("Số liệu chung cân theo quy mô khung mẫu của từng đơn vị; số liệu của một đơn vị không có trọng số.")
            if is_sample
            else _("Không có trọng số; mỗi phiếu tính một lần."),
        ),
        (_("Hệ số thiết kế"), _design_effect(setting, estimate)),
        (_("Khoảng tin cậy"), _interval_words(setting, estimate)),
        (
            _("Ngưỡng hiển thị"),
            _(
                "Dưới %(base)s phiếu không hiển thị; từ đó đến dưới %(shown)s phiếu chỉ nêu số phiếu; ô suy ra được "
                "cũng được ẩn.",
                **minimums,
            ),
        ),
        (_("Phiên bản phương pháp"), subject.method_version),
        (
            _("Đơn vị hành chính"),
            _("Theo danh mục có hiệu lực ngày %(on)s.",
              on=formatting.short_date(subject.period.ends_on, language=setting.language)),
        ),
        (
            _("Hạn chế"),
            _(
                "Khoảng tin cậy chỉ gồm sai số ngẫu nhiên; chưa gồm sai lệch do người không trả lời, do cách hỏi và do "
                "có người hỗ trợ khi trả lời. Số liệu không cho biết nguyên nhân."
            )
            if is_sample
            else sentences.self_selected(),
        ),
    ]  # fmt: skip


def _design_effect(setting: Setting, estimate: Estimate | None) -> str | None:
    if estimate is None:
        return None
    return formatting.decimal_number(estimate.design_effect, digits=2, language=setting.language)


def _interval_words(setting: Setting, estimate: Estimate | None) -> str | None:
    if estimate is None:
        return None
    return _(
        "%(level)s hai phía, phương pháp %(method)s trên số phiếu hiệu dụng.",
        level=formatting.percent(estimate.confidence_level, digits=0, language=setting.language),
        method=estimate.method.replace("_", " ").capitalize(),
    )


def modes(setting: Setting, rows: tuple[MixRow, ...]) -> str | None:
    """By which channels people answered, with their shares."""
    shown = [
        f"{row.label} {formatting.percent(row.share, language=setting.language)}"
        for row in rows
        if row.share is not None
    ]
    return "; ".join(shown) or None


def counts_table(rows: Iterable[tuple[str, str, int | None]]) -> ResultTable:
    """How much is missing, withheld, flagged or taken out."""
    columns = (
        Column("code", _("Mã"), Kind.TEXT),
        Column("label", _("Nội dung"), Kind.TEXT),
        Column("n", _("Số lượng"), Kind.COUNT),
    )
    cells: tuple[tuple[Cell, ...], ...] = tuple((code, label, n) for code, label, n in rows if n is not None)
    return ResultTable("counts", _("Phiếu và ô số liệu cần lưu ý"), columns, cells)


def share_line(share: ShareFigure, minimum_shown: int) -> str:
    """A share in one sentence, or why it is missing."""
    return (
        sentences.level(share.estimate)
        if share.estimate is not None
        else sentences.not_shown(share, minimum_shown=minimum_shown)
    )
