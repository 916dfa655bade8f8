"""The page a printer is tried with: shows at a glance whether letters, width, codes and knife are set up right."""

from app.sales.receipt_elements import Align, Barcode, Cut, Element, QrCode, Row, Rule, Size, TextLine
from app.values.speech import Speech
from app.values.wording import wording
from hardware.printers.profile import PrinterProfile

_CHINESE = "柜台收银 ￥12.80 合计：，。"
_CODE = "GUITAI-TEST-0123456789"


def page_to_try(profile: PrinterProfile, speech: Speech, place: str) -> tuple[Element, ...]:
    """Return the test page.

    Args:
        profile: what the printer is configured to be; the ruler is exactly as wide as its paper.
        speech: the language to say it in.
        place: where the printer is reached, printed so that it can be told from its neighbours.
    """
    ruler = "".join(str((column + 1) % 10) for column in range(profile.columns))
    say = speech.say
    return (
        TextLine(say(wording("Test page")), align=Align.CENTRE, bold=True, size=Size.BIG),
        TextLine(say(wording("Not a receipt")), align=Align.CENTRE),
        Rule(),
        Row(say(wording("Paper")), f"{profile.paper_mm} mm"),
        Row(say(wording("Columns")), str(profile.columns)),
        *((Row(say(wording("Reached at")), place),) if place else ()),
        TextLine(ruler),
        TextLine(_CHINESE),
        TextLine(_CHINESE, size=Size.TALL, bold=True),
        TextLine("ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789 !#$%&*+-/=?@"),
        Rule(),
        Barcode(_CODE),
        TextLine(_CODE, align=Align.CENTRE),
        QrCode(_CODE),
        TextLine(say(wording("Both codes must be readable, and the ruler must fill one line exactly."))),
        Cut(),
    )
