"""A URL with a key in it is refused before anything writes it down, and the message does not repeat it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import winnow

from winnow.cleaners import BadSettings
from winnow.flows.credentials import refuse_credentials
from winnow.flows.places import Place
from winnow.flows.sources import Globs, Listing
from winnow.flows.store import Corpus

KEY = "hunter2hunter2"
HOLD_ONE = [
    f"s3://AKIAEXAMPLE:{KEY}@bucket/crawl",
    f"s3://AKIAEXAMPLE:{KEY}/{KEY}+@bucket/crawl",  # keys of S3 hold slashes
    f"s3://AKIAEXAMPLE:{KEY}",
    f"s3://{KEY}@bucket/crawl",
    f"gs://bucket/crawl?X-Goog-Signature={KEY}",
    f"s3://bucket/a.jsonl?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={KEY}",
    f"s3://bucket/a.jsonl?x-amz-security-token={KEY}",
    f"s3://bucket/a.jsonl?AWSAccessKeyId=AKIAEXAMPLE&Signature={KEY}",
    f"az://container/crawl?sv=2024-01-01&sp=rl&sig={KEY}",
    f"abfss://container:{KEY}@account.dfs.core.windows.net/crawl",
    f"https://user:{KEY}@data.example/a.jsonl",
    f"https://{KEY}@data.example/a.jsonl",
    f"https://account.blob.core.windows.net/container/a.jsonl?sp=r&s%69g={KEY}",
    f"https://data.example/a.jsonl?format=zst&access_token={KEY}",
    f"https://data.example/a.jsonl#token={KEY}",
    f"https://data.example/a.jsonl?key={KEY}",
]
HOLD_NONE = [
    "s3://bucket/crawl",
    "s3://bucket/user@example.org/a.txt",
    "s3://bucket/12:30/a.txt",
    "s3://bucket/page?id=3&key=rain.html",
    "abfss://container@account.dfs.core.windows.net/crawl",
    "https://data.example:8443/a@b:c.jsonl?format=zst&page=2",
    "http://[::1]:8000/a.jsonl",
    "crawl/user:name@host?sig=x.txt",
]


@pytest.mark.parametrize("url", HOLD_ONE)
def test_a_key_in_a_url_is_refused_and_not_repeated(url: str) -> None:
    for take in (lambda: Listing(["seeds", url], Globs()), lambda: Corpus(url), lambda: Place(url)):
        with pytest.raises(BadSettings, match=r"://.*: there is a password, key or signature in this URL") as told:
            take()
        assert "hunter2" not in str(told.value)
        assert "environment" in str(told.value)


@pytest.mark.parametrize("url", HOLD_NONE)
def test_what_holds_none_is_taken(url: str) -> None:
    refuse_credentials([url])


words = st.text("ab/@:?#&=+%", max_size=8)


@settings(deadline=None)
@given(st.sampled_from(["s3", "gs", "https", "abfss"]), words, words)
def test_no_spelling_repeats_it(scheme: str, before: str, behind: str) -> None:
    for url in (f"{scheme}://user:{KEY}{before}@bucket/{behind}", f"{scheme}://bucket/a?{before}&sig={KEY}{behind}"):
        with pytest.raises(BadSettings) as told:
            refuse_credentials([url])
        assert KEY not in str(told.value)


def test_commands_refuse_it_before_prefect_writes_it_down(tmp_path: Path) -> None:
    home = {"PREFECT_HOME": str(tmp_path / "prefect"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    out = str(tmp_path / "out")
    for words in (["run", HOLD_ONE[0]], ["run", "seeds", "--out", HOLD_ONE[0]], ["plan", HOLD_ONE[0], "--out", out]):
        done = winnow(*words, **home)
        assert done.returncode == 2
        assert b"://" in done.stderr
        assert b"hunter2" not in done.stderr + done.stdout
    for folder, _, names in os.walk(tmp_path):
        assert not [name for name in names if KEY.encode() in (Path(folder) / name).read_bytes()]
