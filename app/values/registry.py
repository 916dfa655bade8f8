"""Loads what is added by entry points; whatever fails is a sentence for a person to read and never stops the till.

What the project brings itself is registered in the same way as what others bring. For a program that runs without being
installed, or is packed into one file, the project's own lines stand in the code as well.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Final, Generic, TypeVar

from app.values.problems import Problem
from app.values.wording import Wording

_log: Final = logging.getLogger(__name__)

AddOn = TypeVar("AddOn")
Status = TypeVar("Status", bound="AddOnStatus")


@dataclass(frozen=True, slots=True)
class AddOnStatus:
    """What a person reads of an add-on."""

    add_on_id: str
    """The entry point's name."""

    target: str
    """Where it comes from: module and name."""

    usable: bool
    sentence: Wording


@dataclass(frozen=True, slots=True)
class AddOnKind(Generic[AddOn, Status]):
    """One entry point group: what its entry points hold, and how that is spoken of."""

    group: str
    built_in: tuple[EntryPoint, ...]
    """The project's own; one of the same name that is installed comes instead."""

    holds: type[AddOn]
    status: type[Status]
    """How a status of this kind is called; adds no values."""

    id_of: Callable[[AddOn], str]
    """Its own name, which must be the entry point's."""

    check: Callable[[AddOn], None]
    """Returns where it can work on this computer; else raises a `Problem`."""

    usable: Callable[[AddOn], Wording]
    made_for_another: Callable[[str], Wording]
    """Of the name: what the entry point holds is not of this kind, or has another name."""

    named_twice: Callable[[str], Wording]
    not_loaded: Callable[[str, str], Wording]
    """Of the name and of the fault's type."""


@dataclass(frozen=True, slots=True)
class AddOns(Generic[AddOn, Status]):
    """What can be used, by its name, and what is to be said of all."""

    usable: Mapping[str, AddOn]
    statuses: tuple[Status, ...]


def load_add_ons(kind: AddOnKind[AddOn, Status], found: Iterable[EntryPoint] | None = None) -> AddOns[AddOn, Status]:
    """Load and check every add-on of a kind.

    Args:
        kind: which.
        found: the entry points; those of the installed packages and the built-in ones where none are given.
    """
    if found is None:
        installed = tuple(entry_points(group=kind.group))
        names = {point.name for point in installed}
        found = (*installed, *(point for point in kind.built_in if point.name not in names))
    usable: dict[str, AddOn] = {}
    statuses = []
    for point in found:
        before = len(usable)
        sentence = _load(kind, point, usable)
        statuses.append(kind.status(point.name, point.value, usable=len(usable) > before, sentence=sentence))
    return AddOns(usable, tuple(statuses))


def _load(kind: AddOnKind[AddOn, Status], point: EntryPoint, usable: dict[str, AddOn]) -> Wording:
    """Load one; it joins the usable ones where it is. Returns what is to be said of it."""
    try:
        add_on = point.load()
        if not isinstance(add_on, kind.holds) or kind.id_of(add_on) != point.name:
            return kind.made_for_another(point.name)
        if point.name in usable:
            return kind.named_twice(point.name)
        kind.check(add_on)
    except Problem as problem:
        return problem.sentence
    except Exception as fault:  # noqa: BLE001 - whatever the add-on of others does, the till starts; it is logged
        _log.exception(
            "add_on_failed_to_load", extra={"group": kind.group, "add_on": point.name, "target": point.value}
        )
        return kind.not_loaded(point.name, type(fault).__name__)
    usable[point.name] = add_on
    return kind.usable(add_on)


def why_unusable(statuses: Iterable[AddOnStatus], add_on_id: str) -> Wording | None:
    """Return the sentence of one that is there and cannot be used; None where there is none of that name."""
    return next((one.sentence for one in statuses if one.add_on_id == add_on_id and not one.usable), None)
