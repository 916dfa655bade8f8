"""Codes before a camera: found small and large, reported once, and a camera that goes and comes back."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from app.devices.frames import Frame
from app.values.clock import FixedClock
from app.values.wording import wording
from hardware.scanners.camera import WANTED, CameraScanner, FrameSearch, reader_for
from hardware.scanners.frames import FolderFrames, NoPictures
from hardware.scanners.pictures import PictureReaderMissing, PictureUnreadable, ReadCode
from hardware.scanners.readings import CodeRead, GoodRead, ScannerEvent
from hardware.scanners.worker import ScannerWorker
from hardware.transport import DeviceAway
from hardware.worker import DeviceState, Patience, StatusUpdate

MILK, EGGS, LINK = "6901234567892", "96385074", "https://id.gs1.org/01/09506000134352"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def drawn(text: str, symbology: str, scale: int) -> Image.Image:
    format_ = zxingcpp.barcode_formats_list(zxingcpp.barcode_formats_from_str(symbology))[0]
    code = Image.fromarray(zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, format_), scale=scale))
    paper = Image.new("L", (1280, 720), 210)
    paper.paste(code.convert("L"), (440, 200))
    return paper


def frame_of(picture: Image.Image) -> Frame:
    return Frame(picture.width, picture.height, picture.tobytes())


BLANK = Frame(640, 480, bytes([200]) * (640 * 480))
MILK_FRAME = frame_of(drawn(MILK, "EAN13", 4))
EGGS_FRAME = frame_of(drawn(EGGS, "EAN8", 4))


@pytest.mark.parametrize(
    ("text", "symbology", "aim"), [(MILK, "EAN13", "]E0"), (EGGS, "EAN8", "]E4"), ("R00010201000123", "Code128", "]C0")]
)
def test_a_large_code_of_bars_is_found_in_the_first_picture(text: str, symbology: str, aim: str) -> None:
    assert FrameSearch(reader_for()).reads(frame_of(drawn(text, symbology, 4))) == (GoodRead(text, aim),)


def test_a_payment_code_on_a_phone_is_found_in_the_first_picture() -> None:
    assert FrameSearch(reader_for()).reads(frame_of(drawn(LINK, "QRCode", 6))) == (GoodRead(LINK, "]Q1"),)


def test_a_small_code_is_found_within_three_pictures() -> None:
    search = FrameSearch(reader_for())
    small = frame_of(drawn(MILK, "EAN13", 1))  # bars of one pixel: gone in a picture half as large

    assert [search.reads(small) for _ in range(3)] == [(), (), (GoodRead(MILK, "]E0"),)]


def test_a_code_that_lies_diagonally_is_found_within_three_pictures() -> None:
    search = FrameSearch(reader_for())
    turned = frame_of(drawn(EGGS, "EAN8", 4).rotate(45, Image.Resampling.BICUBIC, fillcolor=210))

    assert GoodRead(EGGS, "]E4") in {read for _ in range(3) for read in search.reads(turned)}


def test_a_picture_without_a_code_gives_none() -> None:
    search = FrameSearch(reader_for())

    assert [search.reads(BLANK) for _ in range(3)] == [(), (), ()]
    assert search.reads(Frame(1, 1, b"\0")) == ()


class Misreader:
    """Reads something else each time, as happens with a blurred code at the edge of what can be read."""

    name = "misreader"

    def __init__(self, *results: tuple[str, str] | None) -> None:
        self._results = list(results)

    def read(self, image: Image.Image) -> tuple[ReadCode, ...]:
        result = self._results.pop(0)
        return () if result is None else (ReadCode(*result, "name", ((10, 10), (90, 10), (90, 40), (10, 40))),)


def test_bars_read_once_are_not_believed() -> None:
    # Half a picture and a close look, which differ; then a turned picture and its second look; and nothing.
    search = FrameSearch(
        Misreader((MILK, "]E0"), ("6901234567915", "]E0"), None, ("2012345000006", "]E0"), None, None, None)
    )

    assert [search.reads(BLANK) for _ in range(3)] == [(), (), ()]


def test_bars_read_alike_in_two_pictures_are_believed() -> None:
    search = FrameSearch(Misreader((MILK, "]E0"), None, (MILK, "]E0"), None))

    assert [search.reads(BLANK) for _ in range(2)] == [(), (GoodRead(MILK, "]E0"),)]


def test_a_qr_code_corrects_its_own_errors_and_is_believed_at_once() -> None:
    assert FrameSearch(Misreader((LINK, "]Q1"))).reads(BLANK) == (GoodRead(LINK, "]Q1"),)


def test_what_is_not_wanted_is_not_looked_for() -> None:
    data_matrix = frame_of(drawn("ABC", "DataMatrix", 8))

    assert FrameSearch(reader_for(WANTED)).reads(data_matrix) == ()
    assert FrameSearch(reader_for(("data-matrix",))).reads(data_matrix) == (GoodRead("ABC", "]d1"),)


def test_the_second_library_stands_in_and_says_what_it_cannot_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "zxingcpp", None)

    assert FrameSearch(reader_for()).reads(MILK_FRAME) == (GoodRead(MILK, "]E0"),)
    with pytest.raises(PictureReaderMissing, match="none of the kinds"):
        reader_for(("data-matrix",))


class Camera:
    """A camera in the hand of a test: pictures are put before it one by one, and its cable can be pulled."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._picture: Frame | None = None
        self.plugged_in = True
        self.opened = 0

    def show(self, picture: Frame) -> None:
        with self._changed:
            self._picture = picture
            self._changed.notify_all()

    def open(self) -> None:
        self.opened += 1

    def next_frame(self, timeout_s: float) -> Frame | None:
        with self._changed:
            if not self.plugged_in:
                raise DeviceAway(wording("The camera is gone."))
            self._changed.wait_for(lambda: self._picture is not None, timeout_s)
            picture, self._picture = self._picture, None
            return picture

    def close(self) -> None:
        self._picture = None


class Seconds:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_code_that_stays_in_sight_is_read_once_and_again_when_it_comes_back() -> None:
    camera, seconds = Camera(), Seconds()
    driver = CameraScanner(camera, monotonic_s=seconds)
    driver.open()
    found = []
    # In sight for 1.2 s, out of sight for 0.9 s (too short), in sight, out of sight for 1.1 s, in sight.
    for after_s, picture in [
        *[(0.3, MILK_FRAME)] * 5,
        (0.9, MILK_FRAME),
        (0.5, BLANK),
        (0.6, MILK_FRAME),
        (0.1, EGGS_FRAME),
    ]:
        seconds.now_s += after_s
        camera.show(picture)
        found.append([read.data for read in driver.listen(0.0) if isinstance(read, GoodRead)])

    assert found == [[MILK], [], [], [], [], [], [], [MILK], [EGGS]]


def test_a_camera_that_gives_no_pictures_is_away() -> None:
    camera, seconds = Camera(), Seconds()
    driver = CameraScanner(camera, monotonic_s=seconds)
    driver.open()
    assert driver.listen(0.0) == ()
    assert not driver.ready
    seconds.now_s += 1.6

    with pytest.raises(DeviceAway, match="gives no pictures"):
        driver.listen(0.0)


class Heard:
    def __init__(self) -> None:
        self.events: list[ScannerEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: ScannerEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_until(self, happened: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(happened, 15.0), self.events

    def codes(self) -> list[str]:
        return [event.scanned.data for event in self.events if isinstance(event, CodeRead)]

    def states(self) -> list[DeviceState]:
        return [event.state for event in self.events if isinstance(event, StatusUpdate)]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def start(heard: Heard) -> Iterator[Callable[[CameraScanner], ScannerWorker]]:
    started = []

    def make(driver: CameraScanner) -> ScannerWorker:
        quick = Patience(first_retry_s=0.02, longest_retry_s=0.05)
        worker = ScannerWorker(driver, heard, clock=FixedClock(NOON), device="camera", patience=quick)
        worker.start()
        started.append(worker)
        return worker

    yield make
    for worker in started:
        assert worker.close(5.0)


def test_a_camera_that_is_unplugged_is_away_and_comes_back_by_itself(
    heard: Heard, start: Callable[[CameraScanner], ScannerWorker]
) -> None:
    camera = Camera()
    start(CameraScanner(camera))
    camera.show(MILK_FRAME)
    heard.wait_until(lambda: heard.codes() == [MILK])
    camera.plugged_in = False
    heard.wait_until(lambda: heard.states() == [DeviceState.READY, DeviceState.AWAY])
    camera.plugged_in = True
    camera.show(EGGS_FRAME)
    heard.wait_until(lambda: camera.opened > 1)
    camera.show(EGGS_FRAME)
    heard.wait_until(lambda: heard.codes() == [MILK, EGGS])

    assert heard.states() == [DeviceState.READY, DeviceState.AWAY, DeviceState.READY]
    assert all(event.device == "camera" for event in heard.events)


def test_a_folder_of_pictures_stands_in_for_a_camera(
    tmp_path: Path, heard: Heard, start: Callable[[CameraScanner], ScannerWorker]
) -> None:
    drawn(MILK, "EAN13", 4).save(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(b"no picture")
    drawn(EGGS, "EAN8", 4).save(tmp_path / "3.jpg")
    (tmp_path / "notes.txt").write_text("not shown")
    start(CameraScanner(FolderFrames(tmp_path, 0.0)))

    # The damaged picture is told, and the one after it is shown all the same.
    heard.wait_until(lambda: {MILK, EGGS} <= set(heard.codes()))
    assert DeviceState.AWAY in heard.states()


def test_pictures_that_nobody_looked_at_are_missed(tmp_path: Path) -> None:
    for shade in range(5):
        Image.new("L", (2, 1), shade).save(tmp_path / f"{shade}.png")
    seconds = Seconds()
    source = FolderFrames(tmp_path, 0.5, loop=False, monotonic_s=seconds)
    source.open()
    shown = []
    for after_s in (0.0, 0.0, 0.6, 1.0, 5.0):  # 0, nothing new, 1, 3 (2 was missed), the end
        seconds.now_s += after_s
        frame = source.next_frame(0.0)
        shown.append(frame.grey[0] if frame else None)

    assert shown == [0, None, 1, 3, None]


def test_a_folder_that_is_not_to_be_shown_again_ends(tmp_path: Path) -> None:
    Image.new("L", (2, 1)).save(tmp_path / "only.png")
    once, again = FolderFrames(tmp_path, 0.0, loop=False), FolderFrames(tmp_path, 0.0)
    for source in (once, again):
        source.open()
        assert source.next_frame(0.0) == Frame(2, 1, b"\0\0")

    assert once.next_frame(0.0) is None
    assert again.next_frame(0.0) == Frame(2, 1, b"\0\0")


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoPictures, match="holds no pictures"):
        FolderFrames(tmp_path).open()
    with pytest.raises(NoPictures, match="cannot be read"):
        FolderFrames(tmp_path / "none").open()
    with pytest.raises(NoPictures, match="not open"):
        FolderFrames(tmp_path).next_frame(0.0)
    (tmp_path / "bad.png").write_bytes(b"")
    source = FolderFrames(tmp_path, 0.0)
    source.open()
    with pytest.raises(PictureUnreadable):
        source.next_frame(0.0)


def test_a_picture_whose_pixels_do_not_fill_it_is_a_mistake() -> None:
    for width, height, pixels in ((2, 2, b"\0\0\0"), (0, 0, b""), (-1, -1, b"\0")):
        with pytest.raises(ValueError, match="do not fill"):
            Frame(width, height, pixels)
