import os

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from app.payments.credentials import (
    BadCredentialReference,
    CredentialExposed,
    CredentialMissing,
    read_credential,
    read_public_text,
)
from app.values.problems import Problem


class Drawer(KeyringBackend):
    """A keyring with one entry."""

    priority = 1

    def get_password(self, service, username):
        if username == "locked":
            raise KeyringLocked
        return {("guitai", "wechat-key"): "s3cret\n", ("guitai", "empty"): "  "}.get((service, username))

    def set_password(self, service, username, password): ...

    def delete_password(self, service, username): ...


@pytest.fixture
def with_keyring():
    before = keyring.get_keyring()
    keyring.set_keyring(Drawer())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "key.pem"
    path.write_text("s3cret\n")
    path.chmod(0o600)
    return path


def test_a_secret_in_a_file_of_its_owners_alone_is_read(kept):
    assert read_credential(str(kept), "private_key") == "s3cret"
    kept.chmod(0o400)
    assert read_credential(str(kept), "private_key") == "s3cret"


@pytest.mark.skipif(os.name != "posix", reason="mode bits are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o777])
def test_a_secret_that_others_can_reach_is_not_used(kept, mode):
    kept.chmod(mode)
    with pytest.raises(CredentialExposed) as refused:
        read_credential(str(kept), "private_key")
    assert "s3cret" not in str(refused.value)
    assert "private_key" in str(refused.value)


@pytest.mark.skipif(os.name != "posix", reason="mode bits are POSIX")
def test_a_public_key_may_be_read_by_all_and_written_by_none(kept):
    kept.chmod(0o644)
    assert read_public_text(str(kept), "public_key") == "s3cret"
    kept.chmod(0o646)
    with pytest.raises(CredentialExposed):
        read_public_text(str(kept), "public_key")


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX")
def test_a_pipe_in_the_files_place_does_not_hold_the_till_up(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(CredentialMissing):
        read_credential(str(tmp_path / "pipe"), "private_key")


def test_what_is_not_there_or_no_text_is_said(tmp_path, kept):
    for content in (b"", b"  \n", b"\xff\xfe", b"x" * 70_000):
        kept.write_bytes(content)
        with pytest.raises(CredentialMissing):
            read_credential(str(kept), "private_key")
    with pytest.raises(CredentialMissing):
        read_credential(str(tmp_path / "nothing"), "private_key")
    with pytest.raises(CredentialMissing):
        read_credential(str(tmp_path), "private_key")


@pytest.mark.parametrize(
    "reference",
    [
        "-----BEGIN PRIVATE KEY-----MIIE",
        "two\nlines",
        "",
        "key.pem",
        "0123456789abcdef0123456789abcdef",
        "~nobody-here/x",
    ],
)
def test_a_key_in_the_configuration_itself_is_refused_and_not_repeated(reference):
    with pytest.raises(BadCredentialReference) as refused:
        read_credential(reference, "private_key")
    assert not reference or reference not in str(refused.value)


def test_a_file_in_the_home_folder_is_found(kept, monkeypatch):
    monkeypatch.setenv("HOME", str(kept.parent))
    monkeypatch.setenv("USERPROFILE", str(kept.parent))
    assert read_credential("~/key.pem", "private_key") == "s3cret"


def test_a_secret_in_the_keyring_is_read(with_keyring):
    assert read_credential("keyring:wechat-key", "private_key") == "s3cret"
    assert read_public_text("keyring:wechat-key", "public_key") == "s3cret"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("other", CredentialMissing),
        ("empty", CredentialMissing),
        ("locked", CredentialMissing),
        ("", BadCredentialReference),
    ],
)
def test_what_the_keyring_does_not_have_is_said(with_keyring, name, problem):
    with pytest.raises(problem) as refused:
        read_credential(f"keyring:{name}", "private_key")
    assert isinstance(refused.value, Problem)
    assert "private_key" in str(refused.value)
