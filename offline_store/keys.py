"""The two secrets of a till: the key its store is encrypted with, and the key it signs its journal with.

They are kept in the system's keyring (Windows Credential Manager, Secret Service) or, where there is none, in files
that only their owner may read. On Windows a file cannot be kept to its owner by mode bits, so there the keyring is
the only place.
"""

import hashlib
import logging
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from app.ledger.chain import Ed25519Signer, Signer
from app.values.wording import wording
from offline_store.durable_files import others_may_read, write_whole
from offline_store.problems import KeyMissing, KeyNotPrivate, StoreIoProblem

KEY_BYTES: Final = 32
DATABASE_KEY: Final = "database"
SIGNING_KEY: Final = "signing"
KEYRING_SERVICE: Final = "guitai"


class KeyVault(Protocol):
    """Where secrets are kept."""

    def read(self, name: str) -> bytes | None:
        """Return a secret, or None where there is none of that name.

        Raises:
            KeyNotPrivate: others could have read it.
        """

    def write(self, name: str, secret: bytes) -> None:
        """Keep a secret, durably."""


class OwnerOnlyFiles:
    """Secrets as files in a folder, readable by their owner alone."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made with the first secret."""
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """Return a secret, or None where there is none of that name.

        Raises:
            KeyNotPrivate: others may read the file.
            StoreIoProblem: it is there and cannot be read.
        """
        path = self._path(name)
        try:
            if not path.exists():
                return None
            if others_may_read(path):
                raise KeyNotPrivate(
                    wording(
                        "Others on this machine can read the till's key {file}. Call your store admin: allow only the "
                        "till's own user to read it, and find out who has seen it.",
                        file=str(path),
                    )
                )
            return bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise StoreIoProblem(
                wording("The till's key {file} cannot be read. Call your store admin.", file=str(path))
            ) from error

    def write(self, name: str, secret: bytes) -> None:
        """Keep a secret, durably."""
        if sys.platform == "win32":
            raise KeyNotPrivate(
                wording("Windows offers no keyring here, so the till's key cannot be kept safe. Call your store admin.")
            )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._path(name), secret.hex().encode("ascii") + b"\n")

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.key"


class SystemKeyring:
    """Secrets in the keyring of the user who runs the till."""

    def __init__(self, till_id: str) -> None:
        """Name the till, so that several on one machine keep theirs apart."""
        self._till_id = till_id

    def read(self, name: str) -> bytes | None:
        """Return a secret, or None where there is none of that name."""
        import keyring

        kept = keyring.get_password(KEYRING_SERVICE, f"{self._till_id}/{name}")
        return bytes.fromhex(kept) if kept else None

    def write(self, name: str, secret: bytes) -> None:
        """Keep a secret."""
        import keyring

        keyring.set_password(KEYRING_SERVICE, f"{self._till_id}/{name}", secret.hex())


class KeyringElseFiles:
    """The system's keyring where it works, else files; what was once kept in a file stays there."""

    def __init__(self, till_id: str, folder: Path) -> None:
        """Name the till, and the folder for files."""
        self._files = OwnerOnlyFiles(folder)
        self._ring = SystemKeyring(till_id)

    def read(self, name: str) -> bytes | None:
        """Return a secret from where it was kept.

        Raises:
            KeyNotPrivate: it lies in a file that others may read.
            StoreIoProblem: its file cannot be read.
        """
        kept = self._files.read(name)
        if kept is not None or not _keyring_works():
            return kept
        from keyring.errors import KeyringError

        try:
            return self._ring.read(name)
        except KeyringError:
            # A locked or broken keyring is the same as none: a store without its key says so when it is opened.
            return None

    def write(self, name: str, secret: bytes) -> None:
        """Keep a secret in the keyring, else in a file."""
        if _keyring_works():
            from keyring.errors import KeyringError

            try:
                self._ring.write(name, secret)
                if self._ring.read(name) == secret:
                    return
            except KeyringError as error:
                # The owner-only file below takes its place; why is for whoever looks after the machine.
                logging.getLogger(__name__).warning("keyring_not_used", extra={"error": type(error).__name__})
        self._files.write(name, secret)


def _keyring_works() -> bool:
    """Return whether a keyring with a real backend is there."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_keyring().priority > 0
    except (KeyringError, RuntimeError):
        return False


@dataclass(frozen=True, slots=True)
class TillKeys:
    """The secrets of one till, ready for use."""

    database_key: bytes
    """32 bytes."""

    signer: Signer

    def __repr__(self) -> str:
        return f"TillKeys(public_key={self.signer.public_key().hex()})"


def key_fingerprint(database_key: bytes) -> str:
    """Return 16 hex digits that tell one database key from another and give nothing of it away."""
    return hashlib.sha256(b"guitai/key-fingerprint/1\x00" + database_key).hexdigest()[:16]


def read_keys(vault: KeyVault) -> TillKeys:
    """Return the keys of a store that exists.

    Raises:
        KeyMissing: one of them is gone.
        KeyNotPrivate: one lies where others can read it.
    """
    database_key, seed = vault.read(DATABASE_KEY), vault.read(SIGNING_KEY)
    if database_key is None or seed is None:
        raise KeyMissing(
            wording(
                "The key to the till's records is not on this machine, or its keyring is locked. Unlock it, or call "
                "your store admin to put the key back. Nothing was changed."
            )
        )
    return TillKeys(database_key, Ed25519Signer(seed))


def make_keys(vault: KeyVault) -> TillKeys:
    """Return the keys for a store that is about to be made; what a first try left behind is used again."""
    made = []
    for name in (DATABASE_KEY, SIGNING_KEY):
        secret = vault.read(name)
        if secret is None:
            secret = secrets.token_bytes(KEY_BYTES)
            vault.write(name, secret)
        made.append(secret)
    return TillKeys(made[0], Ed25519Signer(made[1]))
