"""What people wrote: simulated sentences, one month and one unit to each, released in batches."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_app.demo.places import ISLAND, MANAGED_UNIT, UnitPlace
from survey_app.demo.records import random_ids
from survey_app.demo.truth import Truth
from survey_app.models import Comment
from survey_app.months import months_later
from survey_app.services.comments import BATCH_WEEKDAY

GOOD = (
    "Cán bộ hướng dẫn tận tình, hồ sơ làm một lần là xong.",
    "Trả kết quả sớm hơn giấy hẹn hai ngày, gia đình rất phấn khởi.",
    "Nơi ngồi chờ sạch sẽ, có nước uống và có chỗ cho người già.",
    "Thủ tục chứng thực nhanh, chỉ chờ khoảng mười lăm phút.",
    "Cán bộ giải thích rõ từng loại giấy tờ cần nộp.",
    "Tôi được giúp nộp hồ sơ trực tuyến ngay tại quầy, rất thuận tiện.",
    "Thái độ phục vụ lịch sự, khác hẳn mấy năm trước.",
    "Lệ phí niêm yết rõ ràng, thu đúng, có biên lai.",
    "Làm giấy khai sinh cho cháu nhanh, không phải đi lại nhiều.",
    "Có tin nhắn báo khi hồ sơ xong nên không phải lên hỏi.",
    "Bà con ở xa lên được ưu tiên làm trước, rất cảm động.",
    "Số thứ tự gọi đúng lượt, không chen lấn.",
    "Kết quả chính xác, không sai sót gì.",
    "Đoàn viên thanh niên hỗ trợ quét mã rất nhiệt tình.",
    "Hồ sơ đất đai lần này được hướng dẫn đầy đủ ngay từ đầu.",
    "Mong bộ phận một cửa giữ được tinh thần phục vụ như hiện nay.",
)
BAD = (
    "Chờ gần hai tiếng mới đến lượt, buổi sáng chỉ mở một quầy.",
    "Phải bổ sung giấy tờ ba lần, mỗi lần một yêu cầu khác.",
    "Hồ sơ đất trễ hẹn gần một tháng, không có thư xin lỗi.",
    "Nộp trực tuyến hay bị lỗi ở bước tải tệp, phải lên tận nơi.",
    "Nhà xa hơn ba mươi cây số, đi lại nhiều lần rất tốn kém.",
    "Hướng dẫn trên bảng chữ nhỏ, người lớn tuổi khó đọc.",
    "Ghế chờ ít, trời nóng không có quạt.",
    "Gọi điện hỏi tình trạng hồ sơ nhưng không ai nghe máy.",
    "Cán bộ trả lời chưa rõ vì sao hồ sơ bị trả lại.",
    "Máy lấy số bị hỏng, bà con phải tự xếp hàng.",
    "Kết quả ghi sai năm sinh, phải làm lại từ đầu.",
    "Từ ngày sáp nhập phải đi xa hơn, mong có điểm tiếp nhận gần hơn.",
    "Chỗ để xe chật, ngày đầu tuần rất đông.",
    "Phản ánh lần trước chưa thấy trả lời.",
    "Yêu cầu nộp bản sao giấy tờ đã có trên hệ thống.",
    "Chưa rõ khoản phí nào phải nộp, khoản nào được miễn.",
)
NEUTRAL = (
    "Đề nghị làm việc thêm sáng thứ Bảy cho người đi làm.",
    "Mong có hướng dẫn bằng tiếng Bru – Vân Kiều.",
    "Nên có mẫu đơn điền sẵn để bà con xem theo.",
    "Đề nghị nhắn tin khi hồ sơ xong, đừng chỉ gọi điện.",
    "Nên thêm một quầy cho người cao tuổi và người khuyết tật.",
    "Cần bảng chỉ dẫn từ cổng vào đến quầy.",
    "Mong rút ngắn thời gian cấp bản trích lục.",
    "Nên có chỗ cho trẻ em trong lúc bố mẹ làm thủ tục.",
)
# What people of one unit write about more than others do; numbers and names are made up, to be seen covered.
MANAGED_TEXTS = (
    ("Chỗ để xe quá chật, phải gửi xe ngoài đường.", "bad"),
    ("Chỗ để xe không có mái che, trời mưa ướt hết.", "bad"),
    ("Đề nghị mở rộng chỗ để xe cho bà con.", "neutral"),
    ("Không có chỗ để xe cho người khuyết tật.", "bad"),
    ("Sáng thứ Hai hết chỗ để xe, xin bố trí thêm.", "neutral"),
    ("Bảo vệ hướng dẫn chỗ để xe rất nhiệt tình.", "good"),
    ("Máy lấy số hỏng hai hôm liền, gọi 0912 345 678 không ai nghe.", "bad"),
    ("Máy lấy số in mờ, người già không đọc được.", "bad"),
    ("Máy lấy số nên có tiếng nói.", "neutral"),
    ("Cảm ơn chị Nguyễn Thị Mẫu đã giúp, số của tôi 0233.3852.000 nếu cần hỏi lại.", "good"),
    ("Hồ sơ H50.15-260714-0021 của tôi, căn cước 045187000123, trễ hẹn mười ngày.", "bad"),
    ("Xe biển 74-H1 123.45 đậu chắn lối đi bộ cả buổi sáng.", "bad"),
)
TEXTS = tuple((text, polarity) for texts, polarity in ((GOOD, "good"), (BAD, "bad"), (NEUTRAL, "neutral"))
              for text in texts)  # fmt: skip
BATCH_MONTHS = (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1))
WAITING_MONTH = date(2026, 9, 1)
SHARE = 0.012
MANAGED_COUNT = 40
WAITING_COUNT = 3


def store_comments(
    session: Session,
    places: Sequence[UnitPlace],
    truth: Truth,
    rng: np.random.Generator,
    *,
    minimum_batch: int,
) -> int:
    """A few sentences for the larger units, never twice in one unit; batches below the minimum wait."""
    weights = np.array([float(place.population or 0) for place in places])
    counts = rng.multinomial(round(SHARE * truth.n_responses), weights / weights.sum())
    wanted = {MANAGED_UNIT: MANAGED_COUNT, ISLAND: 1}
    rows = [
        row
        for place, count in zip(places, counts.tolist(), strict=True)
        for row in _of_unit(place, min(wanted.get(place.code, count), len(TEXTS)), minimum_batch, rng)
    ]
    ids = random_ids(rng, len(rows))
    stored = [row | {"id": comment_id, "language": "vi"} for row, comment_id in zip(rows, ids, strict=True)]
    session.execute(insert(Comment), sorted(stored, key=lambda row: row["id"].bytes))
    return len(stored)


def _of_unit(
    place: UnitPlace, count: int, minimum_batch: int, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Whole batches in some months, the rest still waiting in the last one."""
    pool = TEXTS if place.code != MANAGED_UNIT else (*MANAGED_TEXTS, *TEXTS[: count - len(MANAGED_TEXTS)])
    chosen = [pool[index] for index in rng.permutation(len(pool))[:count]]
    n_waiting = min(len(chosen), WAITING_COUNT)
    n_batches = min(len(BATCH_MONTHS), (len(chosen) - n_waiting) // minimum_batch)
    n_released = len(chosen) - n_waiting if n_batches else 0
    months = [BATCH_MONTHS[-1 - index % n_batches] for index in range(n_released)] if n_batches else []
    released = [(text, month, _release_day(month)) for text, month in zip(chosen, months, strict=False)]
    waiting = [(text, WAITING_MONTH, None) for text in chosen[n_released:][:WAITING_COUNT]]
    return [
        {"unit_id": place.id, "month": month, "polarity": polarity, "text": text, "released_on": day}
        for (text, polarity), month, day in released + waiting
    ]


def _release_day(month: date) -> date:
    """The first batch day after the month."""
    following = months_later(month, 1)
    return following + timedelta(days=(BATCH_WEEKDAY - following.weekday()) % 7)
