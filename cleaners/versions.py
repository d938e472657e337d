"""What made a result: the versions that a diff log names, so that a result can be made again."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from winnow.cleaners.settings import CleaningSettings

_HERE = Path(__file__).parent


@cache
def ruleset() -> str:
    """12 hex digits that change with any rule: the hash of all code and data in `cleaners/`."""
    digest = hashlib.sha256()
    for path in sorted(_HERE.rglob("*")):
        if path.suffix in (".py", ".toml", ".json", ".npz"):
            digest.update(path.relative_to(_HERE).as_posix().encode() + b"\0")
            content = path.read_bytes()
            digest.update((content if path.suffix == ".npz" else content.replace(b"\r\n", b"\n")) + b"\0")
    return digest.hexdigest()[:12]


@cache
def tools() -> dict[str, str]:
    """Versions of Winnow and of the libraries that decide what it does with a text."""
    names = {"winnow": "winnow-corpus"} | {
        name: name for name in ("chardet", "ftfy", "langdetect", "pycld2", "selectolax")
    }
    return {name: version(distribution) for name, distribution in names.items()}


def asked_for(settings: CleaningSettings) -> dict[str, str]:
    """Versions of the libraries that only these settings bring in, by the names of their distributions."""
    names = ["phonenumbers"] * (settings.personal_data != "off")
    names += ["lingua-language-detector"] * (settings.language_engine == "lingua")
    return {name: version(name) for name in names}


def of_settings(settings: CleaningSettings) -> str:
    """12 hex digits that change with any setting that can change a text or its labels."""
    own = settings.model_dump_json(include=set(CleaningSettings.model_fields))
    return hashlib.sha256(own.encode()).hexdigest()[:12]
