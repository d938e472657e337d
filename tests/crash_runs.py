"""Runs that a test may kill: a program that forks a run whenever it is told to, with everything imported.

A line on standard input is a list of JSON: OUT, then the inputs. The answer is the id of the process, which
leads a group of its own with its workers; then its exit status, when it has ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from corpora import run

from winnow.flows.settings import RunSettings

# Twenty documents a batch; what repeats is brought into rows that were staged, and into those that stood.
SETTINGS = RunSettings(workers=1, batch_bytes=1_500, most_removed=1.0, repeats="note")


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.setsid()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            out, *inputs = json.loads(line)
            run(out, *inputs, settings=SETTINGS)
            os._exit(0)
        _tell(child)
        _tell(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
