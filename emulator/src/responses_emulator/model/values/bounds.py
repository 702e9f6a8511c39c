"""Not every value is made: some would be too large, or take too long."""


class OverBound(ValueError):
    """A value of this size, or after so much work, is not made."""
