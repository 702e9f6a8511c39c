"""What is read of HTML, tag by tag."""

import pytest

from responses_emulator.readers.html import text_of
from responses_emulator.readers.text import decoded

# The elements of the standard that are drawn as blocks, and those that once were; each
# begins a line and ends one.
BLOCKS: str = (
    "address article aside blockquote body caption center dd details dialog dir div "
    "dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header "
    "hgroup html iframe legend li main menu nav ol optgroup option p pre search "
    "section select summary table tbody textarea tfoot thead title tr ul "
)


def lines(html: str) -> list[str]:
    return [line for line in text_of(html).splitlines() if line]


@pytest.mark.parametrize("tag", BLOCKS.split())
def test_a_block_stands_on_lines_of_its_own(tag: str):
    read = lines(f"before<{tag}>within</{tag}>after")
    if tag == "li":  # which ends where the next begins, or the list
        assert read == ["before", "- withinafter"]
    elif tag.startswith("h") and tag[1:].isdigit():
        assert read == ["before", f"{'#' * int(tag[1])} within", "after"]
    else:
        assert read == ["before", "within", "after"]


@pytest.mark.parametrize("tag", ["br", "hr"])
def test_a_tag_that_has_nothing_within_ends_a_line(tag: str):
    assert lines(f"before<{tag}>after") == ["before", "after"]


@pytest.mark.parametrize("tag", ["h0", "h7", "h10", "span", "a", "em", "x-y"])
def test_what_is_no_block_stands_within_a_line(tag: str):
    assert text_of(f"be<{tag}>fo</{tag}>re") == "before"


@pytest.mark.parametrize("tag", ["button", "object", "video"])
def test_a_box_is_apart_within_its_line(tag: str):
    assert text_of(f"before<{tag}>within</{tag}>after") == "before within after"


@pytest.mark.parametrize("tag", ["script", "style", "template"])
def test_what_is_not_shown_is_not_read(tag: str):
    assert text_of(f"a<{tag}>x</{tag}>b") == "ab"
    assert text_of(f"a</{tag}>b<{tag}>x</{tag}>c") == "abc"


def test_what_is_not_shown_may_have_more_of_it_within():
    assert text_of("a<template>x<template>y</template>z</template>b") == "ab"
    assert text_of("a<template>x<p>y<img alt=z></template>b").split() == ["a", "b"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<img alt='A  red\nbarn'>b", "a A red barn b"),
        ("a<img>b", "a b"),
        ("a<img alt>b", "a b"),
        ("a<input value=x alt=y>b", "a x b"),
        ("a<input alt=y>b", "a y b"),
        ("a<input type=text value=x>b", "a x b"),
        ("a<img value=x>b", "a b"),
        *(
            (f"a<input type={type} value=x>b", "a b")
            for type in ("hidden", "password", "checkbox", "radio")
        ),
    ],
)
def test_a_picture_or_a_field_is_read_as_what_it_shows(html: str, text: str):
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<tr><th>Day<th>Time<tr><td>Monday<td>9", "Day  Time\nMonday  9"),
        ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"),
        ("<ol><li>One<li> Two</ol>after", "- One\n- Two\nafter"),
        ("<ol><li></ol>after", "after"),
        ("<menu><li></menu>after", "after"),
        ("<ul><li></ul>after", "after"),
        ("<li></li>after", "after"),
        ("<h2></h2>after", "after"),
        ("<h2> A <i>b</i></h2>", "## A b"),
        ("a<h6>b", "a\n\n###### b"),
        ("<div><h3>b", "### b"),
        ("a   b\n\tc", "a b c"),
        ("<p>a<p><p><p><p>b", "a\n\nb"),
        ("<p>a<div></div>\n<p>b", "a\n\nb"),
        ("a <br> b", "a\nb"),
        ("da\u00adta", "data"),
        ("a &lt; b &amp", "a < b &"),
        ("a<![CDATA[b]]>c<![other]]>d", "abcd"),
    ],
)
def test_lines_and_their_marks(html: str, text: str):
    assert text_of(html) == text


@pytest.mark.parametrize("section", ["<![other]]>", "<![1]>", "<![ >", "<![if x]>"])
def test_a_section_that_html_does_not_know_is_a_comment(section: str):
    assert text_of(f"before{section}after") == "beforeafter"
    meta = f"{section}<meta charset=koi8-r><p>\u0436".encode("koi8-r")
    assert decoded(meta, ".html").endswith("<p>\u0436")


@pytest.mark.parametrize("tag", ["pre", "textarea"])
def test_spaces_are_kept_where_they_are_shown_and_nowhere_else(tag: str):
    kept = f"a  b<{tag}>c  d \n  e\n\nf</{tag}>g  h"
    assert text_of(kept) == "a b\nc  d\n  e\n\nf\ng h"
    assert text_of(f"</{tag}>a  b<{tag}>c  d</{tag}>e  f") == "a b\nc  d\ne f"


def test_spaces_are_kept_until_the_outermost_ends():
    assert text_of("<pre>a  b<textarea>c</textarea>d  e</pre>f  g") == (
        "a  b\nc\nd  e\nf g"
    )
