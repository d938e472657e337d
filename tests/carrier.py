"""A carrier: plain prose around an example, so that it meets the pipeline as a line of a page would."""

from __future__ import annotations

BEFORE = """The harvest began two weeks early in the valley this year, after the driest spring that anyone remembers.

Growers say that the fruit is smaller than usual but sweeter, and that most of it will go to the local market.

"""
AFTER = """

Whether the wells will last until autumn depends on the snow in the mountains, which came late and melted early.

The district will publish its next measurements in October, as it has done every year since the dam was built.
"""


def around(example: str) -> str:
    """The example as a paragraph of its own, in the middle of prose."""
    return BEFORE + example + AFTER


def at_the_top(example: str) -> str:
    """The example as the first line."""
    return example + "\n\n" + BEFORE + AFTER.lstrip()


def at_the_end(example: str) -> str:
    """The example as the last line."""
    return BEFORE + AFTER.lstrip() + "\n" + example
