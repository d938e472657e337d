"""Documents are added, changed and deleted, runs are killed and done again, in any order: the table always tells
what an exact model of it tells."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from corpora import ONE, rows_of, run
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from test_crashes import Runs, kill_after

from winnow.cleaners import diff_log
from winnow.flows import driving
from winnow.flows.pool import Pool
from winnow.flows.store import Corpus

NAMES = st.sampled_from([f"{folder}/{number:02}.txt" for folder in "ab" for number in range(30)])
# Bytes, and what becomes of them: outcome and clean text.
CONTENTS: dict[bytes, tuple[str, str]] = {
    b"Rain is likely on Friday.\n\nLeave a Reply\n": ("cleaned", "Rain is likely on Friday.\n"),
    b"The harvest began two weeks early.\n": ("cleaned", "The harvest began two weeks early.\n"),
    "Дождь идёт в долине весь день.\n".encode(): ("cleaned", "Дождь идёт в долине весь день.\n"),
    b"Leave a Reply\n": ("quarantined", ""),
    b"": ("quarantined", ""),
    b"\x89PNG\r\n\x1a\n\0\0": ("failed", ""),
}


class CorpusMachine(RuleBasedStateMachine):
    """`files` are the documents that stand in the input; `told` is what the table must say."""

    runs: Runs
    warm: Pool

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="winnow-machine-"))
        self.input, self.out = self.home / "in", self.home / "out"
        self.files: dict[str, bytes] = {}
        self.told: dict[str, tuple[str, str]] = {}
        for folder in "ab":
            (self.input / folder).mkdir(parents=True)

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    @rule(names=st.lists(NAMES, min_size=1, max_size=12), content=st.sampled_from(list(CONTENTS)))
    def write(self, names: list[str], content: bytes) -> None:
        for name in names:
            (self.input / name).write_bytes(content)
            self.files[name] = content

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        (self.input / name).unlink(missing_ok=True)
        self.files.pop(name, None)

    @rule()
    def run_all(self) -> None:
        before = dict(self.told)
        report = run(self.out, self.input, allow_removals=True, warm=self.warm)
        self.told = self.after_all()
        assert report.documents == len(self.files)
        assert (report.release is not None) >= (self.told != before)

    @rule(folder=st.sampled_from("ab"))
    def run_one_folder(self, folder: str) -> None:
        """Names then begin at that folder: other documents, and nothing else is touched."""
        run(self.out, self.input / folder, allow_removals=True, warm=self.warm)
        standing = {name: CONTENTS[content] for name, content in self.files.items() if name.startswith(folder)}
        self.told = self.after(folder, standing)

    @rule(seconds=st.floats(0, 1.2), only_parent=st.booleans())
    def kill_a_run(self, seconds: float, only_parent: bool) -> None:
        killed = kill_after(self.runs, seconds, self.out, self.input, only_parent=only_parent)
        published = {row["source"]: (row["outcome"], row["text"]) for row in self.rows()}
        after = self.after_all()
        assert published in (self.told, after), "all of it, or nothing"
        if published != self.told or not killed:
            self.told = after

    def after_all(self) -> dict[str, tuple[str, str]]:
        return self.after("in", {f"in/{name}": CONTENTS[content] for name, content in self.files.items()})

    def after(self, folder: str, standing: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
        """What the table must tell when these documents stand in a folder."""
        gone = {name: ("removed", "") for name in self.told if name.startswith(f"{folder}/")}
        return self.told | gone | standing

    def rows(self) -> list[dict[str, Any]]:
        return rows_of(self.out) if (self.out / "corpus" / "_delta_log").is_dir() else []

    @invariant()
    def the_table_tells_what_the_model_tells(self) -> None:
        rows = self.rows()
        assert {row["source"]: (row["outcome"], row["text"]) for row in rows} == self.told
        assert len(rows) == len(self.told), "no document stands twice"
        for row in rows:
            assert row["text_sha256"] == diff_log.digest(row["text"])
            assert 1 <= row["first_release"] <= row["release"] <= Corpus(str(self.out)).releases()[0].number


def test_any_history_of_a_corpus(tmp_path: Path) -> None:
    runs = CorpusMachine.runs = Runs()
    with driving.pool_for(ONE, tmp_path / "log") as warm:
        CorpusMachine.warm = warm
        case = CorpusMachine.TestCase()
        case.settings = settings(
            max_examples=25,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        case.runTest()
    runs.close()
