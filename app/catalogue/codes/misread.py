"""Why a code cannot be used, as the sentences that the person who scanned is told."""

from typing import Final

from app.values.problems import Problem
from app.values.wording import wording


class Misread(Problem):
    """Raised inside this package when data is not what it seemed; the reader turns it into an `UnknownCode`."""

    code = "MISREAD"


NOT_READ_RIGHT: Final = wording("The barcode was not read right. Scan it again or key it in.")
NOTHING_READ: Final = wording("Nothing was read. Scan the code again.")
TOO_LONG: Final = wording("This code is too long to be one of this shop's. Scan the product's own barcode.")
DAMAGED: Final = wording("The code holds characters that no barcode has. Scan it again or key it in.")
ONLY_ADD_ON: Final = wording("Only the small barcode at the side was read. Scan the large one.")
MEANS_NOTHING: Final = wording("This code means nothing here. Look the product up by name or ask a colleague.")
HOLDS_TEXT: Final = wording("This code holds a text, not a product. Scan the product's own barcode.")
WEB_ADDRESS: Final = wording("This code is a web address, not a product. Scan the product's own barcode.")
BANK_CARD: Final = wording("This is the number of a bank card. Take the card at the card terminal instead.")
UNREADABLE_LABEL: Final = wording("This GS1 label is not written as it should be. Key in the number under the barcode.")
RUNS_TOGETHER: Final = wording(
    "On this GS1 label two entries run together, so neither is sure. Key in the number under the barcode."
)
CONTRADICTS: Final = wording("This GS1 label contradicts itself. Key in the number under the barcode.")
NO_PRODUCT_ON_LABEL: Final = wording("This barcode names no product. Scan the other barcode on the label.")
