"""Reads what a provider must keep secret from where it is kept: the system's keyring, or a file of its owner's alone.

The till's configuration names a credential and never holds it: `keyring:wechat-key` stands for the entry of that
name in the keyring's service `guitai`, anything else is the path of a file. The file is refused where others than its
owner could read or change it (design decision 13).
"""

import os
import stat
from pathlib import Path
from typing import Final

from app.values.problems import Problem
from app.values.wording import wording

KEYRING_PREFIX: Final = "keyring:"
KEYRING_SERVICE: Final = "guitai"
"""The keyring's service under which credentials stand; `keyring set guitai NAME` writes one."""

_MAX_BYTES: Final = 65_536
"""More than any key or certificate; a longer file is not a credential."""


class BadCredentialReference(Problem):
    """Raised when a configuration does not say where a credential is, or holds the credential itself."""

    code = "BAD-CREDENTIAL-REFERENCE"


class CredentialMissing(Problem):
    """Raised when there is nothing where a credential should be, or it cannot be read."""

    code = "CREDENTIAL-MISSING"


class CredentialExposed(Problem):
    """Raised when a credential lies where others can read or change it; it is not used."""

    code = "CREDENTIAL-EXPOSED"


def read_credential(reference: str, key: str) -> str:
    r"""Return a secret text; the caller keeps it in memory only.

    Args:
        reference: `keyring:NAME`, or the whole path of a file (`~` stands for the home folder).
        key: the configuration's key that holds the reference, for the sentence.

    Raises:
        BadCredentialReference: CredentialMissing: CredentialExposed: see there; none repeats the secret.
    """
    _refuse_inline(reference, key)
    if reference.startswith(KEYRING_PREFIX):
        return _from_keyring(reference.removeprefix(KEYRING_PREFIX), key)
    return _from_file(_path_of(reference, key), key, secret=True)


def read_public_text(reference: str, key: str) -> str:
    """Return what is no secret but must not be changed by others, such as a provider's public key.

    Anyone may read the file, only its owner may write it: who can change it could sign answers to the till.

    Raises:
        BadCredentialReference: CredentialMissing: CredentialExposed: see there.
    """
    _refuse_inline(reference, key)
    if reference.startswith(KEYRING_PREFIX):
        return _from_keyring(reference.removeprefix(KEYRING_PREFIX), key)
    return _from_file(_path_of(reference, key), key, secret=False)


def _refuse_inline(reference: str, key: str) -> None:
    if "\n" in reference or "-----BEGIN" in reference:
        raise BadCredentialReference(
            wording(
                "{key} holds a key itself. Never write a key into a configuration: put it into the keyring or a file of"
                " its own, name that here, and ask the provider for a new key.",
                key=key,
            )
        )


def _path_of(reference: str, key: str) -> Path:
    try:
        path = Path(reference).expanduser()
    except RuntimeError:
        path = Path(reference)
    # A relative path would depend on where the till was started. The reference is not repeated: it may be the secret.
    if not reference or not path.is_absolute():
        raise BadCredentialReference(
            wording(
                "{key} does not say where the key is. Write {prefix} and its name, or the whole path of its file.",
                key=key,
                prefix=KEYRING_PREFIX,
            )
        )
    return path


def _from_keyring(name: str, key: str) -> str:
    # Loaded here: most tills keep files, and the keyring's back ends take long to load.
    import keyring
    from keyring.errors import KeyringError

    if not name:
        raise BadCredentialReference(wording("{key} names no entry of the keyring. Write its name.", key=key))
    try:
        kept = keyring.get_password(KEYRING_SERVICE, name)
    except KeyringError as error:
        raise CredentialMissing(
            wording(
                "The keyring cannot be read for {key} ({reason}). Unlock it, or keep the key in a file.",
                key=key,
                reason=type(error).__name__,
            )
        ) from error
    if not kept or not kept.strip():
        raise CredentialMissing(
            wording("The keyring has no {name} for {key}. Put it there and start again.", name=name, key=key)
        )
    return kept.strip()


def _from_file(path: Path, key: str, *, secret: bool) -> str:
    try:
        # Checked after opening, on what was opened; a pipe put in its place does not hold the till up.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise CredentialMissing(
            wording(
                "The file {file} of {key} cannot be read: {reason}.",
                file=str(path),
                key=key,
                reason=error.strerror or type(error).__name__,
            )
        ) from error
    try:
        _check_file(os.fstat(descriptor), path, key, secret=secret)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(_MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(content) > _MAX_BYTES:
        raise CredentialMissing(wording("The file {file} of {key} holds no key.", file=str(path), key=key))
    return text


def _check_file(found: os.stat_result, path: Path, key: str, *, secret: bool) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise CredentialMissing(wording("{file} of {key} is no file.", file=str(path), key=key))
    # Windows has no such mode bits; there the folder's own rights decide.
    if os.name != "posix":
        return
    forbidden = stat.S_IRWXG | stat.S_IRWXO if secret else stat.S_IWGRP | stat.S_IWOTH
    if found.st_mode & forbidden or found.st_uid not in {os.geteuid(), 0}:
        raise CredentialExposed(
            wording(
                "Others than the till's user can read or change {file} ({key}), so it is not used. Give it to that user"
                " alone (chmod 600), and ask the provider for a new key if others may have seen it.",
                file=str(path),
                key=key,
            )
        )
