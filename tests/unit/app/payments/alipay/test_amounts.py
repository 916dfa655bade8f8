"""Yuan and fen are exact both ways."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.payments.alipay.amounts import fen_of, yuan_of


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12))
def test_what_is_written_in_yuan_reads_back_to_the_same_fen(fen):
    written = yuan_of(fen)

    assert fen_of(written) == fen
    assert fen_of(Decimal(written)) == fen
    assert len(written.split(".")[1]) == 2


@pytest.mark.parametrize(
    ("yuan", "fen"),
    [("88.88", 8888), ("0.1", 10), ("5", 500), ("-310.00", -31_000), (7, 700), (Decimal("1.10"), 110)],
)
def test_alipay_writes_yuan_with_up_to_two_decimals(yuan, fen):
    assert fen_of(yuan) == fen


@pytest.mark.parametrize(
    "value",
    ["", " 1.00", "1.001", "1e3", "1,000.00", "+1.00", "NaN", "１.00", "--1", "1.", ".5", "9" * 12, None, True, 1.1, [],
     Decimal("1E+3"), Decimal("0.001")],
)  # fmt: skip
def test_what_is_no_amount_of_whole_fen_is_none(value):
    assert fen_of(value) is None
