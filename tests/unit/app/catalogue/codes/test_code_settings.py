"""What a shop may decide about its cards and scanners, and what would take codes away from others."""

import pytest

from app.catalogue.codes import (
    BadCodeSettings,
    CardKind,
    CardPrefix,
    CodeReader,
    CodeSettings,
    CouponCode,
    MemberCode,
    OperatorCard,
    UnknownCode,
    parse_pattern,
)

PATTERNS = (parse_pattern("fruit", "21IIIIIWWWWWC"), parse_pattern("large", "20IIIIIPPPPPWWWWWC"))


@pytest.mark.parametrize(
    ("prefix", "length", "what"),
    [
        ("", None, "letters, digits and signs"),
        ("A B", None, "letters, digits and signs"),
        ("会员", None, "letters, digits and signs"),
        ("M\n", None, "letters, digits and signs"),
        ("M", 1, "the length must be"),
        ("M", 10_000, "the length must be"),
        ("88", None, "need a length"),
        ("8", 4, "PLUs"),
        ("8", 5, "PLUs"),
        ("69", 13, "products have 13 digits"),
        ("2", 13, "products have 13 digits"),
        ("88", 12, "products have 12 digits"),
        ("29", 14, "products have 14 digits"),
        ("01", 20, "GS1 labels"),
        ("0", 16, "GS1 labels"),
        ("80", 30, "GS1 labels"),
        ("13", 18, "WeChat"),
        ("1", 18, "WeChat"),
        ("28", 20, "Alipay"),
        ("3", 24, "Alipay"),
        ("21", 13, '"fruit"'),
        ("2100", 13, '"fruit"'),
        ("20", 18, '"large"'),
        ("R", None, "receipts"),
        ("r00", 12, "receipts"),
        ("fp", None, "face payment"),
        ("f", None, "face payment"),
        ("FPX", None, "face payment"),
        ("(01)", None, "GS1 codes"),
        ("]C1", None, "GS1 codes"),
        ("https://member.example/", None, "web addresses"),
    ],
)
def test_a_card_prefix_that_takes_other_codes_is_refused(prefix: str, length: int | None, what: str) -> None:
    with pytest.raises(BadCodeSettings) as refused:
        CodeSettings(patterns=PATTERNS, cards=(CardPrefix(CardKind.MEMBER, prefix, length),))

    assert what in str(refused.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("M", None), ("MB", None)), (("MB", 10), ("M", None)), (("88", 10), ("8800", 10)), (("88", 10), ("8", 10))],
)
def test_cards_that_one_code_could_be_are_refused(one: tuple[str, int | None], other: tuple[str, int | None]) -> None:
    with pytest.raises(BadCodeSettings, match="could be the same"):
        CodeSettings(cards=(CardPrefix(CardKind.MEMBER, *one), CardPrefix(CardKind.COUPON, *other)))


def test_cards_of_other_lengths_live_together() -> None:
    reader = CodeReader(
        CodeSettings(cards=(CardPrefix(CardKind.MEMBER, "88", 10), CardPrefix(CardKind.COUPON, "88", 11)))
    )

    assert reader.read("8812345678") == MemberCode("8812345678")
    assert reader.read("88123456789") == CouponCode("88123456789")


@pytest.mark.parametrize("data", ["OP-", "op-1", "OP-" + "1" * 400, "XOP-1", "88123456X0"])
def test_what_only_begins_like_a_card_is_none(data: str) -> None:
    cards = (CardPrefix(CardKind.OPERATOR, "OP-"), CardPrefix(CardKind.MEMBER, "88", 10))

    assert isinstance(CodeReader(CodeSettings(cards=cards)).read(data), UnknownCode)


def test_an_operator_card_is_read() -> None:
    cards = (CardPrefix(CardKind.OPERATOR, "OP-"),)

    assert CodeReader(CodeSettings(cards=cards)).read("]C0OP-1") == OperatorCard("OP-1")


@pytest.mark.parametrize("separator", ["", "1", "<1>"])
def test_a_separator_that_could_be_data_is_refused(separator: str) -> None:
    with pytest.raises(BadCodeSettings, match="separator"):
        CodeSettings(separators=(separator,))


def test_a_card_of_18_digits_beginning_with_a_free_number_is_allowed() -> None:
    reader = CodeReader(CodeSettings(patterns=PATTERNS, cards=(CardPrefix(CardKind.MEMBER, "60", 18),)))

    assert reader.read("601234567890123456") == MemberCode("601234567890123456")
