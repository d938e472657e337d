"""What object stores answer, told in one line that is the same each time."""

from __future__ import annotations

import pytest

from winnow.flows import faults

_TRIED = "in {0}.5s, after {0} retries, max_retries: 10, retry_timeout: 15s"
ANSWERS = {
    # As the libraries tell what the stores say: S3, Azure (numbers and time are in the message), Google (JSON), none.
    "Object at location a/b not found: Error performing GET http://127.0.0.1:9/bucket/a/b in {0}.5ms - Server returned"
    ' non-2xx status code: 404 Not Found: <?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code><Message>The key does not'
    " exist.</Message><RequestId>{0}AB</RequestId></Error>\n\nDebug source:\nNotFound {{ elapsed: {0}ms }}": (
        "NoSuchKey: The key does not exist."
    ),
    "Generic MicrosoftAzure error: Error performing GET https://a.example/c?comp=list&sig=k{0} "
    + _TRIED
    + " - Server returned non-2xx status code: 403: <Error><Code>AuthenticationFailed</Code><Message>Server failed to"
    " authenticate the request.\nRequestId:{0}\nTime:2026-11-26T00:00:0{0}Z</Message></Error>": (
        "AuthenticationFailed: Server failed to authenticate the request."
    ),
    "Generic GCS error: Error performing GET https://g.example/b/o/a?alt=media in {0}ms - Server returned non-2xx"
    ' status code: 403 Forbidden: {{\n "error": {{"code": 403,\n  "message": "No access to b/a.", "id": "{0}"}}}}': (
        "Generic GCS error: Error performing GET https://g.example/b/o/a - Server returned non-2xx status code:"
        " 403 Forbidden: No access to b/a."
    ),
    "Generic S3 error: Error performing GET http://127.0.0.1:9/b?list-type=2&continuation-token={0} "
    + _TRIED
    + ' - HTTP error: error sending request\n\nDebug source:\nHttp {{ code: 111, message: "Connection refused" }}': (
        "Generic S3 error: Error performing GET http://127.0.0.1:9/b - HTTP error: error sending request: Connection"
        " refused"
    ),
    "Object at location  not found: Error performing GET https://d.example/a in {0}ms - Server returned non-2xx status"
    " code: 404 Not Found: <html>\n<p>Not here</p>\n<p>Ray {0}cafe</p></html>\n": (
        "Object at location not found: Error performing GET https://d.example/a - Server returned non-2xx status code:"
        " 404 Not Found"
    ),
    "Generic S3 error\n\x1b[31m↳\x1b[0m Error performing PUT http://x/ in {0}.2ms - Server returned a status\n"
    " \x1b[31m↳\x1b[0m 403 Forbidden, x-amz-request-id: {0}F-1": "Generic S3 error: 403 Forbidden",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_answers_of_stores_are_told_without_numbers_of_the_request(answer: str) -> None:
    for number in (1, 7):
        assert faults.told(OSError(answer.format(number))) == ANSWERS[answer]
