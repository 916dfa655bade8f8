"""The computer's camera as a source of pictures in which codes are looked for.

Qt Multimedia is imported with the first use: a till without a camera never loads it. The camera lives in the thread of
the windows; who looks for codes has a thread of its own, asks there for the newest picture and does all the work on it.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from app.devices.frames import Frame
from app.values.problems import Problem
from app.values.wording import wording

if TYPE_CHECKING:
    from PySide6.QtMultimedia import (
        QCamera,
        QCameraDevice,
        QCameraFormat,
        QMediaCaptureSession,
        QVideoFrame,
        QVideoSink,
    )

WIDTH_PX: Final = 1280
"""The width asked of the camera: enough for an EAN-13 at arm's length, and read in a few milliseconds."""

_LEAST_FRAMES_PER_S: Final = 15


class CameraMissing(Problem):
    """Raised when there is no camera, or none of the name that is set."""

    code = "CAMERA-MISSING"


class CameraForbidden(Problem):
    """Raised when the system does not let the till use the camera."""

    code = "CAMERA-FORBIDDEN"


class CameraFailed(Problem):
    """Raised when the camera stopped by a fault of its own."""

    code = "CAMERA-FAILED"


class QtCameraFrames(QObject):
    """A `FrameSource` over a camera of this computer; made in the thread of the windows, used from one other."""

    _opening = Signal()
    _closing = Signal()

    def __init__(self, name: str = "", parent: QObject | None = None) -> None:
        """Choose a camera by its name or a part of it; empty for the computer's default one. Nothing is opened yet."""
        super().__init__(parent)
        self._name = name
        self._changed = threading.Condition()
        self._newest: QVideoFrame | None = None
        self._problem: Problem | None = None
        self._wanted = False
        self._camera: QCamera | None = None
        self._session: QMediaCaptureSession | None = None
        self._sink: QVideoSink | None = None
        self._devices: Any = None
        self._opening.connect(self._start, Qt.ConnectionType.QueuedConnection)
        self._closing.connect(self._stop, Qt.ConnectionType.QueuedConnection)

    @classmethod
    def for_windows(cls, name: str = "") -> "QtCameraFrames":
        """Make one on any thread; it lives in that of the windows."""
        made = cls(name)
        application = QCoreApplication.instance()
        if application is not None:
            made.moveToThread(application.thread())
        return made

    # What the thread that looks for codes calls.

    def open(self) -> None:
        """Ask for pictures and return at once; what is wrong is told by `next_frame`."""
        with self._changed:
            if self._wanted:
                return
            self._wanted = True
            self._newest = self._problem = None
        self._opening.emit()

    def next_frame(self, timeout_s: float) -> Frame | None:
        """Return the newest picture that was not returned before; None where none came within the time.

        Raises:
            CameraMissing: if there is no such camera.
            CameraForbidden: if the till may not use it.
            CameraFailed: if it stopped, or gave a picture that cannot be read.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._problem is not None, timeout_s)
            if self._problem is not None:
                raise self._problem
            picture, self._newest = self._newest, None
        return grey_frame(picture) if picture is not None else None

    def close(self) -> None:
        """Ask for no more pictures and return at once."""
        with self._changed:
            self._wanted = False
            self._newest = None
        # Where the windows are gone already, so is the camera.
        if QCoreApplication.instance() is not None:
            self._closing.emit()

    # What happens in the thread of the windows.

    @Slot()
    def _start(self) -> None:
        if not self._wanted or self._camera is not None:
            return
        self._when_permitted(self._start_camera)

    def _when_permitted(self, go_on: Callable[[], None]) -> None:
        application = QCoreApplication.instance()
        if application is None:
            return
        permission = QCameraPermission()
        match application.checkPermission(permission):
            case Qt.PermissionStatus.Granted:
                go_on()
            case Qt.PermissionStatus.Undetermined:
                application.requestPermission(permission, self, self._permission_answered)
            case _:
                self._fail(_forbidden())

    def _permission_answered(self, permission: QCameraPermission) -> None:
        application = QCoreApplication.instance()
        if application is None or not self._wanted or self._camera is not None:
            return
        if application.checkPermission(permission) is Qt.PermissionStatus.Granted:
            self._start_camera()
        else:
            self._fail(_forbidden())

    def _start_camera(self) -> None:
        try:
            from PySide6.QtMultimedia import QCamera, QMediaCaptureSession, QMediaDevices, QVideoSink
        except ImportError as error:
            self._fail(
                CameraFailed(
                    wording(
                        "Cameras cannot be used here ({reason}). Install the system's multimedia libraries.",
                        reason=str(error)[:200],
                    )
                )
            )
            return
        if self._devices is None:
            self._devices = QMediaDevices(self)
            self._devices.videoInputsChanged.connect(self._look_whether_gone)
        device = chosen_camera(QMediaDevices.videoInputs(), QMediaDevices.defaultVideoInput(), self._name)
        if device is None:
            self._fail(self._missing())
            return
        self._camera = QCamera(device, self)
        if (chosen := chosen_format(device.videoFormats())) is not None:
            self._camera.setCameraFormat(chosen)
        self._sink = QVideoSink(self)
        self._session = QMediaCaptureSession(self)
        self._session.setCamera(self._camera)
        self._session.setVideoSink(self._sink)
        # Direct: on whichever thread the picture comes, nothing is done but put it into the one slot.
        self._sink.videoFrameChanged.connect(self._take, Qt.ConnectionType.DirectConnection)
        self._camera.errorOccurred.connect(self._failed)
        self._camera.start()

    @Slot()
    def _stop(self) -> None:
        camera, sink, session = self._camera, self._sink, self._session
        self._camera = self._sink = self._session = None
        if camera is not None:
            camera.stop()
        for thing in (session, sink, camera):
            if thing is not None:
                thing.deleteLater()
        if self._wanted:
            self._start()

    def _take(self, picture: "QVideoFrame") -> None:
        if not picture.isValid():
            return
        with self._changed:
            if self._wanted:
                # A picture nobody looked at is dropped here: the newest only.
                self._newest = picture
                self._changed.notify_all()

    def _failed(self, _: object, reason: str) -> None:
        self._fail(
            CameraFailed(
                wording(
                    "The camera stopped ({reason}). Check its cable, and close other programs that use it.",
                    reason=reason[:200],
                )
            )
        )

    def _look_whether_gone(self) -> None:
        from PySide6.QtMultimedia import QMediaDevices

        if self._camera is not None and self._camera.cameraDevice() not in QMediaDevices.videoInputs():
            self._fail(self._missing())

    def _missing(self) -> CameraMissing:
        if self._name:
            return CameraMissing(
                wording("There is no camera {name}. Plug it in, or choose another in the settings.", name=self._name)
            )
        return CameraMissing(wording("There is no camera at this computer. Plug one in, or use a scanner."))

    def _fail(self, problem: Problem) -> None:
        with self._changed:
            self._problem = problem
            self._newest = None
            self._changed.notify_all()


def _forbidden() -> CameraForbidden:
    return CameraForbidden(
        wording(
            "The till may not use the camera. Allow it in the system's privacy settings, then start the till again."
        )
    )


def chosen_camera(cameras: "list[QCameraDevice]", default: "QCameraDevice", name: str) -> "QCameraDevice | None":
    """Return the camera whose name contains this one, whatever its case; the default one for an empty name."""
    if not name:
        return None if default.isNull() else default
    wanted = name.casefold()
    return next((camera for camera in cameras if wanted in camera.description().casefold()), None)


def chosen_format(formats: "list[QCameraFormat]") -> "QCameraFormat | None":
    """Return the fluent format whose width is nearest to 1280; None where the camera names none."""
    fluent = [one for one in formats if one.maxFrameRate() >= _LEAST_FRAMES_PER_S] or formats
    return min(
        fluent,
        key=lambda one: (abs(one.resolution().width() - WIDTH_PX), -one.maxFrameRate()),
        default=None,
    )


def grey_frame(picture: "QVideoFrame") -> Frame:
    """Return a camera's picture in shades of grey; for most cameras that is a part of it, copied as it is.

    Raises:
        CameraFailed: if it cannot be read.
    """
    from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

    kinds = QVideoFrameFormat.PixelFormat
    # Where the brightness stands: the first byte of it in a row, and how many bytes from one pixel to the next.
    layout = {
        kinds.Format_Y8: (0, 1),
        kinds.Format_NV12: (0, 1),
        kinds.Format_NV21: (0, 1),
        kinds.Format_YUV420P: (0, 1),
        kinds.Format_YV12: (0, 1),
        kinds.Format_YUV422P: (0, 1),
        kinds.Format_YUYV: (0, 2),
        kinds.Format_UYVY: (1, 2),
    }.get(picture.pixelFormat())
    if layout is None:
        return _grey_by_image(picture.toImage())
    if not picture.map(QVideoFrame.MapMode.ReadOnly):
        raise _unreadable()
    try:
        rows = bytes(picture.bits(0))
        return Frame(
            picture.width(),
            picture.height(),
            _luma(rows, picture.bytesPerLine(0), (picture.width(), picture.height()), layout),
        )
    finally:
        picture.unmap()


def _luma(rows: bytes, row_bytes: int, size: tuple[int, int], layout: tuple[int, int]) -> bytes:
    """Return one byte for each pixel, without what stands between pixels and behind rows."""
    (width, height), (first, step) = size, layout
    if step == 1 and row_bytes == width:
        return rows[: width * height]
    used = width * step
    return b"".join(rows[start + first : start + used : step] for start in range(0, height * row_bytes, row_bytes))


def _grey_by_image(image: QImage) -> Frame:
    if image.isNull():
        raise _unreadable()
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    size = (grey.width(), grey.height())
    return Frame(*size, _luma(bytes(grey.constBits()), grey.bytesPerLine(), size, (0, 1)))


def _unreadable() -> CameraFailed:
    return CameraFailed(wording("The camera's pictures cannot be read. Unplug it and plug it in again."))
