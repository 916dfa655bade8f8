"""Refuses regular expressions that could keep the till busy: their work is bounded before they are used."""

import re
from dataclasses import dataclass, field
from typing import Final

from app.values.problems import Problem
from app.values.wording import wording

LINE_BYTES: Final = 64
"""The longest line a pattern is tried on."""

_MOST_WAYS: Final = 600_000
"""In how many ways a pattern may be laid over a line, at worst; some milliseconds of work."""

_MOST_CHARACTERS: Final = 300
_BOUNDS: Final = re.compile(r"\{(\d*)(,?)(\d*)\}")
_OPENING: Final = re.compile(r"\((?:\?:|\?P<[A-Za-z_][A-Za-z0-9_]*>|(?!\?))")


class UnsafePattern(Problem):
    """Raised when a scale's pattern is wrong, or could take for ever."""

    code = "UNSAFE-PATTERN"


@dataclass(slots=True)
class _Group:
    ways: int = 1
    """In how many ways what stands in it can be laid over a line."""

    last_ways: int = 1
    """The same of the part that a quantifier would repeat."""

    branches: list[int] = field(default_factory=list)
    repeatable: bool = False


def compile_safely(pattern: str, needed: str = "weight") -> re.Pattern[bytes]:
    r"""Return a pattern that is sure to come to an end quickly on a line of `LINE_BYTES`.

    >>> compile_safely(r" (?P<weight>\d{4})").fullmatch(b" 0046")["weight"]
    b'0046'

    Args:
        pattern: in Python's syntax, ASCII. Look-arounds, back references, flags and repeated choices are refused.
        needed: the group without which the pattern is of no use.

    Raises:
        UnsafePattern: saying what is wrong with it.
    """
    if len(pattern) > _MOST_CHARACTERS or not pattern.isascii():
        raise UnsafePattern(
            wording(
                "The scale's pattern is too long or has letters beyond ASCII. Keep it below {count} characters.",
                count=_MOST_CHARACTERS,
            )
        )
    try:
        compiled = re.compile(pattern.encode("ascii"))
    except (re.error, OverflowError, RecursionError) as error:
        raise UnsafePattern(
            wording("The scale's pattern is no regular expression: {reason}.", reason=str(error))
        ) from error
    if needed not in compiled.groupindex:
        raise UnsafePattern(
            wording("The scale's pattern has no group named {name}. Write (?P<{name}>…) around it.", name=needed)
        )
    if _ways(pattern) > _MOST_WAYS:
        raise UnsafePattern(
            wording(
                "The scale's pattern can match in too many ways and would slow the till down. Say how many characters"
                " there are, such as \\d{bounds}, instead of * and +.",
                bounds="{1,5}",
            )
        )
    return compiled


def _ways(pattern: str) -> int:
    """Return an upper bound of the ways a valid pattern can be laid over a line.

    Raises:
        UnsafePattern: if it uses what has no such bound.
    """
    stack = [_Group()]
    place = 0
    while place < len(pattern):
        here = pattern[place]
        top = stack[-1]
        if here == "\\":
            if pattern[place + 1 : place + 2].isdigit() and pattern[place + 1] != "0":
                raise _refused("\\" + pattern[place + 1])
            _begin_part(top, 1)
            place += 2
        elif here == "[":
            place = _after_class(pattern, place)
            _begin_part(top, 1)
        elif here == "(":
            opening = _OPENING.match(pattern, place)
            if opening is None:
                raise _refused(pattern[place : place + 3])
            stack.append(_Group())
            place = opening.end()
        elif here == ")":
            closed = stack.pop()
            _begin_part(stack[-1], sum((*closed.branches, closed.ways * closed.last_ways)))
            place += 1
        elif here == "|":
            top.branches.append(top.ways * top.last_ways)
            top.ways = top.last_ways = 1
            top.repeatable = False
            place += 1
        elif here in "*+?" or (here == "{" and _BOUNDS.match(pattern, place)):
            place = _quantify(top, pattern, place)
        else:
            _begin_part(top, 1)
            place += 1
    whole = stack[0]
    return sum((*whole.branches, whole.ways * whole.last_ways))


def _begin_part(group: _Group, ways: int) -> None:
    group.ways *= group.last_ways
    group.last_ways = ways
    group.repeatable = True


def _quantify(group: _Group, pattern: str, place: int) -> int:
    """Take a quantifier into account and return the place after it."""
    least, most, end = _bounds(pattern, place)
    if pattern[end : end + 1] in {"?", "+"}:
        end += 1  # Lazy or possessive: the same ways in another order, or fewer.
    if most > 1 and group.last_ways > 1:
        raise _refused(pattern[place:end])
    group.last_ways *= max(1, min(most, LINE_BYTES) - min(least, LINE_BYTES) + 1)
    return end


def _bounds(pattern: str, place: int) -> tuple[int, int, int]:
    match pattern[place]:
        case "*":
            return 0, LINE_BYTES, place + 1
        case "+":
            return 1, LINE_BYTES, place + 1
        case "?":
            return 0, 1, place + 1
        case _:
            found = _BOUNDS.match(pattern, place)
            if found is None:
                return 1, 1, place + 1
            least = int(found.group(1) or 0)
            most = least if not found.group(2) else int(found.group(3) or LINE_BYTES)
            return least, most, found.end()


def _after_class(pattern: str, place: int) -> int:
    """Return the place after a set of characters in brackets."""
    place += 1
    if pattern[place : place + 1] == "^":
        place += 1
    # A closing bracket that comes first stands for itself.
    if pattern[place : place + 1] == "]":
        place += 1
    while place < len(pattern) and pattern[place] != "]":
        place += 2 if pattern[place] == "\\" else 1
    return place + 1


def _refused(what: str) -> UnsafePattern:
    return UnsafePattern(
        wording(
            "The scale's pattern uses {what}, which can take too long or is not needed for a weight. Write it without.",
            what=what,
        )
    )
