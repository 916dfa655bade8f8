"""An answer is cut out of the body as the bytes that came, and what could be read in two ways is not read."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.payments.alipay.envelope import UnreadableAnswer, open_envelope

METHOD = "alipay.trade.pay"
NAME = "alipay_trade_pay_response"

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
blanks = st.text(" \t\r\n", max_size=3)


@settings(deadline=None)
@given(
    node=st.dictionaries(st.text(max_size=8), values, max_size=5),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 1]),
    gaps=st.tuples(blanks, blanks, blanks, blanks),
    sign_first=st.booleans(),
)
def test_the_signed_node_is_the_text_between_whatever_stands_around_it(node, ascii_only, indent, gaps, sign_first):
    text = json.dumps(node, ensure_ascii=ascii_only, indent=indent).replace("/", "\\/")
    before, after_name, after_value, after_all = gaps
    pairs = [f'"{NAME}"{after_name}:{before}{text}{after_value}', '"sign":"c2ln"']
    body = f"{before}{{{','.join(reversed(pairs) if sign_first else pairs)}{after_value}}}{after_all}"

    envelope = open_envelope(body.encode(), METHOD)

    assert envelope.raw == text.encode()
    assert envelope.node == node
    assert envelope.signature == "c2ln"


def test_braces_and_quotes_in_texts_do_not_end_the_node():
    text = '{"store_name": "} ]\\"}\\\\", "sign": "inner", "more": {"sign": "}"}}'

    envelope = open_envelope(f'{{"sign":"outer","{NAME}":{text}}}'.encode(), METHOD)

    assert envelope.raw == text.encode()
    assert envelope.signature == "outer"


def test_amounts_never_pass_through_a_float():
    node = open_envelope(f'{{"{NAME}":{{"total_amount":0.10}}}}'.encode(), METHOD).node

    assert node["total_amount"] == Decimal("0.10")
    assert isinstance(node["total_amount"], Decimal)


def test_an_error_of_the_gateway_is_read_and_has_no_signature():
    envelope = open_envelope(b'{"error_response":{"code":"40002","sub_code":"isv.invalid-app-id"}}', METHOD)

    assert envelope.node["code"] == "40002"
    assert envelope.signature == ""


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "NOT-JSON"),
        (b"<html><body>502</body></html>", "NOT-JSON"),
        (b"[]", "NOT-JSON"),
        (b'"text"', "NOT-JSON"),
        (b"{}", "NOT-JSON"),
        (f'{{"{NAME}":{{}}}}trailing'.encode(), "NOT-JSON"),
        (f'{{"{NAME}":{{}},"{NAME}":{{}}}}'.encode(), "NOT-JSON"),
        (f'{{"{NAME}":{{"code":"10000","code":"40004"}}}}'.encode(), "NOT-JSON"),
        (f'{{"{NAME}":{{"n":NaN}}}}'.encode(), "NOT-JSON"),
        (f'{{"{NAME}":{{"n":1e999999999999999999}}}}'.encode(), "NOT-JSON"),
        (f'{{"{NAME}":{{"n":{"9" * 100_000}}}}}'.encode(), "NOT-JSON"),
        (f'{{"{NAME}":{{"n":1.{"9" * 100_000}}}}}'.encode(), "NOT-JSON"),
        (f'{{"{NAME}":{{"t":"unclosed'.encode(), "NOT-JSON"),
        (f'{{"{NAME}":{{"t":"a\nb"}}}}'.encode(), "NOT-JSON"),
        (f'{{"{NAME}":{"[" * 500_000}'.encode(), "TOO-DEEP"),
        (f'{{"{NAME}":{"{" * 33}'.encode(), "TOO-DEEP"),
        (f'{{"{NAME}":"aGVsbG8="}}'.encode(), "OTHER-ANSWER"),
        (b'{"alipay_trade_query_response":{},"sign":"x"}', "OTHER-ANSWER"),
        (f'{{"{NAME}":{{"msg":"成功"}}}}'.encode("gbk"), "CHARSET"),
        (f'{{"{NAME}":{{}}}}'.encode("utf-16"), "CHARSET"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_by_a_short_word(body, why):
    with pytest.raises(UnreadableAnswer, match=f"^{why}$"):
        open_envelope(body, METHOD)


@pytest.mark.parametrize("body", ['"' + '\\"' * 400_000, '"' * 800_001, '{"' + "\\" * 900_000, "[]" * 400_000])
def test_a_body_made_to_be_read_again_and_again_is_read_once(body):
    # Each would take hours if every quote were tried to the end of the text; the test's own limit would end it.
    with pytest.raises(UnreadableAnswer):
        open_envelope(body.encode(), METHOD)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_at_all_end_in_a_word(body):
    with pytest.raises(UnreadableAnswer):
        open_envelope(body, METHOD)
