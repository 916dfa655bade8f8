"""The sample store read with the standard library alone, as a shop owner's spreadsheet would."""

import csv
import re
import struct
import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

STORE = Path(__file__).parents[3] / "resources" / "sample_store"
PICTURES = STORE / "pictures"
SVG = "{http://www.w3.org/2000/svg}"
PRODUCT_COLUMNS = [
    "product_id",
    "name",
    "name_en",
    "department",
    "tax_class",
    "unit",
    "price",
    "barcodes",
    "plu",
    "minimum_age",
    "deposit_product",
    "price_rule",
    "brand",
    "specification",
    "picture",
    "pinyin",
    "discountable",
    "returnable",
    "blocked",
    "tare_grams",
]

Row = dict[str, str]


def table(name: str) -> list[Row]:
    data = (STORE / name).read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf"), "no byte order mark"
    reader = csv.DictReader(data.decode("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    rows = list(reader)
    assert all(None not in row and None not in row.values() for row in rows), "every row has the header's cells"
    return rows


@pytest.fixture(scope="module")
def products() -> dict[str, Row]:
    rows = table("products.tsv")
    by_id = {row["product_id"]: row for row in rows}
    assert len(by_id) == len(rows), "article numbers are distinct"
    return by_id


@pytest.fixture(scope="module")
def prices() -> list[Row]:
    return table("prices.tsv")


@pytest.fixture(scope="module")
def quick_key_pages() -> list[dict[str, object]]:
    pages = tomllib.loads((STORE / "quick_keys.toml").read_text(encoding="utf-8"))["page"]
    assert isinstance(pages, list)
    return pages


def barcodes_of(row: Row) -> list[tuple[str, int]]:
    """GTIN and how many pieces it stands for."""
    found = []
    for cell in filter(None, row["barcodes"].split(";")):
        gtin, _, count = cell.partition("*")
        found.append((gtin, int(count or "1")))
    return found


def check_digit_is_right(gtin: str) -> bool:
    # GS1 General Specifications 7.9.1, counted from the right: the check digit weighs 1, its neighbour 3, then 1, 3 …
    return sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(reversed(gtin))) % 10 == 0


def relative_luminance(colour: str) -> float:
    # WCAG 2.2, "relative luminance"
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((relative_luminance(one), relative_luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_shop_carries_at_least_850_products_in_every_department(products: dict[str, Row]) -> None:
    assert len(products) >= 850
    sold_in = Counter(row["department"] for row in products.values())
    assert set(sold_in) == {row["department_id"] for row in table("departments.tsv")}
    assert min(sold_in.values()) >= 10


def test_the_product_table_has_the_columns_in_their_order() -> None:
    header = (STORE / "products.tsv").read_text(encoding="utf-8").split("\n", maxsplit=1)[0]
    assert header.split("\t") == PRODUCT_COLUMNS


def test_every_product_has_names_of_its_own_in_both_languages_and_pinyin(products: dict[str, Row]) -> None:
    names = Counter(row["name"] for row in products.values())
    english = Counter(row["name_en"] for row in products.values())
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name, count in english.items() if count > 1] == []
    for row in products.values():
        assert re.search("[\u4e00-\u9fff]", row["name"]), row["name"]
        assert not re.search("[\u4e00-\u9fff]", row["name_en"]), row["name_en"]
        assert re.fullmatch("[A-Za-z0-9]+( [A-Za-z0-9]+)*", row["pinyin"]), row["pinyin"]
        name = row["name"].removesuffix(f" {row['specification']}") if row["specification"] else row["name"]
        if not re.search("[A-Za-zÀ-ÿ]", name):
            assert len(row["pinyin"].split()) == len(re.findall("[\u4e00-\u9fff]", name)), row["name"]


def test_no_text_could_be_taken_for_a_spreadsheet_formula(products: dict[str, Row]) -> None:
    for row in products.values():
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values()), row["product_id"]
        assert all(cell == cell.strip() for cell in row.values()), row["product_id"]


def test_every_barcode_has_a_right_check_digit_and_stands_for_one_product(products: dict[str, Row]) -> None:
    seen: dict[str, str] = {}
    for row in products.values():
        for gtin, count in barcodes_of(row):
            assert len(gtin) in {8, 12, 13, 14}, gtin
            assert gtin.isdecimal(), gtin
            assert count >= 1, gtin
            assert check_digit_is_right(gtin), gtin
            assert seen.setdefault(gtin.zfill(14), row["product_id"]) == row["product_id"], gtin
    assert len(seen) == sum(len(barcodes_of(row)) for row in products.values())


def test_the_check_digit_rule_of_this_test_knows_right_from_wrong() -> None:
    # GS1's own example: 6+3·2+9+3·1+0+3·4+1+3·5+0+3·0+2+3·1 = 57, so 629104150021 is followed by 3.
    assert check_digit_is_right("6291041500213")
    assert not check_digit_is_right("6291041500214")


def test_barcodes_are_mostly_chinese_with_imports_short_ones_and_cases(products: dict[str, Row]) -> None:
    codes = [code for row in products.values() for code in barcodes_of(row)]
    assert sum(gtin.startswith("69") and len(gtin) == 13 for gtin, _ in codes) > len(codes) / 2
    assert sum(len(gtin) == 8 for gtin, _ in codes) >= 5
    assert sum(len(gtin) == 12 for gtin, _ in codes) >= 5
    assert sum(len(gtin) == 14 and count > 1 for gtin, count in codes) >= 20
    countries = {gtin[:3] for gtin, _ in codes if len(gtin) == 13 and not gtin.startswith("69")}
    assert {"334", "402", "457", "880", "885", "888", "935"} <= countries
    # UPC-E is printed for a UPC-A whose maker's number does not end in 0 when its item number is 00005 to 00009.
    short = [gtin for gtin, _ in codes if re.fullmatch(r"0\d{4}[1-9]0000[5-9]\d", gtin)]
    assert len(short) >= 2


def test_no_barcode_begins_like_a_label_of_the_shop_s_scales(products: dict[str, Row]) -> None:
    for row in products.values():
        for gtin, _ in barcodes_of(row):
            assert gtin.zfill(13)[0] != "2", row["name"]
            assert gtin.zfill(13)[:2] != "02", row["name"]


def test_whatever_has_no_barcode_has_a_plu_and_no_plu_stands_for_two(products: dict[str, Row]) -> None:
    plus = [row["plu"] for row in products.values() if row["plu"]]
    assert all(re.fullmatch("[1-9][0-9]{3,4}", plu) for plu in plus)
    assert len(plus) == len(set(plus))
    for row in products.values():
        assert row["unit"] in {"each", "kg"}
        if row["unit"] == "kg":
            assert row["plu"], row["name"]
        assert row["barcodes"] or row["plu"], row["name"]


def test_well_known_produce_has_the_numbers_of_the_produce_trade(products: dict[str, Row]) -> None:
    # IFPS price look-up codes
    by_plu = {row["plu"]: row["name_en"] for row in products.values() if row["plu"]}
    known = {
        "4011": "Banana",
        "4012": "Navel orange",
        "4053": "Lemon",
        "4060": "Broccoli",
        "4062": "Cucumber",
        "4131": "Red Fuji apple",
        "4608": "Garlic",
        "4612": "Fresh ginger",
    }
    assert {plu: by_plu[plu] for plu in known} == known


def test_alcohol_and_tobacco_are_for_adults_and_nothing_else_is(products: dict[str, Row]) -> None:
    for row in products.values():
        adult = row["department"] in {"alcohol", "tobacco"}
        if int(row["minimum_age"]) == 0 and adult:
            assert re.search("无醇|酒酿", row["name"]), row["name"]
        else:
            assert row["minimum_age"] == ("18" if adult else "0"), row["name"]


def test_tobacco_is_never_discounted_nor_taken_back(products: dict[str, Row]) -> None:
    for row in products.values():
        assert row["discountable"] in {"yes", "no"}
        assert row["returnable"] in {"yes", "no"}
        if row["department"] == "tobacco":
            assert (row["discountable"], row["returnable"]) == ("no", "no"), row["name"]


def test_every_price_is_a_sum_of_whole_fen_that_a_person_would_pay(products: dict[str, Row]) -> None:
    for row in products.values():
        assert re.fullmatch(r"\d+\.\d{2}", row["price"]), row["name"]
        assert Decimal("0.10") <= Decimal(row["price"]) <= 1000, row["name"]
        assert row["price_rule"] in {"fixed", "open"}
    assert sum(row["price_rule"] == "open" for row in products.values()) >= 5


def test_every_product_s_department_and_tax_class_exist_and_every_tax_class_is_used(products: dict[str, Row]) -> None:
    tax_classes = {row["tax_class_id"]: row for row in table("tax_classes.tsv")}
    departments = {row["department_id"] for row in table("departments.tsv")}
    assert {row["rate_percent"] for row in tax_classes.values()} == {"13", "9", "6", "0"}
    assert {row["included"] for row in tax_classes.values()} == {"yes"}
    assert {row["tax_class"] for row in products.values()} == set(tax_classes)
    assert {row["department"] for row in products.values()} <= departments


def test_fresh_food_is_taxed_as_the_law_has_it(products: dict[str, Row]) -> None:
    by_department = {
        department: {row["tax_class"] for row in products.values() if row["department"] == department}
        for department in ("produce", "fruit", "tobacco", "alcohol", "snacks")
    }
    assert by_department == {
        "produce": {"exempt"},  # vegetables at retail, Caishui [2011] 137
        "fruit": {"reduced"},
        "tobacco": {"standard"},
        "alcohol": {"standard"},
        "snacks": {"standard", "reduced"},  # raisins are dried fruit
    }


def test_every_deposit_is_an_untaxed_product_without_discount(products: dict[str, Row]) -> None:
    named = {row["deposit_product"] for row in products.values() if row["deposit_product"]}
    assert len(named) >= 5
    for deposit in named:
        row = products[deposit]
        assert row["department"] == "bags_deposits"
        assert (row["tax_class"], row["discountable"], row["deposit_product"]) == ("outside_scope", "no", "")


def test_two_or_three_products_may_not_be_sold_and_say_why(products: dict[str, Row]) -> None:
    reasons = [row["blocked"] for row in products.values() if row["blocked"]]
    assert 2 <= len(reasons) <= 3
    assert all(re.search("[\u4e00-\u9fff]{4}", reason) for reason in reasons)


def test_every_listed_price_is_for_a_product_with_a_fixed_price_and_ends_after_it_begins(
    products: dict[str, Row], prices: list[Row]
) -> None:
    for row in prices:
        assert products[row["product_id"]]["price_rule"] == "fixed"
        assert row["price_list"] in {"standard", "member"}
        assert re.fullmatch(r"\d+\.\d{2}", row["amount"])
        assert Decimal(row["amount"]) > 0
        begins = date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min
        ends = date.fromisoformat(row["valid_until"]) if row["valid_until"] else date.max
        assert begins < ends, row
    once = Counter((row["product_id"], row["price_list"], row["valid_from"]) for row in prices)
    assert max(once.values()) == 1


def test_a_member_pays_less_and_only_where_a_discount_is_allowed(products: dict[str, Row], prices: list[Row]) -> None:
    members = [row for row in prices if row["price_list"] == "member"]
    assert len(members) >= 110
    for row in members:
        product = products[row["product_id"]]
        assert product["discountable"] == "yes", product["name"]
        assert Decimal(row["amount"]) < Decimal(product["price"]), product["name"]


def test_prices_that_come_later_and_prices_that_end_are_among_them(prices: list[Row]) -> None:
    assert sum(row["valid_from"] >= "2027" for row in prices) >= 35
    assert sum(row["valid_from"] >= "2030" for row in prices) >= 10
    assert sum(bool(row["valid_until"]) for row in prices) >= 25
    cheaper = [row for row in prices if row["valid_until"]]
    assert all(row["valid_from"] for row in cheaper)


def test_every_department_s_colour_is_its_own_and_carries_readable_text() -> None:
    rows = table("departments.tsv")
    assert 15 <= len(rows) <= 21
    colours = [row["colour"] for row in rows]
    assert len(set(colours)) == len(rows)
    for colour in colours:
        assert re.fullmatch("#[0-9a-f]{6}", colour)
        assert max(contrast(colour, "#111111"), contrast(colour, "#ffffff")) >= 4.5, colour


def test_every_picture_that_is_named_is_there_and_every_picture_is_used(products: dict[str, Row]) -> None:
    named = {row["picture"] for row in products.values() if row["picture"]}
    named |= {row["picture"] for row in table("departments.tsv")}
    there = {path.stem for path in PICTURES.glob("*.svg")}
    assert named <= there
    assert there - named == {"logo", "placeholder"}
    assert len(there) >= 70


def test_every_picture_is_flat_small_and_without_words() -> None:
    shapes = {"svg", "g", "path", "circle", "ellipse", "rect"}
    for path in PICTURES.glob("*.svg"):
        root = ET.parse(path).getroot()  # noqa: S314  # our own file, no entities
        assert root.tag == f"{SVG}svg", path.name
        assert root.get("viewBox") == "0 0 96 96", path.name
        parts = list(root.iter())
        assert {part.tag.removeprefix(SVG) for part in parts} <= shapes, path.name
        assert len(parts) >= 3, path.name
        assert path.stat().st_size < 8_000, path.name


def test_every_quick_key_is_a_product_that_may_be_sold(
    products: dict[str, Row], quick_key_pages: list[dict[str, object]]
) -> None:
    assert len({page["id"] for page in quick_key_pages}) == len(quick_key_pages) >= 5
    for page in quick_key_pages:
        keys = page["keys"]
        assert isinstance(keys, list)
        assert 12 <= len(keys) <= 20, page["id"]
        assert len(set(keys)) == len(keys), page["id"]
        assert page["name"]
        assert page["name_en"]
        for key in keys:
            assert not products[key]["blocked"], key


def test_every_quick_key_has_a_picture(products: dict[str, Row], quick_key_pages: list[dict[str, object]]) -> None:
    for page in quick_key_pages:
        keys = page["keys"]
        assert isinstance(keys, list)
        assert [products[key]["name"] for key in keys if not products[key]["picture"]] == []


def test_the_receipt_s_logo_is_black_and_white_and_as_wide_as_narrow_paper() -> None:
    data = (STORE / "logo.png").read_bytes()
    # PNG specification 11.2.1: after the signature and the chunk's head, width, height, bit depth, colour type.
    width, height, depth, colour_type = struct.unpack(">IIBB", data[16:26])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert (width, depth) == (384, 1)
    assert height <= 200
    assert colour_type in {0, 3}


def test_the_till_s_configuration_names_a_shop_its_people_and_its_labels() -> None:
    told = tomllib.loads((STORE / "store.toml").read_text(encoding="utf-8"))
    assert told["store"]["currency"] == "CNY"
    assert len(told["store"]["tax_number"]) == 18
    assert {operator["role"] for operator in told["operator"]} == {"cashier", "supervisor", "admin"}
    assert len({operator["number"] for operator in told["operator"]}) == len(told["operator"]) == 4
    for pattern in told["label_pattern"]:
        assert re.fullmatch(r"2\d+I+(W+V?)?(P+V?)?C", pattern["pattern"])
        assert len(pattern["pattern"]) in {13, 18}
