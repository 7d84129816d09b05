"""The draft of a survey plan (kế hoạch khảo sát) from a computed sample plan; in Vietnamese, as it will be signed."""

from survey_app import formatting
from survey_app.documents.official_docx import (
    BLANK,
    Column,
    OfficialDocument,
    letterhead_of,
    official_texts,
)
from survey_app.services.letterheads import OfficeHead
from survey_app.services.sample_plans import Plan

_SOURCES = {
    "registry": "dân số theo danh mục đơn vị hành chính",
    "transactions": "số hồ sơ thủ tục hành chính đã giải quyết trong 12 tháng gần nhất",
    "typed": "số liệu do cơ quan lập kế hoạch cung cấp",
}
_AIMS = {
    "whole": "toàn tỉnh; số liệu của từng đơn vị chỉ để tham khảo, không dùng để xếp hạng",
    "groups": "từng nhóm đơn vị hành chính và toàn tỉnh; số liệu của từng đơn vị chỉ để tham khảo",
    "units": "từng đơn vị và toàn tỉnh",
}
_ALLOCATIONS = {
    "proportional": "theo tỷ lệ quy mô của đơn vị",
    "neyman": "theo quy mô và độ phân tán dự kiến của đơn vị (phân bổ Neyman)",
    "equal": "đều nhau giữa các đơn vị, không vượt quá quy mô của đơn vị",
    "power": "theo lũy thừa của quy mô đơn vị",
}
_KINDS = {
    "commune": "xã",
    "ward": "phường",
    "special_zone": "đặc khu",
    "department": "sở, ban, ngành",
    "service_centre": "trung tâm phục vụ hành chính công",
}
_COLUMNS = (
    Column("STT", 1.5, is_number=True), Column("Đơn vị", 5.1), Column("Quy mô", 2.3, is_number=True),
    Column("Số phiếu", 2.0, is_number=True), Column("Dự kiến mời", 2.3, is_number=True),
    Column("Sai số (±, điểm phần trăm)", 2.8, is_number=True),
)  # fmt: skip


def plan_document(plan: Plan, *, title: str, head: OfficeHead, is_simulated: bool = False) -> bytes:
    """A Word file to be completed and put through the e-office system; a simulated one says so on every page."""
    texts = official_texts("sample_plan")
    document = OfficialDocument(
        letterhead_of(head, "KH"), kind="Kế hoạch",
        about=f"Khảo sát, đo lường sự hài lòng của người dân, tổ chức\ntại Bộ phận Một cửa ({title})",
        mark="DỮ LIỆU MÔ PHỎNG" if is_simulated else "",
    )  # fmt: skip
    document.bases(head.bases or [base["text"] for base in texts["bases"]])
    document.note(
        "(Căn cứ pháp lý lấy từ dữ liệu của hệ thống; người soạn thảo đối chiếu hiệu lực, số, ngày, trích yếu và xóa "
        "dòng này trước khi trình ký.)"
    )
    _purpose(document)
    _sample(document, plan)
    _work(document, plan)
    document.sign(
        recipients=head.recipients or texts["recipients"], titles=head.signer_titles, name=head.signer_name
    )
    document.annex("Số phiếu khảo sát của từng đơn vị")
    document.table(_COLUMNS, _unit_rows(plan), last_is_total=True)
    return document.as_bytes()


def _purpose(document: OfficialDocument) -> None:
    document.section("I. Mục đích, yêu cầu")
    document.subsection("1. Mục đích")
    document.paragraph(
        "Đánh giá khách quan mức độ hài lòng của người dân, tổ chức đối với việc tiếp nhận, giải quyết thủ tục hành "
        "chính; xác định nội dung cần cải thiện; làm căn cứ xây dựng giải pháp nâng cao chất lượng phục vụ."
    )
    document.subsection("2. Yêu cầu")
    document.paragraph(
        "a) Mẫu được chọn ngẫu nhiên từ danh sách, có số khởi tạo (hạt giống) lưu lại để kiểm tra; không chọn theo "
        "chỉ định, không thay người được chọn ngoài danh sách dự phòng."
    )
    document.paragraph(
        "b) Bảo mật thông tin về tổ chức, cá nhân cung cấp thông tin; câu trả lời không gắn với người trả lời. Cán bộ "
        "của đơn vị được đánh giá không phỏng vấn về đơn vị mình."
    )
    document.paragraph(
        "c) Kết quả công bố kèm số phiếu và khoảng tin cậy; không xếp hạng các đơn vị không khác biệt."
    )


def _sample(document: OfficialDocument, plan: Plan) -> None:
    asked = plan.asked
    document.section("II. Nội dung khảo sát")
    document.subsection("1. Phạm vi, đối tượng")
    kinds = ", ".join(f"{group.n_units} {_KINDS[group.kind]}" for group in plan.groups)
    document.paragraph(
        f"Khảo sát tại {_count(plan.n_units)} đơn vị ({kinds}). Đối tượng là người dân từ đủ 18 tuổi và đại diện tổ "
        f"chức đã giao dịch thủ tục hành chính. Quy mô tổng thể: {_count(plan.population)}, lấy từ "
        f"{_SOURCES[asked.source]}."
    )
    document.subsection("2. Phương pháp chọn mẫu")
    shared = (
        "Mỗi đơn vị có số phiếu đủ cho sai số yêu cầu của đơn vị mình"
        if asked.aim == "units" and asked.total is None
        else f"Số phiếu được phân bổ {_ALLOCATIONS[asked.allocation]}"
    )
    document.paragraph(
        f"Chọn mẫu ngẫu nhiên phân tầng, mỗi đơn vị là một tầng. {shared}, ít nhất {_count(asked.minimum)} phiếu một "
        "đơn vị. Danh sách dự phòng được chọn trước, cùng lúc với danh sách chính; việc thay thế theo đúng thứ tự dự "
        "phòng và ghi vào nhật ký."
    )
    document.subsection("3. Cỡ mẫu")
    document.paragraph(
        f"Tổng số phiếu hoàn thành: {_count(plan.n)} phiếu; dự kiến mời {_count(plan.n_invited)} người (tỷ lệ trả lời "
        f"dự kiến {_percent(asked.response_rate, 0)}). Mục tiêu ước lượng: {_AIMS[asked.aim]}. Giả định: tỷ lệ hài "
        f"lòng {_percent(asked.share)}, độ tin cậy {_percent(asked.confidence_level, 0)}, sai số yêu cầu "
        f"±{_points(asked.margin)} điểm phần trăm, hệ số thiết kế {_decimal(plan.design_effect)}. Sai số đạt được của "
        f"số liệu chung: ±{_points(plan.margin)} điểm phần trăm (đã tính quy mô hữu hạn)."
    )
    document.paragraph(
        f"Để tham khảo: công thức Yamane (e = {_percent(asked.yamane_margin, 0)}) cho {_count(plan.yamane_whole)} "
        f"phiếu nếu coi cả tỉnh là một tập hợp và {_count(plan.yamane_units)} phiếu nếu tính riêng từng đơn vị."
    )
    document.table(
        (
            Column("Nhóm đơn vị", 5.6), Column("Số đơn vị", 2.4, is_number=True),
            Column("Số phiếu", 2.6, is_number=True), Column("Sai số (±, điểm phần trăm)", 4.2, is_number=True),
        ),
        [
            *(
                (_KINDS[group.kind].capitalize(), _count(group.n_units), _count(group.n), _points(group.margin))
                for group in plan.groups
            ),
            ("Cộng", _count(plan.n_units), _count(plan.n), _points(plan.margin)),
        ],
        last_is_total=True,
    )  # fmt: skip
    document.subsection("4. Phiếu khảo sát và hình thức thu thập")
    document.paragraph(
        f"Sử dụng phiếu hỏi {BLANK} (phiên bản đã ban hành trong hệ thống). Hình thức: {BLANK} (phỏng vấn trực tiếp, "
        "điện thoại, trực tuyến, phiếu giấy). Số liệu của từng hình thức được trình bày riêng."
    )


def _work(document: OfficialDocument, plan: Plan) -> None:
    asked = plan.asked
    document.section("III. Tổ chức thực hiện")
    document.subsection("1. Thời gian")
    document.paragraph(
        f"Thu thập phiếu từ ngày {BLANK} đến ngày {BLANK}. Với {_count(asked.n_interviewers)} phỏng vấn viên, mỗi "
        f"người {_count(asked.interviews_a_day)} phiếu một ngày, cần khoảng {_count(plan.n_days)} ngày làm việc."
    )
    document.subsection("2. Kinh phí")
    document.paragraph(_cost_words(plan))
    document.subsection("3. Phân công trách nhiệm")
    document.paragraph(
        "a) Cơ quan chủ trì khảo sát: lập danh sách, chọn mẫu, giao phiếu, phúc tra, tổng hợp và báo cáo kết quả."
    )
    document.paragraph(
        "b) Các đơn vị được khảo sát: cung cấp đầy đủ danh sách hồ sơ hoặc danh sách thôn, tổ dân phố; không can thiệp "
        "vào việc chọn người và trả lời phiếu."
    )
    document.paragraph(f"c) Cơ quan giám sát: {BLANK}.")
    document.paragraph(
        "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các đơn vị kịp thời phản ánh về cơ quan chủ trì để xem "
        "xét, giải quyết./."
    )


def _cost_words(plan: Plan) -> str:
    asked = plan.asked
    parts = [
        (asked.cost_interview, "đồng một phiếu"),
        (asked.cost_unit, "đồng một đơn vị"),
        (asked.cost_fixed, "đồng chi phí cố định"),
    ]
    named = ", ".join(f"{_count(value)} {words}" for value, words in parts if value)
    estimate = f"{_count(plan.cost)} đồng (gồm {named})" if named else f"{BLANK} đồng"
    return f"Dự toán: {estimate}. Nguồn kinh phí: {BLANK}."


def _unit_rows(plan: Plan) -> list[tuple[str, ...]]:
    rows = [
        (
            str(number),
            row.title,
            _count(row.population),
            _count(row.n),
            _count(row.n_invited),
            _points(row.margin),
        )
        for number, row in enumerate(plan.rows, 1)
    ]
    total = (
        "",
        "Cộng",
        _count(plan.population),
        _count(plan.n),
        _count(plan.n_invited),
        _points(plan.margin),
    )
    return [*rows, total]


def _count(value: int) -> str:
    return formatting.count(value)


def _percent(value: float, digits: int = 1) -> str:
    return formatting.percent(value, digits=digits)


def _points(value: float) -> str:
    return formatting.percent_bare(value)


def _decimal(value: float) -> str:
    return formatting.decimal_number(value, digits=2)
