"""The values in an XFA form, which is XML within a PDF."""

from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse


def values(packet: bytes) -> Iterator[tuple[str, str]]:
    """Name and value of each field that is filled in; none of what is broken off.

    They are the innermost elements of `data`, within `datasets`.
    """
    open_tags: list[str] = []
    is_innermost = False
    try:
        for event, element in iterparse(BytesIO(packet), events=("start", "end")):
            name = element.tag.rpartition("}")[2]
            if event == "start":
                open_tags.append(name)
                is_innermost = True
                continue
            value = " ".join((element.text or "").split())
            if is_innermost and value and "datasets" in open_tags[:-1]:
                yield name, value
            open_tags.pop()
            is_innermost = False
            element.clear()
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        return
