"""What has the form of something personal is covered, however it is written; amounts, dates and laws stay."""

import random
import re

import pytest

from survey_app.services.masking import FILE, MAIL, NAME, PAPER, PLATE, mask

MOBILE = ("03", "05", "07", "08", "09")
LANDLINE = ("0233", "0232", "0203", "024", "028")
BEFORE = ("Gọi tôi số ", "ĐT:", "liên hệ ", "(", "sđt ", "Zalo ", "")
AFTER = (" nhé", ".", ", cảm ơn", ")", "", " gặp Hoa")


def phones(rng: random.Random, n: int) -> list[str]:
    """Numbers as people write them: with blanks, dots, hyphens, commas, +84, brackets, an O for a 0."""
    found = []
    for index in range(n):
        if index % 4:
            digits = rng.choice(MOBILE) + "".join(rng.choices("0123456789", k=8))
        else:
            head = rng.choice(LANDLINE)
            digits = head + "".join(rng.choices("0123456789", k=11 - len(head)))
        gap = rng.choice(("", " ", ".", "-", ",", " . "[:2]))
        cut = rng.choice((3, 4))
        parts = [digits[:cut], *(digits[at : at + 3] for at in range(cut, len(digits), 3))]
        text = gap.join(parts)
        text = rng.choice((text, text, "+84" + text[1:], "+84 " + text[1:], "84" + text[1:], "o" + text[1:]))
        found.append(text)
    return found


def test_every_phone_and_every_twelve_digit_paper_of_two_hundred_is_covered():
    rng = random.Random(2026)
    texts = [rng.choice(BEFORE) + phone + rng.choice(AFTER) for phone in phones(rng, 200)]
    left = [text for text in texts if re.search(r"\d{2}", mask(text))]
    assert left == []
    for index in range(200):
        digits = "0" + "".join(rng.choices("0123456789", k=11))
        written = rng.choice((digits, f"{digits[:3]} {digits[3:6]} {digits[6:9]} {digits[9:]}",
                              f"{digits[:4]}.{digits[4:8]}.{digits[8:]}"))  # fmt: skip
        text = f"{('CCCD ', 'số ', 'Căn cước công dân: ', '')[index % 4]}{written} của tôi"
        assert PAPER in mask(text), text
        assert not re.search(r"\d{2}", mask(text)), text


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("CMND 191234567 bị ghi sai", f"CMND {PAPER} bị ghi sai"),
        ("Thư về nguyen.van-a@gmail.com", f"Thư về {MAIL}"),
        ("xe 74-H1 123.45 và 74A-12345, 74H1 1234", f"xe {PLATE} và {PLATE}, {PLATE}"),
        ("Hồ sơ 000.00.15.H50-260914-0021 trễ", f"Hồ sơ {FILE} trễ"),
        ("STK 0041 0001 23456 Vietcombank", "STK [số tài khoản] Vietcombank"),
        ("số tài khoản của tôi là 19034567890123", "số tài khoản của tôi là [số tài khoản]"),
        ("Cảm ơn chị Nguyễn Thị Hoa đã giúp", f"Cảm ơn chị {NAME} đã giúp"),
        ("anh NAM ở quầy 2", f"anh {NAME} ở quầy 2"),
    ],
)
def test_other_things_of_a_person_are_covered(text, covered):
    assert mask(text) == covered


@pytest.mark.parametrize(
    "text",
    [
        "Nộp 12.000.000 đồng, thiếu 500000000đ và 1.250.000",
        "Từ 15/06/2026 đến 14/09/2026, ngày 01.09.2026 15 giờ, 03-09-2026 10 giờ",
        "Nghị định 118/2025/NĐ-CP, Thông tư 01/2018/TT-VPCP, thủ tục 2.000815.000.00.00.H50 và 1.004883",
        "Chờ từ 7h30 đến 11h15, số thứ tự 1045, quầy 12, cách 30 cây số",
        "Tổng đài 1900 1234 không ai nghe; diện tích 1250 m2, thửa 123 tờ 45",
        "Ông/Bà và bà con Bru Vân Kiều, ông Chủ tịch UBND xã, anh em, chị UBND phường",
    ],
)
def test_amounts_dates_laws_and_offices_stay(text):
    assert mask(text) == text
