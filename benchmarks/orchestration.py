"""What Prefect adds to a run: the flow beside a bare loop over the same engine, the same texts, in one run.

    PREFECT_HOME=$(mktemp -d) python benchmarks/orchestration.py 20000 --at /tmp/orchestration

Processor seconds are those of this process and its workers; the flow's server is a process of its own that was
started before, and is told apart. The texts are those of corpus_at_scale.py.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from clocks import OTHERS, OWN, measured
from corpus_at_scale import Texts, run
from prefect.settings import PREFECT_API_URL, temporary_settings

from winnow.flows import dashboards
from winnow.flows.clean_corpus import clean_corpus
from winnow.flows.settings import RunSettings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int)
    parser.add_argument("--at", type=Path, required=True, help="A folder to work in; deleted before and after.")
    options = parser.parse_args()
    shutil.rmtree(options.at, ignore_errors=True)
    texts = Texts(options.at / "in")
    for number in range(options.documents):
        texts.write(number)
    settings = RunSettings(export="never")
    with dashboards.dashboard(port=0) as (address, _), temporary_settings({PREFECT_API_URL: f"{address}/api"}):
        clean_corpus([str(texts.home / "site0000")], str(options.at / "warm"), settings)
        for _ in range(2):
            for place in ("bare", "flow"):
                shutil.rmtree(options.at / place, ignore_errors=True)
            bare = measured(lambda: run(options.at / "bare", texts.home, settings), OWN, OTHERS)
            flow = measured(lambda: clean_corpus([str(texts.home)], str(options.at / "flow"), settings), OWN, OTHERS)
            for what, one, other in (("wall", flow[0], bare[0]), ("processor", flow[1], bare[1])):
                print(f"{what} seconds: bare {other:.1f}, flow {one:.1f}: {one / other - 1:+.1%}", flush=True)
    shutil.rmtree(options.at)


if __name__ == "__main__":
    main()
