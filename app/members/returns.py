"""How much of an amount belongs to a part that comes back, exactly the whole over any sequence of parts."""


def share_of_part(total: int, whole: int, before: int, part: int) -> int:
    """Return how much of a total goes back with a part of a whole, after other parts went back before.

    The share of everything that is back so far, cut towards zero, less what that was before: the shares of any sequence
    of parts that make the whole sum to the total, and no share is below zero.

    >>> [share_of_part(10, 3, done, 1) for done in range(3)]
    [3, 3, 4]

    Raises:
        ValueError: if the parts are more than the whole, or anything is below zero.
    """
    if min(total, before, part) < 0 or whole <= 0 or before + part > whole:
        raise ValueError("a part lies within its whole")
    return total * (before + part) // whole - total * before // whole
