"""Schedules, the dashboard's server and the watch over killed runs, against a server that `winnow dashboard` starts.

Prefect's triggers and runners look every few seconds, so the tests look too, with deadlines that only a broken
machine misses.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from corpora import outcomes, write_texts

from winnow.cleaners import BadSettings
from winnow.flows import dashboards, server_cli

WINNOW = [sys.executable, "-c", "from winnow.flows.cli import main; main()"]
ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
PATIENCE = 120  # seconds until something is held to be broken


@contextmanager
def started(*command: str, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs while the context lasts; ended as a service is."""
    with log.open("ab") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told, env=env)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def until(told: Callable[[], Any], log: Path | None = None) -> Any:
    """What is told as soon as it is something."""
    due = time.monotonic() + PATIENCE
    while time.monotonic() < due:
        if found := told():
            return found
        time.sleep(0.3)
    pytest.fail(f"it did not come; the log says:\n{log.read_text('utf-8', 'replace') if log else ''}")


class Server:
    """A Prefect server, asked as its dashboard asks it."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.env = {**os.environ, "PREFECT_API_URL": f"{address}/api", "PREFECT_HOME": str(folder)}

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = httpx.request(
            "GET" if body is None else "POST", f"{self.address}/api/{path}", json=body, timeout=PATIENCE
        )
        return answer.raise_for_status().json()

    def deployment(self, name: str) -> dict[str, Any] | None:
        found = self.ask("deployments/filter", {"deployments": {"name": {"any_": [name]}}})
        return next(iter(found), None)

    def runs(self, state: str, **where: Any) -> list[dict[str, Any]]:
        """Flow runs in a state, the oldest first."""
        runs = {"flow_runs": {"state": {"name": {"any_": [state]}}}}
        found: list[dict[str, Any]] = self.ask("flow_runs/filter", {**runs, **where, "sort": "EXPECTED_START_TIME_ASC"})
        return found

    def runs_of(self, deployment: str, state: str) -> list[dict[str, Any]]:
        return self.runs(state, deployments={"name": {"any_": [deployment]}})

    def winnow(self, *args: str) -> str:
        done = subprocess.run(
            [*WINNOW, *args], env=self.env, text=True, check=True, capture_output=True, timeout=PATIENCE
        )
        return done.stdout

    def serves(self, log: Path, *args: str) -> Any:
        """A context with `winnow serve`."""
        return started(*WINNOW, "serve", *args, env=self.env, log=log)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("prefect")
    log = folder / "log"
    env = {**os.environ, "PREFECT_HOME": str(folder)}
    with started(*WINNOW, "dashboard", "--port", "0", env=env, log=log):
        until(lambda: "PREFECT_API_URL" in log.read_text(), log)
        yield Server(log.read_text().split()[1], folder)


def test_the_dashboard_is_quiet_and_for_this_machine_only(server: Server) -> None:
    assert server.address.startswith("http://127.0.0.1:")
    settings = server.ask("admin/settings")["server"]
    assert settings["analytics_enabled"] is False
    assert settings["ui"]["v2_enabled"] is False
    assert settings["ui"]["show_promotional_content"] is False
    assert "<html" in httpx.get(server.address).text


def test_a_schedule_fires_one_run_at_a_time_and_pauses(server: Server, tmp_path: Path) -> None:
    out, log = tmp_path / "hourly", tmp_path / "log"
    with server.serves(log, str(SEEDS), "--out", str(out), "--every", "1s"):
        done = until(lambda: server.runs_of("hourly", "Completed"), log)
        assert "winnow" in done[0]["tags"]
        overlapping = until(lambda: server.runs_of("hourly", "Cancelled"), log)
        assert "concurrency limit" in overlapping[0]["state"]["message"]
        server.winnow("pause", "hourly")
        assert (server.deployment("hourly") or {})["paused"] is True
        server.winnow("resume", "hourly")
        assert (server.deployment("hourly") or {})["paused"] is False
    assert (server.deployment("hourly") or {})["paused"] is True, "nobody is there to run it"
    assert not server.runs_of("hourly", "Running")
    assert len((out / "latest" / "corpus.jsonl").read_text("utf-8").splitlines()) == 5


def test_parameters_are_a_form_and_validate(server: Server, tmp_path: Path) -> None:
    log = tmp_path / "log"
    settings = tmp_path / "news.toml"
    settings.write_text('residue = "off"\n')
    out = tmp_path / "formed"
    with server.serves(log, str(SEEDS), "--out", str(out), "--settings", str(settings)):
        held = until(lambda: server.deployment("formed"), log)
    assert held["parameters"] == {"inputs": [str(SEEDS)], "out": str(out), "settings": {"residue": "off"}}
    assert not held["schedules"]
    form = held["parameter_openapi_schema"]["definitions"]["RunSettings"]["properties"]
    assert all(field["title"] and field["description"] for field in form.values())
    for wrong in ({"residue": "sometimes"}, {"deadline": -1}, {"no_such": 1}):
        with pytest.raises(httpx.HTTPStatusError) as refused:
            server.ask(f"deployments/{held['id']}/create_flow_run", {"parameters": {"settings": wrong}})
        assert refused.value.response.status_code in (409, 422)


def test_a_run_that_was_killed_is_marked(server: Server, tmp_path: Path) -> None:
    server.winnow("watch", "--after", "10s")
    server.winnow("watch", "--after", "10s")
    assert len(server.ask("automations/filter", {})) == 1
    folder, log = tmp_path / "in", tmp_path / "log"
    folder.mkdir()
    for number in range(3_000):
        (folder / f"{number}.txt").write_text("Il pleut dans la vallée depuis vendredi.\n\nLeave a Reply\n" * 20)
    with started(*WINNOW, "run", str(folder), "--out", str(tmp_path / "killed"), env=server.env, log=log) as run:

        def at_work() -> Any:
            mine = [r for r in server.runs("Running") if r["parameters"]["out"] == str(tmp_path / "killed")]
            return mine and any((tmp_path / "killed" / ".work").glob("*/parts/*"))

        until(at_work, log)
        run.send_signal(signal.SIGKILL)
        run.wait()
    crashed = until(
        lambda: [r for r in server.runs("Crashed") if r["parameters"]["out"] == str(tmp_path / "killed")], log
    )
    assert "no sign of life for 10 seconds" in crashed[0]["state"]["message"]


DOWNSTREAM = """
import sys
from pathlib import Path
from prefect import flow
from prefect.events import DeploymentEventTrigger
import winnow.flows.telling as telling

@flow
def after_release(release: int, folder: str) -> None:
    Path(folder, "told.txt").write_text(str(release))

if __name__ == "__main__":  # a run loads this file too
    trigger = DeploymentEventTrigger(
        expect={telling.PUBLISHED},
        match=telling.resource(sys.argv[1]),
        parameters={"release": "{{ event.payload.release }}", "folder": sys.argv[2]},
    )
    after_release.serve("downstream", triggers=[trigger])
"""


def test_events_start_what_waits_for_them(server: Server, tmp_path: Path) -> None:
    crawl, out, log = tmp_path / "crawl", tmp_path / "out", tmp_path / "log"
    text = "Heute regnet es im ganzen Tal, und die Leute bleiben zu Hause {}.\n"
    crawl.mkdir()
    for number in range(30):
        (crawl / f"{number}.txt").write_text(text.format(number))
    script = tmp_path / "downstream.py"
    script.write_text(DOWNSTREAM)
    with started(sys.executable, str(script), str(out), str(tmp_path), env=server.env, log=log):
        until(lambda: server.deployment("downstream"), log)
        server.winnow("run", str(crawl), "--out", str(out))
        for number in range(30, 45):
            (crawl / f"{number}.txt").write_text(text.format(number) + "\nLeave a Reply\n\nShare on Facebook\n")
        (crawl / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
        server.winnow("run", str(crawl), "--out", str(out))
        until(lambda: len(server.runs_of("downstream", "Completed")) == 2, log)
    assert (tmp_path / "told.txt").read_text() in ("1", "2")
    told = {"event": {"prefix": ["winnow."]}, "resource": {"id": [f"winnow.corpus.{out}"]}}
    events = {}
    for event in until(lambda: server.ask("events/filter", {"filter": told})["events"]):
        events.setdefault(event["event"], []).append(event["payload"])
    assert [len(events[f"winnow.{kind}"]) for kind in ("corpus.published", "drift", "failures")] == [2, 1, 1]
    assert events["winnow.drift"][0]["sites"][0]["what"] == "removal share"
    assert events["winnow.failures"][0]["documents"] == 1
    assert "PNG" in events["winnow.failures"][0]["causes"][0]["cause"]
    assert sorted(payload["release"] for payload in events["winnow.corpus.published"]) == [1, 2]


def test_a_run_that_fails_says_so(server: Server, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(subprocess.CalledProcessError):
        server.winnow("run", str(SEEDS), "--out", str(blocked))
    told = {"event": {"prefix": ["winnow."]}, "resource": {"id": [f"winnow.corpus.{blocked}"]}}
    event = until(lambda: server.ask("events/filter", {"filter": told})["events"])[0]
    assert event["event"] == "winnow.failures"
    assert "cannot be written" in event["payload"]["cause"]
    failed = [run for run in server.runs("Failed") if run["parameters"]["out"] == str(blocked)]
    assert failed[0]["name"].startswith("file 20")
    assert {"winnow", "corpus:file"} <= set(failed[0]["tags"])


def test_a_team_deploys_into_a_work_pool(server: Server, tmp_path: Path) -> None:
    out, log = tmp_path / "team", tmp_path / "log"
    prefect = (sys.executable, "-m", "prefect", "--no-prompt")
    env = {**server.env, "WINNOW_INPUT": str(SEEDS), "WINNOW_OUT": str(out)}
    for command in ("work-pool create winnow --type process", f"deploy --all --prefect-file {ROOT / 'prefect.yaml'}"):
        subprocess.run([*prefect, *command.split()], env=env, check=True, cwd=tmp_path, capture_output=True)
    held = server.deployment("nightly")
    assert held is not None
    assert held["parameters"] == {"inputs": [str(SEEDS)], "out": str(out)}
    assert held["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    asked = server.ask(f"deployments/{held['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})
    with started(*prefect, "worker", "start", "--pool", "winnow", env=env, log=log):
        until(lambda: server.ask(f"flow_runs/{asked['id']}")["state_name"] == "Completed", log)
    assert len((out / "latest" / "corpus.jsonl").read_text("utf-8").splitlines()) == 5


def test_workers_share_a_run_and_a_lost_one_costs_nothing(server: Server, tmp_path: Path) -> None:
    """One is killed while its run is at work; what is not done, another does."""
    crawl, out, log = tmp_path / "crawl", tmp_path / "shared", tmp_path / "log"
    write_texts(crawl, 2_000)
    prefect = (sys.executable, "-m", "prefect", "--no-prompt")
    env = {**server.env, "WINNOW_INPUT": str(crawl), "WINNOW_OUT": str(out)}
    deploy = f"deploy --all --prefect-file {ROOT / 'docs' / 'prefect-shares.yaml'}"
    for command in (
        "work-pool create winnow --type process --overwrite",
        "work-pool create winnow-shares --type process",
        deploy,
    ):
        subprocess.run([*prefect, *command.split()], env=env, check=True, cwd=tmp_path, capture_output=True)
    server.winnow("watch", "--after", "10s")
    worker = (*prefect, "worker", "start", "--pool")
    held = server.deployment("nightly-on-workers") or {}
    asked = server.ask(f"deployments/{held['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})
    with started(*worker, "winnow", env=env, log=log):
        first = subprocess.Popen(
            [*worker, "winnow-shares", "--limit", "1"], env=env, stdout=subprocess.DEVNULL, start_new_session=True
        )
        until(lambda: server.runs_of("share", "Running"), log)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        with started(*worker, "winnow-shares", "--limit", "1", env=env, log=log):
            until(lambda: server.ask(f"flow_runs/{asked['id']}")["state_name"] == "Completed", log)
    assert len(server.runs_of("share", "Completed")) >= 1
    assert set(outcomes(out).values()) == {"cleaned"}
    assert len(outcomes(out)) == 2_000


def test_a_server_that_wants_a_password_says_so(tmp_path: Path) -> None:
    log = tmp_path / "log"
    env = {**os.environ, "PREFECT_HOME": str(tmp_path), "PREFECT_SERVER_API_AUTH_STRING": "team:secret"}
    with started(*WINNOW, "dashboard", "--port", "0", env=env, log=log):
        until(lambda: "PREFECT_API_URL" in log.read_text(), log)
        told = {**os.environ, "PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": f"{log.read_text().split()[1]}/api"}
        for command in (("watch",), ("run", str(SEEDS), "--out", str(tmp_path / "out"))):
            done = subprocess.run([*WINNOW, *command], env=told, text=True, check=False, capture_output=True)
            assert done.returncode == 1
            assert done.stderr.endswith("wants a password: export PREFECT_API_AUTH_STRING=user:password\n")
        known = {**told, "PREFECT_API_AUTH_STRING": "team:secret"}
        subprocess.run([*WINNOW, "watch"], env=known, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("told", "meant"),
    [("90s", timedelta(seconds=90)), ("15m", timedelta(minutes=15)), ("1h", timedelta(hours=1)), ("2 d", timedelta(2))],
)
def test_spans_are_said_in_short(told: str, meant: timedelta) -> None:
    assert server_cli.span_of(told, "--every") == meant


@pytest.mark.parametrize("told", ["", "1", "0s", "1w", "-1h", "h", "1.5h"])
def test_other_spans_are_refused(told: str) -> None:
    with pytest.raises(BadSettings, match="--every"):
        server_cli.span_of(told, "--every")


def test_postgresql_is_one_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://elsewhere/api")
    env = dashboards.environment("http://127.0.0.1:4200", "postgresql://someone:secret@db:5432/prefect")
    assert env["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == "postgresql+asyncpg://someone:secret@db:5432/prefect"
    assert env["PREFECT_SERVER_UI_API_URL"] == "http://127.0.0.1:4200/api"
    assert "PREFECT_API_URL" not in env
    with pytest.raises(BadSettings, match="PostgreSQL"):
        dashboards.environment("http://127.0.0.1:4200", "mysql://db/prefect")
