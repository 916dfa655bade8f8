"""The command line: every command does its work on real parts and says in words what is wrong."""

import json
import sys
from pathlib import Path

import pytest

from app.commands.entry import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", *arguments])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_help_is_there_in_both_languages_for_every_command(capsys):
    for language, word in (("en", "cashier"), ("zh_CN", "收银台")):
        with pytest.raises(SystemExit):
            main(["--lang", language, "--help"])
        assert word in capsys.readouterr().out
    for command in ("till", "demo", "doctor", "explain-code", "catalogue import", "journal verify", "journal export"):
        code, out, _ = run(capsys, *command.split(), "--help")
        assert code == 0
        assert "Usage" in out


def test_an_unknown_language_is_refused_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "tlh", "doctor"])
    assert ended.value.code == 2
    assert "zh_CN" in capsys.readouterr().err


def test_a_code_is_explained_as_json(capsys):
    code, out, _ = run(capsys, "explain-code", "]C1010950600013435217271231")
    assert code == 0
    meaning = json.loads(out)
    assert meaning["gtin14"] == "09506000134352"
    assert meaning["expiry"] == "2027-12-31"


def test_a_shoppers_payment_code_is_never_printed_whole(capsys):
    _, out, _ = run(capsys, "explain-code", "134567890123456789")
    assert "134567890123456789" not in out
    assert "wechat" in out


def test_codes_in_a_picture_are_explained(capsys, tmp_path):
    import qrcode

    picture = tmp_path / "code.png"
    qrcode.make("https://id.gs1.org/01/09506000134352/10/ABC123").get_image().save(picture)
    code, out, _ = run(capsys, "explain-code", "--image", str(picture))
    assert code == 0
    assert json.loads(out)["batch"] == "ABC123"


def test_nothing_to_explain_is_said(capsys):
    code, _, err = run(capsys, "explain-code")
    assert code == 2
    assert "NOTHING-TO-EXPLAIN" in err


def test_a_till_without_configuration_says_what_to_do(capsys, tmp_path):
    code, _, err = run(capsys, "journal", "verify", "--data", str(tmp_path))
    assert code == 2
    assert "store.toml" in err


def test_the_sample_store_is_searched(capsys, tmp_path):
    code, out, _ = run(capsys, "catalogue", "search", "牛奶", "--sample", "--data", str(tmp_path), "--limit", "3")
    assert code == 0
    assert len(out.splitlines()) == 3
    code, _, err = run(capsys, "catalogue", "search", "zzzzqqq", "--sample", "--data", str(tmp_path))
    assert code == 1
    assert "Nothing was found" in err


def products(folder: Path, *rows: str) -> Path:
    path = folder / "products.csv"
    path.write_text("\n".join(("barcode,name,price", *rows)), encoding="utf-8")
    return path


def test_an_import_says_what_is_wrong_row_by_row_and_a_preview_imports_nothing(capsys, tmp_path):
    # 6901234567892 has the right check digit: 6·1+9·3+0+1·3+2+3·3+4+5·3+6+7·3+8+9·3 = 128, so 2.
    file = products(tmp_path, "6901234567892,牛奶,12.90", "6901234567893,面包,5.00", "6903148042441,啤酒,-3")
    shelf = tmp_path / "till"
    code, out, _ = run(capsys, "catalogue", "import", str(file), "--data", str(shelf), "--preview")
    assert code == 1
    assert "row 3" in out
    assert "row 4" in out
    assert not (shelf / "catalogue" / "current.json").exists()
    findings = tmp_path / "findings.tsv"
    run(capsys, "catalogue", "import", str(file), "--data", str(shelf), "--findings", str(findings))
    assert (shelf / "catalogue" / "current.json").exists()
    assert findings.read_text(encoding="utf-8").count("\n") >= 3


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("binary.csv", bytes(range(256)) * 40),
        ("no-columns.csv", "颜色,大小\n红,大\n".encode()),
        ("not-a-workbook.xlsx", b"PK\x03\x04 nonsense"),
        ("not-gzip.csv.gz", b"barcode,name\n"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_and_nothing_is_changed(capsys, tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    code, _, err = run(capsys, "catalogue", "import", str(file), "--data", str(tmp_path / "till"))
    assert code == 2
    assert err.strip()
    assert not (tmp_path / "till" / "catalogue" / "current.json").exists()


def test_the_doctor_finds_a_fresh_sample_till_fit(capsys, tmp_path):
    code, out, _ = run(capsys, "doctor", "--sample", "--data", str(tmp_path))
    assert code == 0, out
    assert "SQLite" in out
    assert "✗" not in out


def test_the_doctor_says_what_is_wrong_with_a_broken_till(capsys, tmp_path):
    (tmp_path / "store.toml").write_text("[store]\nnumber = 1\n", encoding="utf-8")
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "current.json").write_bytes(b"\0\0")
    code, out, _ = run(capsys, "doctor", "--data", str(tmp_path))
    assert code == 1
    assert "✗ Configuration" in out
    assert "✗ Catalogue" in out


def test_a_theme_or_a_display_that_is_not_there_is_said(capsys, tmp_path, monkeypatch):
    code, _, err = run(capsys, "till", "--sample", "--data", str(tmp_path), "--theme", "pink")
    assert code == 2
    assert "high-contrast" in err
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform == "linux":
        code, _, err = run(capsys, "till", "--sample", "--data", str(tmp_path))
        assert code == 2
        assert "demo --out" in err


def test_a_file_in_the_place_of_the_demonstration_is_left_alone(capsys, tmp_path):
    taken = tmp_path / "file"
    taken.write_text("mine", encoding="utf-8")
    code, _, err = run(capsys, "demo", "--out", str(taken))
    assert code == 2
    assert "DEMO-FOLDER-TAKEN" in err
    assert taken.read_text(encoding="utf-8") == "mine"


@pytest.fixture
def used_till(tmp_path):
    from tests.faults.till_scenario import open_till, sell

    folder = tmp_path / "till"
    sell(folder, lambda _word: None)
    open_till(folder, 3).close()
    return folder


def test_a_backup_never_takes_the_place_of_another(capsys, used_till, tmp_path):
    backup = tmp_path / "monday.backup"
    code, _, _ = run(capsys, "journal", "backup", str(backup), "--sample", "--data", str(used_till))
    assert code == 0
    made = backup.read_bytes()
    code, _, err = run(capsys, "journal", "backup", str(backup), "--sample", "--data", str(used_till))
    assert code == 2
    assert "BACKUP-THERE" in err
    assert backup.read_bytes() == made
    code, _, _ = run(capsys, "journal", "restore", str(backup), "--sample", "--data", str(used_till))
    assert code == 0
    assert run(capsys, "journal", "verify", "--sample", "--data", str(used_till))[0] == 0


def test_a_byte_flipped_anywhere_in_the_store_is_found(capsys, used_till):
    database = used_till / "ledger" / "till.db"
    whole = database.read_bytes()
    page = 4096
    for place in range(100, len(whole), page * max(1, len(whole) // page // 12)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x40
        database.write_bytes(damaged)
        code, _, err = run(capsys, "journal", "verify", "--sample", "--data", str(used_till))
        assert code, f"byte {place} of page {place // page}"
        assert err or code == 1
    database.write_bytes(whole)
    assert run(capsys, "journal", "verify", "--sample", "--data", str(used_till))[0] == 0
