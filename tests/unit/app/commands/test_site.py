"""A till's folder: what cannot be written into is named."""

import os

import pytest

from app.commands.configuration import BadConfiguration
from app.commands.site import FolderNotWritable, Site, sample_store, writable


def test_a_folder_is_made_where_it_is_not_there(tmp_path):
    assert writable(tmp_path / "a" / "b").is_dir()


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    with pytest.raises(FolderNotWritable, match="taken"):
        writable(tmp_path / "taken" / "logs")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_rights_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FolderNotWritable, match="--data"):
        writable(tmp_path / "logs")


def test_a_till_without_a_configuration_names_the_folder(tmp_path):
    with pytest.raises(BadConfiguration, match=r"store\.toml"):
        Site(tmp_path).configuration()


def test_a_shop_that_copied_the_sample_does_not_sell_for_simulated_money(tmp_path):
    (tmp_path / "store.toml").write_bytes((sample_store() / "store.toml").read_bytes())
    with pytest.raises(BadConfiguration, match="wechat, alipay would only play at paying"):
        Site(tmp_path).require_real_payments()
    Site(tmp_path, sample=True).require_real_payments()
