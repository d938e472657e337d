"""What a user may choose about a run: the cleaning settings, and where and how much at a time."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from winnow.cleaners import diff_log
from winnow.cleaners.settings import CleaningSettings


def _share(told: Any) -> Any:
    """`1%` as 0.01."""
    if isinstance(told, str) and told.strip().endswith("%"):
        return float(told.strip().removesuffix("%")) / 100
    return told


class RunSettings(CleaningSettings):
    """How a run reads and writes; extends how texts are cleaned. The same model serves a TOML file,
    a flow's parameters and code."""

    include: tuple[str, ...] = Field(
        (),
        title="Take only",
        description="Globs: names of files inside an input folder, or with a / their paths below it. Others are left"
        " out: they are counted, and stay in the corpus as they are. Empty: all.",
    )
    exclude: tuple[str, ...] = Field(
        (".*", "README*"),
        title="Leave out",
        description="Globs: names of files and folders inside an input folder, or with a / their paths below it, that"
        " are not read. They are counted, and stay in the corpus as they are.",
    )
    sample: Annotated[float, BeforeValidator(_share)] = Field(
        1.0,
        gt=0,
        le=1,
        title="Share of the documents",
        description="That is cleaned, chosen by their ids: the same each time, and those of 1% are among those of 5%."
        " Others stay as they are, and nothing is taken to be gone.",
    )
    limit: int = Field(
        0,
        ge=0,
        title="Most documents",
        description="The first ones, in the order of their names, one worker at a time. Others stay as they are, and"
        " nothing is taken to be gone. 0: all.",
    )
    largest_file: int = Field(
        100_000_000, gt=0, title="Largest file", description="In bytes. A larger one is recorded as failed."
    )
    text_column: str = Field(
        "", title="Column of the text", description="In JSON lines, CSV and Parquet. Empty: the one that is obvious."
    )
    id_column: str = Field("", title="Column of the id", description="That names the document; the same.")
    url_column: str = Field("", title="Column of the address", description="The same.")
    date_column: str = Field("", title="Column of the date", description="The same.")
    workers: int = Field(0, ge=0, title="Worker processes", description="That clean at a time. 0: one for each core.")
    engine: Literal["local", "ray"] = Field(
        "local",
        title="Engine",
        description="Worker processes on this machine, or a Ray cluster: pip install 'winnow-corpus[ray]'.",
    )
    ray_address: str = Field(
        "",
        title="Ray cluster",
        description="Address of the cluster: host:6379, ray://host:10001, or auto on one of its machines. Empty: one"
        " is started on this machine for the run.",
    )
    deadline: float = Field(
        25.0, gt=0, title="Seconds a document", description="One that takes longer is recorded as failed."
    )
    memory: int = Field(
        1_000_000_000,
        ge=300_000_000,
        title="Memory a worker",
        description="In bytes. A document that needs more is recorded as failed. Not held on Windows.",
    )
    batch_documents: int = Field(
        10_000, gt=0, title="Documents a batch", description="At most so many; one task run cleans one batch."
    )
    batch_bytes: int = Field(
        50_000_000,
        gt=0,
        title="Bytes a batch",
        description="At most so many. A larger file is cut where its kind allows: JSON lines,"
        " Parquet, WARC and WET packed by gzip record by record. Any other is read by one worker.",
    )
    most_removed: float = Field(
        0.2,
        ge=0,
        le=1,
        title="Most that may be gone",
        description="Share of the documents of an input folder. When more are missing nothing is published: the"
        " disk may not be mounted. `winnow run --allow-removals` takes it as it is.",
    )
    duplicates: Literal["off", "label", "mark"] = Field(
        "off",
        title="Duplicates",
        description="Texts that are the same or nearly the same. `label`: each release that changes writes the table"
        " OUT/duplicates; `mark`: all but the canonical document also get the outcome `duplicate`.",
    )
    repeats: Literal["off", "note", "strike"] = Field(
        "off",
        title="Lines that repeat on a site",
        description="`note`: lines that stand in three documents of a site or more, and titles of other documents, are"
        " noted. `strike`: of the former, those go that look like residue and stand in a block. Documents are judged"
        " again as others of their site come and go.",
    )
    export: Literal["small", "always", "never"] = Field(
        "small",
        title="Files of the newest release",
        description="`latest/` with texts, diffs and tables as files: for corpora of up to 10,000 documents, or"
        " always, or never. `winnow export` writes them when you want them.",
    )
    keep_releases: int = Field(
        5, ge=1, title="Folders of releases to keep", description="Of those that `latest` pointed to."
    )

    @property
    def takes_part(self) -> bool:
        """Whether documents are left out that only reading tells of."""
        return self.sample < 1 or self.limit > 0

    def samples(self, source: str) -> bool:
        """Whether the document of this name is in the sample: by the 16 hex digits of its id."""
        return self.sample == 1 or int(diff_log.id_of(source), 16) < self.sample * 16**16

    @property
    def worker_count(self) -> int:
        """How many worker processes to run: as many as there are cores that this process may use."""
        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return self.workers or usable or 1
