"""Where a till's keys are kept."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from app.ledger.chain import signature_holds
from offline_store.keys import (
    KeyringElseFiles,
    OwnerOnlyFiles,
    key_fingerprint,
    make_keys,
    read_keys,
)
from offline_store.problems import KeyMissing, StoreIoProblem


class Ring(KeyringBackend):
    """A keyring in memory; locked, it fails as a real one does."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library has no types here
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringError("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringError("locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    made = Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_keys_go_into_the_systems_keyring_where_there_is_one(tmp_path: Path, ring: Ring) -> None:
    keys = make_keys(KeyringElseFiles("0001-01", tmp_path / "keys"))
    assert sorted(name for _, name in ring.kept) == ["0001-01/database", "0001-01/signing"]
    assert not (tmp_path / "keys").exists()
    assert read_keys(KeyringElseFiles("0001-01", tmp_path / "keys")).database_key == keys.database_key
    with pytest.raises(KeyMissing):
        read_keys(KeyringElseFiles("0001-02", tmp_path / "keys"))


def test_a_locked_keyring_at_first_use_means_files(tmp_path: Path, ring: Ring) -> None:
    ring.locked = True
    keys = make_keys(KeyringElseFiles("0001-01", tmp_path / "keys"))
    ring.locked = False
    assert read_keys(KeyringElseFiles("0001-01", tmp_path / "keys")).database_key == keys.database_key


def test_a_keyring_locked_later_says_that_the_key_is_out_of_reach(tmp_path: Path, ring: Ring) -> None:
    make_keys(KeyringElseFiles("0001-01", tmp_path / "keys"))
    ring.locked = True
    with pytest.raises(KeyMissing, match="keyring is locked"):
        read_keys(KeyringElseFiles("0001-01", tmp_path / "keys"))


def test_keys_left_by_a_first_try_are_used_again(tmp_path: Path) -> None:
    vault = OwnerOnlyFiles(tmp_path / "keys")
    first, second = make_keys(vault), make_keys(vault)
    assert first.database_key == second.database_key
    assert first.signer.public_key() == second.signer.public_key()
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert signature_holds(first.signer.public_key(), b"data", second.signer.sign(b"data"))


def test_a_key_file_that_holds_something_else_is_told(tmp_path: Path) -> None:
    vault = OwnerOnlyFiles(tmp_path / "keys")
    vault.write("database", bytes(32))
    (tmp_path / "keys" / "database.key").write_text("not hex")
    with pytest.raises(StoreIoProblem, match=r"database\.key"):
        vault.read("database")


def test_secrets_are_not_shown_by_accident(tmp_path: Path) -> None:
    keys = make_keys(OwnerOnlyFiles(tmp_path / "keys"))
    assert keys.database_key.hex() not in repr(keys)
    assert keys.database_key.hex()[:8] not in key_fingerprint(keys.database_key)
    assert key_fingerprint(keys.database_key) != key_fingerprint(bytes(32))
