"""What a log of pip, uv or venv tells of: the cause, and what to do about it."""

from __future__ import annotations

import re

SIGNS = {  # of each cause, what a log then holds
    "disk": "No space left on device|Errno 28|not enough space",
    "certificate": "CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer",
    "network": "NewConnectionError|NameResolutionError|name resolution|getaddrinfo|"
    "Network is unreachable|Connection refused|ConnectTimeout|ReadTimeout|ProxyError|dns error|"
    "error sending request",
    "venv": "ensurepip is not available|No module named ensurepip|No module named venv",
    "packages": "No matching distribution|ResolutionImpossible|No solution found",
}
ADVICE = {
    "disk": "the disk is full: free about 3 GB and run the same command again",
    "certificate": "the network's certificate is not trusted: ask for its file and set "
    "PIP_CERT=/path/to/it, then run the same command again",
    "network": "the package index cannot be reached: connect to the network (behind a proxy, "
    "set HTTPS_PROXY) and run the same command again",
    "venv": "this Python cannot make virtual environments: install that part (on Debian or "
    "Ubuntu: sudo apt install python3-venv) and run the same command again",
    "packages": "the package index lacks a package for this Python: try Python 3.11 to 3.14, "
    "64 bit, and an up-to-date package index",
    "unknown": "run the same command again; if it fails once more, the log says why",
}
BEFORE_WRITING = ("network", "certificate")


def explain(log: str) -> str:
    """The cause a log tells of: a key of ADVICE."""
    return next((cause for cause, signs in SIGNS.items() if re.search(signs, log)), "unknown")
