"""What `explain-code` says about codes of the GS1 General Specifications and of a Chinese shop's day."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.catalogue.codes import CodeReader, explain

CODES = tomllib.loads((Path(__file__).parent / "gs1_codes.toml").read_text(encoding="utf-8"))["code"]

# How many digits from the front a key's check digit closes.
KEYS = {"00": 18, "01": 14, "02": 14, "8017": 18, "8018": 18, "255": 13}


def check_digit_by_hand(payload: str) -> str:
    """General Specifications 7.9.1 as its table does it: right-aligned in 17 places that weigh 3 1 3 1 … 3."""
    places = payload.rjust(17, "0")
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(places))
    return str((total // 10 + 1) * 10 - total)[-1]


def expected_of(code: dict[str, Any]) -> dict[str, Any]:
    expected = dict(code["expected"])
    if "elements" in expected:
        pairs = re.findall(r"\((\d+)\)([^()]+)", expected["elements"])
        expected["elements"] = [{"ai": identifier, "value": value} for identifier, value in pairs]
    return expected


@pytest.mark.parametrize("code", CODES, ids=lambda code: code["from"])
def test_a_code_is_explained_as_the_specification_has_it(code: dict[str, Any], reader: CodeReader) -> None:
    meaning = reader.read(code["data"], code.get("symbology"), code.get("today", date(2026, 1, 31)))

    explained = explain(meaning)

    assert explained == expected_of(code)
    assert json.loads(json.dumps(explained)) == explained


@pytest.mark.parametrize("code", CODES, ids=lambda code: code["from"])
def test_the_table_itself_has_right_check_digits(code: dict[str, Any]) -> None:
    expected = expected_of(code)
    keys = [expected[name] for name in ("gtin14", "contained_gtin14", "sscc") if name in expected]
    keys += [
        element["value"][: KEYS[element["ai"]]] for element in expected.get("elements", ()) if element["ai"] in KEYS
    ]
    if expected["kind"] == "weighed-label":
        keys.append(expected["data"])

    for key in keys:
        assert check_digit_by_hand(key[:-1]) == key[-1], key


def test_the_table_is_as_large_as_promised() -> None:
    assert len(CODES) >= 75
    assert len({(code["data"], str(code.get("today"))) for code in CODES}) == len(CODES)
