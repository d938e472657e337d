"""One run on many machines: any does any batch, once, twice or half, and the corpus is that of one run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from corpora import ONE, outcomes, rows_of, run, text, write_texts
from hypothesis import given
from hypothesis import strategies as st

from winnow.cleaners import BadSettings, WinnowError
from winnow.flows import planning, workspace
from winnow.flows.contract import ContractBroken
from winnow.flows.documents import Piece
from winnow.flows.inventory import Inventory
from winnow.flows.planning import NotDone, Plan
from winnow.flows.pool import Pool
from winnow.flows.runs import TooManyRemoved
from winnow.flows.store import Corpus, CorpusChanged

WINNOW = [sys.executable, "-c", "from winnow.flows.cli import main; main()"]
KILLS = 8


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Files and a container, some of which cannot be cleaned."""
    folder = tmp_path / "in"
    write_texts(folder, 60)
    (folder / "00001.txt#1").write_text(text(61))  # a file of its own, named like a document in the other
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    lines = (json.dumps({"id": str(number), "text": text(number)}) for number in range(40))
    (folder / "dump.jsonl").write_text("\n".join([*lines, "{broken"]))
    return folder


def plan_of(out: Path | str, *inputs: Path, batches: int | None = 5) -> Plan:
    return planning.make(Corpus(str(out)), [str(given) for given in inputs], ONE, batches)


def do(plan: Plan, warm: Pool, numbers: Sequence[int] | None = None) -> None:
    for number in plan.missing() if numbers is None else numbers:
        planning.do(plan, number, warm)


def parts(plan: Plan) -> list[str]:
    return [name for name in plan.place.names("parts") if name.endswith(".parquet")]


def change(folder: Path) -> None:
    """Some change, one comes, one goes; in the container too."""
    (folder / "00003.txt").write_text(text(3, version=1))
    (folder / "00004.txt").rename(folder / "00004x.txt")
    lines = [json.dumps({"id": str(number), "text": text(number, version=number // 39)}) for number in range(1, 42)]
    (folder / "dump.jsonl").write_text("\n".join(lines))


def test_it_ends_in_the_corpus_of_one_run(out: Path, texts: Path, tmp_path: Path, warm: Pool) -> None:
    for release in (1, 2):
        if release > 1:
            change(texts)
        plan = plan_of(out, texts)
        do(plan, warm)
        report = planning.publish(plan)
        alone = run(tmp_path / "alone", texts, warm=warm)
        assert report
        for name in ("release", "documents", "renewed", "unchanged", "removed", "excluded"):
            assert getattr(report, name) == getattr(alone, name), name
        assert rows_of(out) == rows_of(tmp_path / "alone")
    assert {"failed", "removed", "cleaned"} <= set(outcomes(out).values())
    assert sorted(path.name for path in Path(plan.place.uri).iterdir()) == ["plan.json"]


def test_where_nothing_changed_nothing_is_published(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    plan = plan_of(out, texts)
    do(plan, warm)
    report = planning.publish(plan)
    assert report
    assert (report.release, report.newest, report.unchanged) == (None, 1, report.documents)
    assert planning.publish(plan) is None


def test_a_missing_batch_is_told_and_nothing_is_published(out: Path, texts: Path, warm: Pool) -> None:
    plan = plan_of(out, texts)
    assert plan.head.batches == 5
    do(plan, warm, [0, 2, 4])
    with pytest.raises(NotDone, match=r"2 of 5 batches are not done: 1, 3\. Nothing was published: `winnow batch"):
        planning.publish(plan)
    assert outcomes(out) == {}
    do(plan, warm)
    assert planning.publish(plan)


def test_a_batch_done_twice_counts_once_even_if_its_input_changed_meanwhile(out: Path, texts: Path, warm: Pool) -> None:
    """What one try leaves alone, another may have done again: each brings its own list."""
    run(out, texts, warm=warm)
    for version in range(1, 5):
        plan = plan_of(out, texts)
        do(plan, warm)
        (texts / "00007.txt").write_text(text(7, version))
        do(plan, warm, range(5))
        assert len(parts(plan)) == 10
        report = planning.publish(plan)
        assert report
        assert (report.documents, report.removed) == (103, 0)
        assert len(rows_of(out)) == 103


def test_a_corpus_that_changed_meanwhile_is_left_alone_and_the_next_run_takes_over(
    out: Path, texts: Path, tmp_path: Path, warm: Pool
) -> None:
    other = tmp_path / "other"
    write_texts(other, 3)
    plan = plan_of(out, texts)
    do(plan, warm)
    run(out, other, warm=warm)
    for _ in range(2):
        with pytest.raises(CorpusChanged, match="another run published since this was planned; nothing was published"):
            planning.publish(plan)
    assert len(outcomes(out)) == 3
    change(texts)
    report = run(out, texts, warm=warm)
    assert report.taken_over == 103
    run(tmp_path / "alone", other, warm=warm)
    run(tmp_path / "alone", texts, warm=warm)
    told = ("source", "outcome", "text", "source_sha256", "first_release", "release")  # places in the container moved
    assert rows_of(out, told) == rows_of(tmp_path / "alone", told)


@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
def test_publishing_that_died_is_done_once(
    after: bool, out: Path, texts: Path, tmp_path: Path, warm: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(out, texts)
    do(plan, warm)
    commit = Corpus.commit

    def dies(*args: object) -> None:
        if after:
            commit(*args)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Corpus, "commit", dies)
        with pytest.raises(KeyboardInterrupt):
            planning.publish(plan)
    assert (planning.publish(plan) is None) == after
    assert planning.publish(Plan(plan.place.uri)) is None
    run(tmp_path / "alone", texts, warm=warm)
    assert rows_of(out) == rows_of(tmp_path / "alone")
    change(texts)
    run(out, texts, warm=warm)
    run(tmp_path / "alone", texts, warm=warm)
    assert rows_of(out) == rows_of(tmp_path / "alone")
    blocks = {path.name for path in (out / "corpus").glob("*.parquet")}
    assert len(blocks) == len({path.name for path in (tmp_path / "alone" / "corpus").glob("*.parquet")})
    assert not [path for path in (out / ".work").iterdir() if path.is_dir()]


def test_what_a_killed_run_had_done_goes_into_the_plan(
    out: Path, texts: Path, tmp_path: Path, warm: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Corpus, "commit", dies)
        with pytest.raises(KeyboardInterrupt):
            run(out, texts, warm=warm)
    (texts / "00003.txt").write_text(text(3, version=1))
    plan = plan_of(out, texts)
    do(plan, warm)
    report = planning.publish(plan)
    assert report
    assert (report.taken_over, report.documents) == (103, 103)
    run(tmp_path / "alone", texts, warm=warm)
    assert rows_of(out) == rows_of(tmp_path / "alone")


def test_many_removals_need_a_word(out: Path, texts: Path, warm: Pool) -> None:
    run(out, texts, warm=warm)
    (texts / "dump.jsonl").unlink()
    plan = plan_of(out, texts)
    do(plan, warm)
    with pytest.raises(TooManyRemoved):
        planning.publish(plan)
    report = planning.publish(plan, allow_removals=True)
    assert report
    assert report.removed == 41


def test_a_machine_with_another_version_is_refused(out: Path, texts: Path) -> None:
    plan = plan_of(out, texts)
    head = Path(plan.place.uri, "plan.json")
    head.write_text(head.read_text().replace(plan.head.made_by, "0123456789abcdef"))
    with pytest.raises(WinnowError, match="was planned with another version of Winnow"):
        Plan(plan.place.uri).check()


def test_a_damaged_part_is_named_and_its_batch_can_be_done_again(out: Path, texts: Path, warm: Pool) -> None:
    plan = plan_of(out, texts)
    do(plan, warm)
    part = Path(plan.place.uri, "parts", parts(plan)[2])
    part.write_bytes(part.read_bytes()[:-100])
    with pytest.raises(ContractBroken, match=rf"{part.name}: is damaged, so nothing was published\. Delete it"):
        planning.publish(plan)
    part.unlink()
    assert plan.missing() == [2]
    do(plan, warm)
    assert planning.publish(plan)


def test_what_is_no_plan_is_told(tmp_path: Path, out: Path, texts: Path) -> None:
    with pytest.raises(WinnowError, match="holds no plan: `winnow plan` makes one"):
        Plan(str(tmp_path))
    plan = plan_of(out, texts)
    with pytest.raises(WinnowError, match="holds a plan already, or something else: name an empty place"):
        planning.make(Corpus(str(out)), [str(texts)], ONE, at=plan.place.uri)
    (tmp_path / "mine" / "parts").mkdir(parents=True)
    (tmp_path / "mine" / "parts" / "of-a-bicycle.txt").write_text("wheels")
    with pytest.raises(WinnowError, match="name an empty place"):
        planning.make(Corpus(str(out)), [str(texts)], ONE, at=str(tmp_path / "mine"))


def test_a_batch_that_cannot_be_written_is_told(out: Path, texts: Path, warm: Pool) -> None:
    plan = plan_of(out, texts)
    Path(plan.place.uri, "parts").write_text("in the way")
    with pytest.raises(WinnowError, match=r"batch 0 could not be read or written, and left nothing: (Not a|File)"):
        planning.do(plan, 0, warm)
    Path(plan.place.uri, "batches", "000001.json").unlink()
    with pytest.raises(WinnowError, match="batch 1 is no longer there: was the plan published"):
        planning.do(plan, 1, warm)


def test_the_plan_holds_the_corpus_for_nobody(out: Path, texts: Path, warm: Pool) -> None:
    plan_of(out, texts)
    with workspace.workspace(Corpus(str(out))):
        pass
    assert run(out, texts, warm=warm).release == 1


@given(sizes=st.lists(st.integers(0, 10_000), max_size=60), count=st.integers(1, 20))
def test_shares_are_all_pieces_in_order_and_weigh_alike(sizes: list[int], count: int) -> None:
    inventory = Inventory(Path(":memory:"))
    pieces = [Piece(f"{number:03}", f"/{number:03}", size) for number, size in enumerate(sizes)]
    inventory.take(pieces)
    shares = list(inventory.shares(count))
    assert [piece for share in shares for piece in share] == pieces
    assert len(shares) <= count
    largest = max(sizes, default=0)
    for share in shares:
        weights = (sum(p.size for p in share) / max(1, sum(sizes)) + len(share) / len(pieces)) / 2
        assert weights <= 1 / count + (largest / max(1, sum(sizes)) + 1 / len(pieces)) / 2 + 1e-9
    inventory.close()


# --- as commands, in processes of their own


def winnow(*words: str, code: int = 0) -> tuple[str, str]:
    done = subprocess.run([*WINNOW, *words], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_a_plan_takes_a_sample_and_refuses_a_limit(tmp_path: Path, texts: Path, warm: Pool) -> None:
    sampled = ONE.model_copy(update={"sample": 0.3})
    plan = planning.make(Corpus(str(tmp_path / "out")), [str(texts)], sampled, 3)
    do(plan, warm)
    assert planning.publish(plan)
    run(tmp_path / "other", texts, settings=sampled, warm=warm)
    assert 0 < len(outcomes(tmp_path / "out")) < 101
    assert outcomes(tmp_path / "out") == outcomes(tmp_path / "other")
    with pytest.raises(BadSettings, match="sample"):
        planning.make(Corpus(str(tmp_path / "out")), [str(texts)], ONE.model_copy(update={"limit": 5}), 3)


def test_killed_batches_done_at_once_by_several_lose_and_double_nothing(out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_texts(folder, 800)
    place = winnow("plan", str(folder), "--out", str(out), "--batches", "8")[0].strip()
    command = [*WINNOW, "batch", place, "--workers", "2"]
    for kill in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            if kill:  # the first gets somewhere
                time.sleep(0.35 * kill)
            else:
                assert process.stdout
                process.stdout.readline()
            process.kill()
    done = len(parts(Plan(place)))
    assert done >= 1
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        _, told = process.communicate(timeout=300)
        assert process.returncode == 0, told
    assert winnow("batch", f"{place}/batches/000003.json")[0] == "1 of 1 batches were done already\n"
    code = "import sys; from winnow.flows import planning; planning.publish(planning.Plan(sys.argv[1]))"
    for kill in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", code, place]) as process:
            time.sleep(0.4 + 0.1 * kill)
            process.kill()
        assert len(outcomes(out)) in (0, 800), "all of it or nothing"
    planning.publish(Plan(place))
    run(tmp_path / "alone", folder)
    assert rows_of(out) == rows_of(tmp_path / "alone")
    assert winnow("batch", place)[0] == f"{place}: was published already\n"


def test_commands_from_plan_to_release(out: Path, texts: Path, prefect_server: None) -> None:
    place, told = winnow("plan", str(texts), "--out", str(out), "--batches", "4")
    place = place.strip()
    assert "4 batches; do them with `winnow batch`" in told
    assert winnow("batch", f"{place}/batches/000001.json", "--workers", "1")[0].startswith("batch 1: ")
    _, told = winnow("publish", place, code=1)
    assert "3 of 4 batches are not done: 0, 2, 3." in told
    assert winnow("batch", place, "--share", "1/2")[0].count("documents") == 2
    assert winnow("batch", place)[0].startswith("3 of 4 batches were done already\nbatch 3: ")
    shown, _ = winnow("publish", place)
    assert "103 documents" in shown
    assert len((out / "latest" / "corpus.jsonl").read_text("utf-8").splitlines()) == 103
    assert winnow("publish", place)[0] == f"{place}: was published already\n"


@pytest.mark.parametrize("words", [("--share", "0/2"), ("--share", "3/2"), ("--share", "half")])
def test_a_share_that_is_none_is_refused(words: tuple[str, ...], out: Path, texts: Path) -> None:
    plan = plan_of(out, texts)
    assert f"--share {words[1]}: say it as 3/8" in winnow("batch", plan.place.uri, *words, code=2)[1]


def test_a_batch_that_is_none_is_refused(out: Path, texts: Path) -> None:
    plan = plan_of(out, texts)
    _, told = winnow("batch", f"{plan.place.uri}/batches/000099.json", code=2)
    assert "has 5 batches, from 0 on; there is no batch 99" in told


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_a_batch_that_is_told_to_end_leaves_nothing(out: Path, tmp_path: Path) -> None:
    write_texts(tmp_path / "in", 4_000)
    place = winnow("plan", str(tmp_path / "in"), "--out", str(out), "--batches", "1")[0].strip()
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    with subprocess.Popen(
        [*WINNOW, "batch", place], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("tmp/winnow-batch-*/*.partial")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert told == "winnow: stopped; batches that were not done left nothing, and can be done anywhere\n"
    assert Plan(place).missing() == [0]
    assert not list((tmp_path / "tmp").iterdir())


def test_an_input_that_is_there_again_is_no_longer_told_of(tmp_path: Path, warm: Pool) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    inputs = [str(folder), str(tmp_path / "*.csv")]
    run(out, *inputs, warm=warm)
    gone = {f"{tmp_path.name}/in", inputs[1]}
    assert outcomes(out) == dict.fromkeys(gone, "failed")
    write_texts(folder, 2)
    (tmp_path / "a.csv").write_text("text\nRain is likely.\n")
    plan = planning.make(Corpus(str(out)), inputs, ONE)
    for number in plan.missing():
        planning.do(plan, number, warm)
    report = planning.publish(plan)
    assert report
    assert (report.documents, report.removed) == (3, 2)
    assert {source for source, outcome in outcomes(out).items() if outcome == "removed"} == gone
    assert run(out, *inputs, warm=warm).release is None
