"""Texts for a schema: what is asked of one, whether it fits, and which are made."""

from typing import Any

import pytest

from responses_emulator.model.values import texts
from responses_emulator.model.values.texts import Asked


def asked(**schema: Any) -> Asked:
    least = schema.pop("minLength", 0)
    return texts.asked(schema, least, schema.pop("maxLength", texts.MAX_LENGTH))


_UUID_7 = "00000000-0000-7A00-0000-000000000000"


@pytest.mark.parametrize(
    ("schema", "patterns", "absent", "formats"),
    [
        ({"type": "string"}, (), (), ()),
        ({"pattern": "a", "format": "date"}, ("a",), (), ("date",)),
        ({"format": "mine"}, (), (), ()),
        ({"not": {"pattern": "a", "type": "string"}}, (), ("a",), ()),
        ({"not": {"pattern": "a", "minLength": 3}}, (), (), ()),
        ({"not": {"pattern": 7}}, (), (), ()),
        (
            {
                "pattern": "a",
                "allOf": [
                    {"pattern": "b", "allOf": [{"format": "uuid"}]},
                    {"not": {"pattern": "c"}},
                    True,
                ],
            },
            ("a", "b"),
            ("c",),
            ("uuid",),
        ),
    ],
)
def test_what_is_asked_is_gathered(
    schema: dict[str, Any],
    patterns: tuple[str, ...],
    absent: tuple[str, ...],
    formats: tuple[str, ...],
) -> None:
    assert texts.asked(schema, 1, 9) == Asked(patterns, absent, formats, 1, 9)


@pytest.mark.parametrize(
    ("schema", "fit", "others"),
    [
        ({"minLength": 2, "maxLength": 3}, ["ab", "abc"], ["a", "abcd"]),
        ({"pattern": "^a"}, ["ab", "a" * 200], ["ba", "a" * 201]),
        ({"pattern": "^a", "minLength": 201}, ["a" * 201], ["a" * 202]),
        ({"pattern": "("}, [], ["("]),
        ({"pattern": r"^\w$"}, ["a"], ["\u00e9"]),
        ({"not": {"pattern": "a"}}, ["b"], ["ba"]),
        (
            {"format": "date"},
            ["2024-02-29", "2000-02-29", "2023-01-31", "2023-11-30", "2023-12-01"],
            [
                *("2023-02-29", "1900-02-29", "2023-04-31", "2023-13-01"),
                *("2023-00-10", "2023-05-00", "2023-1-1", "x"),
            ],
        ),
        ({"format": "date-time"}, ["2024-02-29T10:00:00Z"], ["2023-02-29T10:00:00Z"]),
        ({"format": "uuid"}, ["any"], []),
    ],
)
def test_a_text_fits_or_does_not(
    schema: dict[str, Any], fit: list[str], others: list[str]
) -> None:
    all_of_it = asked(**schema)
    assert [one for one in (*fit, *others) if texts.fits(one, all_of_it)] == fit


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"pattern": "a"}, "'pattern' 'a'"),
        (
            {"not": {"pattern": "a"}, "minLength": 2},
            "no 'pattern' 'a' and 'minLength' 2",
        ),
        ({"format": "date", "maxLength": 9}, "'format' 'date' and 'maxLength' 9"),
        ({}, ""),
    ],
)
def test_what_is_asked_is_told(schema: dict[str, Any], words: str) -> None:
    assert texts.told(asked(**schema)) == words


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        ({}, ["unknown", "unknown 2", "unknown 3"]),
        ({"minLength": 9}, ["unknown u", "unknown 2", "unknown 3"]),
        ({"minLength": 16}, ["unknown unknown ", "unknown 2 unknow"]),
        ({"maxLength": 3}, ["unk", "a", "b"]),
        ({"minLength": 2, "maxLength": 3}, ["unk", "a-", "b-"]),
        ({"maxLength": 0}, ["", None]),
        ({"minLength": 3, "maxLength": 2}, [None]),
        ({"format": "date"}, ["2000-01-01"]),
        ({"format": "date", "maxLength": 9}, [None]),
        ({"format": "ipv4", "pattern": "^1[.]"}, ["1.0.0.0", "1.1.0.0"]),
        ({"format": "uri", "pattern": "^ftp://a/b$"}, ["ftp://a/b", None]),
        ({"format": "uri", "pattern": "^https://a/b[?]c#d$"}, ["https://a/b?c#d"]),
        ({"format": "uri", "pattern": ":7$"}, ["ftp://a:7"]),
        ({"format": "email", "pattern": "^a[.]b@c[.]de$"}, ["a.b@c.de"]),
        ({"format": "hostname", "pattern": "^ab[.]c-d[.]ef$"}, ["ab.c-d.ef"]),
        ({"format": "duration", "pattern": "^P2DT3H$"}, ["P2DT3H"]),
        ({"format": "duration", "pattern": "^P4W$"}, ["P4W"]),
        (
            {"format": "date-time", "pattern": "^2027-12-24T19:59:58[.]5[+]01:30$"},
            ["2027-12-24T19:59:58.5+01:30"],
        ),
        ({"format": "ipv4", "pattern": "^255[.]249[.]199[.]9$"}, ["255.249.199.9"]),
        ({"format": "ipv6", "pattern": "^a::b$"}, ["a::b"]),
        ({"format": "json-pointer", "pattern": "^/a/0$"}, ["/a/0"]),
        ({"format": "relative-json-pointer", "pattern": "^1/a$"}, ["1/a"]),
        ({"format": "uri-reference", "pattern": "^/a/b$"}, ["/a/b"]),
        ({"format": "uri-template", "pattern": "^/a/[{]b[}]$"}, ["/a/{b}"]),
        ({"format": "byte", "pattern": "^QUJDRA==$"}, ["QUJDRA=="]),
        ({"format": "regex", "pattern": r"^\^a\$$"}, ["^a$"]),
        ({"format": "date", "pattern": "-02-29$"}, ["1904-02-29", "1908-02-29"]),
        ({"format": "date", "pattern": "-02-30$"}, [None]),
        ({"format": "date", "pattern": "^1815-12-1"}, ["1815-12-10", "1815-12-11"]),
        ({"format": "time", "pattern": "[+]14:00$"}, ["00:00:00+14:00"]),
        ({"format": "date-time", "pattern": "^2300.*00Z$"}, ["2300-01-01T00:00:00Z"]),
        ({"format": "uri", "pattern": "^urn:a:b$"}, ["urn:a:b", None]),
        ({"format": "uri", "pattern": "^s3://b/c%20d$"}, ["s3://b/c%20d", None]),
        ({"format": "uri", "pattern": "^mailto:"}, ["mailto:a", "mailto:b"]),
        ({"format": "uri-reference", "pattern": "^#a$"}, ["#a", None]),
        ({"format": "uuid", "pattern": "^0{8}-0{4}-7A0{2}-0{4}-0{12}$"}, [_UUID_7]),
        ({"format": "email", "pattern": "^o'b@C[.]D$"}, ["o'b@C.D", None]),
        ({"format": "email", "pattern": "[.][.]"}, [None]),
        ({"format": "hostname", "pattern": "^localhost$"}, ["localhost", None]),
        ({"format": "ipv6", "pattern": "^::1$"}, ["::1", None]),
        ({"format": "ipv6", "pattern": "^::ffff:1[.]"}, ["::ffff:1.0.0.0"]),
        ({"format": "duration", "pattern": "^P1Y2M3DT4H5M6S$"}, ["P1Y2M3DT4H5M6S"]),
        ({"format": "duration", "pattern": "^P1Y"}, ["P1Y", "P1Y0D"]),
        ({"format": "json-pointer", "pattern": "~1$"}, ["/~1"]),
        ({"format": "regex", "pattern": "^[(][[]"}, ["([a])", "([b])"]),
        ({"pattern": "^[ab]$"}, ["a", "b", None]),
        ({"pattern": "^a+$", "minLength": 2, "maxLength": 3}, ["aa", "aaa", None]),
        ({"pattern": "^[ab]", "not": {"pattern": "a"}}, ["b"]),
        ({"pattern": "("}, [None]),
    ],
)
def test_texts_are_made_one_after_the_other(
    schema: dict[str, Any], made: list[str | None]
) -> None:
    all_of_it = asked(**schema)
    assert [texts.nth(all_of_it, at) for at in range(len(made))] == made
    assert all(one is None or texts.fits(one, all_of_it) for one in made)


def test_letters_are_counted_through() -> None:
    short = asked(maxLength=2)
    made = [texts.nth(short, at) for at in (1, 26, 27, 28, 52, 53, 702, 703, 729)]
    assert made == ["a", "z", "aa", "ba", "za", "ab", "zz", "A", "0"]
