"""What goes wrong in object stores, told in one line."""

from __future__ import annotations

import re

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_ANSWER = re.compile(r"<Code>([^<]*)</Code>.*?<Message>([^<\n]*)", re.DOTALL)  # of S3 and Azure; of Google some
_MESSAGE = re.compile(r'"message"\s*:\s*"([^"\n]*)')  # of Google others
_OF_ONE_REQUEST = re.compile(
    r" in [\d.]+(?:ns|µs|ms|s)\b|,? after \d+ retries|, max_retries: \d+|, retry_timeout: [\d.]+\w+|\?[^\s\"]*"
    r"|,?\s*\b(?:x-amz-)?request[-_ ]?id\b\W*[\w-]+",
    re.IGNORECASE,
)


def told(error: BaseException) -> str:
    """An error of a store in one line that is the same each time: the row of an object that fails as it did stands.

    The libraries tell what led to what, in colours, with the cause last; the stores' own answers have numbers of the
    request in them. Numbers of requests, times, counts of tries and what follows a URL's `?` are left out.
    """
    said = _COLOURS.sub("", str(error)).partition("\n\nDebug source")[0]
    if answer := _ANSWER.search(said):
        return f"{answer[1]}: {answer[2].strip()}"
    lines = [line for line in (line.strip(" ↳") for line in said.splitlines()) if line] or [type(error).__name__]
    message = _MESSAGE.search(said)
    first, last = lines[0], message[1] if message else lines[-1]
    if message:
        first = first.partition(": {")[0]
    return ": ".join(dict.fromkeys(_OF_ONE_REQUEST.sub("", line).strip(" :") for line in (first, last)))
