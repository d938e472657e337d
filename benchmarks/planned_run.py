"""What it costs to do a run in batches that other machines could do: plan, batches, publish, beside one run.

    python benchmarks/planned_run.py 20000 --at /tmp/planned

Processor seconds of the commands, each a process of its own, as on a cluster; Prefect is left out. Planning and
publishing are the parts that one machine does alone. The texts are those of corpus_at_scale.py.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from clocks import measured_command
from corpus_at_scale import Texts

STEPS = {
    "one run": "from corpus_at_scale import run; from pathlib import Path\n"
    "from winnow.flows.settings import RunSettings\nrun(Path(sys.argv[2]), Path(sys.argv[1]), RunSettings(workers=1))",
    "plan": "from winnow.flows.cli import app; app(['plan', sys.argv[1], '--out', sys.argv[2], '--plan', sys.argv[3],"
    " '--batches', '20'])",
    "batches": "from winnow.flows.cli import app; app(['batch', sys.argv[3], '--workers', '1'])",
    "publish": "from winnow.flows import planning; planning.publish(planning.Plan(sys.argv[3]))",
}


def show(name: str, *words: Path) -> None:
    """Run a step as a program, and print what it took."""
    command = [sys.executable, "-c", f"import sys; {STEPS[name]}", *map(str, words)]
    seconds, used = measured_command(command, Path(__file__).parent)
    print(f"{name}: {seconds:.1f} s, {used:.1f} processor s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int)
    parser.add_argument("--at", type=Path, required=True, help="A folder to work in; deleted before and after.")
    options = parser.parse_args()
    shutil.rmtree(options.at, ignore_errors=True)
    texts = Texts(options.at / "in")
    for number in range(options.documents):
        texts.write(number)
    show("one run", texts.home, options.at / "alone")
    for release, changed in (("all new", 0), ("1% changed", 1)):
        for number in range(0, options.documents * changed, 100):
            texts.write(number, version=1)
        plan = options.at / f"plan{changed}"
        print(release)
        for step in ("plan", "batches", "publish"):
            if step == "batches":
                size = sum(path.stat().st_size for path in plan.rglob("*") if path.is_file())
                print(f"the plan: {size:,} bytes")
            show(step, texts.home, options.at / "many", plan)
    shutil.rmtree(options.at)


if __name__ == "__main__":
    main()
