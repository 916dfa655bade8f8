"""A font for drawn receipts, and a reader for the codes on them."""

from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image

from hardware.printers.fonts import CellFont, NoChineseFont, installed_font


@pytest.fixture(scope="session")
def font() -> CellFont:
    try:
        return installed_font()
    except NoChineseFont as problem:
        pytest.skip(str(problem.sentence))


@pytest.fixture(scope="session")
def read_codes() -> Callable[[Image.Image], set[tuple[str, str]]]:
    def read(picture: Image.Image) -> set[tuple[str, str]]:
        return {
            (str(code.format).removeprefix("BarcodeFormat."), code.text) for code in zxingcpp.read_barcodes(picture)
        }

    return read
