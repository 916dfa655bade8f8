"""Fetches headquarters' public keys, on the desk's thread, and keeps them: by them a till knows what is signed.

They outlive the till in a small file of its folder, whole or as it was, so that a till that starts without a line takes
signed coupons and telephone codes as before. Keys of `members.toml` hold besides.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from app.commands.members.duties import NS
from app.ledger.chain import PUBLIC_KEY_BYTES
from app.members.ports import MemberKeeper
from app.members.signed_codes import IssuerKey, IssuerKeys

_log: Final = logging.getLogger(__name__)

ASKED_EVERY_S: Final = 300.0
KEYS_FILE: Final = "issuer-keys.json"
"""In the till's folder: the keys that headquarters named last."""

_KEYS: Final = msgspec.json.Decoder(tuple[IssuerKey, ...])


def kept_keys(folder: Path) -> tuple[IssuerKey, ...]:
    """Return the keys that headquarters named last; none where it was never asked, or they cannot be read."""
    try:
        keys = _KEYS.decode((folder / KEYS_FILE).read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as error:
        # Asked for again as soon as there is a line.
        _log.warning("issuer_keys_not_read", extra={"reason": type(error).__name__})
        return ()
    return tuple(key for key in keys if len(key.public_key) == PUBLIC_KEY_BYTES)


def trusted(own: Iterable[IssuerKey], sent: Iterable[IssuerKey]) -> IssuerKeys:
    """Return the keys a till trusts: its own, and those that headquarters named.

    A key of both is good only as far as both say so; where one id names two keys, the till's own counts.
    """
    keys = {key.key_id: key for key in sent}
    for key in own:
        other = keys.get(key.key_id)
        keys[key.key_id] = key if other is None or other.public_key != key.public_key else _both(key, other)
    return IssuerKeys(keys.values())


def _both(own: IssuerKey, sent: IssuerKey) -> IssuerKey:
    ends: list[datetime] = [key.retired_at for key in (own, sent) if key.retired_at is not None]
    return replace(own, retired_at=min(ends, default=None), withdrawn=own.withdrawn or sent.withdrawn)


class SentKeys:
    """A `Duty`: the till knows the keys that headquarters signs with."""

    def __init__(
        self,
        folder: Path,
        now_ns: Callable[[], int],
        take: Callable[[tuple[IssuerKey, ...]], None],
        every_s: float = ASKED_EVERY_S,
    ) -> None:
        """Take what was kept; the first look is due at once.

        Args:
            folder: the till's.
            now_ns: a clock that never goes back.
            take: told the keys, here and whenever headquarters named others; returns at once.
            every_s: the pause between two questions that were answered.
        """
        self._folder = folder
        self._now_ns = now_ns
        self._take = take
        self._every_s = every_s
        self._next_ns = 0
        self._kept = kept_keys(folder)
        take(self._kept)

    def due_in_s(self) -> float | None:
        """See `Duty`."""
        return max(0.0, (self._next_ns - self._now_ns()) / NS)

    def step(self, keeper: MemberKeeper) -> bool | None:
        """See `Duty`."""
        sent = keeper.issuer_keys()
        if sent is None:
            return False
        self._next_ns = self._now_ns() + int(self._every_s * NS)
        self._take(sent)
        if sent != self._kept:
            self._keep(sent)
        return True

    def _keep(self, sent: tuple[IssuerKey, ...]) -> None:
        from offline_store.durable_files import write_whole

        try:
            write_whole(self._folder / KEYS_FILE, msgspec.json.encode(sent))
        except OSError as error:
            # They hold while the till runs; written at the next look.
            _log.warning("issuer_keys_not_kept", extra={"reason": type(error).__name__})
            return
        self._kept = sent
        _log.info("issuer_keys_received", extra={"keys": ",".join(key.key_id for key in sent)})
