"""Rule 2: HTML to text."""

import pytest

from workflows.matching import load_shipped, match
from workflows.matching.html import to_text

SHIPPED = load_shipped()
STOP = "\x00"


def words(source, *, declared=True):
    return to_text(source, declared=declared).text


def verdicts(description, *, html):
    return match(SHIPPED, "Question", description, html=html).verdicts


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("plain", "plain"),
        ("data <b>breach</b>", "data breach"),
        ("da<b>ta</b>", "data"),
        ("one<br>two", "one\ntwo"),
        ("one<BR/>two", "one\ntwo"),
        ("<td>one</td><td>two</td>", "\none\ntwo"),
        ("<p>one</p>two", f"one{STOP}two"),
        ("<div>one</div>\n<div>two</div>", f"one{STOP}two{STOP}"),
        ("<h3>one</h3><ul><li>two</li></ul>", f"one{STOP}two{STOP}"),
        ("one<!-- hidden -->two", "onetwo"),
        ("one<!-- open", "one<!-- open"),
        ("<!DOCTYPE html>one", "one"),
        ("<script>var x = '<p>'</script >one", "one"),
        ("<STYLE>p {}</STYLE>one", "one"),
        ("<style>p {} one", "p {} one"),
        ('<a title="a > b" href="x">one</a>', "one"),
        ("<a title='open>one</a> two", "one two"),
        ("<o:p>one</o:p>", "one"),
        ("one < two > three", "one < two > three"),
        ("one <desk@example.org> two", "one <desk@example.org> two"),
        ("1 <b", "1 <b"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one&#13;&#10;two", "one\n\ntwo"),
        ("&lt;p&gt;one", "<p>one"),
        ("&amp;nbsp;", "&nbsp;"),
        ("caf&eacute; &#233; &#xE9; &#x00000000E9;", "café é é é"),
        ("don&#146;t", "don’t"),
        ("&#99999999999999;", "\ufffd"),
        ("&#0;", "\ufffd"),
        ("&#xD800;", "\ufffd"),
        ("&unknown; & &;", "&unknown; & &;"),
        ("\x00", "\x01"),
    ],
)
def test_declared_html_becomes_what_a_reader_sees(source, shown):
    assert words(source) == shown


@pytest.mark.parametrize(
    "source",
    [
        "no tags at all",
        "mail <desk@example.org>",
        "<https://example.org/a>",
        "<o:p>one</o:p>",
        "a < b",
        "&lt;p&gt; &amp;",
        "<!-- data breach -->",
        "<b without end",
        "<breach>",
    ],
)
def test_plain_text_without_a_known_tag_is_left_alone(source):
    assert words(source, declared=False) == source


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<b>one</b> &amp; two", "one & two"),
        ("one<br>two", "one\ntwo"),
        ("</p>one <desk@example.org>", "one <desk@example.org>"),
        ("<b>one</b> <o:p>two", "one <o:p>two"),
        ("<i>one</i><!-- two -->", "one"),
    ],
)
def test_plain_text_with_a_known_tag_is_html_and_unknown_tags_stay(source, shown):
    assert words(source, declared=False) == shown


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        ("one<blockquote>two</blockquote>three", ["two"]),
        ("<blockquote>two<blockquote>deep</blockquote></blockquote>", ["deep", "twodeep"]),
        ("one<blockquote>two", ["two"]),
        ("one</blockquote>two", []),
    ],
)
def test_block_quotations_are_remembered(source, quoted):
    plain = to_text(source, declared=True)

    found = [plain.text[start:end].replace(STOP, "") for start, end in plain.quotes]

    assert found == quoted


@pytest.mark.parametrize("html", [True, False])
@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("<p>a data breach</p>", {"DB": "full"}),
        ("<p>data</p><p>breach</p>", {"RISK": "full"}),
        ("<li>data</li>breach", {"RISK": "full"}),
        ("data<br>breach", {"DB": "full"}),
        ("data<br><br>breach", {"RISK": "full"}),
        ("<tr><td>data</td><td>breach</td></tr>", {"DB": "full"}),
        ("<tr><td>data</td></tr><tr><td>breach</td></tr>", {"RISK": "full"}),
        ("<p>We have not</p><p>data breach</p>", {"DB": "full"}),
        ("<p>We have not a data breach</p>", {"DB": "confirm"}),
        ("<b>x</b><script>data breach</script>", {"RISK": "full"}),
        ("<b>x</b><style>data breach</style>", {"RISK": "full"}),
        ("<b>x</b><!-- data breach -->", {"RISK": "full"}),
        ("<a title='data breach'>x</a>", {"RISK": "full"}),
        ("<b>data&nbsp;breach</b>", {"DB": "full"}),
        ("<b>data</b> &amp;nbsp; breach", {"RISK": "full"}),
        ("<blockquote>data breach</blockquote>", {"DB": "confirm"}),
        ("<blockquote>hello</blockquote>data breach", {"DB": "full"}),
        ("<p>hello</p><p>-- </p><p>data breach</p>", {"DB": "confirm"}),
        ("<p>&gt; data breach</p>", {"DB": "confirm"}),
    ],
)
def test_what_markup_means_for_the_verdict(description, expected, html):
    assert verdicts(description, html=html) == expected


def test_a_hit_points_at_the_original_markup():
    description = "Hello<p>we had a da<b>ta&nbsp;br&eacute;ach</b> there"

    (hit,) = match(SHIPPED, "Question", description, html=True).hits

    assert hit.text == "da<b>ta&nbsp;br&eacute;ach"
    assert description[hit.start : hit.end] == hit.text


def test_a_hit_after_windows_line_ends_points_at_its_words():
    description = "one\r\ntwo\r\n\r\ndata\r\nbreach now"

    (hit,) = match(SHIPPED, "Question", description).hits

    assert hit.text == "data\r\nbreach"
