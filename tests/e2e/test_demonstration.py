"""The scripted checkout, as `make run` plays it without a display."""

import csv
import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def guitai(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    return subprocess.run(
        [sys.executable, "main.py", "--lang", "en", *arguments],
        cwd=ROOT,
        env=environment | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "run"
    result = guitai("demo", "--out", str(out))
    assert result.returncode == 0, result.stderr
    return out


def test_screenshots_show_both_languages_and_themes(played):
    names = [path.stem for path in sorted((played / "screens").iterdir())]
    scenes = (
        "weighing",
        "tags",
        "scanner-unplugged",
        "printer-without-paper",
        "device-bench-scale",
        "device-bench-printer",
        "scan-to-pay-1-basket",
        "scan-to-pay-2-paid",
        "waiting-for-password",
        "card-after-cash-en-dark",
        "wallet-offline",
        "handed-back",
        "receipt-looked-up",
    )
    for wanted in ("zh-light", "en-dark", "high-contrast", "customer", *scenes):
        assert any(wanted in name for name in names), wanted
    for path in (played / "screens").iterdir():
        with Image.open(path) as picture:
            assert picture.width >= 1024
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 8, "an empty screen"


def test_the_code_on_the_customers_window_can_be_scanned_from_its_picture(played):
    from hardware.scanners.pictures import read_file

    (picture,) = (played / "screens").glob("*customer-code-to-scan-zh.png")
    assert [code.data for code in read_file(picture) if code.data.startswith("https://qr.alipay.com/")]


def test_what_the_wallets_took_is_what_the_journal_sold(played):
    with (played / "journal" / "tenders.csv").open(encoding="utf-8-sig", newline="") as file:
        tenders = list(csv.DictReader(file))
    for wallet in ("wechat", "alipay"):
        sold = sum(Decimal(row["applied"]) for row in tenders if row["tender_type"] == wallet)
        book = json.loads((played / "till" / "simulators" / wallet / "memory.json").read_bytes())
        purchases = sum(row["amount_minor"] for row in book["ledger"] if row["kind"] == "purchase")
        returned = sum(row["amount_minor"] for row in book["ledger"] if row["kind"] != "purchase")
        assert sold > 0
        assert purchases - returned == sold * 100, wallet


def test_the_receipt_is_there_as_bytes_picture_and_text_and_its_codes_can_be_read(played):
    from hardware.scanners.pictures import read_file

    receipts = played / "receipts"
    text = (receipts / "receipt-1.txt").read_text(encoding="utf-8")
    assert "邻里鲜生" in text
    assert "合计" in text
    assert "?" not in text
    written = (receipts / "receipts.escpos").read_bytes()
    # Before the first receipt the printer is asked how it is, more often the longer the till takes to open.
    assert b"\x1b@" in written
    assert "牧川纯牛奶".encode("gb18030") in written
    read = {code.data for code in read_file(receipts / "receipt-1.png")}
    assert any(data.startswith("R0001") for data in read)
    assert any(data.startswith("https://receipt.example.invalid/r/") for data in read)


def test_the_copy_is_marked_as_one(played):
    copies = [path for path in (played / "receipts").glob("*.txt") if "副本" in path.read_text(encoding="utf-8")]
    assert len(copies) == 1


def test_the_journal_it_wrote_verifies_also_by_the_standard_library_alone(played):
    assert guitai("journal", "verify", "--sample", "--data", str(played / "till")).returncode == 0
    result = subprocess.run(
        [sys.executable, "-I", "-S", "verify_export.py"],
        cwd=played / "journal",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    manifest = json.loads((played / "journal" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"]


def test_a_changed_export_is_found_out(played, tmp_path):
    import shutil

    copy = tmp_path / "journal"
    shutil.copytree(played / "journal", copy)
    lines = (copy / "journal.jsonl").read_text(encoding="utf-8")
    changed, count = re.subn(r'"change_minor":[1-9]', '"change_minor":99', lines, count=1)
    assert count == 1
    (copy / "journal.jsonl").write_text(changed, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-I", "-S", "verify_export.py"],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode != 0


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    result = guitai("demo", "--out", str(tmp_path))
    assert result.returncode == 2
    assert (tmp_path / "precious.txt").read_text(encoding="utf-8") == "mine"


def test_what_was_weighed_stands_on_the_receipt_that_waited_for_paper(played):
    texts = [path.read_text(encoding="utf-8") for path in sorted((played / "receipts").glob("*.txt"))]
    # 1.270 kg of apples in a tray of 25 g, at 13.98 a kilogram: 1.245 x 13.98 = 17.4051.
    weighed = [text for text in texts if "1.245" in text and "17.41" in text]
    assert ["25 g" in text for text in weighed] == [False, True], "the first was keyed in, the second lay in a tray"
    assert all("副本" not in text for text in weighed)


def test_devices_are_listed_without_a_display(tmp_path):
    result = guitai("devices", "list", "--sample", "--data", str(tmp_path))
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("✓") == 6
