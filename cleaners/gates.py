"""Gates: limits of quality signals, by the names of those who published them or as a user sets them.

What a gate rejects is told with signal, value and limit; what becomes of it is for others to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from winnow.cleaners.signals.catalog import NAMES
from winnow.cleaners.signals.measuring import Signals

GateName = Literal["none", "gopher", "c4", "fineweb"]


def _known_signal(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f"there is no signal {name!r}; docs/quality.md lists them")
    return name


class Limit(BaseModel):
    """Bounds of one signal, both inclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signal: Annotated[str, AfterValidator(_known_signal)] = Field(title="Signal")
    least: float | None = Field(None, title="Least", description="Below it a text fails.")
    most: float | None = Field(None, title="Most", description="Above it a text fails.")

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.least is None and self.most is None:
            raise ValueError("a limit has a least or a most, or both")
        return self


@dataclass(frozen=True, slots=True)
class Failure:
    """A signal beyond its limit."""

    signal: str
    value: float
    bound: float
    below: bool
    """Whether the value is less than the least; else it is more than the most."""

    def __str__(self) -> str:
        return f"{self.signal} is {self.value:.4g}, {'below' if self.below else 'above'} {self.bound:g}"


def _limits(prefix: str, **bounds: tuple[float | None, float | None]) -> tuple[Limit, ...]:
    return tuple(Limit(signal=f"{prefix}_{name}", least=low, most=high) for name, (low, high) in bounds.items())


# Gopher: Rae et al. 2021, A1.1 and table A1. C4: Raffel et al. 2020, 2.2; of its list of bad words nothing is here.
# FineWeb: Penedo et al. 2024, 3.6. As datatrove 0.10.1 sets them.
_PROFILES: dict[GateName, tuple[Limit, ...]] = {
    "none": (),
    "gopher": _limits(
        "gopher",
        word_count=(50, 100_000),
        mean_word_length=(3, 10),
        hash_ratio=(None, 0.1),
        ellipsis_ratio=(None, 0.1),
        bullet_line_share=(None, 0.9),
        ellipsis_line_share=(None, 0.3),
        alphabetic_word_share=(0.8, None),
        stop_word_count=(2, None),
        duplicate_line_share=(None, 0.3),
        duplicate_line_characters=(None, 0.2),
        duplicate_paragraph_share=(None, 0.3),
        duplicate_paragraph_characters=(None, 0.2),
        top_2gram_characters=(None, 0.2),
        top_3gram_characters=(None, 0.18),
        top_4gram_characters=(None, 0.16),
        duplicate_5gram_characters=(None, 0.15),
        duplicate_6gram_characters=(None, 0.14),
        duplicate_7gram_characters=(None, 0.13),
        duplicate_8gram_characters=(None, 0.12),
        duplicate_9gram_characters=(None, 0.11),
        duplicate_10gram_characters=(None, 0.1),
    ),
    "c4": _limits("c4", sentence_count=(5, None), lorem_ipsum_count=(None, 0), curly_bracket_count=(None, 0)),
    "fineweb": _limits(
        "fineweb",
        line_punctuation=(0.12, None),
        short_line_share=(None, 0.67),
        duplicate_line_characters=(None, 0.01),
        newlines_per_word=(None, 0.3),
    ),
}

# Limits of a profile that were set for alphabets, and scripts in which a character says as much as several letters.
_FOR_ALPHABETS = frozenset(("gopher_mean_word_length",))
_DENSE = frozenset(("bo", "ja", "km", "ko", "lo", "my", "th", "wuu", "yue", "zh"))


def failures(signals: Signals, language: str, profile: GateName, own: Sequence[Limit] = ()) -> Iterator[Failure]:
    """The signals that are beyond a limit of the profile or of the user's own, which replace the profile's."""
    dense = language.partition("-")[0] in _DENSE
    limits = {limit.signal: limit for limit in _PROFILES[profile] if not (dense and limit.signal in _FOR_ALPHABETS)}
    for limit in (limits | {limit.signal: limit for limit in own}).values():
        value = signals[limit.signal]
        if value is None:
            continue
        if limit.least is not None and value < limit.least:
            yield Failure(limit.signal, value, limit.least, below=True)
        if limit.most is not None and value > limit.most:
            yield Failure(limit.signal, value, limit.most, below=False)
