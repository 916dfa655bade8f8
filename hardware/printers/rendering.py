"""One receipt in the three forms it can take: text, picture of the paper, and a printer's commands."""

from PIL import Image

from app.sales.receipt import Receipt
from app.sales.receipt_layout import ReceiptLayout, lay_out
from app.values.speech import Speech
from hardware.printers.escpos import render_escpos
from hardware.printers.picture import render_picture
from hardware.printers.profile import PrinterProfile
from hardware.printers.text import render_text


def receipt_text(receipt: Receipt, speech: Speech, layout: ReceiptLayout) -> str:
    """Return a receipt as plain text, as wide as the layout's paper."""
    return render_text(lay_out(receipt, speech, layout), layout.columns)


def receipt_picture(
    receipt: Receipt, speech: Speech, layout: ReceiptLayout, profile: PrinterProfile | None = None
) -> Image.Image:
    """Return a receipt as it would look on paper, one pixel for each dot, in greys.

    Raises:
        NoChineseFont: if no font with Chinese characters is installed.
    """
    return render_picture(lay_out(receipt, speech, layout), profile or PrinterProfile(paper_mm=layout.paper_mm))


def receipt_commands(
    receipt: Receipt, speech: Speech, layout: ReceiptLayout, profile: PrinterProfile, *, interrupted: bool = False
) -> tuple[bytes, ...]:
    """Return the ESC/POS commands of a receipt in pieces; joined they are what a file or printer takes.

    Raises:
        NoChineseFont: if neither the printer nor this computer has Chinese characters.
    """
    return render_escpos(lay_out(receipt, speech, layout, interrupted=interrupted), profile)
