"""A wrong configuration is refused with the key that is wrong."""

from pathlib import Path

import pytest

from app.commands.configuration import BadConfiguration, read_configuration

GOOD = """
[store]
number = 1
name = "邻里鲜生"
cash_rounding = "10fen"
[till]
number = 2
name = "2号收银台"
[[operator]]
number = "1001"
name = "王芳"
[[operator]]
number = "2001"
name = "李强"
role = "supervisor"
[[tender]]
id = "cash"
name = "现金"
account = "cash_drawer"
change_given = true
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "store.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_configuration_becomes_the_tills_settings(tmp_path):
    settings = read_configuration(written(tmp_path, GOOD)).till_settings()
    assert settings.till_id == "0001-02"
    assert settings.operator.number == "1001"
    assert settings.cash_rounding.step_minor == 10


def test_the_operator_is_chosen_by_number(tmp_path):
    configuration = read_configuration(written(tmp_path, GOOD))
    assert configuration.till_settings(operator_number="2001").operator.role == "supervisor"
    with pytest.raises(BadConfiguration, match="9999"):
        configuration.till_settings(operator_number="9999")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("number = 1\n", 'number = "one"\n'), "store.number"),
        (("number = 1\n", "number = 10000\n"), "store.number"),
        (('cash_rounding = "10fen"', 'cash_rounding = "7fen"'), "store.cash_rounding"),
        (('cash_rounding = "10fen"', 'cash_roundng = "10fen"'), "cash_roundng"),
        (('role = "supervisor"', 'role = "king"'), "operator"),
        (('id = "cash"', 'id = "Cash Money"'), "tender"),
    ],
)
def test_a_wrong_key_is_named_by_its_path(tmp_path, change, named):
    with pytest.raises(BadConfiguration, match=named):
        read_configuration(written(tmp_path, GOOD.replace(*change)))


@pytest.mark.parametrize("text", ["[store", "\x00", "store = 3", ""])
def test_what_is_no_configuration_at_all_is_refused(tmp_path, text):
    with pytest.raises(BadConfiguration):
        read_configuration(written(tmp_path, text))


def test_a_file_in_another_encoding_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "store.toml"
    path.write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(BadConfiguration, match="UTF-8"):
        read_configuration(path)


def test_a_wrong_time_zone_is_named(tmp_path):
    path = written(tmp_path, GOOD.replace('name = "邻里鲜生"', 'name = "邻里鲜生"\ntime_zone = "Mars/Base"'))
    with pytest.raises(BadConfiguration, match="Mars/Base"):
        read_configuration(path).till_settings()
