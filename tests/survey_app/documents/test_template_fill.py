"""A form filled by named cells: what is filled, what is listed, what is refused, and what stays as it was."""

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName

from survey_app.documents.template_fill import fill_template
from survey_app.errors import UnreadableTable
from tests.survey_app.documents import report_values as values


def form(names: dict[str, str], prepare=None) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Biểu 01"
    sheet["B2"].font = Font(bold=True, color="FFB35900")
    sheet["B2"].number_format = "0.00%"
    sheet["D9"] = "=1+1"
    sheet.merge_cells("F1:G2")
    for name, place in names.items():
        book.defined_names[name] = DefinedName(name, attr_text=place)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_named_cells_are_filled_and_the_rest_is_listed_with_its_reason():
    names = {
        "HL_TY_LE_TAN_LAP": "'Biểu 01'!$B$2", "hl_so_phieu_xa_truong_son": "'Biểu 01'!$B$3",
        "QT.00003.share": "'Biểu 01'!$B$4", "HL_TY_LE_TOAN_TINH": "'Biểu 01'!$B$5",
        "HL_KY": "'Biểu 01'!$B$6", "HL_TY_LE_CON_CO": "'Biểu 01'!$B$7", "HL_HANG_TU_TAN_LAP": "'Biểu 01'!$B$8",
        "HL_TY_LE_KHONG_CO": "'Biểu 01'!$C$1", "HL_GI_DO_TAN_LAP": "'Biểu 01'!$C$2",
        "HL_TY_LE_CAM_LO": "'Biểu 01'!$C$3:$C$5", "HL_SO_PHIEU_CAM_LO": "'Biểu 01'!$D$9",
        "HL_CAN_DUOI_CAM_LO": "'Biểu 01'!$G$2", "HL_CAN_TREN_CAM_LO": "'[2]Biểu 01'!$A$1",
        "HL_NHOM_TOAN_TINH": "'Biểu 01'!$C$6", "Tong_hop": "'Biểu 01'!$C$7",
    }  # fmt: skip
    filled = fill_template(form(names), values.comparison())
    assert {left.name: left.reason for left in filled.left} == {
        "HL_TY_LE_KHONG_CO": "unknown_unit", "HL_GI_DO_TAN_LAP": "unknown_figure",
        "HL_TY_LE_CAM_LO": "not_one_cell", "HL_SO_PHIEU_CAM_LO": "formula", "HL_CAN_DUOI_CAM_LO": "merged",
        "HL_CAN_TREN_CAM_LO": "no_sheet", "HL_NHOM_TOAN_TINH": "not_of_whole",
    }  # fmt: skip
    assert [(each.name, each.reason) for each in filled.withheld] == [("HL_TY_LE_CON_CO", "withheld")]
    assert filled.n_filled == 6
    sheet = load_workbook(io.BytesIO(filled.content))["Biểu 01"]
    rows = {row.unit.name: row for row in values.comparison().rows}
    assert sheet["B2"].value == rows["Tân Lập"].share.estimate.value
    assert (sheet["B2"].number_format, sheet["B2"].font.bold) == ("0.00%", True)
    assert (sheet["B3"].value, sheet["B3"].number_format) == (402, "#,##0")
    assert (sheet["B4"].value, sheet["B4"].number_format) == (rows["Cam Lộ"].share.estimate.value, "0.0%")
    assert sheet["B6"].value == "Quý III/2026 (15/06–14/09/2026)"
    assert sheet["B7"].value == "dưới 5 phiếu"
    assert sheet["D9"].value == "=1+1" and sheet["C7"].value is None


def test_two_units_of_one_name_need_more_than_the_name():
    compared = values.comparison()
    twin = values.compared(9, "Tân Lập", 90, 100, compared.rows[0].tier, None)
    filled = fill_template(
        form({"HL_TY_LE_TAN_LAP": "'Biểu 01'!$B$2", "HL_TY_LE_QT_00009": "'Biểu 01'!$B$3"}),
        values.comparison(rows=(*compared.rows, twin)),
    )
    assert [(left.name, left.reason) for left in filled.left] == [("HL_TY_LE_TAN_LAP", "several_units")]
    assert filled.n_filled == 1


def test_ranks_stay_empty_on_a_self_selected_basis():
    filled = fill_template(form({"HL_HANG_TU_TAN_LAP": "'Biểu 01'!$B$2"}), values.comparison("continuous"))
    assert [each.reason for each in filled.withheld] == ["not_applicable"]


def test_hostile_files_are_refused():
    good = form({"HL_KY": "'Biểu 01'!$B$2"})
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part)
            if part == "xl/workbook.xml":
                text = text.replace(b"<workbook", b"<!DOCTYPE a [<!ENTITY x 'y'>]><workbook", 1)
            new.writestr(part, text)
    for content in (bomb.getvalue(), b"PK\x03\x04 nothing", b"a,b\n1,2", good[: len(good) // 2]):
        with pytest.raises(UnreadableTable):
            fill_template(content, values.comparison())
