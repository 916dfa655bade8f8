"""The shop's own label patterns: refused at load with a reason, or read as the scale wrote them."""

import pytest
from biip.checksums import gs1_price_weight_check_digit, gs1_standard_check_digit
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.codes import (
    BadLabelPattern,
    CodeReader,
    CodeSettings,
    ItemIs,
    ProductCode,
    UnknownCode,
    WeighedLabel,
    parse_pattern,
)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "it has 0 digits"),
        ("21IIIIIWWWWC", "it has 12 digits"),
        ("21IIIIIWWWWWWWWWWWWWWWWWC", "it has 25 digits"),
        ("69IIIIIWWWWWC", "it must begin with 02 or 20 to 29"),
        ("IIIIIIIWWWWWC", "it must begin with 02 or 20 to 29"),
        ("2IIIIIIWWWWWC", "it must begin with 02 or 20 to 29"),
        ("30IIIIIWWWWWC", "it must begin with 02 or 20 to 29"),
        ("21IIIIIWWWWWW", "it must end in C"),
        ("21IIIIICWWWWW", "it must end in C"),
        ("21IIIIICWWWWC", "it must end in C"),
        ("21IIIIIXWWWWC", '"X" means nothing'),
        ("21iiiiiwwwwwC", '"i" means nothing'),
        ("21IIIII WWWWC", '" " means nothing'),
        ("21IIIII٤WWWWC", '"٤" means nothing'),
        ("2100000WWWWWC", "it has no item digits"),
        ("21III00IIWWWC", "the I digits must stand together"),
        ("21IIIWWIIWWWC", "the I digits must stand together"),
        ("21IIIWWPPWWWC", "the W digits must stand together"),
        ("21IIIPPWWPPPC", "the P digits must stand together"),
        ("21IIIIVVWWWWC", "one inner check digit V at most"),
        ("21VIIIIIWWWWC", "must stand beside one weight or price field"),
        ("21IIIIIIIIVIC", "the I digits must stand together"),
        ("21IIIIIIIIIVC", "must stand beside one weight or price field"),
        ("21IIIIIVWWWPC", "needs 4 or 5 digits"),
        ("20IIIIPPPPPVWWWWWC", "must stand beside one weight or price field"),
        ("28IIIIIPPPPPWWWWWC", "Alipay"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_by_name(text: str, what: str) -> None:
    with pytest.raises(BadLabelPattern) as refused:
        parse_pattern("meat", text)

    sentence = str(refused.value)
    assert 'The label pattern "meat"' in sentence
    assert what in sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("21IIIIIWWWWWC", "21IIIIIPPPPPC"),
        ("21IIIIIWWWWWC", "2100IIIWWWWWC"),
        ("2101IIIWWWWWC", "21II0WWWWWWWC"),
    ],
)
def test_two_patterns_that_one_label_could_be_are_refused(one: str, other: str) -> None:
    with pytest.raises(BadLabelPattern, match='a label could be this or "fruit"'):
        CodeSettings(patterns=(parse_pattern("fruit", one), parse_pattern("meat", other)))


def test_two_patterns_of_one_name_are_refused() -> None:
    with pytest.raises(BadLabelPattern, match="same name"):
        CodeSettings(patterns=(parse_pattern("meat", "21IIIIIWWWWWC"), parse_pattern("meat", "22IIIIIWWWWWC")))


def test_patterns_that_differ_in_a_fixed_digit_or_in_length_live_together() -> None:
    texts = ("2100IIIWWWWWC", "2101IIIWWWWWC", "21IIPPPC", "21IIIIIPPPPPWWWWWC")

    assert CodeSettings(patterns=tuple(parse_pattern(text, text) for text in texts)).patterns


def test_a_label_of_18_digits_is_no_barcode_of_the_catalogue() -> None:
    with pytest.raises(BadLabelPattern, match="no barcode of a product"):
        parse_pattern("meat", "21IIIIIPPPPPWWWWWC", ItemIs.BARCODE)


FORMS = (
    "21IIIIIWWWWWC",
    "22IIIIVPPPPPC",
    "02IIIIIVPPPPC",
    "23IIIIIPPPPVC",
    "20IIIIIPPPPPWWWWWC",
    "24IIIIIWWWWWPPPPPC",
    "27IIPPPC",
    "2599IIIIIIIIC",
    "26IIIVWWWW99C",
)


def scale_label(text: str, item: str, weight: int, price: int) -> str:
    """The oracle: fills a pattern's letters from the right, its check digits by biip."""
    left = {"I": list(item.zfill(text.count("I"))), "W": list(str(weight).zfill(text.count("W")))}
    left["P"] = list(str(price).zfill(text.count("P")))
    inner = "".join(
        left["P"] if text[max(0, text.find("V") + 1)] == "P" or text[text.find("V") - 1] == "P" else left["W"]
    )
    digits = ""
    for letter in text[:-1]:
        if letter == "V":
            digits += str(gs1_price_weight_check_digit(inner))
        else:
            digits += left[letter].pop(0) if letter in left else letter
    return digits + str(gs1_standard_check_digit(digits))


@given(data=st.data(), text=st.sampled_from(FORMS))
def test_what_a_scale_writes_is_what_the_till_reads(data: st.DataObject, text: str) -> None:
    item = data.draw(st.integers(0, 10 ** text.count("I") - 1)).__format__(f"0{text.count('I')}d")
    weight = data.draw(st.integers(1, 10 ** text.count("W") - 1)) if "W" in text else 0
    price = data.draw(st.integers(1, 10 ** text.count("P") - 1)) if "P" in text else 0
    pattern = parse_pattern("scale", text, ItemIs.ITEM_NUMBER)
    label = scale_label(text, item, weight, price)

    assert pattern.compose(item, weight, price) == label
    read = CodeReader(CodeSettings(patterns=(pattern,))).read(label)

    assert read == WeighedLabel("scale", item, ItemIs.ITEM_NUMBER, weight or None, price or None, label)


@given(place=st.integers(2, 12), change=st.integers(1, 9), price=st.integers(1, 99_999))
def test_a_label_with_one_digit_wrong_is_never_sold(place: int, change: int, price: int) -> None:
    pattern = parse_pattern("deli", "22IIIIVPPPPPC")
    label = pattern.compose("4011", price_minor=price)
    wrong = label[:place] + str((int(label[place]) + change) % 10) + label[place + 1 :]

    assert isinstance(CodeReader(CodeSettings(patterns=(pattern,))).read(wrong), UnknownCode)


@given(price=st.integers(1, 99_999), place=st.integers(0, 4), change=st.integers(1, 9))
def test_the_inner_check_digit_finds_a_wrong_price_that_the_last_one_lets_pass(
    price: int, place: int, change: int
) -> None:
    pattern = parse_pattern("deli", "22IIIIVPPPPPC")
    label = pattern.compose("4011", price_minor=price)
    other = label[7 : 7 + place] + str((int(label[7 + place]) + change) % 10) + label[8 + place : 12]
    payload = label[:7] + other
    forged = payload + str(gs1_standard_check_digit(payload))

    meaning = CodeReader(CodeSettings(patterns=(pattern,))).read(forged)

    assert isinstance(meaning, UnknownCode)
    assert "weight or price" in str(meaning.reason)


def test_a_plu_on_a_label_is_the_one_a_person_types() -> None:
    pattern = parse_pattern("fruit", "21IIIIIWWWWWC", ItemIs.PLU)
    reader = CodeReader(CodeSettings(patterns=(pattern,)))

    for item, plu in (("4011", "4011"), ("42", "0042"), ("94011", "94011"), ("0", "0000")):
        meaning = reader.read(pattern.compose(item, weight_grams=5))
        assert isinstance(meaning, WeighedLabel)
        assert meaning.item == plu


def test_a_label_that_is_a_barcode_is_looked_up_with_zeros_for_the_price() -> None:
    pattern = parse_pattern("old", "28IIIIIPPPPPC", ItemIs.BARCODE)
    reader = CodeReader(CodeSettings(patterns=(pattern,)))

    first, second = (reader.read(pattern.compose("12345", price_minor=price)) for price in (1, 99_999))

    assert isinstance(first, WeighedLabel)
    assert isinstance(second, WeighedLabel)
    # 2+8·3+1+2·3+3+4·3+5 = 53 → 7
    assert first.item == second.item == "02812345000007"


def test_a_price_without_a_weight_of_a_counted_item_is_kept() -> None:
    pattern = parse_pattern("large", "20IIIIIPPPPPWWWWWC")

    meaning = pattern.read(pattern.compose("12345", price_minor=990))

    assert (meaning.price_minor, meaning.weight_grams) == (990, None)


def test_an_in_store_number_that_no_pattern_has_is_looked_up_as_it_is() -> None:
    meaning = CodeReader(CodeSettings()).read("2104011012453")

    assert isinstance(meaning, ProductCode)
    assert meaning.restricted


@pytest.mark.parametrize(
    ("item", "weight", "price"),
    [("123456", 1, 0), ("12A", 1, 0), ("１２", 1, 0), ("", 1, 0), ("1", 100_000, 0), ("1", -1, 0), ("1", 1, 5)],
)
def test_a_label_that_cannot_be_written_is_not_written(item: str, weight: int, price: int) -> None:
    with pytest.raises(ValueError, match="21IIIIIWWWWWC"):
        parse_pattern("fruit", "21IIIIIWWWWWC").compose(item, weight, price)
