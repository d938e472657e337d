"""What a user may choose about cleaning: one model for files, flow parameters and code."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from winnow.cleaners.catalog import NAMES
from winnow.cleaners.errors import BadSettings
from winnow.cleaners.language_engines import EngineName, is_installed


def _known_cleaner(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f"there is no cleaner {name!r}; the cleaners are {', '.join(NAMES)}")
    return name


def _installed_engine(name: EngineName) -> EngineName:
    if not is_installed(name):
        raise ValueError(f'the language engine {name!r} is an extra: pip install "winnow-corpus[{name}]"')
    return name


CleanerName = Annotated[str, AfterValidator(_known_cleaner)]


class CleaningSettings(BaseModel):
    """How texts are cleaned. Every field has a default that suits most corpora."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    skip_cleaners: tuple[CleanerName, ...] = Field(
        (), title="Cleaners to skip", description="These do not run: their residue stays. See `winnow rules`."
    )
    skip_rules: tuple[str, ...] = Field(
        (), title="Rules to skip", description="Rule ids, as the diff log names them: they find nothing."
    )
    strike_noted: tuple[CleanerName, ...] = Field(
        (),
        title="Strike what is only noted by",
        description='What these cleaners note and keep by default is struck: ["credits"] takes out agency'
        " sign-offs, photo credits and lists of sources.",
    )
    repair: bool = Field(
        True, title="Repair the text", description="Mojibake, entities, invisible and control characters, NFC."
    )
    languages: bool = Field(
        True,
        title="Tell languages",
        description="Label the document and each line; without it everything is `und`.",
    )
    language_engine: Annotated[EngineName, AfterValidator(_installed_engine)] = Field(
        "fast",
        title="Who tells languages",
        description="`fast`: CLD2 and our own table. `langdetect` (55 languages) and `lingua` (an extra of 1.2 GB)"
        " are slow; for corpora that must stay comparable with theirs.",
    )

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Settings from a TOML file. Raises BadSettings, which names the file and what is wrong in it."""
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise BadSettings(f"{path}: cannot be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadSettings(f"{path}: is not TOML: {error}") from error
        return cls.checked(values, str(path))

    @classmethod
    def checked(cls, values: dict[str, Any], where: str = "settings") -> Self:
        """Settings from a mapping. Raises BadSettings; a wrong name is answered with the right ones."""
        try:
            return cls(**values)
        except ValidationError as error:
            problems = "; ".join(cls._told(problem) for problem in error.errors())
            raise BadSettings(f"{where}: {problems}") from error

    @classmethod
    def _told(cls, problem: Any) -> str:
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] != "extra_forbidden":
            return f"{name}: {problem['msg'].removeprefix('Value error, ')}"
        names = list(cls.model_fields)
        close = difflib.get_close_matches(name, names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return f"there is no setting {name!r}.{hint} The settings are {', '.join(names)}"
