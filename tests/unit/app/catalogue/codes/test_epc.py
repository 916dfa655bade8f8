import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.codes.check_digits import check_digit
from app.catalogue.codes.epc import BadEpc, NotAnItemTag, Sgtin, compose_epc, parse_epc

SERIAL_CHARACTERS = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


# GS1 EPC Tag Data Standard, Annex E.3 "Summary examples": urn:epc:tag:sgtin-96:3.0614141.812345.6789 and
# urn:epc:tag:sgtin-198:3.0614141.712345.32a%2Fb, (01) 80614141123458 (21) 6789 and (01) 70614141123451 (21) 32a/b.
PRINTED = [
    ("3074257BF7194E4000001A85", Sgtin("80614141123458", "6789", 3), None),
    ("3674257BF6B7A659B2C2BF1000000000000000000000000000", Sgtin("70614141123451", "32a/b", 3), True),
]


@pytest.mark.parametrize(("epc", "sgtin", "long"), PRINTED)
def test_the_standards_own_examples_are_read_and_written(epc: str, sgtin: Sgtin, long: bool | None) -> None:
    assert parse_epc(epc) == sgtin
    assert compose_epc(sgtin, 7, long=long).rstrip("0") == epc.rstrip("0")
    assert parse_epc(epc.lower()) == sgtin


# The same annex: what else may lie in the reader's field.
@pytest.mark.parametrize(
    ("epc", "scheme"),
    [
        ("3174257BF4499602D2000000", "SSCC-96"),
        ("3274257BF46072000000162E", "SGLN-96"),
        ("3374257BF40C0E400000162E", "GRAI-96"),
        ("3474257BF40000000000162E", "GIAI-96"),
        ("2C74257BF46072000000162E", "GDTI-96"),
        ("2D74257BF4499602D2000000", "GSRN-96"),
        ("E28011704000021C5BEED15E", "header E2"),
        ("000000000000000000000001", "header 00"),
    ],
)
def test_a_tag_that_marks_no_article_is_refused_by_its_schemes_name(epc: str, scheme: str) -> None:
    with pytest.raises(NotAnItemTag) as refused:
        parse_epc(epc)
    assert scheme in str(refused.value.sentence)


@pytest.mark.parametrize(
    "epc",
    [
        "",
        "30",
        "hello",
        "3074257BF7194E4000001A8",  # a figure is missing
        "3074257BF7194E4000001A",  # a byte is missing
        "3074257BF7194E400000",  # a word and more is missing
        "307C257BF7194E4000001A85",  # partition 7 does not exist
        "3074257BF7194E4000001A850001",  # something stands behind an SGTIN-96
        "3063FFFFFFFFFFFFFFFFFFFF",  # partition 0, a company prefix above 999999999999
        "3674257BF6B7A60000000000000000000000000000000000",  # an SGTIN-198 cut short
        "3674257BF6B7A600000000000000000000000000000000000000",  # no serial number
        "3674257BF6B7A6598002BF100000000000000000000000000000",  # a zero inside the serial number
        "30" * 500,
        "３０74257BF7194E4000001A85",  # full-width figures are no hexadecimal
    ],
)
def test_a_tag_that_cannot_be_right_is_refused(epc: str) -> None:
    with pytest.raises(BadEpc):
        parse_epc(epc)


def test_zeros_that_fill_a_longer_tag_up_do_not_matter() -> None:
    assert parse_epc("3074257BF7194E4000001A8500000000") == PRINTED[0][1]


def test_a_serial_number_with_zeros_in_front_needs_the_long_form() -> None:
    # An SGTIN-96 counts; it cannot say 007 (TDS 14.5.1.1), nor more than 2^38-1 = 274877906943.
    with pytest.raises(ValueError, match="SGTIN-96"):
        compose_epc(Sgtin("80614141123458", "007"), long=False)
    assert len(compose_epc(Sgtin("80614141123458", "007"))) == 52
    assert len(compose_epc(Sgtin("80614141123458", "274877906943"))) == 24
    assert len(compose_epc(Sgtin("80614141123458", "274877906944"))) == 52


@pytest.mark.parametrize(
    ("sgtin", "prefix"),
    [
        (Sgtin("80614141123459", "1"), 7),
        (Sgtin("8061414112345", "1"), 7),
        (Sgtin("80614141123458", ""), 7),
        (Sgtin("80614141123458", "x" * 21), 7),
        (Sgtin("80614141123458", "中"), 7),
        (Sgtin("80614141123458", "1", 8), 7),
        (Sgtin("80614141123458", "1"), 5),
        (Sgtin("80614141123458", "1"), 13),
    ],
)
def test_what_no_tag_can_say_is_a_mistake_of_the_caller(sgtin: Sgtin, prefix: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        compose_epc(sgtin, prefix)


gtins = st.from_regex(r"[0-9]{13}", fullmatch=True).map(lambda payload: payload + check_digit(payload))


@given(gtins, st.integers(0, (1 << 38) - 1), st.integers(0, 7), st.integers(6, 12))
def test_every_numbered_piece_reads_back_from_its_tag(gtin: str, serial: int, kind: int, prefix: int) -> None:
    epc = compose_epc(Sgtin(gtin, str(serial), kind), prefix)
    assert len(epc) == 24
    assert parse_epc(epc) == Sgtin(gtin, str(serial), kind)


@given(gtins, st.text(SERIAL_CHARACTERS, min_size=1, max_size=20), st.integers(0, 7), st.integers(6, 12))
def test_every_lettered_piece_reads_back_from_its_tag(gtin: str, serial: str, kind: int, prefix: int) -> None:
    sgtin = Sgtin(gtin, serial, kind)
    epc = compose_epc(sgtin, prefix, long=True)
    assert parse_epc(epc) == sgtin
    assert parse_epc(epc[:50]) == sgtin


@given(st.text(max_size=70) | st.binary(max_size=40).map(bytes.hex))
def test_whatever_a_reader_reports_is_an_article_or_a_sentence(text: str) -> None:
    try:
        sgtin = parse_epc(text)
    except (BadEpc, NotAnItemTag):
        return
    assert len(sgtin.gtin14) == 14
    assert sgtin.serial


@given(st.sampled_from([0x30, 0x36]), st.binary(min_size=25, max_size=25))
def test_tags_with_an_articles_header_and_anything_behind_it_never_break(header: int, rest: bytes) -> None:
    try:
        sgtin = parse_epc((bytes([header]) + rest).hex())
    except BadEpc:
        return
    assert check_digit(sgtin.gtin14[:-1]) == sgtin.gtin14[-1]
