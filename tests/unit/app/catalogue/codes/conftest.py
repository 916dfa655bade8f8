"""The settings of a Chinese community supermarket, shared by the tests of codes."""

import pytest

from app.catalogue.codes import CardKind, CardPrefix, CodeReader, CodeSettings, ItemIs, parse_pattern


@pytest.fixture(scope="session")
def shop() -> CodeSettings:
    return CodeSettings(
        patterns=(
            parse_pattern("fruit scale", "21IIIIIWWWWWC", ItemIs.PLU),
            parse_pattern("deli scale", "22IIIIVPPPPPC", ItemIs.PLU),
            parse_pattern("upc scale", "02IIIIIVPPPPC", ItemIs.ITEM_NUMBER),
            parse_pattern("large label", "20IIIIIPPPPPWWWWWC", ItemIs.PLU),
            parse_pattern("small label", "27IIPPPC", ItemIs.ITEM_NUMBER),
            parse_pattern("bakery", "24IIIIIIIIIIC", ItemIs.ITEM_NUMBER),
            parse_pattern("old labels", "28IIIIIPPPPPC", ItemIs.BARCODE),
        ),
        cards=(
            CardPrefix(CardKind.MEMBER, "88", length=10),
            CardPrefix(CardKind.MEMBER, "29", length=13),
            CardPrefix(CardKind.COUPON, "CPN-"),
            CardPrefix(CardKind.OPERATOR, "OP-"),
        ),
    )


@pytest.fixture(scope="session")
def reader(shop: CodeSettings) -> CodeReader:
    return CodeReader(shop)
