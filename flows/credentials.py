"""Passwords and keys do not belong into URLs: what a run is given stands in rows, logs and the dashboard for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from winnow.cleaners import BadSettings
from winnow.flows.documents import is_on_the_web, is_stored

# What the parameters of a URL are called that let its holder in: signed URLs of S3, Google and Azure, and what else
# is in use. Without punctuation and case: X-Amz-Signature, sig, AWSAccessKeyId, access_token, …
_LETS_IN = re.compile(
    r"sig|jwt|auth|key|pass|pwd|code|.*(?:signature|credentials?|token|secret|passw(?:or)?d|accesskey(?:id)?|apikey"
    r"|accountkey|authorization)"
)
_ON_THE_WEB_ONLY = {"key", "code", "auth", "pass"}  # objects may well be called `page?key=rain`
_WITH_A_CONTAINER = ("abfs", "abfss", "wasb", "wasbs")  # Azure's name it before the @, which is no secret
_HOST = re.compile(r"(?:\[[\da-f:.]+\]|[^@:\[\]]*)(?::\d{1,5})?", re.IGNORECASE)  # or a bucket; and a port
_ADVICE = {
    False: "name the place alone, and set the keys in the environment (AWS_ACCESS_KEY_ID, AZURE_STORAGE_SAS_TOKEN and"
    " the like)",
    True: "download the file, or name the place in its bucket and set the keys in the environment",
}


def refuse_credentials(places: Iterable[str]) -> None:
    """Raises BadSettings, which does not repeat it, where a URL holds a password, a key or a signature."""
    for place in filter(is_stored, places):
        if shown := _shown_without(place):
            raise BadSettings(
                f"{shown}: there is a password, key or signature in this URL, which would stand in rows, logs and the"
                f" dashboard for ever: {_ADVICE[is_on_the_web(place)]}. It may be in your shell's history already"
            )


def _shown_without(url: str) -> str:
    """A URL without its secret; empty where it holds none."""
    scheme, _, rest = url.partition("://")
    place, *parameters = re.split(r"[?#&;]", rest)
    authority = rest.partition("/")[0]
    is_container = scheme.lower() in _WITH_A_CONTAINER and ":" not in authority
    if not (_HOST.fullmatch(authority) or is_container):
        return f"{scheme}://…{place[place.rindex('@') :] if '@' in place else ''}"
    named = (parameter.partition("=") for parameter in parameters)
    return f"{scheme}://{place}?…" if any(held and _lets_in(name, url) for name, _, held in named) else ""


def _lets_in(name: str, url: str) -> bool:
    bare = re.sub(r"[^a-z]", "", unquote(name).lower())
    return bool(_LETS_IN.fullmatch(bare)) and (bare not in _ON_THE_WEB_ONLY or is_on_the_web(url))
