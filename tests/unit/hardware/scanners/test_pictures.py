"""Codes found in pictures: drawn here, read back by each library, and files that are none."""

import contextlib
import struct
import sys
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import qrcode
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.catalogue.codes import CodeReader, CodeSettings, Gs1Code, PaymentCode, ProductCode, ReceiptCode
from app.values.wording import wording
from hardware.scanners.pictures import (
    MAXIMUM_BYTES,
    PictureReader,
    PictureReaderMissing,
    PictureUnreadable,
    ReadCode,
    ZbarReader,
    ZxingReader,
    best_available,
    open_picture,
    read_file,
)

BOTH = pytest.mark.parametrize("reader", [ZxingReader(), ZbarReader()], ids=lambda reader: reader.name)
GS1_TEXT = "(01)09506000134352(10)ABC(17)251231"
GS1_DATA = "010950600013435210ABC\x1d17251231"


def drawn(text: str, symbology: str, *, gs1: bool = False, scale: int = 3) -> Image.Image:
    """Draw a code on white paper with a margin, as on a label."""
    format_ = zxingcpp.barcode_formats_list(zxingcpp.barcode_formats_from_str(symbology))[0]
    barcode = zxingcpp.create_barcode(text, format_, gs1=True) if gs1 else zxingcpp.create_barcode(text, format_)
    code = Image.fromarray(zxingcpp.write_barcode_to_image(barcode, scale=scale))
    paper = Image.new("L", (code.width + 60, code.height + 60), 255)
    paper.paste(code, (30, 30))
    return paper


@pytest.fixture
def ean() -> Image.Image:
    return drawn("6901234567892", "EAN13")


@BOTH
@pytest.mark.parametrize(
    ("text", "symbology", "data", "aim"),
    [
        ("6901234567892", "EAN13", "6901234567892", "]E0"),
        ("96385074", "EAN8", "96385074", "]E4"),
        ("042100005264", "UPCA", "0042100005264", "]E0"),
        ("04252614", "UPCE", "0042100005264", "]E0"),  # both expand it, as ISO/IEC 15420 says
        ("0109506000134352", "DataBarOmni", "0109506000134352", "]e0"),
        ("ABC-123", "Code39", "ABC-123", "]A0"),
    ],
)
def test_a_linear_code_is_read_with_its_aim_identifier(
    reader: PictureReader, text: str, symbology: str, data: str, aim: str
) -> None:
    drawing = drawn(text.removeprefix("01") if symbology == "DataBarOmni" else text, symbology)

    (code,) = reader.read(drawing)

    assert (code.data, code.symbology) == (data, aim)
    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in code.corners)
    assert len(code.corners) >= 4


@BOTH
def test_an_itf_14_is_read(reader: PictureReader) -> None:
    (code,) = reader.read(drawn("15400141288763", "ITF14"))

    assert code.data == "15400141288763"
    assert code.symbology in {"]I0", "]I1"}


@BOTH
def test_separators_between_element_strings_are_kept(reader: PictureReader) -> None:
    for symbology in ("Code128", "QRCode"):
        (code,) = reader.read(drawn(GS1_TEXT, symbology, gs1=True))

        assert code.data == GS1_DATA
        meaning = CodeReader(CodeSettings()).read(code.data, code.symbology)
        assert isinstance(meaning, Gs1Code)
        assert (meaning.batch, meaning.expiry) == ("ABC", date(2025, 12, 31))


@pytest.mark.parametrize(
    ("symbology", "aim"), [("Code128", "]C1"), ("DataMatrix", "]d2"), ("QRCode", "]Q3"), ("DataBarExp", "]e0")]
)
def test_zxing_tells_every_gs1_symbology(symbology: str, aim: str) -> None:
    (code,) = ZxingReader().read(drawn(GS1_TEXT, symbology, gs1=True))

    assert (code.data, code.symbology) == (GS1_DATA, aim)


def test_zbar_leaves_out_a_databar_expanded_that_it_reads_wrong() -> None:
    assert ZbarReader().read(drawn(GS1_TEXT, "DataBarExp", gs1=True)) == ()
    (code,) = ZbarReader().read(drawn("(01)95012345678903(3103)000123", "DataBarExp", gs1=True))
    assert code.data == "01950123456789033103000123"


def test_zxing_reads_an_add_on_and_says_so_once() -> None:
    (code,) = ZxingReader().read(drawn("9770317847001 05", "EAN13"))

    assert (code.data, code.symbology) == ("977031784700105", "]E3")
    meaning = CodeReader(CodeSettings()).read(code.data, code.symbology)
    assert isinstance(meaning, ProductCode)
    assert meaning.add_on == "05"


@BOTH
@pytest.mark.parametrize(
    "text", ["https://id.gs1.org/01/09506000134352/10/ABC123?17=251231", "134567890123456789", "欢迎光临", "A" * 300]
)
def test_a_qr_code_drawn_by_another_library_is_read(reader: PictureReader, text: str) -> None:
    code = qrcode.QRCode(box_size=4)
    code.add_data(text)

    (read,) = reader.read(code.make_image().get_image())

    assert read.data == text


@BOTH
def test_a_payment_code_shows_in_no_repr(reader: PictureReader) -> None:
    (code,) = reader.read(drawn("134567890123456789", "Code128"))

    assert isinstance(CodeReader(CodeSettings()).read(code.data, code.symbology), PaymentCode)
    assert "134567890123456789" not in repr(code)


@BOTH
def test_the_barcode_of_a_receipt_opens_its_return(reader: PictureReader) -> None:
    (code,) = reader.read(drawn("R00010201000123", "Code128"))

    meaning = CodeReader(CodeSettings()).read(code.data, code.symbology)
    assert isinstance(meaning, ReceiptCode)
    assert str(meaning.receipt) == "0001-02-1-000123"


@BOTH
def test_several_codes_in_one_picture_are_all_read(reader: PictureReader) -> None:
    paper = Image.new("L", (700, 800), 255)
    paper.paste(drawn("6901234567892", "EAN13"), (0, 0))
    paper.paste(drawn("R00010201000123", "Code128"), (0, 250))
    paper.paste(drawn("https://example.com/", "QRCode"), (0, 500))

    assert {code.data for code in reader.read(paper)} == {"6901234567892", "R00010201000123", "https://example.com/"}


@BOTH
@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_code_that_lies_on_its_side_is_read(reader: PictureReader, angle: int, ean: Image.Image) -> None:
    (code,) = reader.read(ean.rotate(angle, expand=True))

    assert code.data == "6901234567892"


@BOTH
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "YCbCr", "I", "F", "I;16"])
def test_every_kind_of_picture_is_understood(reader: PictureReader, mode: str, ean: Image.Image) -> None:
    picture = ean.convert("I").point(lambda level: level * 256).convert("I;16") if mode == "I;16" else ean.convert(mode)

    (code,) = reader.read(picture)

    assert code.data == "6901234567892"


@BOTH
def test_what_is_transparent_counts_as_paper(reader: PictureReader, ean: Image.Image) -> None:
    picture = Image.new("RGBA", ean.size, (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), mask=ean.point(lambda level: 255 - level))

    (code,) = reader.read(picture)

    assert code.data == "6901234567892"


@BOTH
def test_a_picture_without_a_code_gives_none(reader: PictureReader) -> None:
    assert reader.read(Image.new("L", (300, 200), 255)) == ()
    assert reader.read(Image.new("RGB", (1, 1))) == ()


@pytest.mark.parametrize(("make", "names"), [(ZxingReader, ("QRCode",)), (ZbarReader, ("QRCODE",))])
def test_only_the_wanted_symbologies_are_looked_for(
    make: Callable[[tuple[str, ...]], PictureReader], names: tuple[str, ...], ean: Image.Image
) -> None:
    reader = make(names)

    assert reader.read(ean) == ()
    assert [code.data for code in reader.read(drawn("hello", "QRCode"))] == ["hello"]


@pytest.mark.parametrize("make", [ZxingReader, ZbarReader])
def test_a_symbology_that_nobody_knows_is_a_mistake(make: Callable[[tuple[str, ...]], PictureReader]) -> None:
    with pytest.raises(ValueError, match="Nonsense"):
        make(("Nonsense",))


class EyesClosed:
    """A reader that finds nothing."""

    name = "eyes closed"

    def read(self, image: Image.Image) -> tuple[ReadCode, ...]:
        return ()


def missing(library: str) -> Callable[[], PictureReader]:
    def make() -> PictureReader:
        raise PictureReaderMissing(wording("The library {library} is not here.", library=library))

    return make


def test_zxing_is_taken_where_it_is() -> None:
    assert best_available().name == "zxing-cpp"


def test_the_second_library_stands_in_for_the_first() -> None:
    assert best_available((missing("one"), EyesClosed)).name == "eyes closed"


def test_a_machine_without_zxing_reads_by_zbar(monkeypatch: pytest.MonkeyPatch, ean: Image.Image) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)  # None is Python's own way to say: cannot be imported

    reader = best_available()

    assert reader.name == "zbar"
    assert [code.data for code in reader.read(ean)] == ["6901234567892"]


def test_a_machine_without_either_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    monkeypatch.setitem(sys.modules, "pyzbar", None)

    with pytest.raises(PictureReaderMissing) as nothing:
        best_available()

    assert "zxing-cpp cannot be loaded" in str(nothing.value)
    assert "On Debian install libzbar0." in str(nothing.value)


def test_where_no_library_loads_each_says_why() -> None:
    with pytest.raises(PictureReaderMissing) as nothing:
        best_available((missing("one"), missing("two")))

    sentence = str(nothing.value)
    assert sentence.startswith("Pictures cannot be searched for codes here.")
    assert "The library one is not here. The library two is not here." in sentence


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "webp"])
def test_a_picture_file_is_read(suffix: str, tmp_path: Path, ean: Image.Image) -> None:
    path = tmp_path / f"码 1.{suffix}"
    ean.save(path)

    (code,) = read_file(path)

    assert code.data == "6901234567892"


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose head claims a size that its few bytes do not hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(9_000, 9_000), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 1)])
def test_a_small_file_that_claims_a_huge_picture_is_refused(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_claiming(*size))

    with pytest.raises(PictureUnreadable, match="too large"):
        open_picture(path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(MAXIMUM_BYTES + 1)

    with pytest.raises(PictureUnreadable, match="too large"):
        open_picture(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not a picture"),
        (b"6901234567892\n", "is not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "is not a picture"),
        (png_claiming(100, 100), "may be damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "may be damaged|is not a picture"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_with_a_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(content)

    with pytest.raises(PictureUnreadable, match=sentence):
        open_picture(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureUnreadable, match="There is no file"):
        open_picture(tmp_path / "none.png")
    with pytest.raises(PictureUnreadable, match="cannot be read"):
        open_picture(tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), suffix=st.sampled_from(["png", "jpg", "gif", "bmp", "webp"]))
def test_a_damaged_file_is_read_or_refused(data: st.DataObject, suffix: str, tmp_path: Path, ean: Image.Image) -> None:
    path = tmp_path / f"scan.{suffix}"
    ean.save(path)
    content = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])

    with contextlib.suppress(PictureUnreadable):
        open_picture(path)
