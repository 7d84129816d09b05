"""A list of labels is read whole or not at all, and never with what names or reaches a person."""

import pytest

from survey_app.errors import LabelsRefused
from survey_app.services.case_labels import MAX_LABELS, read_labels


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        ("mã\nH-01\nH-02\n", ("H-01", "H-02")),
        ("1\r\n2\r\n\r\n3", ("1", "2", "3")),
        ("\ufeffTDP3/12\n", ("TDP3/12",)),
        ("Đ-7,\n", ("Đ-7",)),
    ],
)
def test_labels_are_read(content, labels):
    assert read_labels(content.encode()) == labels


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ("0912345678\n", ((1, "personal_number"),)),
        ("H-1\n+84 91 234 56 78\n", ((2, "personal_number"),)),
        ("045.201.000.123\n", ((1, "personal_number"),)),
        ("H-1,0912345678\n", ((1, "personal_number"),)),
        ("H-1,Nguyễn Văn A\n", ((1, "more_columns"),)),
        ("Nguyễn Văn A\n", ((1, "no_label"),)),
        ("NguyenVanA1\n", ((1, "no_label"),)),
        ("=1+2\n", ((1, "no_label"),)),
        ("abc\n", ((1, "no_label"),)),
        ("A" * 4 + "-1234567-1234567890123\n", ((1, "personal_number"),)),
        ("H-1\nH-1\n", ((2, "twice"),)),
        ("", ((0, "empty"),)),
        ("mã\n", ((0, "empty"),)),
        ('"H-1\n', ((0, "not_csv"),)),
    ],
)
def test_a_list_that_is_none_is_refused_with_its_rows(content, faults):
    with pytest.raises(LabelsRefused) as refused:
        read_labels(content.encode())
    assert refused.value.faults == faults


def test_a_file_of_another_encoding_or_too_many_rows_is_refused():
    with pytest.raises(LabelsRefused) as refused:
        read_labels("mã\nĐ-1".encode("utf-16"))
    assert refused.value.faults[0][1] in {"not_utf8", "not_csv"}
    rows = "\n".join(str(n) for n in range(MAX_LABELS + 1))
    with pytest.raises(LabelsRefused) as refused:
        read_labels(rows.encode())
    assert refused.value.faults == ((0, "too_many"),)
