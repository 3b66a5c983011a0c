"""What the package index itself says: of any answer but a list pip says "from versions: none"."""

from __future__ import annotations

import os
import platform
import ssl
import sys
import urllib.error
import urllib.request

from course_utils._door.causes import ADVICE, AGAIN, explain

PYPI = "https://pypi.org/simple"
MUTE = ("index", "packages", "platform", "signin")  # causes of logs that leave the question open
LIMIT = 15  # seconds


def look(settings: dict, cause: str) -> str:
    """The cause, once this machine and the index have been looked at.

    Args:    settings: pip's, as {setting: [values]}; cause: what the log told.
    """
    if cause not in MUTE:
        return cause
    if platform.system() == "Darwin" and platform.machine() == "x86_64":
        return "intel_mac"
    if sys.maxsize < 2**32:
        return "platform"
    if says_yes(settings, "no-index"):
        return "index_setting"
    answer = _answer(settings.get("index-url", [PYPI])[0], settings.get("cert", [None])[0])
    return cause if answer == "unknown" else answer


def advice(settings: dict, cause: str) -> str:
    """ADVICE, which names what is set where that is at fault."""
    if cause == "network" and "index-url" in settings:
        own = "the package index {}, as PIP_INDEX_URL or pip.conf says, does not answer: unset it"
        return own.format(*settings["index-url"]) + f", or connect to its network, {AGAIN}"
    if cause == "index_setting" and says_yes(settings, "no-index"):
        return f"PIP_NO_INDEX, or no-index in pip.conf, forbids every index: unset it {AGAIN}"
    proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")
    if cause == "proxy" and proxy:  # without the password
        return ADVICE[cause].replace("the proxy", f"the proxy {proxy.rpartition('@')[2]}", 1)
    return ADVICE[cause]


def says_yes(settings: dict, name: str) -> bool:
    """Whether a setting that is on or off is on."""
    return settings.get(name, ["false"])[0].lower() in ("1", "true", "yes", "on")


def _answer(address: str, certificates: str | None) -> str:
    """A cause, or "unknown" where the index answers as it should."""
    try:
        context = ssl.create_default_context(cafile=certificates)
        page = address.rstrip("/") + "/pip/"
        with urllib.request.urlopen(page, timeout=LIMIT, context=context) as answer:
            listed = b"pip-" in answer.read(10**6)
    except urllib.error.HTTPError as err:
        return explain(f"HTTP error {err.code} {err.reason}")
    except (OSError, ValueError) as err:
        return explain(str(err))
    return "unknown" if listed else "signin"
