"""A table in a CSV file is read back as it was, and no cell of it is run."""

import csv
import io

import pytest

from survey_app.csv_export import csv_bytes


def test_a_table_comes_back_with_its_letters():
    content = csv_bytes(["Mã", "Số"], [["Đông Hà, phường", 3], ['một "hai"', None]])
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [["Mã", "Số"], ["Đông Hà, phường", "3"], ['một "hai"', ""]]


@pytest.mark.parametrize("text", ["=1+2", "+84", "-1", "@x", "\t=1", "  =HYPERLINK()", "\r=1", "＝1+2"])
def test_a_text_that_looks_like_a_formula_is_a_text(text):
    row = next(csv.reader(io.StringIO(csv_bytes([text], []).decode("utf-8-sig"), newline="")))
    assert row == [f"'{text}"]


def test_a_number_below_zero_stays_a_number():
    assert csv_bytes(["n"], [[-0.5]]).decode("utf-8-sig") == "n\r\n-0.5\r\n"
