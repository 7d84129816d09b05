"""What each figure is, and what it is not: the words behind every "?" beside a figure."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True)
class FigureNote:
    """The name of a figure, what it says, and what must not be read from it."""

    title: LazyString
    says: LazyString
    says_not: LazyString


FIGURE_NOTES: Mapping[str, FigureNote] = {
    "overall": FigureNote(
        _("Tỷ lệ hài lòng"),
        _(
            "Số phiếu chọn “Hài lòng” hoặc “Rất hài lòng” chia cho số phiếu có trả lời câu hỏi chung. "
            "“Không biết” và bỏ trống nằm ngoài phép chia. Khoảng đi kèm cho biết mức thật có thể nằm ở đâu."
        ),
        _(
            "Không phải chỉ số SIPAS, không phải điểm của chín chỉ số. “Bình thường” không tính là hài lòng. "
            "Không nói gì về người không trả lời."
        ),
    ),
    "target": FigureNote(
        _("Kết luận so với mục tiêu"),
        _(
            "Chỉ kết luận đạt khi cận dưới của khoảng không thấp hơn mục tiêu, không đạt khi cận trên thấp hơn; "
            "còn lại là chưa đủ căn cứ."
        ),
        _("“Chưa đủ căn cứ” không có nghĩa là gần đạt hay gần không đạt."),
    ),
    "change": FigureNote(
        _("Biểu đồ kiểm soát và chênh lệch với kỳ trước"),
        _(
            "Mỗi điểm là một hoặc vài tuần gộp cho đủ phiếu; hai đường giới hạn là vùng dao động ngẫu nhiên "
            "theo số phiếu của điểm đó. Điểm nằm ngoài giới hạn mới là dấu hiệu khác thường."
        ),
        _(
            "Không phải mũi tên tăng giảm. Điểm sau cao hơn điểm trước chưa phải là tiến bộ; "
            "biểu đồ không cho biết nguyên nhân."
        ),
    ),
    "reasons": FigureNote(
        _("Lý do được nêu"),
        _(
            "Trong những phiếu được hỏi lý do, bao nhiêu phiếu nêu từng lý do. Một phiếu có thể nêu nhiều lý do "
            "nên các tỷ lệ cộng lại có thể quá 100%. Cột lũy kế tính trên tổng số lượt nêu."
        ),
        _(
            "Không phải tỷ lệ người dân gặp vấn đề đó: chỉ phiếu chưa hài lòng mới được hỏi lý do chưa hài lòng."
        ),
    ),
    "factors": FigureNote(
        _("Các yếu tố"),
        _(
            "Tỷ lệ hài lòng trên mọi câu trả lời của các tiêu chí trong yếu tố, chỉ lấy từ phiếu đầy đủ. "
            "Xếp theo cận dưới của khoảng, thấp nhất trước."
        ),
        _("Hai yếu tố có khoảng chồng nhau thì chưa tách được; thứ tự khi đó không phải xếp hạng."),
    ),
    "importance": FigureNote(
        _("Mong đợi và hài lòng"),
        _(
            "Mỗi điểm là một yếu tố. Trục dọc: tỷ lệ người mong cải thiện ít nhất một điều thuộc yếu tố đó. "
            "Trục ngang: tỷ lệ hài lòng với yếu tố. Góc nhiều người mong đợi mà ít hài lòng là nơi nên xem trước."
        ),
        _(
            "Không phải quan hệ nhân quả: cải thiện một yếu tố chưa chắc làm tăng mức hài lòng chung. "
            "Điểm có khoảng cắt qua đường chia thì chưa xếp được vào góc nào."
        ),
    ),
    "who": FigureNote(
        _("Ai đã trả lời"),
        _("Số phiếu và tỷ lệ hài lòng theo cách trả lời, giai đoạn, người giúp thao tác và lĩnh vực."),
        _(
            "Không phải cơ cấu người dân của địa bàn. Chênh lệch giữa các nhóm có thể do nhóm khác nhau, "
            "không hẳn do phục vụ khác nhau. Nhóm nhỏ được ẩn cùng một nhóm khác để không ai suy ra được."
        ),
    ),
    "comments": FigureNote(
        _("Góp ý bằng lời"),
        _(
            "Lời người dân viết, mở theo đợt vào một ngày cố định khi đủ số lượng, thứ tự đã xáo trộn. "
            "Số điện thoại, số giấy tờ, địa chỉ thư, biển số và số tài khoản được che."
        ),
        _(
            "Không nối được với phiếu nào hay ngày nào. Không phải phản ánh, kiến nghị hay khiếu nại chính thức."
        ),
    ),
    "themes": FigureNote(
        _("Chủ đề của góp ý"),
        _(
            "Những từ và cụm từ xuất hiện ở đơn vị này nhiều hơn hẳn so với góp ý của các đơn vị khác trong tỉnh "
            "(tỷ số log-odds có điều chỉnh). Tỷ lệ là phần góp ý có nhắc đến, kèm khoảng."
        ),
        _(
            "Máy chỉ đếm từ, không hiểu nghĩa: một từ có thể dùng để khen hoặc để chê. "
            "Không phải tỷ lệ người dân gặp vấn đề đó."
        ),
    ),
    "quality": FigureNote(
        _("Dấu hiệu cần kiểm tra"),
        _(
            "Số phiếu mang một dấu hiệu lạ (quá nhanh, ngoài giờ, dồn dập, giống hệt nhau) "
            "và tỷ lệ hài lòng khi bỏ các phiếu đó ra."
        ),
        _(
            "Không phải kết luận vi phạm. Phiếu thật vẫn có thể mang dấu hiệu, phiếu không thật vẫn có thể không mang."
        ),
    ),
    "indices": FigureNote(
        _("Bốn chỉ số khác nhau"),
        _(
            "Bốn cách tính trung bình trên cùng các phiếu đầy đủ. Mỗi cách trả lời một câu hỏi khác nên cho số khác."
        ),
        _(
            "Không được so số tính theo cách này với số tính theo cách kia, "
            "và không cách nào là SIPAS do Bộ Nội vụ công bố."
        ),
    ),
    "trail": FigureNote(
        _("Cách tính"),
        _(
            "Bảng đếm từng mức trả lời, công thức và phép chia: cộng và chia lại bằng tay sẽ ra đúng tỷ lệ đã nêu."
        ),
        _("Không mở được phiếu nào: chỉ có tổng số của từng mức."),
    ),
    "breakdown": FigureNote(
        _("Chia theo nhóm"),
        _(
            "Tỷ lệ hài lòng trong từng nhóm với số phiếu và khoảng. Nhóm dưới ngưỡng được ẩn, "
            "kèm thêm nhóm khác khi tổng số có thể làm lộ nhóm đã ẩn."
        ),
        _("Không phải xếp hạng các quầy hay cán bộ. Nhóm ít phiếu dao động rất rộng do ngẫu nhiên."),
    ),
    "single_officer": FigureNote(
        _("Quầy một cán bộ"),
        _("Quầy chỉ có một người làm: chỉ giám đốc xem, khi đủ số phiếu theo quy định, luôn kèm khoảng."),
        _("Không dùng để xếp loại cán bộ, không có chiều hướng theo thời gian, không xuất ra tệp."),
    ),
    "nine_indicators": FigureNote(
        _("Chín chỉ số giải quyết thủ tục hành chính"),
        _(
            "Điểm trung bình 2/1/0 trên mỗi hồ sơ hoặc trên đơn vị, theo văn bản đã chọn làm căn cứ; "
            "cộng các chỉ số thành tổng điểm."
        ),
        _(
            "Không phải tỷ lệ hài lòng và không cộng với tỷ lệ hài lòng. Thiếu chỉ số thì không xếp loại, "
            "vì ngưỡng không được chia lại."
        ),
    ),
    "service_quality": FigureNote(
        _("Mức độ hài lòng trên Cổng Dịch vụ công"),
        _(
            "Con số nhập từ Cổng Dịch vụ công quốc gia, thuộc Bộ chỉ số tại "
            "Quyết định 766/QĐ-TTg, điểm trên số điểm tối đa."
        ),
        _("Hệ thống này không tính ra nó và không kiểm chứng được nó."),
    ),
    "sipas": FigureNote(
        _("SIPAS (Bộ Nội vụ công bố)"),
        _("Chỉ số do Bộ Nội vụ công bố cho cả tỉnh, nhập lại đúng hai chữ số thập phân."),
        _(
            "Không phải số của đơn vị này và không tính được từ phiếu tại đây. Công bố không kèm khoảng tin cậy."
        ),
    ),
    "comparison": FigureNote(
        _("So sánh các đơn vị"),
        _(
            "Mỗi đơn vị với khoảng của mình và nhóm so với mức chung của tỉnh, đã kiểm soát sai lầm khi so nhiều lần."
        ),
        _("“Không khác biệt rõ” không có nghĩa là bằng nhau. Không dùng thứ tự trong bảng làm hạng."),
    ),
    "tier": FigureNote(
        _("Nhóm so với mức tỉnh"),
        _(
            "Cao hơn hoặc thấp hơn chỉ khi chênh lệch vượt quá dao động ngẫu nhiên, kể cả khi so nhiều đơn vị cùng lúc."
        ),
        _("Không phải xếp loại thi đua. Đơn vị ít phiếu khó vào nhóm cao hoặc thấp hơn dù thật sự khác."),
    ),
    "rank": FigureNote(
        _("Hạng từ – đến"),
        _("Những thứ hạng chưa loại trừ được với số phiếu hiện có."),
        _("Không có một thứ hạng duy nhất: hai đơn vị có khoảng hạng chồng nhau thì chưa phân biệt được."),
    ),
    "funnel": FigureNote(
        _("Biểu đồ phễu"),
        _(
            "Đơn vị nằm trong phễu có chênh lệch mà riêng ngẫu nhiên cũng giải thích được; phễu hẹp dần theo số phiếu."
        ),
        _("Nằm ngoài phễu chưa nói lên nguyên nhân; nên xem kênh và giai đoạn trước khi kết luận."),
    ),
    "shrunk": FigureNote(
        _("Ước lượng co"),
        _("Tỷ lệ của đơn vị kéo về mức chung, kéo nhiều khi ít phiếu: dự đoán tốt hơn cho đơn vị nhỏ."),
        _("Không thay cho số của đơn vị và không dùng để xếp loại."),
    ),
    "response_rate": FigureNote(
        _("Phản hồi"),
        _("Số phiếu hợp lệ chia cho số hồ sơ trong kỳ; ở khảo sát chọn mẫu là số phiếu chia cho chỉ tiêu."),
        _("Phản hồi cao không tự làm cho kết quả đúng; điều cần xem là ai đã không trả lời."),
    ),
    "chances": FigureNote(
        _("Xác suất thuộc nhóm đầu, nhóm cuối"),
        _("Với số phiếu hiện có, khả năng mức thật của đơn vị nằm trong nhóm đầu hoặc nhóm cuối của tỉnh."),
        _("Không phải thứ hạng và không dùng để kết luận; kết luận nằm ở nhóm so với mức tỉnh."),
    ),
    "mix": FigureNote(
        _("Kênh và giai đoạn"),
        _("Phiếu của mỗi đơn vị đến từ kênh nào và ở giai đoạn nào của hồ sơ."),
        _("Không phải đánh giá kênh. Cơ cấu khác nhau đủ làm hai tỷ lệ khác nhau dù phục vụ như nhau."),
    ),
    "trend_weeks": FigureNote(
        _("Xu hướng theo tuần"),
        _("Tỷ lệ của các tuần và đường xu hướng, có tính việc các tuần liền nhau giống nhau."),
        _("Không phải dự báo. Vạch đứng là nơi đổi phiếu hỏi hoặc phương pháp; không so qua vạch."),
    ),
    "trend_waves": FigureNote(
        _("Xu hướng theo đợt"),
        _("Kết quả của các đợt, chỉ nối với nhau khi câu hỏi được xác định là giống nhau."),
        _("Hai đợt không nối thì không so được, kể cả khi con số trông gần nhau."),
    ),
    "multiples": FigureNote(
        _("Từng đơn vị theo tháng"),
        _("Mỗi ô một đơn vị, cùng một thang, để nhìn nơi nào khác thường."),
        _(
            "Không phải kết luận: lên xuống trong ô nhỏ phần lớn là ngẫu nhiên; muốn chắc hãy mở trang của đơn vị."
        ),
    ),
    "before_after": FigureNote(
        _("Trước và sau khắc phục"),
        _("Tỷ lệ sau trừ tỷ lệ trước, kèm khoảng; có nhóm đối chứng thì trừ thêm thay đổi của nhóm đó."),
        _("Không chứng minh biện pháp là nguyên nhân, nhất là khi không có nhóm đối chứng."),
    ),
    "before_after_each": FigureNote(
        _("Trước và sau ở từng đơn vị"),
        _("Các tỷ lệ trước và sau đã dùng để tính chênh lệch, mỗi đơn vị một dòng."),
        _("Không dùng để tìm đơn vị tốt nhất: so nhiều dòng thì ngẫu nhiên cũng cho dòng nổi bật."),
    ),
    "crosstab_test": FigureNote(
        _("Kiểm định hai đặc điểm"),
        _("Nếu hai đặc điểm không liên quan, khả năng thấy khác biệt cỡ này; có tính thiết kế (Rao–Scott)."),
        _("Trị p nhỏ không nói khác biệt lớn, cũng không nói cái nào gây ra cái nào."),
    ),
    "crosstab": FigureNote(
        _("Bảng chéo"),
        _("Tỷ lệ trong từng nhóm kèm khoảng; ô ít phiếu được ẩn cùng ô khác."),
        _("Là của người trả lời, không phải của dân cư. Nhóm khác nhau ở nhiều điều ngoài hai đặc điểm này."),
    ),
    "drivers": FigureNote(
        _("Phần của từng yếu tố"),
        _("Phần biến thiên của đánh giá chung đi cùng mỗi yếu tố, chia đều cho mọi thứ tự đưa vào (LMG)."),
        _(
            "Là mối liên hệ, không phải nguyên nhân. Khi các yếu tố quá giống nhau thì không tách được phần của ai."
        ),
    ),
    "reliability": FigureNote(
        _("Độ nhất quán của thang đo"),
        _("Alpha và omega: các câu của một nhóm có cùng đo một điều không."),
        _("Không phải chất lượng phục vụ. Alpha rất cao có thể do các câu hỏi trùng nhau."),
    ),
    "items": FigureNote(
        _("Từng câu"),
        _("Câu nào hay bị bỏ trống, câu nào ai cũng chọn mức cao nhất nên không phân biệt được."),
        _("Không phải câu nào phục vụ kém: trang này đánh giá câu hỏi, không đánh giá đơn vị."),
    ),
    "likeness": FigureNote(
        _("Giống nhau trong cụm"),
        _("Phiếu cùng máy một ngày, cùng điểm hay cùng người phỏng vấn giống nhau hơn bao nhiêu."),
        _("Giá trị cao ở người phỏng vấn là lý do để phúc tra, chưa phải kết luận làm sai."),
    ),
    "coverage": FigureNote(
        _("Nhóm còn thiếu"),
        _("Những nhóm có quá ít phiếu để nêu tỷ lệ, và những nhóm mà phiếu không hỏi tới."),
        _("Không nói nhóm đó nghĩ gì; chính vì thiếu phiếu nên chưa biết."),
    ),
    "equity": FigureNote(
        _("Công bằng giữa các nhóm"),
        _("Tỷ lệ hài lòng của từng nhóm kèm khoảng, bên cạnh độ phủ của nhóm đó."),
        _("Hai nhóm bằng điểm chưa chắc được phục vụ như nhau: người gặp khó nhất có thể đã không trả lời."),
    ),
    "published": FigureNote(
        _("Kết quả đã công bố"),
        _("Số liệu đã qua lấy ý kiến đơn vị, được người thứ hai duyệt và giữ nguyên từ ngày công bố."),
        _("Không phải SIPAS do Bộ Nội vụ công bố. Số phiếu đến sau ngày khóa sổ không nằm trong đó."),
    ),
    "published_units": FigureNote(
        _("Kết quả từng đơn vị"),
        _("Mỗi đơn vị với khoảng và nhóm so với mức chung của tỉnh."),
        _("Thứ tự trong bảng không phải hạng. “Không khác biệt rõ” không có nghĩa là bằng nhau."),
    ),
}
"""By the name that templates call it with."""


def figure_note(name: str) -> FigureNote:
    """The note of a figure; a name without words is a fault of the page, not of the reader."""
    return FIGURE_NOTES[name]
