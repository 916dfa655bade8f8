"""Product pictures: drawn once from their files at the resolution of the screen, and kept while there is room."""

from collections import OrderedDict, deque
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImageReader, QPainter, QPixmap

_KEEP: Final = 256
_LARGEST_FILE_BYTES: Final = 2_000_000
_SUFFIXES: Final = (".svg", ".png", ".jpg", ".webp")

_Key = tuple[str, int, int, int]


class PictureSource(QObject):
    """Gives pictures by name. What is not drawn yet comes later: `ready` names it, until then a tile stands in."""

    ready = Signal(str)

    def __init__(self, folder: Path | None) -> None:
        """Take the folder of the pictures; None: there are none."""
        super().__init__()
        self._folder = folder.resolve() if folder is not None else None
        self._made: OrderedDict[_Key, QPixmap | None] = OrderedDict()
        self._wanted: deque[_Key] = deque()
        # One picture for each turn of the event loop, so that a page of new keys never holds a scan up.
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._draw_next)

    @property
    def busy(self) -> bool:
        """Whether pictures are still to be drawn."""
        return bool(self._wanted)

    def picture(self, name: str, size: QSize, ratio: float = 1.0) -> QPixmap | None:
        """Return a picture that fits a size, or None where there is none or not yet."""
        if not name or self._folder is None or size.isEmpty():
            return None
        key = (name, size.width(), size.height(), round(ratio * 100))
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        if key not in self._wanted:
            self._wanted.append(key)
            self._timer.start()
        return None

    def _draw_next(self) -> None:
        if not self._wanted:
            self._timer.stop()
            return
        key = self._wanted.popleft()
        self._made[key] = self._draw(key)
        while len(self._made) > _KEEP:
            self._made.popitem(last=False)
        if self._made[key] is not None:
            self.ready.emit(key[0])

    def _draw(self, key: _Key) -> QPixmap | None:
        name, width, height, hundredths = key
        path = self._find(name)
        if path is None:
            return None
        ratio = hundredths / 100
        target = QSize(round(width * ratio), round(height * ratio))
        made = _draw_svg(path, target) if path.suffix == ".svg" else _read_image(path, target)
        if made is not None:
            made.setDevicePixelRatio(ratio)
        return made

    def _find(self, name: str) -> Path | None:
        if self._folder is None:
            return None
        for suffix in _SUFFIXES:
            path = (self._folder / f"{name}{suffix}").resolve()
            # A product file comes from outside: its picture name must not lead out of the folder.
            if path.is_relative_to(self._folder) and path.is_file() and path.stat().st_size <= _LARGEST_FILE_BYTES:
                return path
        return None


def _draw_svg(path: Path, target: QSize) -> QPixmap | None:
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(QByteArray(path.read_bytes()))
    if not renderer.isValid():
        return None
    natural = renderer.defaultSize()
    fitted = natural.scaled(target, Qt.AspectRatioMode.KeepAspectRatio) if not natural.isEmpty() else target
    made = QPixmap(target)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    left, top = (target.width() - fitted.width()) / 2, (target.height() - fitted.height()) / 2
    renderer.render(painter, QRectF(left, top, fitted.width(), fitted.height()))
    painter.end()
    return made


def _read_image(path: Path, target: QSize) -> QPixmap | None:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    natural = reader.size()
    if natural.isValid():
        reader.setScaledSize(natural.scaled(target, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else QPixmap.fromImage(image)
