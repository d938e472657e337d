"""What several commands share: options, the settings that a file holds, and how they end."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from winnow.flows.settings import RunSettings

Out = Annotated[str, typer.Option("--out", help="Folder or object store URL of the corpus.")]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="TOML file of settings.", show_default=False, dir_okay=False)
]


def settings_of(file: Path | None) -> RunSettings:
    """The settings in a file; without one, those that hold by default. Raises BadSettings."""
    return RunSettings.from_file(file) if file else RunSettings()


def end_as_interrupted() -> None:
    """Let SIGTERM end the command as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _as_interrupt)


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt
