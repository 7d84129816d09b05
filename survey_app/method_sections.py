"""How each number is made: a plain sentence first, then the formula, for the page of methods."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True)
class MethodSection:
    """One method: what it does in plain words, what to keep in mind, and its formula as "
    "statisticians write it."""

    anchor: str
    title: LazyString
    plain: LazyString
    caution: LazyString
    formula: str
    source: LazyString


METHOD_SECTIONS = (
    MethodSection(
        "share",
        _("Tỷ lệ hài lòng"),
        _("Số phiếu chọn “Hài lòng” hoặc “Rất hài lòng” chia cho số phiếu có trả lời câu hỏi đó."),
        _(
            "“Bình thường” không tính là hài lòng. “Không biết”, “không liên quan” và bỏ trống nằm "
            "ngoài phép chia. "
            "Người trả lời là đơn vị của mọi phép tính: hai mươi hai câu của một người là một quan sát."
        ),
        "p = k / n\nk: số phiếu ở hai mức cao nhất; n: số phiếu có trả lời",
        _("Khảo sát chọn mẫu có trọng số: p = Σ w·x / Σ w·r."),
    ),
    MethodSection(
        "indices",
        _("Bốn chỉ số"),
        _("Bốn cách lấy trung bình trên cùng các phiếu, mỗi cách trả lời một câu hỏi khác."),
        _(
            "Gộp câu trả lời; trung bình theo câu hỏi; trung bình theo nhóm tiêu chí; trung bình theo "
            "người trả lời. "
            "Không so số tính theo cách này với số tính theo cách kia. Không cách nào là SIPAS do Bộ "
            "Nội vụ công bố."
        ),
        "pooled_answers             = ΣΣ s / ΣΣ r\n"
        "mean_of_item_shares        = (1/J) Σ_j s_j / r_j\n"
        "mean_of_factor_shares      = (1/G) Σ_g s_g / r_g\n"
        "mean_of_respondent_shares  = (1/n) Σ_i s_i / r_i",
        _("s: số câu hài lòng; r: số câu có trả lời; chỉ từ phiếu đầy đủ."),
    ),
    MethodSection(
        "interval",
        _("Khoảng tin cậy và khi nào dùng cách nào"),
        _("Khoảng cho biết mức thật có thể nằm ở đâu, với số phiếu hiện có."),
        _(
            "Thường dùng khoảng Wilson. Mẫu ngẫu nhiên nhỏ: khoảng siêu bội đúng. Mọi người đều hài "
            "lòng, hoặc dưới "
            "30 phiếu hữu hiệu, hoặc dưới 8 bậc tự do: khoảng Korn–Graubard. Đang giữa kỳ và được xem "
            "mỗi ngày: dãy "
            "khoảng tin cậy hỗn hợp beta, vì khoảng thường bị xem lại nhiều lần sẽ sai nhiều hơn mức đã nêu."
        ),
        "(p + c²/2m ± c √(p(1−p)/m + c²/4m²)) / (1 + c²/m)\n"
        "m = n_eff = n / deff;  c = t(df), hoặc chuẩn khi deff cho trước",
        _("Wilson (1927); Korn và Graubard (1998). Hiệu hai tỷ lệ: Newcombe (1998), cách 10."),
    ),
    MethodSection(
        "deff",
        _("Hệ số thiết kế"),
        _(
            "Những phiếu cùng một máy trong cùng một ngày giống nhau hơn, nên mang ít thông tin hơn số đếm của chúng."
        ),
        _(
            "Cụm là máy–ngày; với mã QR là mã–ngày; với phỏng vấn là tháng của người phỏng vấn; với "
            "phiếu giấy là một hòm. "
            "Luồng tự nguyện không bao giờ lấy hệ số dưới 1. Đơn vị không tự ước lượng được thì mượn "
            "hệ số chung."
        ),
        "deff = Var_thiết kế(p) / (p(1−p)/n)\n"
        "Var = gᵀ [ Σ_h (1−f_h) m_h/(m_h−1) (Σ_c V_c V_cᵀ − S_h S_hᵀ/m_h) ] g",
        _("Tuyến tính hóa Taylor; bậc tự do là số cụm trừ số tầng."),
    ),
    MethodSection(
        "fpc",
        _("Hiệu chỉnh tổng thể hữu hạn"),
        _("Khi mẫu được chọn ngẫu nhiên từ danh sách đầy đủ, phần danh sách đã hỏi không còn sai số."),
        _(
            "Chỉ dùng cho mẫu ngẫu nhiên từ danh sách biết trước. Phản hồi tự nguyện không bao giờ "
            "được hiệu chỉnh, dù "
            "bao nhiêu người trả lời: như thế là làm cho một con số lệch trông có vẻ chắc chắn."
        ),
        "Var × (1 − n/N)",
        _("Cochran (1977)."),
    ),
    MethodSection(
        "target",
        _("So với mục tiêu"),
        _("Chỉ kết luận đạt khi cả khoảng nằm từ mục tiêu trở lên, không đạt khi cả khoảng nằm dưới."),
        _(
            "Còn lại là chưa đủ căn cứ, không phải gần đạt. Khi kỳ chưa hết, kết luận theo dãy khoảng tin cậy."
        ),
        "cận dưới ≥ mục tiêu: đạt;  cận trên < mục tiêu: không đạt",
        _("Số chưa làm tròn được đem so."),
    ),
    MethodSection(
        "tiers",
        _("Nhóm so với mức tỉnh và sai lầm khi so nhiều lần"),
        _("Một đơn vị chỉ được xếp cao hơn hoặc thấp hơn khi chênh lệch vượt quá dao động ngẫu nhiên."),
        _(
            "So 78 đơn vị ở mức 5% thì ngẫu nhiên cũng cho khoảng bốn kết luận sai, nên các giá trị p "
            "được chỉnh để xác suất "
            "có bất kỳ kết luận sai nào trong tỉnh không quá 5%. Dưới 30 phiếu: chưa đủ dữ liệu, "
            "không tham gia so sánh. "
            "Không khác biệt rõ không có nghĩa là bằng nhau."
        ),
        "Fisher đúng, hai phía, đơn vị với phần còn lại của tỉnh; Holm: p_(i) ≤ α / (K − i + 1)",
        _("Holm (1979); sàng lọc dấu hiệu: Benjamini–Hochberg (1995)."),
    ),
    MethodSection(
        "ranks",
        _("Khoảng thứ hạng"),
        _("Thứ hạng được ghi thành khoảng: những hạng chưa loại trừ được với số phiếu hiện có."),
        _(
            "Chỉ mẫu ngẫu nhiên được xếp hạng. Xác suất nằm trong nhóm đầu hay cuối để đọc thêm, không để kết luận."
        ),
        "1 + #{k: chắc chắn cao hơn} … K − #{k: chắc chắn thấp hơn}, đồng thời 95%",
        _("Mogstad, Romano, Shaikh và Wilhelm (2024); Klein, Wright và Wieczorek (2020)."),
    ),
    MethodSection(
        "control",
        _("Biểu đồ kiểm soát"),
        _("Điểm nằm giữa hai giới hạn là dao động thường; điểm nằm ngoài mới đáng tìm nguyên nhân."),
        _(
            "Tuần ít phiếu được gộp cho đủ. Giới hạn theo số phiếu từng điểm. Đổi phiếu hỏi thì bắt "
            "đầu đường mới. "
            "Không có mũi tên tăng giảm."
        ),
        "p̄ ± 3 σ_z √(p̄(1−p̄)/n_t);  σ_z theo Laney khi tuần dao động hơn ngẫu nhiên",
        _("Laney (2002); tám điểm liền một phía cũng là dấu hiệu."),
    ),
    MethodSection(
        "change",
        _("Trước và sau một biện pháp"),
        _("Chênh lệch trước–sau kèm khoảng; có nhóm đối chứng thì trừ đi thay đổi của nhóm đó."),
        _(
            "Không có đối chứng thì thay đổi có thể do mùa vụ. Cả hai trường hợp đều chưa phải chứng minh nguyên nhân."
        ),
        "(p₁₁ − p₁₀) − (p₀₁ − p₀₀), khoảng ghép từ khoảng của hai thay đổi (MOVER)",
        _("Zou và Donner (2008)."),
    ),
    MethodSection(
        "shrinkage",
        _("Ước lượng co"),
        _(
            "Tỷ lệ của đơn vị ít phiếu được kéo về mức chung: dự đoán tốt hơn, và luôn đứng cạnh số trực tiếp."
        ),
        _("Không thay cho số của đơn vị, không dùng để xếp loại."),
        "p̃_i = w_i p_i + (1 − w_i) μ;  w_i = n_i / (n_i + φ), lấy trung bình theo phân phối của (μ, φ)",
        _("Bayes thực nghiệm beta–nhị thức, tích phân theo tham số chung."),
    ),
    MethodSection(
        "standardisation",
        _("Chuẩn hóa theo kênh"),
        _("Các đơn vị được so như thể có cùng tỷ lệ phiếu từ máy, mã QR, giấy và phỏng vấn."),
        _("Đứng cạnh số gốc, không thay số gốc. Kênh quá ít phiếu thì không chuẩn hóa và ghi rõ."),
        "p* = Σ_g W_g p_g;  W_g: cơ cấu kênh chung của tỉnh",
        _(
            "Chuẩn hóa trực tiếp; chênh lệch được tách thành phần do tỷ lệ và phần do cơ cấu (Kitagawa, 1955)."
        ),
    ),
    MethodSection(
        "withholding",
        _("Ô được ẩn"),
        _("Ô ít phiếu được ẩn, và ẩn thêm ô khác khi tổng số có thể làm lộ ô đã ẩn."),
        _(
            "Ngưỡng tính trên số phiếu của ô, không bao giờ trên tử số. Trang, tệp, bản in và giao "
            "diện cho phần mềm dùng "
            "cùng một phép ẩn; mỗi kỳ phát hành được thử suy ngược bằng một chương trình khác."
        ),
        "ẩn nếu 0 < n < k; bổ sung: ẩn tập ô nhỏ nhất sao cho không ô nào suy ra được từ các tổng",
        _("Ẩn bổ sung; kiểm tra bằng hệ phương trình trên toàn kế hoạch phát hành."),
    ),
)


POLICY_TITLES: Mapping[str, LazyString] = {
    "min_staff": _("Số phiếu ít nhất của một ô, trang nội bộ"),
    "min_public": _("Số phiếu ít nhất của một ô, công khai"),
    "min_index": _("Số phiếu ít nhất để nêu tỷ lệ kèm khoảng"),
    "min_single_officer": _("Số phiếu ít nhất của quầy một cán bộ"),
    "min_half_day": _("Số phiếu ít nhất để chia theo nửa ngày"),
    "min_chart_point": _("Số phiếu ít nhất của một điểm trên biểu đồ"),
    "release_min_new": _("Số phiếu mới ít nhất cho một lần cập nhật"),
    "comment_release_min": _("Số góp ý ít nhất của một đợt mở"),
    "coarsen_dates_after_days": _("Số ngày sau khóa sổ thì chỉ còn giữ tháng"),
    "confidence_level": _("Độ tin cậy"),
    "target": _("Mục tiêu"),
    "alpha": _("Xác suất sai lầm khi xếp nhóm"),
    "tier_adjustment": _("Chỉnh khi xếp nhóm"),
    "screen_adjustment": _("Chỉnh khi sàng lọc dấu hiệu"),
}
"""Values of the policy, in the order of the page."""

VERSIONS = (
    (
        "1.4",
        _(
            "Đơn vị chọn mẫu theo nhiều tầng thì tỷ lệ tính theo trọng số của từng tầng. Đợt không có khung mẫu "
            "dùng số hồ sơ của đơn vị để hiệu chỉnh quy mô hữu hạn."
        ),
    ),
    (
        "1.3",
        _(
            "Số liệu của đợt đã khóa sổ là số lúc khóa sổ. So sánh qua hai phiên bản phiếu chỉ khi "
            "bảng ánh xạ ghi “giống nhau”. "
            "Mẫu đã chọn tính theo tầng và trọng số."
        ),
    ),
    ("1.2", _("Phỏng vấn gom cụm theo người phỏng vấn và tháng: khoảng rộng hơn, tỷ lệ không đổi.")),
    ("1.1", _("Thêm khoảng hạng, giới hạn phễu, ước lượng co, mục tiêu của kỳ đang chạy; tỷ lệ không đổi.")),
)
"""What changed in which version of the method, the newest first."""

AAPOR = (
    _("Ai thực hiện và ai chi trả: cơ quan ghi ở đầu báo cáo; không có nhà tài trợ ngoài."),
    _("Câu hỏi nguyên văn và thang trả lời: thư viện phiếu hỏi, theo phiên bản, kèm trong phụ lục."),
    _("Tổng thể và khung: khảo sát chọn mẫu từ danh sách hồ sơ; phản hồi tự nguyện không có khung."),
    _("Cách chọn, thời gian, kênh, ngôn ngữ: ghi theo từng đợt, kể cả số ban đầu của phép chọn ngẫu nhiên."),
    _("Số phiếu, tỷ lệ phản hồi, phiếu thay, phiếu loại: ghi cả số trước và sau khi loại."),
    _("Trọng số, hệ số thiết kế, khoảng: ghi cạnh từng số."),
    _("Giới hạn: người tự chọn trả lời có thể khác người không trả lời; khoảng không đo được điều đó."),
)
"""What the transparency rules of AAPOR ask a survey to tell, and where it stands."""
