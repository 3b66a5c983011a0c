"""What is made of true excerpts of the logs of pip, uv and venv, and what is advised then."""

import re

import pytest

from course_utils._door.causes import ADVICE, BEFORE_WRITING, SIGNS, VAGUE, explain

TRIED = (
    "WARNING: Retrying (Retry(total={}, connect=None)) after connection broken by '{}': /simple/a/"
)
NONE = "ERROR: Could not find a version that satisfies the requirement numpy (from versions: none)"
OS_ERROR = "ERROR: Could not install packages due to an OSError: "
RESOLVED = "error: No solution found when resolving dependencies\n  cause: "
FETCHED = "error: Failed to fetch: `https://pypi.org/simple/numpy/`\n  Caused by: "
ENSUREPIP = "Error: Command '['{}', '-m', 'ensurepip']' returned non-zero exit status 1."
OFFLINE = "NewConnectionError('<...>: Failed to establish a new connection: [Errno -3]')"


def given_up(why):
    """As pip tells that it could not read the page of a package."""
    return "\n".join([*(TRIED.format(left, why) for left in (1, 0)), NONE])


LOGS = [
    (given_up(OFFLINE), "network"),
    (TRIED.format(4, "NewConnectionError('<...>: [Errno 11001] getaddrinfo failed')"), "network"),
    (FETCHED + "tcp connect error: Connection refused (os error 111)", "network"),
    (FETCHED + "dns error: No such host is known. (os error 11001)", "network"),
    (given_up("ConnectionResetError(104, 'Connection reset by peer')"), "slow"),
    (FETCHED + "client error (Connect)\n  Caused by: Connection reset by peer", "slow"),
    ("urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(): Read timed out.", "slow"),
    ("× Download failed because not enough bytes were received (9.4 MB/17.5 MB)", "slow"),
    ("  ╰─▶ Failed to download distribution due to network timeout. Try increasing", "slow"),
    (given_up("SSLError('certificate verify failed: self-signed certificate')"), "certificate"),
    (FETCHED + "invalid peer certificate: UnknownIssuer", "certificate"),
    (given_up("SSLError('CERTIFICATE_VERIFY_FAILED: certificate is not yet valid')"), "clock"),
    (FETCHED + "invalid peer certificate: certificate expired: verification time 17", "clock"),
    (given_up("SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number')"), "signin"),
    (FETCHED + "invalid peer certificate: NotValidForName", "signin"),
    (FETCHED + "error sending request for url (http://login.example/?from=pypi.org)", "signin"),
    (given_up("ProxyError('Cannot connect.', OSError('failed: 407 Proxy'))"), "proxy_login"),
    (given_up(f"ProxyError('Cannot connect to proxy.', {OFFLINE})"), "proxy"),
    (FETCHED + "client error (Connect)\n  Caused by: unsuccessful tunnel", "proxy"),
    (FETCHED + "HTTP status client error (403 Forbidden) for url (x)", "blocked"),
    (FETCHED + "HTTP status server error (503 Service Unavailable) for url (x)", "busy"),
    (OS_ERROR + "Max retries exceeded (Caused by ResponseError('too many 503 error'))", "busy"),
    ("hint: a lack of valid authentication credentials (401 Unauthorized)", "credentials"),
    ('WARNING: The index url "a" seems invalid, please provide a scheme.', "index_setting"),
    ("ERROR: HTTP error 404 while getting https://files.pythonhosted.org/x", "index_setting"),
    (NONE, "index"),
    ("Because numpy was not found in the package registry and you require numpy", "index"),
    (NONE.replace("numpy (from versions: none", "torch==2.9+cpu (from versions: 2.9"), "index"),
    (NONE.replace("numpy", "torch==2.13.0"), "platform"),
    (RESOLVED + "torch==2.13.0 has no wheels with a matching Python\nABI tag", "platform"),
    (NONE.replace("numpy (from versions: none", "torch (from versions: 2.1.2, 2.2.2"), "intel_mac"),
    (RESOLVED + "the current Python version (3.10.13) does not satisfy Python>=3.11", "python"),
    ("ERROR: Package 'numpy' requires a different Python: 3.12.1 not in '>=3.14'", "python"),
    ("ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/", "conflict"),
    (RESOLVED + "Because daft-pgm==0.1.4 has invalid metadata and only", "conflict"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "damaged"),
    ("error: Failed to download `numpy`\n  cause: Hash mismatch for `numpy==2.3.5`", "damaged"),
    ("hint: The structure was invalid:\n  Failed to read from zip file", "damaged"),
    ("json.decoder.JSONDecodeError: Expecting ',' delimiter: line 1 column 31", "damaged"),
    ("error: Microsoft Visual C++ 14.0 or greater is required.", "source"),
    ("error: command '/usr/bin/gcc' failed with exit code 1", "source"),
    (OS_ERROR + "[Errno 28] No space left on device", "disk"),
    (OS_ERROR + "[WinError 112] Es steht nicht genug Speicherplatz zur Verfügung", "disk"),
    ("  ╰─▶ failed to flush file `/tmp/data.bin`: No\n      space left on device", "disk"),
    (OS_ERROR + "[Errno 122] Disk quota exceeded: '/home/x/.venv/lib'", "quota"),
    (OS_ERROR + "[Errno 30] Read-only file system: '/mnt/.venv'", "drive"),
    (OS_ERROR + "[Errno 13] Permission denied: '/home/x/.venv/lib'", "permission"),
    (OS_ERROR + "[WinError 5] 拒绝访问。: 'x\\\\.venv\\\\scripts\\\\pip.exe'", "permission"),
    (OS_ERROR + "[WinError 32] 另一个程序正在使用此文件，进程无法访问。: 'x.whl'", "in_use"),
    (OS_ERROR + "[WinError 225] 无法成功完成操作，因为文件包含病毒", "antivirus"),
    (ENSUREPIP.format(r"C:\\x"), "antivirus"),
    (ENSUREPIP.format("/x"), "venv"),
    ("not created successfully because ensurepip is not\navailable.  On Debian/Ubuntu", "venv"),
    (OS_ERROR + "[WinError 206] The filename or extension is too long: 'C:\\\\x'", "path"),
    ("Caused by: failed to hardlink file from C:\\x to C:\\y: The (os error 396)", "cloud"),
    ("Collecting numpy\nbash: line 1:  1234 Killed     python -m pip install numpy", "memory"),
    ("ProtocolError: Connection broken: OSError(12, 'Cannot allocate memory')", "memory"),
    ("  cause: Too many open files (os error 24)", "files"),
    ("error: failed to open file `/x/CACHEDIR.TAG`: Permission denied (os error 13)", "cache"),
    (given_up("SSLError('the SSL module is not available.')"), "python_parts"),
    (OS_ERROR + "Could not find a suitable TLS CA certificate bundle: /x.pem", "cert_file"),
    ("Configuration file could not be loaded.\nFile contains no section headers.", "config"),
    ("ERROR: Can not perform a '--user' install. User site-packages are", "options"),
    ("Usage:   \nno such option: --config-settings", "old"),
    ("x/.venv/Scripts/python.exe: No module named pip", "half"),
    ("error: externally-managed-environment", "half"),
    ("Collecting numpy\n  Downloading numpy-2.3.5-py3-none-any.whl (4.0 MB)", "stopped"),
    (RESOLVED, "packages"),
    ("Segmentation fault", "unknown"),
    ("", "unknown"),
]


@pytest.mark.parametrize(("log", "cause"), LOGS)
def test_causes_are_told_apart(log, cause):
    assert explain(log) == cause


def test_an_attempt_that_was_made_again_with_success_is_not_the_cause():
    tried = TRIED.format(4, OFFLINE)
    assert explain(f"{tried}\nCollecting numpy\n{OS_ERROR}[Errno 28] No space left") == "disk"
    assert explain(f"{tried}\nCollecting a\n{NONE}") == "index"
    assert explain(f"{tried}\nCollecting a\n  Downloading a.whl (1 MB)") == "stopped"


def test_the_last_attempt_counts_even_where_the_log_breaks_off():
    assert explain(TRIED.format(3, OFFLINE) + "\n" + NONE.replace("numpy", "a")) == "network"
    wrapped = TRIED.format(4, f"ProxyError({OFFLINE})").replace("Connection", "Conn\nection")
    assert explain(wrapped) == "proxy"


def test_lines_of_code_in_a_traceback_do_not_count():
    trace = (
        '  File "/x/pip/network.py", line 3, in run\n    raise MemoryError("disk quota exceeded")'
    )
    assert explain(f"Traceback:\n{trace}\nValueError: odd") == "unknown"


def test_every_cause_is_tried_and_has_advice():
    assert {cause for _, cause in LOGS} == {*SIGNS, *VAGUE, "unknown"} == set(ADVICE)
    assert set(BEFORE_WRITING) < set(ADVICE)


@pytest.mark.parametrize("cause", ADVICE)
def test_advice_is_one_short_sentence_that_does_no_harm(cause):
    """It stands between "... failed: " and "(details: ...)."."""
    advice = ADVICE[cause]
    assert "run the same command again" in advice or cause == "packages"
    assert len(advice) < 260 and not advice.endswith(".") and "  " not in advice
    assert not re.search("trusted-host|break-system|sudo pip|--user|no-verify|[.] [A-Z]", advice)


@pytest.mark.parametrize(
    "cause", ["busy", "signin", "proxy", "proxy_login", "blocked", "certificate", "network", "disk"]
)
def test_no_other_python_is_advised_where_the_python_is_good(cause):
    assert "Python 3" not in ADVICE[cause]
