"""Documents a processor second of a whole run, every step on, beside a peer's pipeline over the same texts.

    python benchmarks/throughput.py TEXTS.jsonl [--peer-python PYTHON]

TEXTS.jsonl holds {"raw"} or {"text"} a line. The peer is datatrove (0.10.1, with the extras processing and io,
and spacy) in an environment of its own: ftfy, the line filter of C4, repetition and quality of Gopher, quality of
FineWeb. It writes JSON lines, drops documents and keeps no log; Winnow judges languages of lines and writes every
finding. Processor seconds are those of all processes, start-up included; both get one process that cleans.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from clocks import measured_command

PEER = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline import filters
from datatrove.pipeline.formatters import FTFYFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
texts, out = sys.argv[1:]
steps = [JsonlReader(texts), FTFYFormatter(), filters.C4QualityFilter(filter_no_terminal_punct=True),
    filters.GopherRepetitionFilter(), filters.GopherQualityFilter(), filters.FineWebQualityFilter(),
    JsonlWriter(out + "/clean", compression=None)]
LocalPipelineExecutor(steps, tasks=1, workers=1, logging_dir=out + "/logs").run()
"""
OURS = """
import sys
from winnow.flows import driving
from winnow.flows.runs import Run
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus
from winnow.flows.workspace import workspace
texts, out = sys.argv[1:]
corpus = Corpus(out)
with workspace(corpus) as space:
    run = Run(corpus, space, RunSettings(workers=1))
    run.prepare([texts])
    for _ in driving.clean_all_in_threads(run):
        pass
    print(run.release())
    run.close()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--peer-python")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, options.texts.open(encoding="utf-8") as lines:
        home = Path(folder)
        for place in ("texts", "lines"):
            (home / place).mkdir()
        count = size = 0
        with (home / "lines" / "texts.jsonl").open("w", encoding="utf-8") as joined:
            for count, line in enumerate(lines, 1):
                row = json.loads(line)
                text = row.get("raw", row.get("text"))
                size += len(text)
                (home / "texts" / f"{count:06}.txt").write_text(text, "utf-8")
                joined.write(json.dumps({"id": str(count), "text": text}) + "\n")
        print(f"{count:,} texts of {size / count:,.0f} characters")
        _, ours = measured_command([sys.executable, "-c", OURS, str(home / "texts"), str(home / "ours")])
        print(f"winnow     {count / ours:6.1f} documents a processor second")
        if options.peer_python:
            _, peer = measured_command([options.peer_python, "-c", PEER, str(home / "lines"), str(home / "peer")])
            print(f"datatrove  {count / peer:6.1f} documents a processor second; {peer / ours:.2f} times ours")


if __name__ == "__main__":
    main()
