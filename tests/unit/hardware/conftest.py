"""The small shop's sales for tests of printers."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

_TESTS = next(folder for folder in Path(__file__).parents if folder.name == "tests")


@pytest.fixture(scope="session")
def samples() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(_TESTS / "unit/app/sales/receipt_samples.py")))
