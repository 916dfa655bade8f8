"""The computer's camera: its brightness taken from every kind of picture, and what is said where there is none."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QCameraDevice, QVideoFrame, QVideoFrameFormat

from app.devices.frames import Frame
from app.values.problems import Problem
from ui.camera import CameraFailed, CameraMissing, QtCameraFrames, chosen_camera, chosen_format, grey_frame

PIXELS = QVideoFrameFormat.PixelFormat
WIDTH, HEIGHT = 10, 4

# What Qt says where a computer has no graphics card and no video acceleration; pictures need neither.
pytestmark = pytest.mark.qt_log_ignore("(load|resolve) .*(library|symbols)", "No RHI backend", "FFmpeg version")


def shade(x: int, y: int) -> int:
    return 16 + x * 20 + y


GREY = bytes(shade(x, y) for y in range(HEIGHT) for x in range(WIDTH))


def picture(kind: PIXELS, first: int, step: int) -> QVideoFrame:
    """A picture in memory whose brightness stands where the format says, and 7 everywhere else."""
    made = QVideoFrame(QVideoFrameFormat(QSize(WIDTH, HEIGHT), kind))
    assert made.map(QVideoFrame.MapMode.WriteOnly)
    bits: Any = made.bits(0)
    row = made.bytesPerLine(0)
    bits[:] = bytes([7]) * len(bits)
    for y in range(HEIGHT):
        for x in range(WIDTH):
            bits[y * row + first + x * step] = shade(x, y)
    made.unmap()
    return made


@pytest.mark.parametrize(
    ("kind", "first", "step"),
    [
        (PIXELS.Format_Y8, 0, 1),
        (PIXELS.Format_NV12, 0, 1),
        (PIXELS.Format_NV21, 0, 1),
        (PIXELS.Format_YUV420P, 0, 1),
        (PIXELS.Format_YUYV, 0, 2),
        (PIXELS.Format_UYVY, 1, 2),
    ],
)
def test_the_brightness_is_taken_as_it_is(kind: PIXELS, first: int, step: int) -> None:
    assert grey_frame(picture(kind, first, step)) == Frame(WIDTH, HEIGHT, GREY)


def test_colours_become_shades_of_grey() -> None:
    made = QVideoFrame(QVideoFrameFormat(QSize(3, 1), PIXELS.Format_XRGB8888))
    assert made.map(QVideoFrame.MapMode.WriteOnly)
    bits: Any = made.bits(0)
    bits[:12] = b"\xff\x00\x00\x00\xff\xff\xff\xff\xff\x80\x80\x80"  # black, white, half
    made.unmap()

    grey = grey_frame(made).grey

    assert (grey[0], grey[1]) == (0, 255)
    assert abs(grey[2] - 0x80) <= 2


def test_a_camera_that_sends_jpeg_is_understood() -> None:
    file = BytesIO()
    Image.new("L", (64, 48), 200).save(file, "JPEG")
    data = file.getvalue()
    image = QImage.fromData(data)
    assert not image.isNull()

    frame = grey_frame(QVideoFrame(image))

    assert (frame.width, frame.height) == (64, 48)
    assert all(abs(level - 200) <= 2 for level in frame.grey)


def test_a_picture_that_cannot_be_read_is_a_sentence() -> None:
    with pytest.raises(CameraFailed, match="cannot be read"):
        grey_frame(QVideoFrame())


@pytest.fixture
def camera(qapp: QCoreApplication) -> Iterator[QtCameraFrames]:
    made = QtCameraFrames()
    yield made
    made.close()
    qapp.processEvents()


def looked_from_another_thread(qapp: QCoreApplication, look: Callable[[], object]) -> list[object]:
    """What happened in a scanner's thread, while this one shows windows."""
    seen: list[object] = []

    def work() -> None:
        try:
            seen.append(look())
        except Problem as problem:
            seen.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        qapp.processEvents()
        thread.join(0.005)
    return seen


def no_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without a camera, whatever this one has."""
    from PySide6.QtMultimedia import QCameraDevice, QMediaDevices

    monkeypatch.setattr(QMediaDevices, "videoInputs", staticmethod(list))
    monkeypatch.setattr(QMediaDevices, "defaultVideoInput", staticmethod(QCameraDevice))


def test_where_there_is_no_camera_the_sentence_says_so(
    camera: QtCameraFrames, qapp: QCoreApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_cameras(monkeypatch)

    def look() -> object:
        camera.open()
        return camera.next_frame(10.0)

    (problem,) = looked_from_another_thread(qapp, look)

    assert isinstance(problem, CameraMissing)
    assert "There is no camera at this computer." in str(problem)


def test_a_camera_of_another_name_is_not_taken(qapp: QCoreApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    no_cameras(monkeypatch)
    camera = QtCameraFrames("Overhead")

    def look() -> object:
        camera.open()
        return camera.next_frame(10.0)

    (problem,) = looked_from_another_thread(qapp, look)

    assert "There is no camera Overhead." in str(problem)
    camera.close()
    qapp.processEvents()


def test_the_scanners_thread_never_waits_for_the_windows(camera: QtCameraFrames) -> None:
    # No events are processed here, as when the windows' thread waits for the scanner's to end.
    camera.open()
    assert camera.next_frame(0.0) is None
    camera.close()


def test_only_the_newest_picture_is_kept(camera: QtCameraFrames) -> None:
    camera.open()
    for kind in (PIXELS.Format_Y8, PIXELS.Format_UYVY):
        camera._take(picture(kind, *((0, 1) if kind is PIXELS.Format_Y8 else (1, 2))))

    assert camera.next_frame(0.0) == Frame(WIDTH, HEIGHT, GREY)
    assert camera.next_frame(0.0) is None


def test_pictures_that_come_after_closing_are_dropped(camera: QtCameraFrames) -> None:
    camera.open()
    camera.close()
    camera._take(picture(PIXELS.Format_Y8, 0, 1))

    assert camera.next_frame(0.0) is None


def test_what_the_camera_sends_reaches_the_scanners_thread_and_stops_when_it_is_closed(
    camera: QtCameraFrames, qapp: QCoreApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A camera without a device behind it: everything of Qt is real, but the pictures are put into its sink here.
    monkeypatch.setattr("ui.camera.chosen_camera", lambda cameras, default, name: QCameraDevice())
    camera.open()
    for _ in range(200):
        qapp.processEvents()
        if camera._sink is not None:
            break
    assert camera._sink is not None
    camera._problem = None  # it says that it has no device
    camera._sink.setVideoFrame(picture(PIXELS.Format_NV12, 0, 1))

    assert looked_from_another_thread(qapp, lambda: camera.next_frame(10.0)) == [Frame(WIDTH, HEIGHT, GREY)]
    camera.close()
    qapp.processEvents()
    stopped = camera._sink
    assert stopped is None


def test_a_camera_that_fails_is_told_with_its_reason(camera: QtCameraFrames) -> None:
    camera.open()
    camera._failed(None, "Device busy")

    with pytest.raises(CameraFailed, match="Device busy"):
        camera.next_frame(0.0)


def test_a_camera_that_failed_may_be_opened_again(camera: QtCameraFrames) -> None:
    camera.open()
    camera._failed(None, "Device busy")
    camera.close()
    camera.open()
    camera._take(picture(PIXELS.Format_Y8, 0, 1))

    assert camera.next_frame(0.0) == Frame(WIDTH, HEIGHT, GREY)


class Device:
    def __init__(self, name: str) -> None:
        self.name = name

    def description(self) -> str:
        return self.name

    def isNull(self) -> bool:  # noqa: N802 - Qt names it
        return not self.name


def device(name: str) -> Any:
    return Device(name)


def test_a_camera_is_chosen_by_a_part_of_its_name_or_by_default() -> None:
    front, top = device("Integrated Camera"), device("USB Overhead 2K")

    assert chosen_camera([front, top], front, "overhead") == top
    assert chosen_camera([front, top], front, "") == front
    assert chosen_camera([front, top], front, "third") is None
    assert chosen_camera([], device(""), "") is None


class Format:
    def __init__(self, width: int, rate: float) -> None:
        self.width, self.rate = width, rate

    def resolution(self) -> QSize:
        return QSize(self.width, self.width * 9 // 16)

    def maxFrameRate(self) -> float:  # noqa: N802 - Qt names it
        return self.rate


def video(width: int, rate: float) -> Any:
    return Format(width, rate)


def test_a_fluent_picture_of_about_1280_pixels_is_asked_for() -> None:
    slow, small, right, huge = video(1280, 5), video(640, 60), video(1280, 30), video(3840, 30)

    assert chosen_format([slow, small, right, huge]) == right
    assert chosen_format([slow]) == slow
    assert chosen_format([]) is None


def test_a_till_without_a_camera_never_loads_the_multimedia_library() -> None:
    code = "import ui.camera, sys; sys.exit(any('QtMultimedia' in name for name in sys.modules))"
    root = Path(__file__).resolve().parents[3]

    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False, timeout=60).returncode == 0
