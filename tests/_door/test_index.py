"""The index is asked itself where a log leaves the cause open."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from course_utils._door import index as _index


class Index(BaseHTTPRequestHandler):
    """Answers with the status in the address, e.g. /503/simple/pip/; under /login/ with a page."""

    def do_GET(self):
        what = self.path.split("/")[1]
        self.send_response(int(what) if what.isdigit() else 200)
        self.end_headers()
        page = b"<title>Sign in</title>" if what == "login" else b'<a href="pip-26.0.whl">pip</a>'
        self.wfile.write(page)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


ANSWERS = {"good": "index", "login": "signin", "503": "busy", "429": "busy", "403": "blocked"}
ANSWERS |= {"401": "credentials", "404": "index_setting"}


@pytest.mark.parametrize(("part", "cause"), ANSWERS.items())
def test_an_answer_of_the_index_tells_the_cause(address, part, cause, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    settings = {"index-url": [f"{address}/{part}/simple/"]}
    assert _index.look(settings, "index") == cause
    assert _index.look(settings, "disk") == "disk"  # which a log tells for sure


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"no-index": ["1"]}, "index_setting"),
        ({"index-url": ["pypi.org/simple"]}, "packages"),
        ({"index-url": ["http://127.0.0.1:9/simple"]}, "network"),
        ({"cert": ["/nowhere/ca.pem"]}, "packages"),
    ],
)
def test_no_answer_at_all(settings, cause, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert _index.look(settings, "packages") == cause


@pytest.mark.parametrize(
    ("system", "machine", "size", "cause"),
    [("Darwin", "x86_64", 2**63, "intel_mac"), ("Windows", "x86", 2**31 - 1, "platform")],
)
def test_machines_for_which_there_is_no_torch(monkeypatch, system, machine, size, cause):
    monkeypatch.setattr(_index.platform, "system", lambda: system)
    monkeypatch.setattr(_index.platform, "machine", lambda: machine)
    monkeypatch.setattr(_index.sys, "maxsize", size)
    assert _index.look({}, "packages") == cause


@pytest.mark.parametrize(
    ("settings", "cause", "says"),
    [
        (
            {"index-url": ["http://a.example"]},
            "network",
            "index http://a.example, as PIP_INDEX_URL",
        ),
        ({}, "network", "the package index cannot be reached"),
        ({"no-index": ["true"]}, "index_setting", "PIP_NO_INDEX, or no-index"),
        ({}, "index_setting", "a setting of pip or uv"),
        ({}, "proxy", "the proxy b.example:9 lets nothing through"),
        ({}, "disk", "the disk is full"),
    ],
)
def test_advice_names_what_is_set(settings, cause, says, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@b.example:9")
    advice = _index.advice(settings, cause)
    assert says in advice and "secret" not in advice and "the same command again" in advice
