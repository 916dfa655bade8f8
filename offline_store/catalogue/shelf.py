"""The folder a till's catalogues lie in: finished files, and one small pointer that says which is sold from.

A finished file never changes. Publishing checks a file, moves it in under the name of its digest and replaces the
pointer in one step; a till that sells from the old file goes on until it looks at the pointer again. The file before
the present one stays, so that there is something to sell from when the present one turns out damaged.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from app.values.clock import write_instant
from app.values.problems import Problem
from app.values.wording import wording
from offline_store.catalogue.build import removed_on_failure
from offline_store.catalogue.file import CatalogueFile, damaged
from offline_store.catalogue.folder_lock import held_lock
from offline_store.catalogue.problems import CatalogueDamaged, CatalogueFormat, NoCatalogue

POINTER = "current.json"
DIGESTED_BYTES = 1 << 22
_LOCK = "shelf.lock"
_STAGING = "staging-"


class ShelfEntry(msgspec.Struct, frozen=True):
    """A file as the pointer names it."""

    name: str
    sha256: str
    size: int
    published_at: str


class ShelfPointer(msgspec.Struct, frozen=True):
    """What the pointer file holds."""

    current: ShelfEntry
    previous: ShelfEntry | None = None


@dataclass(frozen=True, slots=True)
class OpenedCatalogue:
    """An open file, and what was wrong where it is not the one that should be open."""

    file: CatalogueFile
    problem: Problem | None = None
    """Shown to the cashier while an older price book stands in for a damaged one."""


class CatalogueShelf:
    """The catalogues of one till, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        """Use a folder; it is made when something is first put in."""
        self.folder = folder

    def pointer(self) -> ShelfPointer | None:
        """Return what the pointer says, or None where nothing was published yet.

        Raises:
            CatalogueDamaged: if the pointer cannot be read.
        """
        try:
            return msgspec.json.decode((self.folder / POINTER).read_bytes(), type=ShelfPointer)
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
            raise damaged(f"{POINTER}: {error}") from error

    def stamp(self) -> tuple[int, int, int] | None:
        """Return what changes whenever the pointer is replaced, for one look at the folder."""
        try:
            state = (self.folder / POINTER).stat()
        except OSError:
            return None
        return state.st_mtime_ns, state.st_ino, state.st_size

    def open_current(self) -> OpenedCatalogue:
        """Open the catalogue that is sold from, or the one before it where that is damaged or missing.

        Looks at length, head and last row, which takes a few milliseconds; `verify_current` reads every byte.

        Raises:
            NoCatalogue: if nothing was published yet, or neither file can be sold from.
        """
        problem: Problem | None = None
        for entry in self._entries():
            try:
                return OpenedCatalogue(self._open(entry), problem)
            except (CatalogueDamaged, CatalogueFormat) as error:
                problem = problem or _stood_in(error)
        if problem is not None:
            raise NoCatalogue(
                wording("No price book can be read. Import one, or fetch it from headquarters, before selling.")
            ) from problem
        raise NoCatalogue(wording("There is no price book yet. Import one, or fetch it from headquarters."))

    def open_previous(self, error: Problem) -> OpenedCatalogue:
        """Open the catalogue before the present one, which was found damaged while selling.

        Raises:
            NoCatalogue: if there is none that can be sold from.
        """
        entries = self._entries()[1:]
        for entry in entries:
            try:
                return OpenedCatalogue(self._open(entry), _stood_in(error))
            except (CatalogueDamaged, CatalogueFormat):
                continue
        raise NoCatalogue(
            wording("No price book can be read. Import one, or fetch it from headquarters, before selling.")
        ) from error

    def _entries(self) -> list[ShelfEntry]:
        try:
            pointer = self.pointer()
        except CatalogueDamaged:
            return self._entries_without_pointer()
        if pointer is None:
            return self._entries_without_pointer()
        return [entry for entry in (pointer.current, pointer.previous) if entry is not None]

    def _entries_without_pointer(self) -> list[ShelfEntry]:
        """Return the finished files that lie here, the newest first, where a damaged disk took the pointer."""
        files = sorted(self.folder.glob("catalogue-*.db"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return [ShelfEntry(path.name, "", path.stat().st_size, "") for path in files]

    def _open(self, entry: ShelfEntry) -> CatalogueFile:
        path = self.folder / entry.name
        if path.name != entry.name or not path.is_file():
            raise damaged(f"{entry.name} is missing")
        if path.stat().st_size != entry.size:
            raise damaged(f"{entry.name} has {path.stat().st_size} bytes in place of {entry.size}")
        return CatalogueFile(path)

    def verify_current(self) -> None:
        """Read every byte of the present file and compare the digest; takes a second for a million products.

        Raises:
            NoCatalogue: if nothing was published yet.
            CatalogueDamaged: if the file is not what was published.
        """
        pointer = self.pointer()
        if pointer is None:
            raise NoCatalogue(wording("There is no price book yet. Import one, or fetch it from headquarters."))
        self._open(pointer.current).close()
        found = digest_of(self.folder / pointer.current.name)
        if found != pointer.current.sha256:
            raise damaged(f"{pointer.current.name} has digest {found[:12]}")

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Hold the shelf for making a catalogue, and return where; what a killed maker left is removed.

        Raises:
            CatalogueBusy: if another process is making one here.
            CatalogueDisk: if the folder cannot be written to.
        """
        with removed_on_failure():
            self.folder.mkdir(parents=True, exist_ok=True)
            with held_lock(self.folder / _LOCK):
                self._remove_leftovers()
                staging = self.folder / f"{_STAGING}catalogue.db"
                with removed_on_failure(staging):
                    yield staging
                staging.unlink(missing_ok=True)

    def publish(self, path: Path, expected_sha256: str | None = None) -> ShelfEntry:
        """Check a finished file and sell from it; `path` is moved in where it lies on the same disk, else copied.

        Raises:
            CatalogueDamaged: if the digest is not the one expected, or the file does not open.
            CatalogueFormat: if another version of the product made it.
            CatalogueDisk: if the disk is full or fails; what was sold from before is sold from still.
            CatalogueBusy: if another process is making a catalogue here.
        """
        with self.writing():
            return self.publish_held(path, expected_sha256)

    def publish_held(self, path: Path, expected_sha256: str | None = None) -> ShelfEntry:
        """Publish while `writing` is held; see `publish`."""
        with removed_on_failure(self.folder / f"{_STAGING}arriving.db"):
            found = digest_of(path)
            if expected_sha256 is not None and found != expected_sha256.lower():
                raise damaged(f"digest {found[:12]} in place of {expected_sha256[:12]}")
            published_at = _looked_through(path)
            entry = ShelfEntry(f"catalogue-{found[:12]}.db", found, path.stat().st_size, write_instant(published_at))
            before = self._entries()
            self._move_in(path, entry)
            previous = next((old for old in before if old.name != entry.name), None)
            self._point_at(ShelfPointer(entry, previous))
        self.tidy_up()
        return entry

    def _move_in(self, path: Path, entry: ShelfEntry) -> None:
        place = self.folder / entry.name
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        try:
            path.replace(place)
        except OSError:
            # Another disk; or the same book lies here already and is open, which Windows does not let be replaced.
            if place.exists() and digest_of(place) == entry.sha256:
                return
            arriving = self.folder / f"{_STAGING}arriving.db"
            shutil.copyfile(path, arriving)
            with arriving.open("rb+") as file:
                os.fsync(file.fileno())
            if digest_of(arriving) != entry.sha256:
                raise damaged(f"{path.name} changed while it was copied") from None
            arriving.replace(place)

    def _point_at(self, pointer: ShelfPointer) -> None:
        arriving = self.folder / f"{_STAGING}{POINTER}"
        with arriving.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(pointer), indent=2))
            file.flush()
            os.fsync(file.fileno())
        # The catalogue's own name must be on the disk before anything points at it.
        _synchronise_folder(self.folder)
        arriving.replace(self.folder / POINTER)
        _synchronise_folder(self.folder)

    def tidy_up(self) -> list[Path]:
        """Remove files that nothing points at, and return those that are still open elsewhere (Windows keeps them)."""
        named = {entry.name for entry in self._entries()}
        kept = []
        for path in self.folder.glob("catalogue-*.db"):
            if path.name not in named:
                try:
                    path.unlink()
                except PermissionError:
                    kept.append(path)
        return kept

    def _remove_leftovers(self) -> None:
        for path in self.folder.glob(f"{_STAGING}*"):
            path.unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal.

    Raises:
        CatalogueDamaged: if it cannot be read.
    """
    # In large pieces: between two of them this thread holds the interpreter's lock, and a till that sells in another
    # thread waits if the system stops this one just then. The standard library's own pieces are a sixteenth of these.
    piece = memoryview(bytearray(DIGESTED_BYTES))
    digest = sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while length := file.readinto(piece):
                digest.update(piece[:length])
    except OSError as error:
        raise damaged(str(error)) from error
    return digest.hexdigest()


def _looked_through(path: Path) -> datetime:
    file = CatalogueFile(path)
    try:
        return file.published_at()
    finally:
        file.close()


def _stood_in(error: Problem) -> Problem:
    return CatalogueDamaged(
        wording("The newest price book cannot be read, so the one before it is in use. {reason}", reason=error.sentence)
    )


def _synchronise_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk; Windows does that by itself and cannot open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
