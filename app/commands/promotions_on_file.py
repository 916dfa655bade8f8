"""The promotion rules of a till: read from the configuration folder, taken between baskets when the file changes.

`promotions.json`, as headquarters sends it, goes before `promotions.toml`. A file that cannot be meant changes nothing:
the till goes on by the rules it took last, at its next start too, for it keeps a copy of them.
"""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from app.checkout.ports import JsonValue
from app.ledger.entry import EntryKind
from app.promotions.checking import BadRules
from app.promotions.offers import RulesDocument
from app.promotions.rules import Rules, make_rules, read_rules
from app.sales.coupon_offers import OfferBook
from app.values.problems import Problem
from app.values.wording import Wording, wording

_log: Final = logging.getLogger(__name__)

RULES_FILES: Final = ("promotions.json", "promotions.toml")
"""In the configuration folder; the first that is there counts."""

TAKEN_FILE: Final = "promotions-taken.json"
"""In the till's folder: the rules it took last."""

_LARGEST_BYTES: Final = 32_000_000

Fingerprint = tuple[str, int, int, int] | None
"""What tells a changed file: name, time of change, size and place; None where there is none."""


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
        self._folder = folder
        self._taken_path = till_folder / TAKEN_FILE
        self._currency = currency
        self._time_zone = time_zone
        self._seen: Fingerprint = None
        self._unrecorded: _Taken | None = None
        self._trouble: Wording | None = None
        kept = self._copy()
        nothing = make_rules(self._no_offers())
        # A till that never had any starts without, and says nothing of it.
        self._recorded_version = nothing.version if kept is None else kept.version
        self.book = OfferBook(nothing)
        self._look(self._find(), kept)

    @property
    def trouble(self) -> Wording | None:
        """Why the file's rules do not hold; None where they do."""
        return self._trouble

    def take_changes(self, record: Callable[[str], object]) -> bool:
        """Take a changed file; called between baskets. Return whether there is news: other rules, or other trouble.

        Args:
            record: writes the version of rules that hold from here on into the journal. A `Problem` that it raises is
                logged, and it is called again the next time.
        """
        before = (self._trouble, self.book.rules.version)
        found = self._find()
        if found != self._seen:
            self._look(found)
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

    def _find(self) -> Fingerprint:
        for name in RULES_FILES:
            with suppress(OSError):
                found = (self._folder / name).stat()
                return name, found.st_mtime_ns, found.st_size, found.st_ino
        return None

    def _look(self, found: Fingerprint, kept: _Taken | None = None) -> None:
        """Take the file; at the start what was kept in its place, where it cannot be meant."""
        self._seen = found
        try:
            taken, rules = self._read(found)
        except BadRules as problem:
            _log.warning("promotions_not_taken", extra={"reason": str(problem.sentence)})
            self._trouble = wording(
                "New promotions were not taken: {reason} The till goes on by the old ones.", reason=problem.sentence
            )
            if kept is not None:
                self.book.take(self._rules_of(kept))
            return
        self._trouble = None
        if rules.version != self.book.rules.version:
            self.book.take(rules)
        self._unrecorded = taken

    def _read(self, found: Fingerprint) -> tuple[_Taken, Rules]:
        if found is None:
            rules = make_rules(self._no_offers())
            return _Taken(rules.version, as_json=True, content=""), rules
        name = found[0]
        as_json = name.endswith(".json")
        try:
            if found[2] > _LARGEST_BYTES:
                raise BadRules(wording("The promotion rules cannot be read: {reason}", reason=f"{name}: too large"))
            data = (self._folder / name).read_bytes()
        except OSError as error:
            reason = f"{name}: {error.strerror}"
            raise BadRules(wording("The promotion rules cannot be read: {reason}", reason=reason)) from error
        rules = read_rules(data, as_json=as_json)
        self._require_ours(rules)
        return _Taken(rules.version, as_json=as_json, content=data.decode("utf-8")), rules

    def _require_ours(self, rules: Rules) -> None:
        for key, theirs, ours in (
            ("currency", rules.currency, self._currency),
            ("time_zone", rules.zone.key, self._time_zone),
        ):
            if theirs != ours:
                raise BadRules(
                    wording("{key} is {theirs}, and that of the store {ours}.", key=key, theirs=theirs, ours=ours)
                )

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


def recorded_as(version: str) -> tuple[EntryKind, dict[str, JsonValue]]:
    """Return the journal's entry for rules that hold from here on."""
    return EntryKind.PROMOTIONS_CHANGED, {"rules_version": version}
