"""A function as the service repeats it, where its declaration left something out."""

from responses_emulator.model.items import Item


def in_full(function: Item) -> Item:
    """The function with all that it has; what says nothing of `strict` is strict."""
    told: Item = {"description": None, "parameters": {}, **function}
    if function.get("strict") is None:
        parameters: Item = function.get("parameters") or {}
        told["strict"] = True
        told["parameters"] = parameters and {
            **parameters,
            "additionalProperties": False,
        }
    return told
