"""Reads how a shop wants its receipts from TOML: which blocks, in which order, on how wide a paper."""

import re
from enum import Enum
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec

from app.sales.receipt_elements import Size
from app.values.problems import Problem
from app.values.wording import Wording, wording


class BadReceiptLayout(Problem):
    """Raised when a layout file cannot be read or says something that no receipt can be."""

    code = "BAD-RECEIPT-LAYOUT"


class Block(Enum):
    """A part of a receipt that a layout can place."""

    LOGO = "logo"
    SHOP_HEAD = "shop_head"
    COPY_MARK = "copy_mark"
    """Nothing on an original; COPY and its number on a reprint."""

    RECEIPT_FACTS = "receipt_facts"
    """Number, time, till and operator."""

    ITEMS = "items"
    COUNTS = "counts"
    TOTALS = "totals"
    """Subtotal, savings, rounding and, large, what was due."""

    TENDERS = "tenders"
    """What was paid with and the change; beneath them what was given back since."""

    SAVINGS = "savings"
    """What promotions and coupons saved, in short; nothing where there were none."""

    MEMBER = "member"
    """The member's masked name and points; nothing of a passer-by."""

    TAX_SUMMARY = "tax_summary"
    NOTE = "note"
    RECEIPT_BARCODE = "receipt_barcode"
    PAGE_QR = "page_qr"
    """The way to e-receipt, invoice and review."""

    SHOP_FOOT = "shop_foot"
    RULE = "rule"
    """A line across; two that meet become one."""

    GAP = "gap"
    """An empty line."""


REQUIRED: Final = (Block.SHOP_HEAD, Block.COPY_MARK, Block.RECEIPT_FACTS, Block.ITEMS, Block.TOTALS, Block.TENDERS)
"""Blocks without which a paper is no receipt."""

_PAPER_COLUMNS: Final = {58: 32, 80: 48}
"""Cells of Font A (12 dots) on 384 and 576 dots, the printable width of 58 and 80 mm at 203 dpi."""


class ReceiptLayout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt's build; decoded from TOML."""

    paper_mm: int
    """Width of the paper roll: 58 or 80."""

    blocks: tuple[Block, ...]
    """From the top of the paper to its end."""

    total_size: Size = Size.BIG
    """How large the total is printed."""

    compact_single_items: bool = True
    """Whether one piece without more to say stands on one line with its amount."""

    logo: str = ""
    """File name of a PNG beside the layout file; empty for none."""

    logo_png: bytes = b""
    """What that file holds, filled in when the layout is loaded; or the PNG itself in base64."""

    @property
    def columns(self) -> int:
        """Cells on a line of this paper."""
        return _PAPER_COLUMNS[self.paper_mm]


_PLACE: Final = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")


def read_layout(toml: bytes, name: str) -> ReceiptLayout:
    """Decode a layout.

    Args:
        toml: the file's content, in UTF-8.
        name: what to call it in a sentence, such as its file name.

    Raises:
        BadReceiptLayout: naming the key that is wrong and why.
    """
    try:
        layout = msgspec.toml.decode(toml, type=ReceiptLayout)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        place = _PLACE.search(str(error))
        raise _wrong(name, place["place"] if place else "TOML", _PLACE.sub("", str(error))) from error
    if layout.paper_mm not in _PAPER_COLUMNS:
        raise _wrong(name, "paper_mm", wording("paper is 58 or 80 mm wide, not {width}", width=layout.paper_mm))
    if missing := [block.value for block in REQUIRED if block not in layout.blocks]:
        raise _wrong(name, "blocks", wording("a receipt needs {blocks}", blocks=", ".join(missing)))
    return layout


def _wrong(name: str, key: str, reason: Wording | str) -> BadReceiptLayout:
    return BadReceiptLayout(
        wording(
            "The receipt layout {name} is wrong at {key}: {reason}. Correct that line of the file.",
            name=name,
            key=key,
            reason=reason,
        )
    )


def load_layout(path: Path) -> ReceiptLayout:
    """Read a layout file and the logo beside it.

    Raises:
        BadReceiptLayout: if either cannot be read, or the layout is wrong.
    """
    try:
        layout = read_layout(path.read_bytes(), path.name)
        if not layout.logo:
            return layout
        return msgspec.structs.replace(layout, logo_png=(path.parent / layout.logo).read_bytes())
    except OSError as error:
        raise BadReceiptLayout(
            wording(
                "The receipt layout {name} cannot be read: {reason}. Check the file and its rights.",
                name=str(error.filename or path),
                reason=error.strerror or str(error),
            )
        ) from error


def built_in_layout(paper_mm: int) -> ReceiptLayout:
    """Return the layout that is delivered for a paper width of 58 or 80 mm.

    Raises:
        BadReceiptLayout: if there is none for that paper, or the installation is damaged.
    """
    folder = resources.files("resources") / "receipt_layouts"
    return load_layout(Path(str(folder / f"standard-{paper_mm}.toml")))
