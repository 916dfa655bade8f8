"""Chinese reaches the printer as the bytes its font knows (python-escpos issue 190: it printed question marks)."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.printers.characters import encode_line, in_font, spell_for_font


def test_the_yuan_sign_is_sent_as_a3_a4_in_chinese_mode() -> None:
    assert encode_line(spell_for_font("合计 ¥12", keep_rare=False)) == (
        b"\x1c&" + bytes.fromhex("bacf bcc6") + b"\x1c. " + b"\x1c&\xa3\xa4\x1c.12"
    )


def test_full_width_punctuation_alone_is_sent_in_chinese_mode() -> None:
    # GB 2312: 《 is A1 B6, 》 is A1 B7.
    assert encode_line("《》") == b"\x1c&\xa1\xb6\xa1\xb7\x1c."


def test_plain_text_never_enters_chinese_mode() -> None:
    assert encode_line("Total 9.98") == b"Total 9.98"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("ñandú", "nandu"),
        ("Ⅷ ﬁn ½", "VIII fin 1/2"),
        ("𠮷野家", "〓野家"),
        ("🍚", "〓"),
        ("咖啡é", "咖啡e"),
        ("₹5", "〓5"),
    ],
)
def test_what_the_font_lacks_is_printed_as_its_likeness_or_as_the_sign_for_missing(written: str, printed: str) -> None:
    shown = spell_for_font(written, keep_rare=False)
    assert shown in {printed, printed.replace("VIII", "Ⅷ")}


def test_a_line_not_spelled_for_the_font_is_a_bug_and_not_a_question_mark() -> None:
    with pytest.raises(ValueError, match="not in the printer's font"):
        encode_line("𠮷")


# The first text takes long on a busy machine: hypothesis reads the tables of Unicode for it.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text())
def test_no_text_becomes_a_question_mark_that_was_none(text: str) -> None:
    spelled = spell_for_font(text, keep_rare=False)
    assert all(map(in_font, spelled))
    assert spelled.count("?") <= unicodedata.normalize("NFKD", text).count("?")
    encoded = encode_line(spelled)
    assert encoded.replace(b"\x1c&", b"").replace(b"\x1c.", b"").decode("gb18030") == spelled


@given(st.text(alphabet=st.characters(codec="gb2312", exclude_categories=("Cc", "Zs"))))
def test_every_character_of_gb_2312_is_printed_as_it_is_but_accented_letters(text: str) -> None:
    spelled = spell_for_font(text, keep_rare=False)
    for written, printed in zip(text, spelled, strict=True):
        assert printed == written or (written < "ɐ" and printed.isascii())
