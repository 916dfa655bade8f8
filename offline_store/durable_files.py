"""Writes files so that a power cut leaves the old one or the new one, and only their owner reads them."""

import os
import stat
import sys
from pathlib import Path

OWNER_ONLY = 0o600
PIECE_BYTES = 1 << 20


def flush_folder(folder: Path) -> None:
    """Make names in a folder durable: on POSIX a rename is only safe once its folder is flushed."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_file(path: Path) -> None:
    """Make what a file holds durable."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_again(path: Path) -> None:
    """Make what a file holds durable after a flush of it failed.

    The system may then take the pages for written that are not, and a second flush would pass them over; so they are
    written once more, each with what it holds. A file that is gone has nothing to write.

    Raises:
        OSError: the disk failed.
    """
    try:
        file = path.open("r+b", buffering=0)
    except FileNotFoundError:
        return
    with file:
        place = 0
        while piece := file.read(PIECE_BYTES):
            file.seek(place)
            place += file.write(piece)
            file.seek(place)
        os.fsync(file.fileno())
    flush_folder(path.parent)


def put_in_place(made: Path, target: Path) -> None:
    """Give a finished file its name, whole and durable."""
    flush_file(made)
    made.replace(target)
    flush_folder(target.parent)


def write_whole(target: Path, data: bytes) -> None:
    """Write a file that only its owner may read: all of it or, after a crash, what was there before.

    Raises:
        OSError: the disk failed or is full; the file is as it was.
    """
    made = target.with_name(f".{target.name}.new")
    made.unlink(missing_ok=True)
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        put_in_place(made, target)
    finally:
        made.unlink(missing_ok=True)


def others_may_read(path: Path) -> bool:
    """Return whether anyone but the owner may touch a file."""
    if sys.platform == "win32":
        # Mode bits say nothing there; `keys` keeps no key in a file on Windows.
        return True
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
