"""What the content filter can report: an entry for each thing that it looks for.

The shapes are those of Azure's published contract,
`AzureContentFilterResultsForResponsesAPI`. What is not in it: an entry that is null,
which clients have met, and a block whose body says nothing of its cause.
"""

from responses_emulator.http import Json

HARMS = ("hate", "self_harm", "sexual", "violence")
ATTACKS = ("jailbreak", "indirect_attack")
# What may be found; it is blocked, or let pass with a note.
CATEGORIES = (
    *HARMS,
    *ATTACKS,
    "profanity",
    "task_adherence",
    "protected_material_text",
    "protected_material_code",
    "custom_blocklists",
    "custom_topics",
    "ungrounded_material",
    "personally_identifiable_information",
)
ERROR = "error"  # the filter could not look
NULL = "null"  # an entry without a result
ALL = "all"  # every category at once
NO_REPORT = "no-report"  # `content_filters` is null
NOTES = (*CATEGORIES, ERROR, NULL, ALL, NO_REPORT)

_BLOCKLIST = "emulator-blocklist"
_TOPIC = "emulator-topic"
_CITATION = {"license": "MIT", "URL": "https://opensource.org/license/mit"}
_NOT_EVALUATED = {
    "code": 503,
    "message": "The content filter did not answer in time: nothing was checked.",
}


def safe(category: str) -> Json:
    """The entry that says that this was looked for and not found."""
    if category in HARMS:
        return {"filtered": False, "severity": "safe"}
    return {"detected": False, "filtered": False}


def found(note: str, *, filtered: bool) -> Json:
    """The entries that say what was found, and whether it was filtered."""
    if note == ALL:
        return {name: _entry(name, filtered=filtered) for name in CATEGORIES}
    if note == ERROR:
        return {"error": _NOT_EVALUATED}
    if note == NULL:
        return {"custom_blocklists": None}
    return {note: _entry(note, filtered=filtered)}


def _entry(category: str, *, filtered: bool) -> Json:
    if category in HARMS:
        return {"filtered": filtered, "severity": "high" if filtered else "low"}
    if category == "custom_blocklists":
        details = [{"id": _BLOCKLIST, "filtered": filtered}]
        return {"filtered": filtered, "details": details}
    if category == "custom_topics":
        details = [{"id": _TOPIC, "detected": True}]
        return {"filtered": filtered, "details": details}
    entry: Json = {"filtered": filtered, "detected": True}
    if category == "protected_material_code":
        entry["citation"] = _CITATION
    if category == "ungrounded_material":
        entry["details"] = [{"completion_start_offset": 0, "completion_end_offset": 5}]
    if category == "personally_identifiable_information":
        entry["redacted_text"] = "Write to ****************."
        entry["sub_categories"] = [
            {
                "sub_category": "Email",
                "detected": True,
                "filtered": filtered,
                "redacted": not filtered,
            }
        ]
    return entry
