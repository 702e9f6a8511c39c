"""How the service words each fault of a request; `path` is the place of the value."""

from collections.abc import Iterable

from responses_emulator.errors import (
    ServiceError,
    invalid_request,
    unknown_parameter,
)

# Values that the service lists in an order of its own, as users quote it. The others
# come as the contract has them.
ORDER = (
    *("assistant", "system", "developer", "user"),
    *("input_text", "input_image", "output_text", "refusal", "input_file"),
    *("computer_screenshot", "summary_text"),
    *("json_object", "text", "json_schema"),
    *("concise", "detailed", "auto", "default", "fast", "flex", "priority"),
)
# Values that are taken and that the service names in no list: Azure's spelling of one,
# and tiers that no contract has.
UNNAMED = ("in-memory", "scale", "ultrafast")
MAX_QUOTED = 100  # characters of a value or a name that a message repeats
MAX_NAME = 12  # of a name in a sentence about names; some are told whole, 20 are not


def wrong_type(path: str, expected: list[str], got: str) -> ServiceError:
    """A value of another JSON type than those expected, such as `array of objects`.

    What starts with a quote is a list of choices: `'low' or 'high'`.
    """
    names = sorted(expected, key=lambda name: (name.startswith("'"), name))
    wanted = " or ".join([_with_article(names[0]), *names[1:]])
    if len(names) > 1 or names[0].startswith("'"):
        wanted = f"one of {wanted}"
    return wrong_type_in_words(path, wanted, got)


def wrong_type_in_words(path: str, wanted: str, got: str) -> ServiceError:
    """The same where the service has words of its own for what it wants."""
    if got == "number":
        got = "decimal number"
    return invalid_request(
        f"Invalid type for '{path}': expected {wanted}, but got {_with_article(got)} "
        "instead.",
        path,
        "invalid_type",
    )


def moved(name: str, place: str) -> ServiceError:
    """A parameter of chat completions, and where the Responses API has it."""
    return invalid_request(
        f"Unsupported parameter: '{name}'. In the Responses API, this parameter has "
        f"moved to '{place}'. Try again with the new parameter. See the API "
        "documentation for more information: "
        "https://platform.openai.com/docs/api-reference/responses/create.",
        code="unsupported_parameter",
    )


def unknown(path: str, meant: list[str]) -> ServiceError:
    """A parameter that the operation does not have, and those that look like it."""
    error = unknown_parameter(path)
    if meant:
        error.body["error"]["message"] += f" Did you mean {listed(meant, 'or')}?"
    return error


def unsupported(path: str, value: str, supported: Iterable[str]) -> ServiceError:
    """A string that is none of the choices."""
    known = [each for each in supported if each not in UNNAMED]
    if all(each in ORDER for each in known):
        known.sort(key=ORDER.index)
    return invalid_request(
        f"Invalid value: '{short(value)}'. Supported values are: "
        f"{listed(known, 'and')}.",
        path,
        "invalid_value",
    )


def no_match(path: str, pattern: str) -> ServiceError:
    """A string that does not match its pattern."""
    return invalid_request(
        f"Invalid '{path}': string does not match pattern. Expected a string that "
        f"matches the pattern '{pattern}'.",
        path,
        "invalid_value",
    )


def wrong_id(path: str, value: str, prefix: str) -> ServiceError:
    """An id of something else, or no id at all."""
    return invalid_request(
        f"Invalid '{path}': '{short(value)}'. Expected an ID that begins with "
        f"'{prefix}'.",
        path,
        "invalid_value",
    )


def odd_id(path: str, value: str) -> ServiceError:
    """An id with characters that no id has, or with nothing after its beginning."""
    return invalid_request(
        f"Invalid '{path}': '{short(value)}'. Expected an ID that contains letters, "
        "numbers, underscores, or dashes, but this value contained additional "
        "characters.",
        path,
        "invalid_value",
    )


def no_url(path: str) -> ServiceError:
    """A text that is no address."""
    return invalid_request(
        f"Invalid '{path}'. Expected a valid URL, but got a value with an invalid "
        "format.",
        path,
        "invalid_value",
    )


def empty(path: str, noun: str, least: int) -> ServiceError:
    """A `string` or `array` that has nothing in it."""
    return invalid_request(
        f"Invalid '{path}': empty {noun}. Expected {_with_article(noun)} with minimum "
        f"length {least}, but got an empty {noun} instead.",
        path,
        f"empty_{noun}",
    )


def too_long(path: str, noun: str, length: int, most: int) -> ServiceError:
    """A `string` or `array` that is too long."""
    article = _with_article(noun)
    return invalid_request(
        f"Invalid '{path}': {noun} too long. Expected {article} with maximum length "
        f"{most}, but got {article} with length {length} instead.",
        path,
        f"{noun}_above_max_length",
    )


def below_minimum(path: str, noun: str, value: float, least: float) -> ServiceError:
    """An `integer` or `decimal` that is too small."""
    return invalid_request(
        f"Invalid '{path}': {noun} below minimum value. Expected a value >= {least}, "
        f"but got {value} instead.",
        path,
        f"{noun}_below_min_value",
    )


def above_maximum(path: str, noun: str, value: float, most: float) -> ServiceError:
    """An `integer` or `decimal` that is too big."""
    return invalid_request(
        f"Invalid '{path}': {noun} above maximum value. Expected a value <= {most}, "
        f"but got {value} instead.",
        path,
        f"{noun}_above_max_value",
    )


def too_many_properties(path: str, count: int, most: int) -> ServiceError:
    """An object of the caller's own keys that has too many of them."""
    return invalid_request(
        f"Invalid '{path}': too many properties. Expected an object with at most "
        f"{most} properties, but got an object with {count} properties instead.",
        path,
        "object_above_max_properties",
    )


def long_property_name(path: str, name: str, most: int) -> ServiceError:
    """An object of the caller's own keys, one of which is too long."""
    return invalid_request(
        f"Invalid property name in '{path}': '{elided(name)}' is too long. Expected a "
        f"string with maximum length {most}, but got a string with length {len(name)} "
        "instead.",
        f"{path}.{short(name)}",
        "property_name_above_max_length",
    )


def mutually_exclusive(first: str, second: str) -> ServiceError:
    """Two parameters of which only one may be there: the service blames none."""
    return invalid_request(
        "Mutually exclusive parameters: ''. Ensure you are only providing one of: "
        f"'{elided(first)}' or '{elided(second)}'.",
        code="mutually_exclusive_parameters",
    )


def format_schema(name: str, fault: str) -> ServiceError:
    """A format of an answer whose schema is not taken."""
    return invalid_request(
        f"Invalid schema for response_format '{name}': {fault}",
        "text.format.schema",
        "invalid_json_schema",
    )


def function_schema(name: str, fault: str, path: str) -> ServiceError:
    """A function whose parameters have a schema that is not taken."""
    return invalid_request(
        f"Invalid schema for function '{name}': {fault}",
        f"{path}.parameters",
        "invalid_function_parameters",
    )


def choices(values: Iterable[str]) -> str:
    """What a value may be, where its type is wrong: `'low' or 'high'`."""
    named = [each for each in values if each not in UNNAMED]
    if all(each in ORDER for each in named):
        named.sort(key=ORDER.index)
    return listed(map(elided, named), "or")


def elided(name: str) -> str:
    """A long name as the service tells it among others: `pre..._id`."""
    return name if len(name) <= MAX_NAME else f"{name[:3]}...{name[-3:]}"


def listed(values: Iterable[str], last: str) -> str:
    """The values quoted: `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return f" {last} ".join(quoted)
    return f"{', '.join(quoted[:-1])}, {last} {quoted[-1]}"


def short(text: str) -> str:
    """The text, cut where repeating all of it would help nobody."""
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}..."


def _with_article(noun: str) -> str:
    if noun == "null" or noun.startswith("'"):
        return noun
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
