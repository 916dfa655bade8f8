"""`explain-code`: prints as JSON what a scanned code means, or every code in a picture."""

from pathlib import Path

import msgspec
import typer

from app.catalogue.codes import CodeReader
from app.catalogue.codes.explain import explain
from app.commands.site import Site, default_folder
from app.commands.world import SystemClock
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import wording


class NothingToExplain(Problem):
    """Raised when neither a code nor a picture was given."""

    code = "NOTHING-TO-EXPLAIN"


def explain_code(data: Path | None, code: str | None, image: Path | None, symbology: str | None, speech: Speech) -> int:
    """Print what a code means, one JSON object a code; by the sample store's label patterns unless a till is named.

    Raises:
        BadConfiguration: the store's configuration is wrong.
        PictureUnreadable: the picture cannot be read.
        NothingToExplain: neither a code nor a picture was given.
    """
    site = Site(data, sample=False) if data is not None else Site(default_folder(), sample=True)
    reader = CodeReader(site.configuration().code_settings())
    today = SystemClock().now().date()
    codes = _codes(code, image, symbology)
    if not codes:
        typer.echo(speech.say(wording("No code was found in the picture.")), err=True)
        return 1
    for text, aim in codes:
        meaning = explain(reader.read(text, aim, today))
        typer.echo(msgspec.json.format(msgspec.json.encode(meaning, order="deterministic"), indent=2).decode())
    return 0


def _codes(code: str | None, image: Path | None, symbology: str | None) -> list[tuple[str, str | None]]:
    if code is not None:
        return [(code, symbology)]
    if image is None:
        raise NothingToExplain(wording("Give a code, or a picture with --image."))
    from hardware.scanners.pictures import read_file

    return [(read.data, read.symbology) for read in read_file(image)]
