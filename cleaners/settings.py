"""What a user may choose about cleaning: one model for files, flow parameters and code."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from winnow.cleaners.catalog import NAMES
from winnow.cleaners.errors import BadSettings
from winnow.cleaners.findings import Action, Finding
from winnow.cleaners.gates import GateName, Limit
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
Certainty = Literal["careful", "balanced", "off"]


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
    residue: Certainty = Field(
        "careful",
        title="Residue in texts",
        description="What no rule names is judged by a model. `careful` strikes what it is sure of and notes the rest;"
        " `balanced` strikes what is likely: more goes, residue and content; `off` leaves it all.",
    )
    extraction: Certainty = Field(
        "balanced",
        title="Main content of pages",
        description="What is not the main content of an HTML page goes. `careful` strikes only what the model is sure"
        " of; `off` keeps all visible text.",
    )
    readers_comments: Literal["judge", "keep", "strike"] = Field(
        "judge",
        title="Readers' comments on pages",
        description="`judge`: they go below an article and stay where they are the content, as in a forum.",
    )
    personal_data: Literal["off", "label", "replace"] = Field(
        "off",
        title="Personal data",
        description="E-mail addresses, phone numbers, public IP addresses, payment cards and IBANs with valid check"
        " digits. `label` notes them in the log; `replace` puts placeholders in their place, as repairs that can be"
        " undone.",
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
    signals: bool = Field(
        False,
        title="Quality signals",
        description="Stored for the page and for the clean text; docs/quality.md. They cost up to"
        " half of what cleaning does, as does a gate.",
    )
    gate: GateName = Field(
        "none",
        title="Quality gate",
        description="The published limits of `gopher`, `c4` or `fineweb`: a clean text that fails is quarantined, with"
        " signal, value and limit.",
    )
    limits: tuple[Limit, ...] = Field(
        (), title="Limits of your own", description="Of any signals; they replace those of the gate."
    )

    def runs(self, cleaner: str) -> bool:
        """Whether a cleaner is to run."""
        return cleaner not in self.skip_cleaners and getattr(self, cleaner, None) != "off"

    def action_on(self, finding: Finding) -> Action | None:
        """What becomes of what a cleaner found; None where it is to find nothing."""
        if finding.rule in self.skip_rules:
            return None
        if finding.cleaner == "repeats" and getattr(self, "repeats", "note") == "note":
            return Action.STRIKE if finding.cleaner in self.strike_noted else Action.NOTE
        if finding.cleaner == "extraction" and finding.rule.endswith("comments") and self.readers_comments != "judge":
            return Action.STRIKE if self.readers_comments == "strike" else Action.NOTE
        likely = finding.rule.startswith("any.likely-") and getattr(self, finding.cleaner, None) == "balanced"
        if finding.action is Action.NOTE and (likely or finding.cleaner in self.strike_noted):
            return Action.STRIKE
        return finding.action

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
