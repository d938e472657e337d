"""What a user may choose about a run: the cleaning settings, and where and how much at a time."""

from __future__ import annotations

from pydantic import Field

from winnow.cleaners.settings import CleaningSettings


class RunSettings(CleaningSettings):
    """How a run reads and writes; extends how texts are cleaned. The same model serves a TOML file,
    a flow's parameters and code."""

    exclude: tuple[str, ...] = Field(
        (".*", "README*"),
        title="Leave out",
        description="Names of files and folders inside an input folder that are not read. They are counted.",
    )
    largest_file: int = Field(
        100_000_000, gt=0, title="Largest file", description="In bytes. A larger one is recorded as failed."
    )
    batch_documents: int = Field(
        500, gt=0, title="Documents a batch", description="At most so many; one task run cleans one batch."
    )
    batch_bytes: int = Field(
        5_000_000, gt=0, title="Bytes a batch", description="At most so many, unless a single file is larger."
    )
    keep_releases: int = Field(
        5, ge=1, title="Releases to keep", description="Older ones are deleted when a new one is published."
    )
