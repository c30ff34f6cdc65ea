"""CSV files as spreadsheets, scripts and accidents write them: read, or refused by line."""

import pytest
from django.core.exceptions import ValidationError

from incidents import import_file

KNOWN = ("name", "contact", "hours")
ONE = [(2, {"name": "Oost", "contact": "a@b.test"})]


def problems_of(text: str) -> list[tuple[int, str, str]]:
    problems = import_file.read(text, KNOWN).problems
    return [(each.line, each.column, each.message) for each in problems]


@pytest.mark.parametrize(
    "text",
    [
        "name,contact\nOost,a@b.test\n",
        "name;contact\nOost;a@b.test\n",
        "name\tcontact\nOost\ta@b.test\n",
        "name,contact\r\nOost,a@b.test\r\n",
        "name,contact\rOost,a@b.test\r",
        "name,contact\nOost,a@b.test",
        ' Name , "CONTACT"\n Oost , "a@b.test"',
        "name,contact,,\nOost,a@b.test,,\n,,,\n\n",
        "name;contact\nOost;a@b.test;;;\n",
    ],
)
def test_the_same_row_in_many_spellings(text):
    file = import_file.read(text, KNOWN)

    assert (file.rows, file.problems) == (ONE, [])


def test_cells_keep_delimiters_quotes_and_lines_when_quoted():
    text = 'name,contact\n"Oost, and ""West""","a\nb"\nNoord,c\n'

    rows = import_file.read(text, KNOWN).rows

    assert rows == [
        (2, {"name": 'Oost, and "West"', "contact": "a\nb"}),
        (4, {"name": "Noord", "contact": "c"}),
    ]


def test_what_looks_like_a_formula_is_text():
    text = "name,contact\n=1+1,@SUM(A1)\n-2,+31 20\n"

    rows = import_file.read(text, KNOWN).rows

    assert [list(cells.values()) for _line, cells in rows] == [
        ["=1+1", "@SUM(A1)"],
        ["-2", "+31 20"],
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("nme,contact\nx,y", 1, "nme", "no such column. The columns are: name, contact, hours."),
        ("contact\ny", 1, "name", "This column is missing"),
        ("name,name\nx,y", 1, "name", "stands here twice"),
        ("name,,contact\nx,,y", 1, "", "no such column"),
        ("name,contact\n", 1, "", "no row below the header"),
        ("name,contact\nx", 2, "", "This row has 1 cells, the header has 2"),
        ("name,contact\na,b\nx,y,z", 3, "", "This row has 3 cells, the header has 2"),
        ('name,contact\na,b\n"x,y', 3, "", "Check the quotation marks"),
        ('name,contact\n"x"y,z', 2, "", "Check the quotation marks"),
        (f"name\n{'x' * 140_000}", 2, "", "cannot be read"),
        ("\n\n", 1, "name", "This column is missing"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(text, line, column, words):
    found = problems_of(text)

    assert [each[:2] for each in found][:1] == [(line, column)]
    assert words in found[0][2]


def test_every_row_is_looked_at_and_no_more_than_ten_thousand():
    wrong = import_file.read("name,contact\na\nb,c\nd\n", KNOWN)
    long = import_file.read("name\n" + "x\n" * 10_001, KNOWN)

    assert [each.line for each in wrong.problems] == [2, 4]
    assert len(wrong.rows) == 1
    assert len(long.rows) == 10_000
    assert [(each.line, each.message[:22]) for each in long.problems] == [
        (10_002, "More than 10,000 rows.")
    ]


def test_text_is_read_with_and_without_a_byte_order_mark():
    for data in (b"name\nO\xc3\xb6st", b"\xef\xbb\xbfname\nO\xc3\xb6st"):
        assert import_file.decode(data) == "name\nOöst"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"name\nok\nO\xf6st", "Line 3 is not in UTF-8. Save the file as “CSV UTF-8”"),
        ("name\nx".encode("utf-16"), "Line 1 is not in UTF-8"),
        (b"name\nOo\x00st", "Line 2 holds a character that is no text"),
        (b" \n\t ", "This file is empty"),
        (b"PK\x03\x04\xff\xfe", "is not in UTF-8"),
        (b"n" * (import_file.BYTES_MOST + 1), "larger than 1 MB"),
    ],
)
def test_what_is_no_such_text_is_refused(data, words):
    with pytest.raises(ValidationError, match=words):
        import_file.decode(data)
