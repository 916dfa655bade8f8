"""Opens whoever keeps a till's members: headquarters over the network, or the shop's own book in the till's folder.

Loaded libraries are heavy: everything is imported where it is wanted, on the desk's thread.
"""

import hashlib
import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.checkout.settings import TillSettings
from app.commands.members.keeping import OpenedKeeper, OpenKeeper
from app.commands.members.settings import Headquarters, MemberSettings, OwnKeeping
from app.commands.site import Site, writable
from app.values.clock import Clock
from app.values.problems import Problem
from app.values.wording import wording

if TYPE_CHECKING:
    from app.headquarters.members import Issuer, MemberBook
    from offline_store.keys import KeyVault

_log: Final = logging.getLogger(__name__)

BOOK_FILE: Final = "members.db"
_BOOK_KEY: Final = "members-book"
_ISSUER_KEY: Final = "members-issuer"
_KEY_BYTES: Final = 32
_OPENING_TRIES: Final = 400
_OPENING_PAUSE_S: Final = 0.05
_DESCRIBED_FILE: Final = "described"
"""Holds what tells the coupons that the book was told of last."""


class BookKeyMissing(Problem):
    """Raised when there is a book of members and its key is gone."""

    code = "MEMBERS-KEY-MISSING"


class BookBusy(Problem):
    """Raised when another program is just making or opening the book of members, and takes too long."""

    code = "MEMBERS-BUSY"


class NoOwnBook(Problem):
    """Raised when a shop's own book is asked for that it does not keep."""

    code = "NO-OWN-BOOK"


def keeper_of(site: Site, till: TillSettings, wanted: MemberSettings, clock: Clock) -> OpenKeeper:
    """Return how a till's keeper of members is opened; nothing is opened yet."""
    if wanted.headquarters is not None:
        return _asking(wanted.headquarters, till.till_id)
    return _SharedBook(site, till, wanted, clock).open


def _asking(headquarters: Headquarters, till_id: str) -> OpenKeeper:
    def ask() -> OpenedKeeper:
        from app.payments.credentials import read_credential
        from app.sync.members import MemberClient

        client = MemberClient(
            headquarters.url, lambda: read_credential(headquarters.token, "headquarters.token"), till_id=till_id
        )
        return OpenedKeeper(client, _nothing_to_close, trouble=lambda: client.last_trouble)

    return ask


def _nothing_to_close() -> None:
    """Each call of headquarters has a connection of its own."""


class _SharedBook:
    """A shop's own book, opened once for all threads of a till, which it is safe for."""

    def __init__(self, site: Site, till: TillSettings, wanted: MemberSettings, clock: Clock) -> None:
        self._site = site
        self._till = till
        self._wanted = wanted
        self._clock = clock
        self._lock = threading.Lock()
        self._book: MemberBook | None = None
        self._users = 0

    def open(self) -> OpenedKeeper:
        with self._lock:
            if self._book is None:
                self._book = open_own_book(self._site, self._till, self._wanted, self._clock)
            self._users += 1
            seen = self._book.at(self._till.till_id, self._till.store_number)
            return OpenedKeeper(seen, self._let_go, self._book.terms.keys(), lambda: seen.last_trouble)

    def _let_go(self) -> None:
        with self._lock:
            self._users -= 1
            book = self._book
            if self._users or book is None:
                return
            self._book = None
        book.close()


def open_own_book(site: Site, till: TillSettings, wanted: MemberSettings, clock: Clock) -> "MemberBook":
    """Open a shop's own book, made where there is none yet, with its coupons described; the sample's with its members.

    Raises:
        NoOwnBook: headquarters keeps the members.
        BookBusy: BookKeyMissing: WrongBook: KeeperTroubled: it cannot be opened; each says what to do.
    """
    keeping = wanted.keeping
    if keeping is None:
        raise NoOwnBook(
            wording("Headquarters keeps the members of this shop. Do it there, or set keeper in members.toml.")
        )
    folder = writable(site.members_folder)
    with _opening_alone(folder):
        return _open_book(site, till, wanted, keeping, clock)


@contextmanager
def _opening_alone(folder: Path) -> Iterator[None]:
    """Keep others from opening meanwhile: two that make the book at once would each make a key of their own.

    Raises:
        BookBusy: another one takes too long.
    """
    from offline_store.file_lock import FileLock
    from offline_store.problems import StoreInUse

    lock, waited = FileLock(folder / "opening.lock"), threading.Event()
    for _ in range(_OPENING_TRIES):
        try:
            lock.take()
        except StoreInUse:
            waited.wait(_OPENING_PAUSE_S)
            continue
        try:
            yield
        finally:
            lock.release()
        return
    raise BookBusy(wording("Another program is just opening the book of members. Try again in a moment."))


def _open_book(
    site: Site, till: TillSettings, wanted: MemberSettings, keeping: OwnKeeping, clock: Clock
) -> "MemberBook":
    from app.headquarters.members import KeeperTerms, open_member_book

    folder = site.members_folder
    vault = _vault(site, till.till_id)
    place, key = _place(keeping, folder, vault)
    terms = KeeperTerms(
        merchant_id=wanted.terms.merchant_id,
        ladder=wanted.terms.ladder,
        notice=wanted.terms.notice,
        loading=keeping.loading,
        spending=keeping.spending_order,
        issuer=_issuer(vault),
        issuer_keys=wanted.issuer_keys,
        zone=till.zone,
        day_starts=till.day_starts,
    )
    book = open_member_book(place, clock, terms, key=key)
    try:
        _describe(book, keeping, site)
        if site.sample:
            from app.commands.members.seeding import seed_once

            seed_once(book, site, clock)
    except BaseException:
        book.close()
        raise
    return book


def _vault(site: Site, till_id: str) -> "KeyVault":
    from offline_store.keys import KeyringElseFiles, OwnerOnlyFiles

    folder = site.members_folder / "keys"
    return OwnerOnlyFiles(folder) if site.sample else KeyringElseFiles(till_id, folder)


def _place(keeping: OwnKeeping, folder: Path, vault: "KeyVault") -> tuple[str | Path, bytes | None]:
    """Return where the book is, and the key that it is encrypted with where it is a file."""
    if keeping.database:
        from app.payments.credentials import read_credential

        return read_credential(keeping.database, "database"), None
    file = folder / BOOK_FILE
    key = vault.read(_BOOK_KEY)
    if key is None:
        if file.exists():
            raise BookKeyMissing(
                wording(
                    "The key of the book of members is not on this machine, or its keyring is locked. Unlock it, or"
                    " call your store admin to put the key back. Nothing was changed."
                )
            )
        key = secrets.token_bytes(_KEY_BYTES)
        vault.write(_BOOK_KEY, key)
    return file, key


def _issuer(vault: "KeyVault") -> "Issuer":
    """Return the key that the shop signs its coupons with, made at first use; its name tells it from any other."""
    from app.headquarters.members import Issuer
    from app.ledger.chain import Ed25519Signer

    seed = vault.read(_ISSUER_KEY)
    if seed is None:
        seed = secrets.token_bytes(_KEY_BYTES)
        vault.write(_ISSUER_KEY, seed)
    signer = Ed25519Signer(seed)
    return Issuer(f"own-{hashlib.sha256(signer.public_key()).hexdigest()[:8]}", signer)


def _describe(book: "MemberBook", keeping: OwnKeeping, site: Site) -> None:
    """Tell the book what `members.toml` says of coupons, where it says something new.

    What coupons that are out promise stays: a form that would change that is passed over, and said in the log.
    """
    from app.headquarters.members import CampaignArm, KeeperRefused

    told = site.members_folder / _DESCRIBED_FILE
    said = hashlib.sha256(repr((keeping.forms, keeping.limited, keeping.campaigns)).encode()).hexdigest()
    if told.exists() and told.read_text(encoding="ascii") == said:
        return
    whole = True
    for form in keeping.forms:
        try:
            book.add_form(form)
        except KeeperRefused as refused:
            whole = False
            _log.warning("coupon_form_not_changed", extra={"form": form.form_id, "reason": str(refused.sentence)})
    for limited in keeping.limited:
        book.set_quota(limited.form_id, limited.code, limited.pieces)
    for campaign in keeping.campaigns:
        forms = dict(campaign.form_ids)
        arms = [CampaignArm(arm.arm, arm.weight, forms[arm.arm]) for arm in campaign.arms]
        book.set_campaign(campaign.campaign_id, arms)
    if whole:
        told.write_text(said, encoding="ascii")
