"""Lists of the API: one page of them at a time."""

from responses_emulator.errors import invalid_request
from responses_emulator.http import Json, Request

MAX_LIMIT = 100


def page(
    request: Request,
    items: list[Json],
    *,
    default_limit: int = 20,
    max_limit: int = MAX_LIMIT,
    default_order: str = "desc",
) -> Json:
    """The list object for the page that limit, order, after and before ask for.

    `items` come oldest first. A bad limit or order, or an unknown cursor, is a 400.
    """
    limit = _limit(request, default_limit, max_limit)
    order = request.query.get("order", default_order)
    if order not in ("asc", "desc"):
        raise invalid_request(
            f"Invalid value: '{order}'. Supported values are: 'asc' and 'desc'.",
            "order",
            "invalid_value",
        )
    if order == "desc":
        items = items[::-1]
    after, before = request.query.get("after"), request.query.get("before")
    # Both cursors are looked for in the whole list: neither hides the other.
    start = _position(items, "after", after) + 1 if after else 0
    end = _position(items, "before", before) if before else len(items)
    items = items[start:end]
    # Before a cursor it is the page that ends right there, not the list's first.
    shown = items[-limit:] if before else items[:limit]
    has_more = len(items) > limit
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else "",
        "last_id": shown[-1]["id"] if shown else "",
        "has_more": has_more,
    }


def _limit(request: Request, default: int, highest: int) -> int:
    raw = request.query.get("limit")
    if raw is None:
        return default
    digits = raw.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise invalid_request(
            f"Invalid type for 'limit': expected an integer, but got '{raw}' instead.",
            "limit",
            "invalid_type",
        )
    limit = int(raw)
    if limit < 1:
        raise invalid_request(
            f"Invalid 'limit': integer below minimum value. Expected a value >= 1, but "
            f"got {limit} instead.",
            "limit",
            "integer_below_min_value",
        )
    if limit > highest:
        raise invalid_request(
            f"Invalid 'limit': integer above maximum value. Expected a value <= "
            f"{highest}, but got {limit} instead.",
            "limit",
            "integer_above_max_value",
        )
    return limit


def _position(items: list[Json], param: str, id: str) -> int:
    for index, item in enumerate(items):
        if item["id"] == id:
            return index
    raise invalid_request(
        f"Invalid '{param}': no item with id '{id}' in this list.", param
    )
