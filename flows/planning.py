"""A run in batches that many machines do, in any order, and one of them publishes: a plan.

    PLAN/plan.json                  what the run is: corpus, settings, what was listed; at last, that it has ended
    PLAN/batches/<n>.json           a batch: the pieces of files that it reads
    PLAN/known/<n>.sqlite           what the corpus holds of its documents, where it holds anything
    PLAN/parts/<n>-<try>.parquet    what it made, beside `<n>-<try>.unchanged`; the Parquet file comes last
    PLAN/parts/adopted-<n>.parquet  what runs that were killed had made before

It stands in a folder or an object store that all machines reach. A batch that is done twice, by whomever, stands there
twice, and one of the two counts. Nothing is locked meanwhile: a plan is published only if the corpus is as it was.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from winnow.cleaners import BadSettings, WinnowError
from winnow.flows import engine, faults, rows, runs
from winnow.flows.contract import ContractBroken
from winnow.flows.documents import Piece
from winnow.flows.engine import BatchSpec
from winnow.flows.ledger import KnownDocuments
from winnow.flows.places import Place, absolute
from winnow.flows.pool import Pool
from winnow.flows.runs import Run, RunReport
from winnow.flows.settings import RunSettings
from winnow.flows.store import Corpus, CorpusChanged
from winnow.flows.workspace import new_run, workspace

_HEAD = "plan.json"
_FOLDERS = ("batches", "known", "parts")
_MOST_NAMED = 10  # missing batches that a message names


class NotDone(WinnowError):
    """Batches of a plan are missing."""


class Head(BaseModel):
    """What `plan.json` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    """Id of the run."""
    out: str
    """The corpus."""
    after: int
    """The newest release when it was planned; 0: none. Its own will stand on it."""
    made: float
    """When, in seconds since 1970."""
    made_by: str
    """Of the rows: machines with another version of Winnow would make others."""
    settings: RunSettings
    batches: int
    complete: tuple[str, ...]
    """Folders that were listed to the last file: what is not there is gone."""
    named: tuple[str, ...] = ()
    """What the inputs would be named by, had they not been found."""
    excluded: int
    """Files and folders that the settings leave out."""
    ended: bool = False


class Plan:
    """A plan that was made. Raises WinnowError where there is none."""

    def __init__(self, uri: str) -> None:
        self.place = Place(uri)
        try:
            self.head = Head.model_validate_json(self.place.read(_HEAD))
        except FileNotFoundError:
            raise WinnowError(f"{uri}: holds no plan: `winnow plan` makes one and says where it is") from None
        except OSError as error:
            raise WinnowError(f"{uri}: cannot be read: {error.strerror or faults.told(error)}") from error
        except ValueError as error:
            raise WinnowError(f"{uri}: its plan was made by another version of Winnow: {error}") from None

    def tries(self) -> dict[int, str]:
        """The batches that are done, each with the name of a part that it made."""
        found = (name for name in self.place.names("parts") if name.endswith(".parquet") and name[0].isdecimal())
        return {int(name.partition("-")[0]): name for name in found}

    def missing(self) -> list[int]:
        """The batches that are not done."""
        done = self.tries()
        return [number for number in range(self.head.batches) if number not in done]

    def left(self, numbers: Iterable[int]) -> list[int]:
        """Those of these batches that are not done."""
        missing = set(self.missing())
        return [number for number in numbers if number in missing]

    def spec(self, number: int) -> BatchSpec:
        """A batch, its paths as they stand below the plan."""
        return BatchSpec.from_json(self.place.read(f"batches/{number:06}.json"))

    def check(self) -> None:
        """Raises WinnowError where this machine would make other rows than the one that planned."""
        if self.head.made_by != rows.made_by(self.head.settings):
            raise WinnowError(
                f"{self.place.uri}: was planned with another version of Winnow or its libraries: install the same on"
                " all machines, or plan again"
            )

    def check_done(self) -> None:
        """Raises NotDone where batches are missing."""
        if missing := self.missing():
            named = ", ".join(map(str, missing[:_MOST_NAMED])) + (", …" if len(missing) > _MOST_NAMED else "")
            raise NotDone(
                f"{self.place.uri}: {len(missing):,} of {self.head.batches:,} batches are not done: {named}. Nothing"
                f" was published: `winnow batch {self.place.uri}` does them"
            )


def make(
    corpus: Corpus, inputs: Sequence[str], settings: RunSettings, batches: int | None = None, at: str | None = None
) -> Plan:
    """Plan a run: list the inputs and cut them into batches, at most `batches` of about the same weight.

    `at`: an empty folder or place for the plan; by default one in the corpus's own. What runs that were killed had
    done is taken over. Raises BadSettings, CorpusBusy, OutputNotWritable, WinnowError.
    """
    if settings.limit:
        raise BadSettings("limit: batches that know nothing of each other cannot count together; take a sample instead")
    run_id = new_run()
    place = Place(at or f"{absolute(corpus.out)}/plans/{run_id}")
    if place.holds(_HEAD) or any(map(place.names, _FOLDERS)):  # they will be deleted
        raise WinnowError(f"{place.uri}: holds a plan already, or something else: name an empty place")
    with workspace(corpus) as space:
        run = Run(corpus, space, settings)
        try:
            run.prepare(inputs)
            for part in space.adopted():
                place.put(part, f"parts/{part.name}")
            newest = runs.newest(corpus)
            head = Head(
                run=run_id,
                out=absolute(corpus.out),
                after=newest.number if newest else 0,
                made=time.time(),
                made_by=rows.made_by(settings),
                settings=settings,
                batches=sum(_write(place, run, spec) for spec in run.batches(batches)),
                complete=tuple(sorted(run.complete)),
                named=tuple(sorted(run.named)),
                excluded=run.excluded,
            )
        finally:
            run.close()
        place.write(head.model_dump_json(indent=1), _HEAD)  # last: where it stands, the plan is whole
    return Plan(place.uri)


def _write(place: Place, run: Run, spec: BatchSpec) -> int:
    """Write one batch of a plan; returns their number."""
    spec = spec.absolute()
    known = ""
    if spec.known:
        known = f"known/{spec.number:06}.sqlite"
        with tempfile.TemporaryDirectory(prefix="winnow-plan-") as folder:
            local = Path(folder) / "known.sqlite"
            held = KnownDocuments(local, new=True)
            held.add(run.known.within(dict.fromkeys(piece.source for piece in spec.pieces)))
            held.close()
            place.put(local, known)
    place.write(replace(spec, known=known, parts="parts").to_json(), f"batches/{spec.number:06}.json")
    return 1


def do(plan: Plan, number: int, pool: Pool) -> int:
    """Do a batch of a plan, here; returns its number of documents. When the pool is stopping, it leaves nothing.

    Raises WinnowError where it cannot be read or written; no document is at fault.
    """
    try:
        return _do(plan, number, pool)
    except FileNotFoundError as error:
        raise WinnowError(f"{plan.place.uri}: batch {number} is no longer there: was the plan published?") from error
    except OSError as error:
        told = f"batch {number} could not be read or written, and left nothing: {error.strerror or faults.told(error)}"
        raise WinnowError(f"{plan.place.uri}: {told}") from error


def _do(plan: Plan, number: int, pool: Pool) -> int:
    planned = plan.spec(number)
    with tempfile.TemporaryDirectory(prefix="winnow-batch-") as folder:
        spec = replace(planned, known="", parts=folder)
        if planned.known:
            spec = replace(spec, known=str(Path(folder) / "known.sqlite"))
            plan.place.fetch(planned.known, Path(spec.known))
        count = engine.run_batch(spec, pool, plan.head.settings, lambda _done: None)
        if not pool.stopping.is_set():
            this = f"{number:06}-{new_run()}"
            plan.place.put(spec.unchanged, f"parts/{this}.unchanged")
            plan.place.put(spec.part, f"parts/{this}.parquet")
    return count


def do_all(plan: Plan, numbers: Sequence[int], pool: Pool) -> Iterator[tuple[int, int]]:
    """Do these batches, as many at a time as there are workers; yields each with its documents when it is done.

    When anything goes wrong, or it is interrupted, batches that are not done leave nothing.
    """
    with ThreadPoolExecutor(pool.size, "winnow-batch") as threads:
        running = {threads.submit(do, plan, number, pool): number for number in numbers}
        try:
            for future in as_completed(running):
                yield running[future], future.result()
        except BaseException:
            pool.stopping.set()
            threads.shutdown(cancel_futures=True)
            raise


def publish(plan: Plan, *, allow_removals: bool = False, wait: float = 0.0) -> RunReport | None:
    """Make what the batches did the newest release; None where that was done before.

    Raises NotDone; CorpusChanged, where another run published since it was planned: what its batches did is then left
    for the next run or plan to take over; and what `Run.release` raises.
    """
    plan = Plan(plan.place.uri)  # as it stands now
    head, corpus = plan.head, Corpus(plan.head.out)
    if head.ended or head.run in {release.told["run"] for release in corpus.releases()}:
        _end(plan)
        return None
    plan.check()
    plan.check_done()
    with workspace(corpus, wait, head.run) as space:
        specs = list(_gathered(plan, space.parts))
        newest = runs.newest(corpus)
        if (newest.number if newest else 0) != head.after:
            raise CorpusChanged(
                f"{corpus.out}: another run published since this was planned; nothing was published. Run or plan"
                " again: what the batches did is taken over"
            )
        run = Run(corpus, space, head.settings)
        try:
            run.resume(_pieces(plan), head.complete, head.named, head.excluded, time.time() - head.made)
            for spec in specs:
                run.take_in(spec)
            report = run.release(allow_removals=allow_removals)
        finally:
            run.close()
    _end(plan)
    return report


def _gathered(plan: Plan, parts: Path) -> Iterator[BatchSpec]:
    """Bring the parts of all batches into a folder."""
    for name in plan.place.names("parts"):
        if name.startswith("adopted-"):
            plan.place.fetch(f"parts/{name}", parts / name)
    for number, name in sorted(plan.tries().items()):
        spec = BatchSpec(number, (), "", str(parts))
        plan.place.fetch(f"parts/{name}", spec.part)
        plan.place.fetch(f"parts/{Path(name).with_suffix('.unchanged')}", spec.unchanged)
        try:
            pq.ParquetFile(spec.part).close()
        except pa.ArrowInvalid as error:
            raise ContractBroken(
                f"{plan.place.uri}/parts/{name}: is damaged, so nothing was published. Delete it, and"
                f" `winnow batch {plan.place.uri}` does its batch again ({error})"
            ) from error
        yield spec


def _pieces(plan: Plan) -> Iterator[Piece]:
    for number in range(plan.head.batches):
        yield from plan.spec(number).pieces


def _end(plan: Plan) -> None:
    """Say in the plan that it has ended, and delete what is no longer needed."""
    plan.place.write(plan.head.model_copy(update={"ended": True}).model_dump_json(indent=1), _HEAD)
    for folder in _FOLDERS:
        plan.place.delete(folder)
