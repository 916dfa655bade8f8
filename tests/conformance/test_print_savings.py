"""Savings, coupons and the member read the same as text, as picture and as a printer's bytes."""

from dataclasses import replace

import pytest

from app.sales.receipt_columns import cells_of
from app.sales.receipt_layout import built_in_layout
from app.values.wording import wording
from hardware.printers.profile import PrinterProfile
from hardware.printers.rendering import receipt_commands, receipt_picture, receipt_text
from hardware.simulated.printer import SimulatedPrinter


def words_of(text: str) -> set[str]:
    """What stands on a paper, but for the lines that a picture or a code of it is told by."""
    return {word for line in text.splitlines() if not line.startswith("[") for word in line.split()}


@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_savings_and_points_come_out_of_every_printer(samples, paper_mm: int, language: str) -> None:
    # Without the address of its page, which a text writes out where a paper has a QR code.
    shop = replace(samples.SHOP, receipt_page_url="")
    receipt = samples.receipt(samples.deal_sale(), shop=shop)
    speech = samples.CHINESE_SPEECH if language == "zh_CN" else samples.ENGLISH_SPEECH
    layout = built_in_layout(paper_mm)
    text = receipt_text(receipt, speech, layout)
    # Without the breaks between lines, which fall elsewhere on every paper.
    plain = "".join(text.split())
    coupon = wording("Coupon: {name}", name=samples.COUPON)
    for expected in (samples.HALF, samples.FULL, samples.LONG, coupon, wording("Points after this purchase"), "王*"):
        assert "".join(speech.say(expected).split()) in plain
    assert ("+79" in plain, "-300" in plain, "979" in plain, "2027-11-30" in plain) == (True, True, True, True)
    assert max(cells_of(line) for line in text.splitlines()) <= layout.columns
    profile = PrinterProfile(paper_mm=paper_mm)
    printer = SimulatedPrinter(profile)
    for piece in receipt_commands(receipt, speech, layout, profile):
        printer.receive(piece)
    assert printer.misunderstood == ()
    (paper,) = printer.papers
    assert "?" not in paper.text
    assert words_of(text) <= words_of(paper.text)
    assert receipt_picture(receipt, speech, layout).height > receipt_picture(samples.receipt(), speech, layout).height
