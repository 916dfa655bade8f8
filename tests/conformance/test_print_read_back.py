"""What goes over a network cable to a printer reads back right: Chinese text, logo, barcode and QR code."""

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from app.payments.tenders import Tendered
from app.sales.receipt import ReceiptRefund, RefundProgress
from app.sales.receipt_columns import cells_of
from app.sales.receipt_elements import Barcode, Cut, Element, Picture, QrCode
from app.sales.receipt_layout import built_in_layout, lay_out
from app.values.speech import Speech
from app.values.wording import LocalizedText, wording
from hardware.printers.driver import EscposDriver
from hardware.printers.escpos import render_escpos
from hardware.printers.profile import PrinterProfile
from hardware.printers.rendering import receipt_commands, receipt_picture, receipt_text
from hardware.simulated.printer import SimulatedPrinter
from hardware.transport import NetworkTransport

PAGE = "https://receipt.example.invalid/r/0192f0c1-7a3e-7b11-9c55-3f2e8d6a4b10"


@contextmanager
def loopback() -> Iterator[tuple[int, bytearray]]:
    """Listen on this computer and keep what comes until the caller hangs up."""
    kept = bytearray()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while data := connection.recv(4096):
                kept.extend(data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], kept
        thread.join(10)


def logo() -> bytes:
    picture = Image.new("L", (240, 80), 255)
    ImageDraw.Draw(picture).rectangle((10, 10, 229, 69), fill=0)
    png = io.BytesIO()
    picture.save(png, "PNG")
    return png.getvalue()


@pytest.mark.parametrize("paper_mm", [58, 80])
def test_a_receipt_over_a_socket_reads_back_as_it_was_written(samples, paper_mm: int) -> None:
    profile = PrinterProfile(paper_mm=paper_mm, answers_status=False, confirms=False)
    body = [
        one
        for one in lay_out(samples.receipt(), samples.CHINESE_SPEECH, built_in_layout(paper_mm))
        if not isinstance(one, Cut)
    ]
    elements: list[Element] = [Picture(logo()), *body, Barcode("R16040520"), QrCode(PAGE), Cut()]
    with loopback() as (port, kept):
        driver = EscposDriver(NetworkTransport("127.0.0.1", port), profile)
        driver.open()
        for piece in render_escpos(elements, profile):
            sent = 0
            while sent < len(piece):
                sent += driver.write(piece[sent:])
        driver.close()
    data = bytes(kept)
    # The words as a printer's Chinese font holds them; ￥ is A3 A4 in GBK.
    assert "合计".encode("gb18030") in data
    assert b"\xa3\xa4" in data
    printer = SimulatedPrinter(profile)
    printer.receive(data)
    assert printer.misunderstood == ()
    (paper,) = printer.papers
    assert paper.cut
    assert "合计" in paper.text
    assert "?" not in paper.text
    assert {"R16040520", PAGE} <= {code.text for code in zxingcpp.read_barcodes(paper.picture)}
    # The logo is 220 by 60 dots of black.
    assert paper.picture.crop((0, 0, paper.picture.width, 110)).histogram()[0] >= 220 * 60


@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_money_given_back_reads_the_same_as_text_and_as_picture_and_as_bytes(
    samples, paper_mm: int, language: str
) -> None:
    name = LocalizedText(
        "国际信用卡及境外电子钱包统一收银", (("en", "International credit cards and foreign wallets"),)
    )
    paid = Tendered(1, "card", name, "card", 8370, 8370, "4242********4242 / 00012345", approved_offline=True)
    asked_at = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
    # Without the address of its page, which a text writes out where a paper has a QR code.
    shop = replace(samples.SHOP, receipt_page_url="")
    receipt = replace(
        samples.receipt(replace(samples.SALE, tenders=(paid,), change_minor=0), shop=shop, copy_number=1),
        refunds=tuple(
            ReceiptRefund(name, 1200 + place, asked_at, progress) for place, progress in enumerate(RefundProgress)
        ),
    )
    speech = samples.CHINESE_SPEECH if language == "zh_CN" else samples.ENGLISH_SPEECH
    layout = built_in_layout(paper_mm)
    text = receipt_text(receipt, speech, layout)
    # Without the breaks between lines, which fall elsewhere on every paper.
    plain = "".join(text.split())
    refunds = wording("Refunds on receipt {number}", number="0001-02-1-000123")
    for expected in (refunds, wording("Taken offline, without asking the bank"), wording("Given back"), name):
        assert "".join(speech.say(expected).split()) in plain
    # 12.00 came back, 12.01 is on its way, 12.02 was refused.
    assert ("-12.00" in plain, "-12.01" in plain, "-12.02" in plain, "12.02" in plain) == (True, True, False, True)
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


def words_of(text: str) -> set[str]:
    """What stands on a paper, but for the lines that a picture or a code of it is told by."""
    return {word for line in text.splitlines() if not line.startswith("[") for word in line.split()}


def test_the_same_receipt_in_english_needs_no_chinese_mode_for_its_words(samples) -> None:
    profile = PrinterProfile()
    receipt = lay_out(samples.receipt(), Speech("en"), built_in_layout(80))
    assert b"Total" in b"".join(render_escpos(receipt, profile))
