"""The command, as a user runs it: real processes, their output and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
SEED = next(SEEDS.glob("001_*.txt"))


def winnow(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    code = "from winnow.flows.cli import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(
        command, input=stdin, capture_output=True, cwd=ROOT, check=False, timeout=300, env=os.environ | environment
    )


def test_clean_is_a_filter(tmp_path: Path) -> None:
    done = winnow("clean", "-", stdin=b"A line.\n\nLeave a Reply\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"A line.\n", b"")
    assert winnow("clean", SEED, "--out", tmp_path / "o.txt").stdout == b""
    assert (tmp_path / "o.txt").read_bytes() == winnow("clean", SEED).stdout


def test_clean_imports_no_prefect() -> None:
    code = (
        "import sys; sys.argv = ['winnow', 'clean', '-']\nfrom winnow.flows.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('prefect', 'trafilatura', 'langdetect', 'chardet')])"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=True)
    assert done.stdout.endswith(b"[]\n")


def test_clean_log_and_restore(tmp_path: Path) -> None:
    text, log = tmp_path / "o.txt", tmp_path / "log.json"
    assert winnow("clean", SEED, "--out", text, "--log", log).returncode == 0
    assert json.loads(log.read_text("utf-8"))["source"] == SEED.name
    assert winnow("restore", text, "--log", log).stdout == SEED.read_bytes()
    listed = winnow("restore", text, "--log", log, "--list").stdout.decode()
    assert "en.reply-heading" in listed
    undone = winnow("restore", text, "--log", log, "--undo", "en.reply-heading").stdout.decode()
    assert undone.endswith("in the Sahel region.\n\nLeave a Reply")
    number = next(row.split()[0] for row in listed.splitlines() if "header-clock" in row)
    assert winnow("restore", text, "--log", log, "--undo", number).stdout.startswith(b"Wed. May 21st, 2025\n\nMali")
    text.write_text("edited")
    refused = winnow("restore", text, "--log", log)
    assert refused.returncode == 1
    assert b"edited" in refused.stderr


def test_why_tells_every_line() -> None:
    done = winnow("why", SEED)
    told = done.stdout.decode()
    assert done.returncode == 0
    assert "\x1b" not in told
    for line in SEED.read_text("utf-8").splitlines():
        assert line in told
    assert "comment_forms en.reply-heading: heading of a comment form" in told
    assert told.count("partly struck") == 0  # a line that only lost its line end is kept


def test_why_tells_first_what_a_page_says_about_itself() -> None:
    page = (
        "<html lang=sr-latn><title>Kiša u dolini</title><meta name=author content='Ana Ilić; \x1b[31mVuk'><p>Pada kiša."
        "<nav><a href=/>Home</a> | <a href=/about>About us</a></nav>"
    )
    told = winnow("why", "-", stdin=page.encode()).stdout.decode()
    assert told.startswith(
        "title              Kiša u dolini\nauthors            Ana Ilić, [31mVuk\ndeclared language  sr-Latn\n\n1  kept"
    )
    assert winnow("why", "-", stdin=b"<p>a</p><p>b</p>").stdout.startswith(b"1  kept")


def test_rules() -> None:
    assert b"en.reply-heading" in winnow("rules").stdout
    one = winnow("rules", "en.reply-heading").stdout.decode()
    assert "leave a reply" in one
    assert "He asked her to leave a reply at the desk." in one
    rows = [json.loads(line) for line in winnow("rules", "cookie_banners", "--json").stdout.splitlines()]
    assert {row["cleaner"] for row in rows} == {"cookie_banners"}
    unknown = winnow("rules", "nonsense")
    assert unknown.returncode == 2
    assert b"cookie_banners" in unknown.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["clean", "missing.txt"], 1, "missing.txt: cannot be read: No such file"),
        (["clean", "{binary}"], 1, "binary: this is a PNG picture"),
        (["clean", "{empty}"], 0, "empty: holds no text"),
        (["clean", "{blank}"], 0, "blank: holds no text"),
        (["clean", "{folder}"], 1, "Is a directory"),
        (["clean", "{pipe}"], 1, "pipe: is a named pipe: to read it, winnow clean - <"),
        (["clean", "{link}"], 1, "link: is a link out of its folder, to /etc/hostname: name that file itself"),
        (["clean", "{text}", "--out", "{folder}"], 1, "cannot be written"),
        (["clean", "{text}", "--settings", "{settings}"], 2, "no setting 'strik'"),
        (["why", "{binary}"], 1, "PNG"),
        (["rules", "--corpus", "{text}"], 1, "is not a diff log"),
        (["restore", "{text}"], 1, "name its log with --log"),
        (["clean", "--nonsense"], 2, "--nonsense"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments: list[str], code: int, told: str, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "blank").write_bytes(b" \n")
    (tmp_path / "text").write_bytes(b"A line.")
    (tmp_path / "folder").mkdir()
    (tmp_path / "settings").write_text("strik = 1")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/hostname")
    done = winnow(*(a.replace("{", str(tmp_path) + os.sep).replace("}", "") for a in arguments))
    assert done.returncode == code
    assert told in done.stderr.decode().replace("\n", "")
    assert b"Traceback" not in done.stderr


def test_help_and_version() -> None:
    for command in ([], ["run"], ["clean"], ["why"], ["restore"], ["rules"]):
        done = winnow(*command, "--help")
        assert done.returncode == 0
        assert b"Example" in done.stdout
    assert winnow("--version").stdout.startswith(b"winnow ")


def test_run_without_server_or_account(tmp_path: Path) -> None:
    done = winnow("run", SEEDS, tmp_path / "missing.txt", "--out", tmp_path / "out")
    assert done.returncode == 1, done.stderr  # an input that was named is missing
    told = done.stdout.decode()
    assert "6 documents" in told
    assert "missing.txt: failed: cannot be read" in told
    text = tmp_path / "out" / "latest" / "text" / "seeds" / SEED.name
    assert winnow("restore", text).stdout == SEED.read_bytes()
    used = winnow("rules", "--corpus", tmp_path / "out" / "latest").stdout.decode()
    (row,) = [row for row in used.splitlines() if "en.reply-heading" in row]
    assert row.split()[:6] == ["comment_forms", "en.reply-heading", "2", "2", "0", "28"]
    assert "Leave a Reply ×2" in row


def test_run_says_what_is_wrong_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    unwritable = winnow("run", SEEDS, "--out", tmp_path / "file" / "out")
    assert (unwritable.returncode, unwritable.stderr.count(b"\n")) == (1, 1), unwritable.stderr
    assert b"file/out: cannot be written: Not a directory. Choose another folder with --out" in unwritable.stderr
    unreachable = winnow("run", SEEDS, "--out", tmp_path / "out", PREFECT_API_URL="http://127.0.0.1:9/api")
    assert (unreachable.returncode, unreachable.stderr.count(b"\n")) == (1, 1), unreachable.stderr
    assert b"unset PREFECT_API_URL" in unreachable.stderr
    assert not (tmp_path / "out" / "latest").exists()
