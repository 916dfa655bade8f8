"""The receipt as plain text, compared with receipts set by hand."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from app.sales.receipt_layout import built_in_layout
from hardware.printers.rendering import receipt_text

GOLDEN = Path(__file__).with_name("golden")


@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_receipt_reads_as_set_by_hand(samples: SimpleNamespace, paper_mm: int, language: str) -> None:
    speech = samples.CHINESE_SPEECH if language == "zh_CN" else samples.ENGLISH_SPEECH
    printed = receipt_text(samples.receipt(), speech, built_in_layout(paper_mm))
    assert printed == (GOLDEN / f"receipt-{paper_mm}-{language}.txt").read_text(encoding="utf-8")
