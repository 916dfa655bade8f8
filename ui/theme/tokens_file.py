"""Reads the tokens file as it is: all that the first paint needs, without a class to be made for it."""

import os.path
import tomllib
from functools import cache
from typing import Any, Final

_ROOT: Final = __file__.rsplit(os.path.sep, 3)[0]
TOKENS_FILE: Final = os.path.join(_ROOT, "resources", "theme", "tokens.toml")  # noqa: PTH118 - pathlib delays the paint


@cache
def read_tokens() -> dict[str, Any]:
    """Return the tables of the tokens file."""
    with open(TOKENS_FILE, "rb") as file:  # noqa: PTH123 - pathlib delays the first paint
        return tomllib.load(file)
