"""The promotion rules of a till: read from the configuration folder, taken between baskets when the file changes.

`promotions.json`, as headquarters sends it, goes before `promotions.toml`. A file that cannot be meant, or not even be
looked at, changes nothing: the till goes on by the rules it took last, at its next start too, for it keeps a copy of
them.

A file that is taken away ends its promotions. While the till runs that takes two looks, for a file that is being
replaced is away for a moment, and a folder with something in it, for one that is empty is a disk or a share that was
lost. At its start the till believes the first look: without its configuration it would not have started.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from app.checkout.ports import JsonValue
from app.ledger.entry import EntryKind
from app.members.published_rules import LARGEST_RULES_BYTES
from app.promotions.checking import BadRules
from app.promotions.offers import RulesDocument
from app.promotions.rules import Rules, make_rules, read_rules
from app.sales.coupon_offers import OfferBook
from app.values.problems import Problem
from app.values.wording import Wording, wording

_log: Final = logging.getLogger(__name__)

SENT_FILE: Final = "promotions.json"
"""What headquarters sent; in the till's folder, or beside the configuration."""

OWN_FILE: Final = "promotions.toml"
"""What the shop wrote itself, beside the configuration; counts where nothing was sent."""

TAKEN_FILE: Final = "promotions-taken.json"
"""In the till's folder: the rules it took last."""

Fingerprint = tuple[Path, int, int, int] | None
"""What tells a changed file: where it is, time of change, size and place on the disk; None where there is none."""

_NOT_LOOKED: Final[Fingerprint] = (Path(), 0, 0, 0)
"""Of no file: whatever is found next is read."""


class _Taken(msgspec.Struct, frozen=True):
    version: str
    """As it stands in the journal."""

    as_json: bool
    content: str


class PromotionsOnFile:
    """Keeps an offer book as the file says; used by the till's thread alone."""

    def __init__(self, folder: Path, till_folder: Path, *, currency: str, time_zone: str) -> None:
        """Read the rules; those taken last where the file cannot be meant.

        Args:
            folder: where the rules' file may be.
            till_folder: where the copy of what was taken is kept.
            currency: of the store.
            time_zone: of the store.
        """
        self._places = tuple(dict.fromkeys((till_folder / SENT_FILE, folder / SENT_FILE, folder / OWN_FILE)))
        self._taken_path = till_folder / TAKEN_FILE
        self._currency = currency
        self._time_zone = time_zone
        self._seen: Fingerprint = _NOT_LOOKED
        self._held: Path | None = None
        self._missed = False
        self._unrecorded: _Taken | None = None
        self._trouble: Wording | None = None
        kept = self._copy()
        nothing = make_rules(self._no_offers())
        # A till that never had any starts without, and says nothing of it.
        self._recorded_version = nothing.version if kept is None else kept.version
        self.book = OfferBook(nothing)
        self._look()
        if self.trouble is not None and kept is not None:
            self.book.take(self._rules_of(kept))

    @property
    def trouble(self) -> Wording | None:
        """Why the file's rules do not hold; None where they do."""
        return self._trouble

    @property
    def are_sent(self) -> bool:
        """Whether the rules that hold are those that headquarters sent."""
        return self._trouble is None and self._seen is not None and self._seen[0].name == SENT_FILE

    def take_changes(self, record: Callable[[str], object]) -> bool:
        """Take a changed file; called between baskets. Return whether there is news: other rules, or other trouble.

        Args:
            record: writes the version of rules that hold from here on into the journal. A `Problem` that it raises is
                logged, and it is called again the next time.
        """
        before = (self._trouble, self.book.rules.version)
        self._look()
        if self._unrecorded is not None:
            self._record(self._unrecorded, record)
        return (self._trouble, self.book.rules.version) != before

    def _record(self, taken: _Taken, record: Callable[[str], object]) -> None:
        try:
            if taken.version != self._recorded_version:
                record(taken.version)
                self._recorded_version = taken.version
            self._keep(taken)
            self._unrecorded = None
        except Problem as problem:
            _log.warning("promotions_not_recorded", extra={"code": problem.code})

    def _look(self) -> None:
        """Take the file where it is another one; say what is wrong with it, once, where it cannot be taken."""
        try:
            found = self._find()
            if self._is_just_gone(found) or found == self._seen:
                return
            taken, rules = self._read(found)
        except BadRules as problem:
            self._refuse(problem.sentence)
            return
        self._seen, self._held, self._trouble = found, found[0] if found is not None else None, None
        if rules.version != self.book.rules.version:
            self.book.take(rules)
        self._unrecorded = taken

    def _refuse(self, reason: Wording) -> None:
        trouble = wording("New promotions were not taken: {reason} The till goes on by the old ones.", reason=reason)
        if trouble != self._trouble:
            _log.warning("promotions_not_taken", extra={"reason": str(reason)})
        self._trouble = trouble

    def _find(self) -> Fingerprint:
        """Look for the file.

        Raises:
            BadRules: whether it is there cannot be told.
        """
        for path in self._places:
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            except OSError as error:
                self._seen = _NOT_LOOKED
                raise _unreadable(path, error) from error
            return path, found.st_mtime_ns, found.st_size, found.st_ino
        return None

    def _is_just_gone(self, found: Fingerprint) -> bool:
        """Whether the file that was read last was there when it was looked for last.

        Raises:
            BadRules: its folder is gone with all that was in it.
        """
        held = self._held
        if held is None or (found is not None and self._places.index(found[0]) <= self._places.index(held)):
            self._missed = False
            return False
        try:
            empty = not any(held.parent.iterdir())
        except OSError as error:
            self._seen = _NOT_LOOKED
            raise _unreadable(held.parent, error) from error
        if empty:
            self._seen = _NOT_LOOKED
            raise BadRules(wording("The folder of {file} is empty. Look after its disk.", file=held.name))
        self._missed = not self._missed
        return self._missed

    def _read(self, found: Fingerprint) -> tuple[_Taken, Rules]:
        if found is None:
            rules = make_rules(self._no_offers())
            return _Taken(rules.version, as_json=True, content=""), rules
        path = found[0]
        as_json = path.suffix == ".json"
        # What cannot be meant is not read again before it changes; what the disk would not give is.
        self._seen, self._held = found, path
        if found[2] > LARGEST_RULES_BYTES:
            raise BadRules(wording("The promotion rules cannot be read: {reason}", reason=f"{path.name}: too large"))
        try:
            data = path.read_bytes()
        except OSError as error:
            self._seen = _NOT_LOOKED
            raise _unreadable(path, error) from error
        rules = read_rules(data, as_json=as_json)
        require_of_store(rules, currency=self._currency, time_zone=self._time_zone)
        return _Taken(rules.version, as_json=as_json, content=data.decode("utf-8")), rules

    def _no_offers(self) -> RulesDocument:
        return RulesDocument(time_zone=self._time_zone, currency=self._currency)

    def _copy(self) -> _Taken | None:
        """Return what was taken last; None where nothing was, and an empty one where its copy is not whole."""
        try:
            return msgspec.json.decode(self._taken_path.read_bytes(), type=_Taken)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("promotions_copy_not_read", extra={"reason": type(error).__name__})
            return _Taken("", as_json=True, content="")

    def _rules_of(self, kept: _Taken) -> Rules:
        try:
            if kept.content:
                return read_rules(kept.content.encode(), as_json=kept.as_json)
        except BadRules:
            # Of a program that took other forms of offers.
            _log.warning("promotions_copy_not_read", extra={"reason": BadRules.code})
        return make_rules(self._no_offers())

    def _keep(self, taken: _Taken) -> None:
        """Keep a copy, whole or not at all; without one the till loses nothing but its way back."""
        unfinished = self._taken_path.with_name(f".{TAKEN_FILE}.{os.getpid()}")
        try:
            unfinished.write_bytes(msgspec.json.encode(taken))
            unfinished.replace(self._taken_path)
        except OSError as error:
            _log.warning("promotions_copy_not_kept", extra={"reason": type(error).__name__})


def require_of_store(rules: Rules, *, currency: str, time_zone: str) -> None:
    """See that rules are for a store of this currency and time zone.

    Raises:
        BadRules: they are for another.
    """
    for key, theirs, ours in (("currency", rules.currency, currency), ("time_zone", rules.zone.key, time_zone)):
        if theirs != ours:
            raise BadRules(
                wording("{key} is {theirs}, and that of the store {ours}.", key=key, theirs=theirs, ours=ours)
            )


def _unreadable(path: Path, error: OSError) -> BadRules:
    reason = f"{path.name}: {error.strerror or type(error).__name__}"
    return BadRules(wording("The promotion rules cannot be read: {reason}", reason=reason))


def recorded_as(version: str) -> tuple[EntryKind, dict[str, JsonValue]]:
    """Return the journal's entry for rules that hold from here on."""
    return EntryKind.PROMOTIONS_CHANGED, {"rules_version": version}
