"""Collects sentences from the code into translation files, compiles them, and says which are missing.

python packaging/translations.py update    new sentences into the .po files, then compile
python packaging/translations.py compile   .po to .mo
python packaging/translations.py check     fails where a sentence has no translation or a wrong one
"""

import re
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "resources" / "translations"
SOURCES = ("app", "ui", "hardware", "offline_store")
LANGUAGES = ("zh_CN",)
_CHANGING_HEADERS = (
    '"POT-Creation-Date',
    '"PO-Revision-Date',
    '"Report-Msgid-Bugs-To',
    '"Last-Translator',
    '"Language-Team',
    '"Generated-By',
)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def extract() -> Catalog:
    """Collect every sentence marked with `wording(...)`."""
    catalog = Catalog(project="Guitai", charset="utf-8")
    for folder in SOURCES:
        found = extract_from_dir(ROOT / folder, method_map=[("**.py", "python")], keywords={"wording": None})
        for name, _line, message, comments, context in found:
            catalog.add(message, locations=[(f"{folder}/{name}", 0)], auto_comments=comments, context=context)
    return catalog


def po_path(language: str) -> Path:
    """Where a language's translations are kept."""
    return TRANSLATIONS / language / "LC_MESSAGES" / "guitai.po"


def read(language: str) -> Catalog:
    """Read a language's translations; an absent file has none."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="Guitai", charset="utf-8")
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    catalog.header_comment = f"# Guitai, translated into {language}. New sentences come in by `make translations`."
    catalog.fuzzy = False
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = ""
    catalog.version = ""
    return catalog


def update() -> None:
    """Bring the .po files up to the code: new sentences in, gone ones out."""
    template = extract()
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        content = BytesIO()
        write_po(content, catalog, width=120, sort_output=True, omit_header=False, include_lineno=False)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = content.getvalue().decode().splitlines(keepends=True)
        stable = [line for line in lines if not line.startswith(_CHANGING_HEADERS)]
        path.write_text("".join(stable), encoding="utf-8")


def compile_all() -> None:
    """Compile every .po into the .mo beside it."""
    for language in LANGUAGES:
        with po_path(language).with_suffix(".mo").open("wb") as file:
            write_mo(file, read(language))


def faults(language: str) -> list[str]:
    """Say what is wrong with a language's translations."""
    catalog = read(language)
    wrong = []
    for message in extract():
        if not message.id:
            continue
        translation = catalog.get(message.id)
        if translation is None or not translation.string or translation.fuzzy:
            wrong.append(f"{language}: not translated: {message.id!r} ({message.locations[0][0]})")
        elif set(_PLACEHOLDER.findall(str(message.id))) != set(_PLACEHOLDER.findall(str(translation.string))):
            wrong.append(f"{language}: other values than the sentence has: {message.id!r}")
    return wrong


def main(action: str) -> int:
    """Do what was asked; return the exit code."""
    if action == "update":
        update()
        compile_all()
    elif action == "compile":
        compile_all()
    elif action == "check":
        wrong = [line for language in LANGUAGES for line in faults(language)]
        for line in wrong:
            print(line)
        print(f"{len(wrong)} sentences to mend" if wrong else "every sentence is translated")
        return 1 if wrong else 0
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
