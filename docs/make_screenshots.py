"""Make the screenshots of the dashboard: `python docs/make_screenshots.py [CHROMIUM]`.

A real server, real runs of the seeds and a few texts more, and a real Chromium, which is spoken to over its own
protocol and can reach nothing but this machine.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SEEDS = HERE.parent / "seeds"
_WIDTH, _HEIGHT = 1_280, 800  # CSS pixels
_PATIENCE = 60  # seconds until a page is held to be broken
_SETTLE = 2  # seconds for what moves to come to rest


class Browser:
    """A page of a headless Chromium."""

    def __init__(self, address: str) -> None:
        from websockets.sync.client import connect  # noqa: PLC0415

        self._socket = connect(address, max_size=None)
        self._numbers = itertools.count(1)
        self._session = ""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method: str, **params: Any) -> Any:
        """The answer to a command of the DevTools protocol."""
        number = next(self._numbers)
        session = {"sessionId": self._session} if self._session else {}
        self._socket.send(json.dumps({"id": number, "method": method, "params": params, **session}))
        while True:
            told = json.loads(self._socket.recv(_PATIENCE))
            if told.get("id") == number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                return told["result"]

    def show(self, address: str, *texts: str, height: int = _HEIGHT) -> None:
        """Open a page and wait until it shows these texts."""
        size = {"width": _WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        self.ask("Page.navigate", url=address)
        self.wait_for(*texts)

    def wait_for(self, *texts: str) -> None:
        """Wait until the page shows these texts."""
        due = time.monotonic() + _PATIENCE
        shown = ""
        while not all(text in shown for text in texts):
            if time.monotonic() > due:
                raise SystemExit(f"the page does not show {texts}, but:\n{shown}")
            time.sleep(0.3)
            shown = str(self.run("document.body ? document.body.innerText : ''"))
        time.sleep(_SETTLE)

    def run(self, script: str) -> Any:
        """What a JavaScript expression gives on the page."""
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def take(self, name: str) -> None:
        """Write what the page shows into a file beside this script."""
        data = self.ask("Page.captureScreenshot", format="png")["data"]
        (HERE / name).write_bytes(base64.b64decode(data))


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """A browser that ends with the context."""
    with tempfile.TemporaryDirectory(prefix="winnow-chromium-", ignore_cleanup_errors=True) as home:
        command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        command += [f"--user-data-dir={home}", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
            try:
                assert process.stderr  # noqa: S101
                lines = (line for line in process.stderr if line.startswith("DevTools listening on "))
                yield Browser(next(lines).split()[-1])
            finally:
                process.terminate()


def runs(folder: Path) -> None:
    """Three releases of one corpus; by the third a site has another template, and a file cannot be read."""
    from winnow.flows.clean_corpus import clean_corpus  # noqa: PLC0415

    crawl, out = folder / "crawl", str(folder / "news")
    valley = crawl / "valley.example"
    shutil.copytree(SEEDS, crawl / "seeds")
    valley.mkdir()
    for release in range(3):
        more = "\n\nShare on Facebook\n\nLeave a Reply\n" if release == 2 else "\n"
        for number in range(30 * release, 30 * release + 30):
            text = f"Heute regnet es im ganzen Tal, und {number} Leute bleiben zu Hause, bis es am Abend aufhört.{more}"
            (valley / f"{number:03}.txt").write_text(text, "utf-8")
        if release == 2:
            (valley / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
        clean_corpus([str(crawl)], out)
    clean_corpus([str(crawl)], out)


def deploy(folder: Path) -> str:
    """A deployment with a schedule; returns its id."""
    from datetime import timedelta  # noqa: PLC0415

    from winnow.flows import serving  # noqa: PLC0415
    from winnow.flows.settings import RunSettings  # noqa: PLC0415

    hourly = serving.schedule_of(timedelta(hours=1), None, "UTC")
    deployment = serving.deployment_of("news", [str(folder / "crawl")], str(folder / "news"), RunSettings(), hourly)
    return str(deployment.apply())


def take_all(browser: Browser, address: str, deployment: str) -> None:
    """The pages that README and the operations guide show."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId  # noqa: PLC0415

    browser.show(f"{address}/runs", "clean-corpus", "news 2", "Completed", height=1_120)
    browser.take("dashboard-runs.png")
    with get_client(sync_client=True) as client:
        begun = sorted(client.read_flow_runs(), key=lambda run: str(run.start_time))
        third = [run for run in begun if run.start_time][2]
        of_third = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[third.id]))
        (summary,) = [a for a in client.read_artifacts(artifact_filter=of_third) if a.key == "winnow-summary"]
    browser.show(f"{address}/runs/flow-run/{third.id}", "Artifacts", height=920)
    browser.run(
        "[...document.querySelectorAll('*')]"
        ".find(e => !e.children.length && e.textContent.trim() == 'Artifacts').click()"
    )
    browser.wait_for("winnow-summary", "winnow-rules")
    browser.take("dashboard-run.png")
    browser.show(f"{address}/artifacts/artifact/{summary.id}", "Sites that jumped", "picture", height=1_400)
    browser.take("dashboard-summary.png")
    browser.show(f"{address}/deployments/deployment/{deployment}/run", "Parameters", "Leave out", height=1_400)
    browser.take("dashboard-form.png")


def main() -> None:
    """Write `dashboard-runs.png`, `dashboard-run.png`, `dashboard-summary.png` and `dashboard-form.png`."""
    program = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium") or "chromium"
    with tempfile.TemporaryDirectory(prefix="winnow-", ignore_cleanup_errors=True) as at:
        folder = Path(at)
        os.environ["PREFECT_HOME"] = str(folder / "prefect")
        from winnow.flows import clean_corpus, dashboards  # noqa: F401, PLC0415  (sets what Prefect reads at once)

        with dashboards.dashboard(port=0) as (address, _):
            from prefect.settings import PREFECT_API_URL, temporary_settings  # noqa: PLC0415

            with temporary_settings({PREFECT_API_URL: f"{address}/api"}):
                runs(folder)
                with chromium(program) as browser:
                    take_all(browser, address, deploy(folder))


if __name__ == "__main__":
    main()
