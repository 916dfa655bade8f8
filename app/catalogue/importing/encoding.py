"""Finds out in which encoding a text file of a shop is: a byte order mark, else what all of its bytes agree with."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from app.catalogue.importing.problems import UnknownEncoding, unreadable
from app.values.wording import wording

BLOCK = 1 << 18

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

READ_ERRORS = (OSError, EOFError, zlib.error)
"""What a damaged or vanished file raises while it is read."""


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, unpacking it where its name ends in `.gz`.

    Raises:
        UnreadableFile: if it cannot be opened.
    """
    try:
        if path.suffix.lower() == ".gz":
            return cast("BinaryIO", gzip.open(path, "rb"))
        return path.open("rb")
    except OSError as error:
        raise unreadable(path.name, str(error.strerror or error)) from error


def detect_encoding(path: Path) -> str:
    """Return the codec of a text file: UTF-8, UTF-16 or GB18030 (which GBK and GB2312 are part of).

    UTF-8 is tried first, since text in GB18030 is practically never valid UTF-8, while the reverse is common.

    Raises:
        UnknownEncoding: if it is none of these.
        UnreadableFile: if it cannot be read, or is packed and damaged.
    """
    try:
        with open_bytes(path) as file:
            head = file.read(4096)
    except READ_ERRORS as error:
        raise unreadable(path.name, str(error)) from error
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return _confirmed(path, (codec,))
    if b"\0" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        return _confirmed(path, ("utf-16-le",) if odd > even else ("utf-16-be",))
    return _confirmed(path, ("utf-8", "gb18030"))


def _confirmed(path: Path, codecs_to_try: tuple[str, ...]) -> str:
    for codec in codecs_to_try:
        try:
            if _decodes(path, codec):
                return codec
        except READ_ERRORS as error:
            raise unreadable(path.name, str(error)) from error
    raise UnknownEncoding(
        wording(
            "The text of {name} is in an encoding that is not known here. Save it as UTF-8 and try again.",
            name=path.name,
        )
    )


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        for block in _blocks(path):
            if _is_binary(decoder.decode(block)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_binary(text: str) -> bool:
    """Whether a decoded block holds what no table holds: picture and program files pass for GB18030 otherwise."""
    return "\0" in text


def _blocks(path: Path) -> Iterator[bytes]:
    with open_bytes(path) as file:
        while block := file.read(BLOCK):
            yield block
