"""How fast the till's camera finds codes, and how many: our policy against zbar looking for everything in every frame.

Each scene is one code before a camera of 1280 x 720, seen in three frames that differ by a slight movement and their
own noise. Ours looks at half of the pixels in each and at all of them in every third, for the four wanted symbologies;
zbar looks at all pixels of all three for every symbology it knows. A scene counts as read when its code was found in
any of the three; codes that were not there are counted too. The two take turns scene by scene; the ratio is of the medians of the time for a scene. Everything
drawn comes from the seed.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import barcode
import qrcode
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.devices.frames import Frame
from hardware.scanners.camera import FrameSearch, reader_for
from hardware.scanners.pictures import PictureReader, ZbarReader

WIDTH, HEIGHT = 1280, 720
KINDS = ("ean13", "ean8", "code128", "qr")
CONDITIONS = ("rotated", "small", "blurred", "noisy", "low_contrast", "hard")
EACH = 3
FRAMES_A_SCENE = 3
SEED = 20261122
_DRAWN_MODULE = 8


@dataclass(frozen=True)
class Scene:
    kind: str
    condition: str
    data: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True)
class Look:
    """How a scene looks; pixels, degrees, shades."""

    module_px: float
    angle: float
    blur_px: float
    noise: int
    dark: int
    light: int


def look_of(condition: str, kind: str, chance: random.Random) -> Look:
    """Draw the ranges of a hand-held product before a till's camera; `hard` has a little of each."""
    wide = 6.0 if kind == "qr" else 3.0
    turn = chance.uniform(-8, 8)
    match condition:
        case "rotated":
            return Look(wide, chance.uniform(-180, 180), 0.6, 6, 20, 235)
        case "small":
            # A bar of 1.3 to 1.7 pixels: a bag of sweets held far away.
            return Look(chance.uniform(1.3, 1.7) * wide / 3, turn, 0.4, 4, 20, 235)
        case "blurred":
            return Look(wide, turn, chance.uniform(0.35, 0.65) * wide, 6, 20, 235)
        case "noisy":
            return Look(wide, turn, 0.6, chance.randrange(40, 80), 30, 225)
        case "low_contrast":
            dark = chance.randrange(90, 120)
            return Look(wide, turn, 0.8, 5, dark, dark + chance.randrange(35, 55))
        case _:
            return Look(chance.uniform(0.8, 1) * wide, chance.uniform(-30, 30), 0.9, chance.randrange(12, 24), 60, 200)


def code_of(kind: str, chance: random.Random) -> tuple[str, list[list[bool]]]:
    """Return the data of a code and its modules, by python-barcode and qrcode."""
    digits = "".join(chance.choice("0123456789") for _ in range(12))
    if kind == "qr":
        made = qrcode.QRCode(border=0)
        link = f"https://id.gs1.org/01/0{digits}0/21/{chance.randrange(10**6)}"
        made.add_data(link)
        made.make()
        return link, [[bool(cell) for cell in row] for row in made.get_matrix()]
    text = {"ean13": digits, "ean8": digits[:7], "code128": f"R{digits}"}[kind]
    line = barcode.get(kind, text)
    (bars,) = line.build()
    bars = bars.replace("G", "1")  # guard bars are drawn like the others here
    data = line.get_fullcode()
    return data, [[bar == "1" for bar in bars]] * max(30, len(bars) // 2)


def label(modules: Sequence[Sequence[bool]], look: Look, margin: int) -> Image.Image:
    """Draw a code with its quiet zone, its bars as wide as the look says."""
    high, wide = len(modules), len(modules[0])
    drawing = Image.new("L", (wide + 2 * margin, high + 2 * margin), look.light)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                drawing.putpixel((x + margin, y + margin), look.dark)
    drawing = drawing.resize((drawing.width * _DRAWN_MODULE, drawing.height * _DRAWN_MODULE), Image.Resampling.NEAREST)
    size = (round((wide + 2 * margin) * look.module_px), round((high + 2 * margin) * look.module_px))
    return drawing.resize(size, Image.Resampling.LANCZOS)


def background(chance: random.Random) -> Image.Image:
    """A counter with things on it: surfaces, edges and lines of print."""
    picture = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).point(lambda level: 90 + level // 4)
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
        box = (x, y, x + chance.randrange(40, 320), y + chance.randrange(30, 200))
        draw.rectangle(box, fill=chance.randrange(40, 220))
    for _ in range(8):
        x, y = chance.randrange(WIDTH - 200), chance.randrange(HEIGHT - 80)
        words = "".join(chance.choice("ABCDEFGHKLMNPRSTUVWXYZ ") for _ in range(24))
        draw.text((x, y), words, fill=chance.randrange(0, 60), font_size=chance.randrange(12, 30))
    return picture


def scene(kind: str, condition: str, chance: random.Random) -> Scene:
    """Draw one code as a camera sees it three times."""
    data, modules = code_of(kind, chance)
    look = look_of(condition, kind, chance)
    drawn = label(modules, look, 4 if kind == "qr" else 11)
    behind = background(chance)
    place = (chance.randrange(-60, 60), chance.randrange(-40, 40))
    frames = tuple(_frame(behind, drawn, look, place, chance) for _ in range(FRAMES_A_SCENE))
    return Scene(kind, condition, data, frames)


def _frame(behind: Image.Image, drawn: Image.Image, look: Look, place: tuple[int, int], chance: random.Random) -> Frame:
    angle = look.angle + chance.uniform(-1, 1)
    turned = drawn.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    mask = Image.new("L", drawn.size, 255).rotate(angle, Image.Resampling.BICUBIC, expand=True)
    picture = behind.copy()
    corner = (
        (WIDTH - turned.width) // 2 + place[0] + chance.randrange(-3, 4),
        (HEIGHT - turned.height) // 2 + place[1] + chance.randrange(-3, 4),
    )
    picture.paste(turned, corner, mask)
    picture = picture.filter(ImageFilter.GaussianBlur(look.blur_px))
    grain = Image.frombytes("L", picture.size, chance.randbytes(WIDTH * HEIGHT))
    grain = grain.point(lambda level: 128 + (level - 128) * look.noise // 128)
    picture = ImageChops.add(picture, grain, 1, -128)
    return Frame(WIDTH, HEIGHT, picture.tobytes())


def scenes(each: int = EACH, seed: int = SEED) -> list[Scene]:
    chance = random.Random(seed)
    return [scene(kind, condition, chance) for condition in CONDITIONS for kind in KINDS for _ in range(each)]


def _zbar_codes(reader: PictureReader) -> Callable[[Frame], Sequence[Any]]:
    return lambda frame: reader.read(Image.frombuffer("L", (frame.width, frame.height), frame.grey, "raw", "L", 0, 1))


def measure(each: int = EACH) -> dict[str, Any]:
    """Return speed and recall of both."""
    drawn = scenes(each)
    ours_reader, zbar_reader = reader_for(), ZbarReader()
    times: dict[str, list[float]] = {"ours": [], "zbar": []}
    read: dict[str, dict[str, int]] = {"ours": {}, "zbar": {}}
    wrong = {"ours": 0, "zbar": 0}
    for position, one in enumerate([drawn[0], *drawn]):
        # A new search for each scene: the whole frame is always the third, as when something new comes into sight.
        sides = [("ours", FrameSearch(ours_reader).reads), ("zbar", _zbar_codes(zbar_reader))]
        for name, look in sides if position % 2 else reversed(sides):
            began = time.perf_counter()
            found = {code.data for frame in one.frames for code in look(frame)}
            took = time.perf_counter() - began
            if position == 0:
                continue  # the libraries warm up
            times[name].append(took / len(one.frames))
            read[name][one.condition] = read[name].get(one.condition, 0) + (one.data in found)
            wrong[name] += len(found - {one.data})
    medians = {name: statistics.median(values) * 1000 for name, values in times.items()}
    recall = {name: sum(counts.values()) / len(drawn) for name, counts in read.items()}
    return {
        "camera_vs_zbar_all": medians["zbar"] / medians["ours"],
        "camera_recall_vs_zbar": recall["ours"] / recall["zbar"],
        "camera_recall": recall["ours"],
        "camera_recall_zbar_all": recall["zbar"],
        "camera_recall_by_condition": {
            condition: [read["ours"][condition], read["zbar"][condition], each * len(KINDS)] for condition in CONDITIONS
        },
        "camera_wrong_reads": wrong["ours"],
        "camera_wrong_reads_zbar_all": wrong["zbar"],
        "camera_frame_ms": medians["ours"],
        "camera_frame_zbar_all_ms": medians["zbar"],
        "camera_frame_p99_ms": sorted(times["ours"])[len(times["ours"]) * 99 // 100] * 1000,
        "camera_scenes": len(drawn),
        "camera_frames": len(drawn) * FRAMES_A_SCENE,
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if sys.argv[1:] else EACH), indent=2))
