"""What comes over a scanner's line: whole codes, and everything else refused."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.catalogue.codes import CodeReader, CodeSettings, ProductCode
from hardware.scanners.line_reader import LONGEST_FRAME_BYTES, LineReader, ReadingRules
from hardware.scanners.readings import Damaged, GoodRead, Reading, RepeatFilter

MILK = "6901234567892"
IDLE_S = 0.3


def heard(data: bytes, rules: ReadingRules | None = None) -> list[Reading]:
    """What a line brings in one piece, then a long silence."""
    reader = LineReader(rules)
    return [*reader.feed(data, 10.0), *reader.feed(b"", 20.0)]


def good(*codes: tuple[str, str | None]) -> list[Reading]:
    return [GoodRead(data, symbology) for data, symbology in codes]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t"])
def test_any_usual_end_ends_a_code(end: bytes) -> None:
    assert heard(b"96385074" + end + b"6901234567892" + end) == good(("96385074", None), (MILK, None))


@pytest.mark.parametrize(
    ("suffix", "sent"),
    [
        ("cr", b"\r"),
        ("cr", b"\r\n"),
        ("lf", b"\n"),
        ("lf", b"\r\n"),
        ("crlf", b"\r\n"),
        ("tab", b"\t"),
        ("etx", b"\x03"),
    ],
)
def test_the_end_that_is_set_ends_a_code(suffix: str, sent: bytes) -> None:
    rules = ReadingRules(suffix=suffix)  # type: ignore[arg-type] # one of its literals

    assert heard(MILK.encode() + sent + MILK.encode() + sent, rules) == good((MILK, None), (MILK, None))


def test_another_end_than_the_one_that_is_set_is_damage() -> None:
    (reading,) = heard(b"6901234567892\t6901234567892\r", ReadingRules(suffix="cr"))

    assert isinstance(reading, Damaged)


def test_half_of_a_double_end_does_not_end_a_code() -> None:
    (reading,) = heard(b"690123\n4567892\r\n", ReadingRules(suffix="crlf"))

    assert isinstance(reading, Damaged)


def test_lines_without_a_code_are_nothing() -> None:
    assert heard(b"\r\n\r\n\t\r") == []


@pytest.mark.parametrize(
    ("sent", "data", "symbology"),
    [
        (b"]E06901234567892\r", MILK, "]E0"),
        (b"]C1010950600013435210ABC\x1d17251231\r", "010950600013435210ABC\x1d17251231", "]C1"),
        (b"]Q3010950600013435221X\r", "010950600013435221X", "]Q3"),
        (b"]\r", "]", None),
        (b"6901234567892\r", MILK, None),
    ],
)
def test_an_aim_identifier_is_taken_off_where_there_is_one(sent: bytes, data: str, symbology: str | None) -> None:
    assert heard(sent) == good((data, symbology))


def test_where_aim_identifiers_are_insisted_on_a_code_without_is_refused() -> None:
    rules = ReadingRules(aim="always")

    assert heard(b"]E06901234567892\r", rules) == good((MILK, "]E0"))
    (reading,) = heard(b"E06901234567892\r", rules)
    assert isinstance(reading, Damaged)
    assert "AIM" in str(reading.sentence)


def test_where_aim_identifiers_are_never_sent_what_looks_like_one_is_data() -> None:
    assert heard(b"]E0 5% off\r", ReadingRules(aim="never")) == good(("]E0 5% off", None))


def test_an_aim_identifier_without_a_code_is_refused() -> None:
    assert isinstance(heard(b"]E0\r")[0], Damaged)


def test_a_prefix_is_taken_off_and_insisted_on() -> None:
    rules = ReadingRules(prefix="#")

    assert heard(b"#]E06901234567892\r", rules) == good((MILK, "]E0"))
    (reading,) = heard(b"]E06901234567892\r", rules)
    assert isinstance(reading, Damaged)
    assert "prefix" in str(reading.sentence)


@pytest.mark.parametrize(
    ("encoding", "sent", "data"),
    [
        ("auto", "会员卡 8\r".encode(), "会员卡 8"),
        ("auto", "会员卡 8\r".encode("gb18030"), "会员卡 8"),
        ("gb18030", "会员卡 8\r".encode("gb18030"), "会员卡 8"),
        ("latin-1", b"caf\xe9\r", "café"),
    ],
)
def test_text_is_read_by_its_encoding(encoding: str, sent: bytes, data: str) -> None:
    assert heard(sent, ReadingRules(encoding=encoding)) == good((data, None))  # type: ignore[arg-type] # a literal


def test_characters_that_do_not_decode_are_refused() -> None:
    for encoding in ("auto", "ascii", "utf-8"):
        (reading,) = heard(b"6901\xff234567892\r", ReadingRules(encoding=encoding))
        assert isinstance(reading, Damaged)


@given(st.integers(0, 12), st.sampled_from([*range(0x1D), 0x1E, 0x1F, 0x7F]))
def test_a_code_with_a_control_byte_is_never_believed(place: int, control: int) -> None:
    sent = MILK[:place] + chr(control) + MILK[place + 1 :]
    ends = "\r\n\t"
    readings = heard(f"]E0{sent}\r".encode())

    if chr(control) not in ends:
        (reading,) = readings
        assert isinstance(reading, Damaged)
    else:  # the byte is an end of its own: two lines, neither of them the goods nor any goods
        meanings = [
            CodeReader(CodeSettings()).read(one.data, one.symbology) for one in readings if isinstance(one, GoodRead)
        ]
        assert MILK not in [one.data for one in readings if isinstance(one, GoodRead)]
        assert not [one for one in meanings if isinstance(one, ProductCode) and one.gtin14 == f"0{MILK}"]


def test_no_single_wrong_bit_of_an_ean_13_sells_other_goods() -> None:
    """The line has no checksum: the code's check digit is the guard (every single digit error changes modulo 10).

    Without one (Code 128 as text, a member card) a changed character cannot be noticed; the symbol's own check
    character protects only the way from the label to the scanner.
    """
    reader = CodeReader(CodeSettings())
    sent = f"]E0{MILK}\r".encode()
    for place in range(len(sent)):
        for bit in range(8):
            spoiled = bytearray(sent)
            spoiled[place] ^= 1 << bit
            for reading in heard(bytes(spoiled)):
                if isinstance(reading, GoodRead):
                    meaning = reader.read(reading.data, reading.symbology)
                    sold = meaning.gtin14 if isinstance(meaning, ProductCode) else None
                    assert sold in {None, f"0{MILK}"}, (place, bit, reading.data, reading.symbology)


def test_a_code_with_a_wrong_check_digit_comes_through_and_is_refused_where_it_is_looked_up() -> None:
    (reading,) = heard(b"]E06901234567893\r")

    assert isinstance(reading, GoodRead)
    assert not isinstance(CodeReader(CodeSettings()).read(reading.data, reading.symbology), ProductCode)


def test_a_code_that_breaks_off_is_dropped_and_never_joined() -> None:
    reader = LineReader()
    assert reader.feed(b"690123", 1.0) == ()
    assert reader.feed(b"", 1.2) == ()
    (reading,) = reader.feed(b"", 1.4)
    assert isinstance(reading, Damaged)
    assert "without its end" in str(reading.sentence)

    assert list(reader.feed(b"96385074\r", 2.0)) == good(("96385074", None))


def test_a_slow_line_that_pauses_less_than_the_limit_is_one_code() -> None:
    reader = LineReader()
    for place, byte in enumerate(MILK.encode()):
        assert reader.feed(bytes([byte]), 1.0 + place * 0.2) == ()
        assert reader.feed(b"", 1.1 + place * 0.2) == ()

    assert list(reader.feed(b"\r", 1.0 + len(MILK) * 0.2)) == good((MILK, None))


def test_bytes_that_waited_for_a_till_that_was_held_up_are_no_new_code() -> None:
    """The second half lay in the system's buffer while the machine stood still; alone it would look like a code."""
    reader = LineReader()
    reader.feed(b"69012", 1.0)

    (reading,) = reader.feed(b"34567892\r", 5.0)

    assert isinstance(reading, Damaged)
    assert reader.feed(b"", 6.0) == ()
    assert list(reader.feed(b"96385074\r", 7.0)) == good(("96385074", None))


def test_right_after_damage_nothing_is_believed_until_the_line_was_quiet() -> None:
    reader = LineReader()
    assert len(reader.feed(b"\x0069\r1234\r5678\r", 1.0)) == 1
    assert reader.feed(b"4567892\r", 1.2) == ()
    assert reader.feed(b"", 1.6) == ()

    assert list(reader.feed(b"96385074\r", 1.7)) == good(("96385074", None))


def test_a_flood_is_told_once_and_keeps_no_memory() -> None:
    reader = LineReader()
    readings: list[Reading] = []
    for turn in range(1000):
        readings += reader.feed(b"9" * 1024, 1.0 + turn * 0.01)

    (reading,) = readings
    assert isinstance(reading, Damaged)
    assert "does not stop" in str(reading.sentence)
    assert len(reader._open) <= LONGEST_FRAME_BYTES
    assert reader.feed(b"6901234567892\r", 11.01) == ()
    reader.feed(b"", 12.0)
    assert list(reader.feed(b"6901234567892\r", 12.1)) == good((MILK, None))


def test_the_longest_code_is_not_a_flood() -> None:
    assert heard(b"9" * LONGEST_FRAME_BYTES + b"\r") == good(("9" * LONGEST_FRAME_BYTES, None))


def test_a_scanner_that_was_away_begins_anew() -> None:
    reader = LineReader()
    reader.feed(b"690123", 1.0)
    reader.reset()

    assert list(reader.feed(b"96385074\r", 1.1)) == good(("96385074", None))


def test_the_same_code_counts_again_once_it_stayed_away() -> None:
    reader = LineReader(ReadingRules(repeat_ms=500))
    counted = []
    for at_s in (1.0, 1.3, 1.7, 2.3):  # 0.3 and 0.4 s are too soon, 0.6 s is not
        counted.append(len(reader.feed(b"6901234567892\r", at_s)))
        reader.feed(b"", at_s + 0.05)

    assert counted == [1, 0, 0, 1]
    assert len(reader.feed(b"96385074\r", 2.4)) == 1


def test_a_magazine_seen_with_and_without_its_add_on_is_one_magazine() -> None:
    repeats = RepeatFilter(1.0)

    assert repeats.is_new(GoodRead("9770317847001", "]E0"), 1.0)
    assert not repeats.is_new(GoodRead("977031784700105", "]E3"), 1.5)


def test_a_payment_code_shows_in_no_repr() -> None:
    (reading,) = heard(b"134567890123456789\r")

    assert "134567890123456789" not in repr(reading)


rules_of_any_kind = st.builds(
    ReadingRules,
    suffix=st.sampled_from(["any", "cr", "lf", "crlf", "tab", "etx"]),
    prefix=st.sampled_from(["", "\x02", "#"]),
    aim=st.sampled_from(["auto", "always", "never"]),
    encoding=st.sampled_from(["auto", "ascii", "utf-8", "gb18030", "latin-1"]),
    repeat_ms=st.sampled_from([0, 500]),
)


@settings(max_examples=200, deadline=None)
@given(rules_of_any_kind, st.lists(st.tuples(st.binary(max_size=40), st.floats(0.0, 1.0)), max_size=30))
@example(ReadingRules(), [(b"]E0\x1d\xe4\xbc\r", 0.0), (b"\r\r\n\t\x03", 0.5)])
def test_whatever_comes_in_whatever_pieces_it_is_read_or_refused(
    rules: ReadingRules, pieces: list[tuple[bytes, float]]
) -> None:
    reader, now_s = LineReader(rules), 0.0
    for data, pause_s in pieces:
        now_s += pause_s
        for reading in reader.feed(data, now_s):
            if isinstance(reading, GoodRead):
                assert reading.data
                assert all(ord(one) >= 0x20 or one == "\x1d" for one in reading.data)
        assert len(reader._open) <= LONGEST_FRAME_BYTES


@given(
    st.lists(st.text(st.characters(codec="ascii", min_codepoint=0x21, max_codepoint=0x7E), min_size=1), min_size=1),
    st.data(),
)
def test_the_pieces_in_which_codes_come_make_no_difference(codes: list[str], data: st.DataObject) -> None:
    sent = "".join(f"{code}\r\n" for code in codes).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=10)))
    reader = LineReader(ReadingRules(aim="never"))
    readings: list[Reading] = []
    for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        readings += reader.feed(sent[start:end], 1.0)

    assert readings == good(*((code, None) for code in codes))
