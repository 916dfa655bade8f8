"""The house keeps its rules: what import-linter and ruff cannot see."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "ui", "hardware", "offline_store")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
GIVEN = {"app", "ui", "hardware", "offline_store", "resources", "packaging", "tests", "main.py", "pyproject.toml"}
BESIDE = {
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "requirements.lock",
    ".ci",
    ".gitignore",
}


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return listed.stdout.splitlines()


def test_nothing_stands_at_the_top_that_the_house_does_not_know():
    assert {name.split("/")[0] for name in tracked()} <= GIVEN | BESIDE


def test_the_packaging_folder_does_not_shadow_the_packaging_library():
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for_and_stays_readable(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "the first line says the module's one reason to exist"
    assert text.count("\n") <= 450
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


MONEY_ROOMS = ("values", "payments", "members", "promotions", "sales", "ledger", "checkout", "headquarters", "sync")


BOUNDS_ONLY = {"app/promotions/pricing_out.py"}
"""Works out how much is worth looking at, never what anything costs: what it says is rounded up to whole numbers."""


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in SOURCES
        if path.relative_to(ROOT).parts[:2] in {("app", room) for room in MONEY_ROOMS}
        and path.relative_to(ROOT).as_posix() not in BOUNDS_ONLY
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_money_is_ever_a_float(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"line {node.lineno}"


def test_the_shop_is_loaded_without_qt_sql_or_network():
    loaded = (
        "import sys, app.checkout.till;"
        "print([name for name in ('PySide6', 'sqlalchemy', 'requests', 'escpos', 'PIL', 'alembic') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_lock_file_names_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock
    assert "://" not in lock
    assert "--index-url" not in lock


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_can_be_collected_for_translation(path):
    """The collector sees plain texts only: no sentence inside an f-string, none that is put together."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside = [part for part in ast.walk(node) if isinstance(part, ast.Call) and _is_wording(part)]
            assert not inside, f"line {node.lineno}: wording() inside an f-string"
        if isinstance(node, ast.Call) and _is_wording(node):
            plain = bool(node.args) and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
            assert plain, f"line {node.lineno}: the sentence is not a plain text"


def _is_wording(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "wording"
