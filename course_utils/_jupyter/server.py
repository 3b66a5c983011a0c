"""Jupyter server extension: send widget messages at once, and export explorers alive.

The server leaves Nagle's algorithm on, so a small message waits some 40 ms for a TCP
acknowledgement; a slider that is dragged feels it.
"""

LIVE = "course_utils._jupyter.export.LiveExplorers"


def _load_jupyter_server_extension(app) -> None:
    """Switch TCP_NODELAY on for every kernel websocket opened from now on."""
    # For File > Save and Export Notebook As: the server does not read nbconvert's settings.
    app.config.HTMLExporter.preprocessors.append(LIVE)
    try:
        from jupyter_server.services.kernels.websocket import KernelWebsocketHandler as Handler
    except ImportError as err:
        app.log.warning("course_utils: widget messages keep the server's delay (%s)", err)
        return
    if getattr(Handler, "_course_nodelay", False):
        return
    plain_open = Handler.open

    async def open_nodelay(self, kernel_id):
        self.set_nodelay(True)
        return await plain_open(self, kernel_id)

    Handler.open, Handler._course_nodelay = open_nodelay, True
    app.log.info("course_utils: TCP_NODELAY on for kernel websockets")
