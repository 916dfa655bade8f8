"""By which texts a product is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.products import Product
from app.catalogue.search_text import Findable, findable, fold, query_words
from app.values.wording import LocalizedText


@pytest.fixture
def cola() -> Findable:
    product = Product(
        "A-1001",
        LocalizedText("可口可乐 Zéro 500ML", (("en", "Coca-Cola Zero"),)),
        "drinks",
        "standard",
        plu="4011",
        brand="可口可乐",
        specification="瓶装",
        pinyin="ke kou ke le",
    )
    return findable(product, ("06901234567892", "00012345000065"))


@pytest.mark.parametrize(
    "typed",
    [
        "可",
        "口可",
        "可乐",
        "zero",
        "ZÉRO",
        "ｚｅｒｏ",
        "500ml",
        "cola",
        "coca-c",
        "瓶装",
        "kkkl",
        "kkl",
        "kl",
        "kekou",
        "kele",
        "cola 可乐",
        "500 zero 瓶",
        "690123",
        "6901234567892",
        "7892",
        "67892",
        "012345",
        "0012345000065",
        "4011",
        "401",
        "a-1001",
        "A-10",
        "cola\x00zero",
    ],
)
def test_a_product_is_found(cola: Findable, typed: str) -> None:
    assert cola.finds(query_words(typed))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\x00",
        "fanta",
        "乐可",
        "可 fanta",
        "kekl",
        "ekou",
        "892",
        "234567",
        "1001",
        "1234567892",
        "0690",
        "%",
        "_",
        "*",
    ],
)
def test_a_product_is_not_found(cola: Findable, typed: str) -> None:
    assert not cola.finds(query_words(typed))


def test_a_text_of_ten_thousand_characters_is_read_as_far_as_any_name_goes() -> None:
    assert query_words("x" * 10_000) == ("x" * 200,)


@given(st.text())
def test_folding_leaves_no_control_characters_that_index_tokens_begin_with(text: str) -> None:
    assert not set(fold(text)) & {"\x00", "\x01", "\x02", "\x03"}


@given(st.text(max_size=30), st.text(max_size=10))
def test_what_is_found_has_the_tokens_by_which_the_index_looks_for_it(name: str, typed: str) -> None:
    one = findable(Product("1", LocalizedText(name or "x"), "d", "t"), ())
    for word in query_words(typed):
        if word in one.text:
            assert {word[at : at + 3] for at in range(max(1, len(word) - 2))} <= one.tokens()
