"""The server extension: messages of kernels leave at once, and it never stops the server."""

import asyncio
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from traitlets.config import Config

import course_utils
from course_utils._jupyter.server import LIVE, _load_jupyter_server_extension


def app():
    return SimpleNamespace(log=logging.getLogger("course"), config=Config())


@pytest.fixture
def handler_class(monkeypatch):
    """That of jupyter-server, as a stand-in that writes down what is called on it."""

    class Handler:
        def __init__(self):
            self.calls = []

        def set_nodelay(self, value):
            self.calls.append(("nodelay", value))

        async def open(self, kernel_id):
            self.calls.append(("open", kernel_id))
            return "opened"

    module = SimpleNamespace(KernelWebsocketHandler=Handler)
    monkeypatch.setitem(sys.modules, "jupyter_server.services.kernels.websocket", module)
    return Handler


def test_a_websocket_sends_at_once_and_opens_as_before(handler_class):
    _load_jupyter_server_extension(app())
    opened, handler = handler_class.open, handler_class()
    with ThreadPoolExecutor() as pool:  # a browser test may have left a loop running in this one
        assert pool.submit(lambda: asyncio.run(handler.open("k"))).result() == "opened"
    assert handler.calls == [("nodelay", True), ("open", "k")]
    _load_jupyter_server_extension(app())
    assert handler_class.open is opened, "a second loading wraps it once more"


def test_a_server_without_that_handler_starts_all_the_same(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "jupyter_server.services.kernels.websocket", None)
    _load_jupyter_server_extension(app())
    assert "widget messages keep the server's delay" in caplog.text


def test_exports_keep_what_the_user_has_and_get_ours(handler_class):
    server = app()
    server.config.HTMLExporter.preprocessors = ["theirs"]
    _load_jupyter_server_extension(server)
    assert server.config.HTMLExporter.preprocessors == ["theirs", LIVE]


def test_jupyter_is_told_where_the_extension_is():
    (point,) = course_utils._jupyter_server_extension_points()
    assert callable(sys.modules[point["module"]]._load_jupyter_server_extension)
