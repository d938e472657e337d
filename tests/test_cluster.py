"""The same run on a Ray cluster of this machine: the same rows, also where one of its workers is killed."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from corpora import ONE, rows_of, run, write_texts

pytest.importorskip("ray")
ON_RAY = ONE.model_copy(update={"engine": "ray", "workers": 2, "batch_documents": 40})


def kill_one(killed: list[int], ended: threading.Event) -> None:
    """The first process of the cluster that is seen at a batch."""
    while not ended.is_set():
        for process in psutil.Process(os.getpid()).children(recursive=True):
            try:
                if process.name().startswith("ray::_clean"):
                    process.kill()
                    killed.append(process.pid)
                    return
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="processes have no names there")
def test_a_killed_worker_changes_nothing(tmp_path: Path) -> None:
    write_texts(tmp_path / "in", 200)
    (tmp_path / "in" / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    run(tmp_path / "local", tmp_path / "in")
    killed: list[int] = []
    ended = threading.Event()
    killer = threading.Thread(target=kill_one, args=(killed, ended))
    killer.start()
    try:
        run(tmp_path / "ray", tmp_path / "in", settings=ON_RAY)
    finally:
        ended.set()
        killer.join()
    assert killed
    assert rows_of(tmp_path / "ray") == rows_of(tmp_path / "local")
    write_texts(tmp_path / "in", 3, version=1)
    report = run(tmp_path / "ray", tmp_path / "in", settings=ON_RAY)
    assert (report.renewed, report.unchanged) == (3, 198)  # the picture failed again
