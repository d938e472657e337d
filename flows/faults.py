"""What goes wrong in object stores, told in one line."""

from __future__ import annotations

import re

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_ANSWER = re.compile(r"<Code>([^<]*)</Code>.*?<Message>([^<\n]*)", re.DOTALL)  # of S3 and Azure; of Google some
_MESSAGE = re.compile(r'"message"\s*:\s*"([^"\n]*)')  # of Google others
_CAUSE = re.compile(r'\b(?:message|error): "([^"\n]+)"|\bInvalidCertificate\(\s*(\w+)')  # of what got no answer
_BODY = re.compile(r"(status code: \d{3}[\w ]*):.*", re.DOTALL)  # a page for people, which may be long
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
    said, _, details = _COLOURS.sub("", str(error)).partition("\n\nDebug source")
    if answer := _ANSWER.search(said):
        return f"{answer[1]}: {answer[2].strip()}"
    message, cause = _MESSAGE.search(said), _CAUSE.search(details)
    shown = _BODY.sub(r"\1", said)
    lines = [line for line in (line.strip(" ↳") for line in shown.splitlines()) if line] or [type(error).__name__]
    parts = [lines[0], lines[-1]]
    if message:
        parts.append(message[1])
    elif cause:
        parts.append(cause[1] or f"the certificate is not trusted ({cause[2]})")
    bare = (" ".join(_OF_ONE_REQUEST.sub("", part).split()).strip(" :") for part in parts)
    return ": ".join(dict.fromkeys(bare))
