"""Folders and places in an object store alike: files that come whole or not at all, by name."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from pathlib import Path

import pyarrow.fs as pafs
from deltalake.exceptions import DeltaError
from deltalake.fs import DeltaStorageHandler

from winnow.cleaners import WinnowError
from winnow.flows.credentials import refuse_credentials
from winnow.flows.documents import is_stored
from winnow.flows.faults import told


def absolute(place: str) -> str:
    """The same place from any working directory."""
    return place.rstrip("/") if is_stored(place) else Path(place).absolute().as_posix()


class Place:
    """A folder, or an object store's URL. Keys and endpoints come from the environment.

    Raises WinnowError where a store cannot be reached or its URL holds a key, OSError where a file cannot be read or
    written.
    """

    def __init__(self, uri: str) -> None:
        refuse_credentials([uri])
        self.uri = absolute(uri)
        self._folder = None if is_stored(uri) else Path(self.uri)
        if self._folder is None:
            try:
                self._store = pafs.PyFileSystem(DeltaStorageHandler(self.uri, {}))
            except (DeltaError, OSError) as error:
                raise WinnowError(f"{uri}: cannot be reached: {told(error)}") from error

    def put(self, local: Path, name: str) -> None:
        """Copy a file here; readers see all of it or none."""
        if self._folder is None:
            pafs.copy_files(
                str(local), name, source_filesystem=pafs.LocalFileSystem(), destination_filesystem=self._store
            )
            return
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}")
        try:
            shutil.copyfile(local, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    def fetch(self, name: str, local: Path) -> None:
        """Copy a file from here. Raises FileNotFoundError."""
        if self._folder is not None:
            shutil.copyfile(self._folder / name, local)
            return
        if not self.holds(name):
            raise FileNotFoundError(2, "No such file", f"{self.uri}/{name}")
        pafs.copy_files(str(name), str(local), source_filesystem=self._store)

    def write(self, text: str, name: str) -> None:
        """Put a file with this text, as UTF-8."""
        with tempfile.TemporaryDirectory(prefix="winnow-") as folder:
            local = Path(folder) / "text"
            local.write_text(text, "utf-8")
            self.put(local, name)

    def read(self, name: str) -> str:
        """The text of a file. Raises FileNotFoundError."""
        with tempfile.TemporaryDirectory(prefix="winnow-") as folder:
            local = Path(folder) / "text"
            self.fetch(name, local)
            return local.read_text("utf-8")

    def holds(self, name: str) -> bool:
        """Whether a file of this name is there."""
        if self._folder is not None:
            return (self._folder / name).is_file()
        return bool(self._store.get_file_info(name).type == pafs.FileType.File)

    def names(self, folder: str) -> list[str]:
        """Names of the whole files in a folder below, sorted; none where it is not there."""
        if self._folder is not None:
            path = self._folder / folder
            found = [entry.name for entry in path.iterdir()] if path.is_dir() else []
        else:
            found = [info.base_name for info in self._store.get_file_info(pafs.FileSelector(folder, True))]
        return sorted(name for name in found if not name.startswith("."))

    def delete(self, folder: str) -> None:
        """Delete a folder below with what is in it, if it is there."""
        if self._folder is not None:
            shutil.rmtree(self._folder / folder, ignore_errors=True)
        elif self.names(folder):
            self._store.delete_dir(folder)
