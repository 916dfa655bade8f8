"""`promotions price`: a basket and rules from files, the deal as JSON."""

import json

import pytest

from app.commands.entry import main

RULES = """
[[offer]]
id = "half"
name = "第二件半价"
name_en = "Second at half price"
form = { kind = "second_off", off_basis_points = 5000 }
"""
BASKET = {
    "at": "2026-11-22T10:00:00+08:00",
    "lines": [
        {"product": "P1", "unit_price_minor": 1000, "name": "薯片", "name_en": "Crisps"},
        {"product": "P2", "unit_price_minor": 801, "quantity_thousandths": 2000},
    ],
}


@pytest.fixture
def price(tmp_path, capsys):
    def run(basket=BASKET, rules=RULES, *more, language="en", rules_name="rules.toml"):
        (tmp_path / "basket.json").write_text(
            basket if isinstance(basket, str) else json.dumps(basket), encoding="utf-8"
        )
        (tmp_path / rules_name).write_text(rules, encoding="utf-8")
        basket_path, rules_path = str(tmp_path / "basket.json"), str(tmp_path / rules_name)
        with pytest.raises(SystemExit) as ended:
            main(["--lang", language, "promotions", "price", basket_path, "--rules", rules_path, *more])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def test_a_basket_is_priced_and_explained(price):
    code, out, _ = price(BASKET, RULES, "--exact")
    deal = json.loads(out)
    assert code == 0
    # 10.00 with 8.01: half of 8.01 is 4.005, 4.01.
    assert (deal["subtotal_minor"], deal["saving_minor"], deal["total_minor"]) == (2602, 401, 2201)
    assert deal["proven_best"] is True
    assert [line["total_minor"] for line in deal["lines"]] == [1000 - 223, 1602 - 178]
    assert deal["lines"][0]["name"] == "Crisps"
    assert deal["given"] == [
        {
            "offer": "half",
            "name": "Second at half price",
            "times": 1,
            "saving_minor": 401,
            "why": "50% off the second ×1",
            "coupons": [],
        }
    ]
    assert deal["almost"][0]["missing_pieces"] == 1
    assert len(deal["rules_version"]) == 64


def test_the_same_rules_may_come_as_json(price):
    as_json = {
        "offer": [{"id": "half", "name": "第二件半价", "form": {"kind": "second_off", "off_basis_points": 5000}}]
    }
    code, out, _ = price(BASKET, json.dumps(as_json), rules_name="rules.json")
    assert code == 0
    assert json.loads(out)["saving_minor"] == 401


def test_names_are_said_in_the_language_that_was_asked_for(price):
    _, out, _ = price(language="zh_CN")
    assert json.loads(out)["given"][0]["name"] == "第二件半价"


def test_a_wrong_key_of_the_basket_is_named(price):
    code, _, err = price(BASKET | {"lines": [{"product": "P1", "unit_price_minor": -1}]})
    assert code == 2
    assert "$.lines[0].unit_price_minor" in err
    assert "BAD-OFFER-BASKET" in err


def test_a_wrong_key_of_the_rules_is_named(price):
    code, _, err = price(BASKET, RULES.replace("second_off", "third_off"))
    assert code == 2
    assert "$.offer[0].form" in err
    assert "BAD-PROMOTION-RULES" in err


@pytest.mark.parametrize(
    "basket", ["{", '{"lines": []}', '{"lines": [], "at": "2026-11-22T10:00:00"}', '{"lines": [], "at": "soon"}']
)
def test_what_is_no_basket_is_refused_in_words(price, basket):
    code, _, err = price(basket)
    assert code == 2
    assert "The basket cannot be read" in err


def test_an_empty_basket_costs_nothing(price):
    code, out, _ = price(BASKET | {"lines": []})
    assert code == 0
    assert json.loads(out)["total_minor"] == 0


def test_two_lines_with_one_id_are_refused(price):
    lines = [{"id": 1, "product": "P1", "unit_price_minor": 1}, {"id": 1, "product": "P2", "unit_price_minor": 1}]
    code, _, err = price(BASKET | {"lines": lines})
    assert code == 2
    assert "same id" in err


def test_a_file_that_is_not_there_is_named(capsys, tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", "promotions", "price", str(tmp_path / "no.json"), "--rules", str(tmp_path / "no.toml")])
    assert ended.value.code == 2
    assert "no.toml" in capsys.readouterr().err
