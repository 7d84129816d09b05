"""The pieces of the print kit: every code is read again, every page says what it must, long names stay inside."""

import csv
from dataclasses import replace
from datetime import date

import pytest

from config import ROOT
from survey_app.documents import print_kit
from survey_app.documents.print_kit import PIECES, Imprint
from survey_app.names import unit_title
from survey_app.slips import SLIPS
from survey_app.vocabulary import Stage
from tests.survey_app.documents.printed import decoded, decoded_svg, links, n_pages, paper, text

BASE = "https://hailong.quangtri.gov.vn"
CODE = "3GXTP8HR"
IMPRINT = Imprint(
    base_url=BASE,
    code=CODE,
    unit_title="Phường Đông Hà",
    point_name="Trung tâm Phục vụ hành chính công phường Đông Hà",
    languages=("Tiếng Việt", "English"),
    revised_on=date(2026, 9, 5),
    is_simulated=False,
)
PLAIN = f"{BASE}/q/{CODE}"
STAGE_OF_SLIP = {"receipt": "submit", "supplement": "supplement", "refusal": "refused", "apology": "submit"}
# Pieces that carry a code, how often, and the link it says.
CODES = {
    "poster": (1, PLAIN),
    "tent": (2, PLAIN),
    "stickers": (10, PLAIN),
    "device-help": (1, PLAIN),
    **{f"slip-{slip}": (1, f"{PLAIN}?s={stage}") for slip, stage in STAGE_OF_SLIP.items()},
}
PROMISE = "Không hỏi họ tên, số điện thoại, số căn cước. Cán bộ tại đây không xem được phiếu của từng người."
HOSTILE = [
    '#let x = 1; #panic("no") $a_1$ *b* _c_ @d <e> // "f" \\ g',
    "</text></svg><script>alert(1)</script> &amp; {{ 7 * 7 }} {% raw %}",
    "Ủy ban nhân dân " * 12 + "xã",
    "Trungtâmphụcvụhànhchínhcông" * 7,
]


@pytest.mark.parametrize("piece", CODES)
def test_every_printed_code_is_read_again(piece):
    n, link = CODES[piece]
    codes = decoded(print_kit.pdf([piece], IMPRINT))
    assert len(codes) == n
    assert links(codes) == {link}
    assert {code.ec_level for code in codes} <= {"Q", "H"}


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.code)
def test_strip_as_a_drawing_carries_the_code_without_a_picture_in_it(slip):
    svg = print_kit.slip_svg(slip, IMPRINT)
    assert links(decoded_svg(svg)) == {f"{PLAIN}?s={STAGE_OF_SLIP[slip.code]}"}
    assert b"<image" not in svg
    assert b"<text" not in svg


@pytest.mark.parametrize("piece", PIECES)
def test_every_piece_says_whose_it_is_and_of_which_day(piece):
    words = text(print_kit.pdf([piece], IMPRINT))
    for expected in ("Phường Đông Hà", IMPRINT.point_name, "05/09/2026", "Tiếng Việt", "English"):
        assert expected in words, expected
    assert "MÔ PHỎNG" not in words


@pytest.mark.parametrize("piece", CODES)
def test_every_code_stands_beside_the_address_to_type(piece):
    assert f"hailong.quangtri.gov.vn/q/{CODE}" in text(print_kit.pdf([piece], IMPRINT))


@pytest.mark.parametrize("piece", PIECES)
def test_simulated_data_are_marked_on_every_piece(piece):
    words = text(print_kit.pdf([piece], replace(IMPRINT, is_simulated=True)))
    assert "DỮ LIỆU MÔ PHỎNG" in words


@pytest.mark.parametrize("piece", ["poster", "tent", *(f"slip-{slip}" for slip in STAGE_OF_SLIP)])
def test_pieces_for_citizens_promise_what_the_page_promises(piece):
    page = (ROOT / "templates" / "citizen" / "_anonymity.html").read_text(encoding="utf-8")
    assert PROMISE in page
    assert PROMISE in text(print_kit.pdf([piece], IMPRINT))


@pytest.mark.parametrize("piece", ["poster", "tent"])
def test_pieces_ask_the_question_of_the_form_in_both_languages(piece):
    form = (ROOT / "seeds" / "questionnaires" / "full_form_v1.json").read_text(encoding="utf-8")
    words = text(print_kit.pdf([piece], IMPRINT))
    for question in (
        "Ông/Bà hài lòng ở mức nào về việc phục vụ hôm nay?",
        "How satisfied are you with the service you received today?",
    ):
        assert question in form
        assert question in words


def test_poster_shows_the_faces_of_the_page():
    drawn = (ROOT / "templates" / "print" / "kit" / "faces.typ").read_text(encoding="utf-8")
    sprite = (ROOT / "templates" / "citizen" / "_sprite.html").read_text(encoding="utf-8")
    mouths = [line.split('"')[1] for line in drawn.splitlines() if line.startswith('  ("M')]
    assert len(mouths) == 5
    assert all(
        f'<symbol id="face-{n}"' in sprite and f'd="{mouth}"' in sprite for n, mouth in enumerate(mouths, 1)
    )


def test_each_slip_names_itself():
    for slip in SLIPS:
        assert slip.name_vi in text(print_kit.pdf([f"slip-{slip.code}"], IMPRINT))


def test_no_slip_says_that_a_result_was_collected():
    assert {slip.code: slip.stage.name.lower() for slip in SLIPS} == STAGE_OF_SLIP
    assert Stage.COLLECT_RESULT not in {slip.stage for slip in SLIPS}


def test_sheets_say_what_saves_answers():
    words = text(print_kit.pdf(["device-help"], IMPRINT))
    for expected in ("Máy hỏng thì làm gì", "Mất điện", "Mất mạng", "Hết bộ nhớ", "Máy hỏng", "Không được xóa",
                     "phiếu giấy", "Thay máy", "Điện thoại:"):  # fmt: skip
        assert expected in words, expected
    words = text(print_kit.pdf(["kiosk-setup"], IMPRINT))
    for expected in ("ít nhất 2 m", "Ngoài tầm mọi máy ảnh", "tấm chắn hai bên", "ảnh chỗ đặt", "lock task"):
        assert expected in words, expected


def test_paper_sizes():
    a4 = {"poster", "tent", "stickers", "device-help", "kiosk-setup"}
    for piece in PIECES:
        assert paper(print_kit.pdf([piece], IMPRINT)) == ((210, 297) if piece in a4 else (160, 40)), piece


def test_whole_kit_is_one_page_a_piece_in_order():
    kit = print_kit.pdf(PIECES, IMPRINT)
    assert n_pages(kit) == len(PIECES)
    for number, piece in enumerate(PIECES):
        found = links(decoded(kit, page=number))
        assert found == ({CODES[piece][1]} if piece in CODES else set()), piece


def test_posters_of_many_points_are_a_page_each():
    others = [IMPRINT, replace(IMPRINT, code="KWSTTHTT", unit_title="Phường Đồng Hới")]
    document = print_kit.posters(others)
    assert n_pages(document) == 2
    assert links(decoded(document, page=1)) == {f"{BASE}/q/KWSTTHTT"}
    assert "Phường Đồng Hới" in text(document, page=1)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_shown_as_it_is_and_pushes_nothing_off_its_page(name):
    imprint = replace(IMPRINT, unit_title=name, point_name=name[::-1], is_simulated=True)
    kit = print_kit.pdf(PIECES, imprint)
    assert n_pages(kit) == len(PIECES)
    for number, piece in enumerate(PIECES):
        if piece in CODES:
            n, link = CODES[piece]
            codes = decoded(kit, page=number)
            assert (len(codes), links(codes)) == (n, {link}), piece
    shown = text(kit).replace(" ", "")
    assert " ".join(name.split()).replace(" ", "") in shown


def test_a_long_address_leaves_the_eight_characters_readable():
    imprint = replace(
        IMPRINT, base_url="https://khao-sat-hai-long.trung-tam-phuc-vu-hanh-chinh-cong.quangtri.gov.vn"
    )
    kit = print_kit.pdf(PIECES, imprint)
    assert n_pages(kit) == len(PIECES)
    for number, piece in enumerate(PIECES):
        if piece in CODES:
            assert CODE in text(kit, page=number), piece
            assert links(decoded(kit, page=number)) == {CODES[piece][1].replace(BASE, imprint.base_url)}, (
                piece
            )


def test_every_name_of_the_registry_fits():
    folder = ROOT / "seeds" / "quang_tri"
    with (folder / "units.csv").open(encoding="utf-8-sig") as file:
        titles = {row["code"]: unit_title(row["kind"], row["name"]) for row in csv.DictReader(file)}
    with (folder / "points.csv").open(encoding="utf-8-sig") as file:
        points = [(titles[row["unit_code"]], row["name"]) for row in csv.DictReader(file)]
    imprints = [replace(IMPRINT, unit_title=title, point_name=name) for title, name in points]
    assert len(imprints) > 78
    assert n_pages(print_kit.posters(imprints)) == len(imprints)
    longest = max(imprints, key=lambda each: len(each.unit_title + each.point_name))
    assert n_pages(print_kit.pdf(PIECES, longest)) == len(PIECES)


def test_a_centre_that_is_the_unit_is_named_once():
    words = text(print_kit.pdf(["poster"], replace(IMPRINT, point_name=IMPRINT.unit_title)))
    assert words.count(IMPRINT.unit_title) == 1


def test_same_kit_is_the_same_document():
    first, second = (print_kit.slip_svg(SLIPS[0], IMPRINT) for _ in range(2))
    assert first == second
