"""What a log of pip, uv or venv tells of: the cause, and what to do about it.

The signs are words of pip, uv, urllib3, OpenSSL and of the systems. What Windows says is
translated, its numbers are not; other systems mean other things by these.
"""

from __future__ import annotations

import re


def _windows(numbers: str) -> str:
    return rf"(WinError |:\\.*os error |os error (?=[2-9]\d\d|\d{{4}}))({numbers})\b|"


SIGNS = {  # of each cause, what a log then holds; the first that is found counts
    "cloud": _windows(r"3[5-9]\d|426") + "[Cc]loud (op|file)|OneDrive.*Errno 22|Errno 22.*OneDrive",
    "antivirus": _windows("22[56]|1260|4551") + r":\\.*'ensurepip'.*exit status 1\b",
    "path": _windows("206|111") + "File ?name too long|Long Path support|PATH separator|"
    r"No such file or directory: '[A-Za-z]:[^']{250,}'",
    "disk": _windows("112|39") + r"No space left on device|Errno 28\b|not enough space on",
    "quota": _windows("1295") + r"[Qq]uota exceeded|Errno 122\b",
    "drive": _windows("19|23|5[359]|6[47]|1117|1392|1920")
    + r"Read-only file system|Errno 30\b|Stale (NFS )?file handle|Input/output error|Errno 5\b|"
    "Structure needs cleaning|Operation not supported|Protocol error:|-> '[^']*lib64'",
    "memory": _windows("8|14|1450|1455|1816") + r"Cannot allocate memory|Errno 12\b|MemoryError|"
    r"(\b|\d)Killed(\s|$)|SIGKILL|can't start new thread|memory allocation|Out of memory|"
    "Resource temporarily unavailable|code: 137|signal: 9",
    "files": _windows("4") + r"Too many open files|Errno 24\b",
    "cache": r"(CACHEDIR|(sdists|archive|wheels|simple|builds|interpreter|git)-v\d)\S*:? "
    "(Permission denied|Access is denied|Read-only)|initialize cache|acquire lock.*Permission den",
    "in_use": _windows("32|33|145|1224") + "used by another process|Text file busy|resource busy|"
    r"(waiting for|acquire).{0,60}\block\b|Directory not empty",
    "permission": _windows("5|1314") + r"Permission denied|Errno 13\b|Operation not permitted",
    "python_parts": "(SSL|ssl) module (in Python )?is not available|zlib not available|"
    "No module named '?(_ssl|_ctypes|zlib)|DLL load failed|Library not loaded|status 32212",
    "venv": "ensurepip is not|No module named '?(ensurepip|venv)|'ensurepip'.*non-zero exit",
    "index_setting": "Relative paths passed|please provide a scheme|(Location|Url) '.*' is ignored|"
    "find-links|not a trusted|error 404|404 (Not|Client)|provided package locations|"
    "(Missing|Invalid)Schema|network (is|was) disabled|relative URL without|Invalid URL|empty host",
    "cert_file": "suitable TLS CA certificate|Could not find the TLS certificate file|"
    r"SSL_CERT_(FILE|DIR)|load_verify_locations|\[X509",
    "config": "Configuration file (could|contains)|contains no section|[Ss]ection.*already exists|"
    r"during configuration: |Failed to parse:? .{0,200}uv\.toml|parse environment variable|"
    "invalid value '.*' for '|MissingSectionHeader",
    "options": "(Can ?not|can't) (perform a '--user'|combine|set --home)|require-hashes`? mode|"
    "Could not open requirements file|error: File not found|: home=|either home or prefix",
    "old": "no such option|unexpected argument|editable mode currently|build_editable|ImpImporter|"
    "cannot be installed in editable|No module named '?distutils|Required uv",
    "half": "No module named '?pip|from '?pip[.']|externally(-managed-env| managed)|Broken virtual|"
    "No (virtual environm|interpreter f)|No Python at|([Ii]nspect|[Qq]uery(ing)?) Py|activated vi|"
    "RECORD file was not found|uninstall-no-record|Unable to create directory|File exists",
    "proxy_login": r"407 \(?Proxy|(error|failed:) 407|[Pp]roxy [Aa]uth",
    "blocked": r"\b(403|451) (Forbidden|Client|Unavailable)|(HTTP error|failed:) (403|451)",
    "proxy": "ProxyError|[Tt]unnel|[Pp]roxy (URL|server|scheme)|(to|[Yy]our) proxy|SOCKS|"
    "requires server_hostname|proxy-connection|InvalidProxyURL",
    "clock": "not yet valid|not valid yet|NotValidYet|has expired|certificate expired|: Expired",
    "signin": "[Hh]ostname mismatch|NotValidForName|not valid for name|' doesn't match|"
    "WRONG_VERSION|EOF_WHILE|violation of protocol|HTTP_REQUEST|RECORD_LAYER|PACKET_LENGTH|"
    "corrupt message|handshake eof|during handshake|fatal alert|ALERT|ZeroReturn|UNKNOWN_PROTO|"
    r"Content-Type|proper HTML|unexpected HTML|\bHTTPConnection(Pool)?( object|\()|"
    "fetch: `?https:.*url .http:",
    "certificate": "CERTIFICATE_VERIFY|peer certificate|UnknownIssuer|certificate verify failed|"
    "self.signed certificate|ssl-verification|local issuer",
    "credentials": r"\b401 (Unauth|Client|Error)|valid authentication|User for \S+:|EOF when read",
    "busy": r"\b(5\d\d|429) (Ser|Bad|Gat|Too|Cli)|HTTP error (5|429)|many (5|429)|server error",
    "slow": "[Rr]ead ?timed ?out|ReadTimeout|operation timed out|network timeout|HTTP_TIMEOUT|"
    "IncompleteRead|incomplete-download|not enough bytes|Connection(Reset| reset| aborted)|"
    r"closed by the remote|rr(or|no) 1005[34]|RemoteDisconnected|decoding response|stream error|"
    "onnection closed|closed connection|Connection broken|of file before|roken pipe|body from",
    "network": "NewConnection|NameResolution|name resolution|getaddrinfo|is unreachable|"
    "(Connection|actively) refused|ConnectTimeout|connect error|onnection timed|dns error|No route|"
    "Max retries|are you offline|error sending request|connection-(failed|timeout)|"
    r"rr(or|no) (100(13|5[01]|6[0145])|1100[1-4])\b",
    "conflict": "invalid metadata|metadata at .* is invalid|inconsistent (name|version)|"
    "Failed to parse:? .{0,200}pyproject|Invalid ?[Rr]equirement|invalid-metadata",
    "damaged": "DO NOT MATCH THE HASH|[Hh]ash mismatch|BadZipFile|zip (file|archive)|invalid wheel|"
    r"located at .* is invalid|OSError: RECORD|info/RECORD\S*: No such|invalid package format|"
    "JSONDecode|unexpected JSON|central directory|Bad CRC|decompressing|Failed to extract|deflate",
    "python": r"requires (a different Python|Python ?[<>=!~])|current Python version|"
    r"Ignored the following.*\b(\d\S*?)(\.0)* Requires-Python.*(==\2(\.0)*[ +]|ions: (none)?\))",
    "intel_mac": r"torch\S* \(from versions: [^)]*\b2\.2\.\d\)|"
    r"(on macOS|platform tag) \((e\.g\., )?`macosx_\d+_\d+_x86_64",
    "source": r"Visual C\+\+|Failed building|command '\S*' failed|backend returned|bdist_wheel|"
    "legacy-install|metadata-generation|fatal error: |Unknown compiler|build installable wheels",
}
VAGUE = {  # where neither these are found, nor an attempt to fetch that was given up
    "platform": r"torch\S* \(from versions: (none|0\.1\.2[^)]*)?\)|not a supported wheel|musl|"
    "no wheels (with|are)|current platform",
    "source": r"\.tar\.gz.*Installing build dependencies.*from versions: (none)?\)",
    "index": r"from versions: (none)?\)|==([\d.]+)\+cpu \(from versions: ([^)]*, )?\2[,)]|"
    "not found in the package registry|no versions? of",
    "conflict": "ResolutionImpossible|conflicting dep|are incompatible|depends? on .* you require",
    "packages": "No matching distribution|No solution found",
    "stopped": "cancelled by user|KeyboardInterrupt",
}
LEFT_OFF = r"\s*(Collecting|Downloading|Using Python|Requirement|Obtaining|Installing|[━╸╺])"
AGAIN = "and run the same command again"
HUB = f"take another computer, or a hub on the web, {AGAIN} there"
ADVICE = {
    "cloud": "OneDrive or the like is in the way: move the course out of its folder " + AGAIN,
    "antivirus": f"a virus scanner is in the way: allow the course's folder, delete .venv {AGAIN}",
    "path": r"this folder's path is too long or holds a colon: move the course to a short one, "
    rf"such as C:\course or ~/course, {AGAIN}",
    "disk": "the disk is full (this one or that of temporary files): free about 3 GB " + AGAIN,
    "quota": f"your quota is used up: delete files of yours (or ask for more) {AGAIN}",
    "drive": "this drive is read-only, out of reach or of a kind that does not serve: copy the "
    f"course to a folder of your own on the computer's disk {AGAIN}",
    "memory": "the memory is used up: close other programs (or give the container more) " + AGAIN,
    "files": f"too many files are open: close other programs, or type: ulimit -n 4096, {AGAIN}",
    "cache": "the cache of uv is another user's: make it yours (chown), or set UV_CACHE_DIR to "
    f"a folder of your own, {AGAIN}",
    "in_use": "a file is in use by another program: close JupyterLab, editors and terminals, wait "
    f"for the virus scanner {AGAIN}",
    "permission": "a folder or file is in use or another user's: close programs that use it, "
    f"delete .venv or move the course to a folder of your own, {AGAIN}",
    "python_parts": "this Python lacks a part (ssl or the like): install another one from "
    "python.org (with conda: activate it first) and run the same command again with it",
    "venv": "this Python cannot make virtual environments: install that part (on Debian or "
    f"Ubuntu: sudo apt install python3-venv), or uv, {AGAIN}",
    "cert_file": "the file of certificates that PIP_CERT, SSL_CERT_FILE or REQUESTS_CA_BUNDLE "
    f"names cannot be read: correct or unset that variable {AGAIN}",
    "config": f"a settings file or variable of pip or uv is wrong: correct or rename it {AGAIN}",
    "options": "a setting of pip or uv is in the way: unset what the log names (variables as "
    f"PIP_USER, PIP_CONSTRAINT; files: python3 -m pip config list) {AGAIN}",
    "old": "pip or uv is too old: update uv (uv self update) or remove it, delete .venv " + AGAIN,
    "half": f"the Python environment is broken or not the course's: delete .venv {AGAIN} with a "
    "Python of 3.11 to 3.14",
    "proxy_login": "the proxy asks for a name and a password: put them into HTTPS_PROXY as "
    f"http://NAME:PASSWORD@HOST:PORT, or ask who runs the network, {AGAIN}",
    "blocked": "this network or package index forbids the download: use another network, or ask "
    f"who runs this one to allow pypi.org and files.pythonhosted.org, {AGAIN}",
    "proxy": "the proxy lets nothing through: correct HTTPS_PROXY (http://HOST:PORT) or unset it, "
    f"connect to the VPN it belongs to, use another network or wait a little, {AGAIN}",
    "clock": "a certificate is out of date, or this computer's clock is wrong: set date and time "
    f"right, or else use another network, {AGAIN}",
    "signin": "something else answers in place of the package index: open any web page and sign "
    f"in to this network, correct HTTPS_PROXY if set, or use another network, {AGAIN}",
    "certificate": "the network's certificate is not trusted: use another network, or ask for its "
    f"file and set PIP_CERT=/path/to/it, {AGAIN}",
    "credentials": "the package index asks for a login: put NAME:PASSWORD@ into its address or "
    f"unset it (see python3 -m pip config list) {AGAIN}",
    "busy": f"the package index is busy, nothing here is wrong: wait some minutes {AGAIN}",
    "index_setting": "a setting of pip or uv leads to no package index: correct (https://...) or "
    f"unset PIP_INDEX_URL, PIP_FIND_LINKS, PIP_NO_INDEX (python3 -m pip config list) {AGAIN}",
    "slow": "the connection is too slow or was cut: run the same command again, if need be on "
    "another network or without the VPN",
    "network": "the package index cannot be reached: connect to the network (open any web page "
    f"to see; it may ask to sign in; correct HTTPS_PROXY if it is set) {AGAIN}",
    "conflict": "the packages asked for do not fit together: undo changes of your own, update the "
    f"course (git pull) {AGAIN}; if it fails once more, report it",
    "damaged": "a file came damaged or changed: empty the cache (python3 -m pip cache purge; uv "
    f"cache clean), sign in to the network in a browser or use another one, {AGAIN}",
    "python": f"this Python does not fit: install Python 3.11 to 3.14 {AGAIN} with it",
    "intel_mac": "torch is no longer made for Macs with Intel: " + HUB,
    "source": "a package is not ready-made for this Python: unset PIP_NO_BINARY, update the course "
    f"(git pull), install Python 3.11 to 3.14, 64 bit, {AGAIN} with it",
    "platform": "there is no torch for this Python on this system (or the index hides it): install "
    "Python 3.11 to 3.14, 64 bit (x64, on Windows for ARM too); on Alpine or an Intel Mac, " + HUB,
    "index": "the package index did not offer a package: open any web page (the network may be "
    "down or ask to sign in), unset what names another index (python3 -m pip config list) or "
    f"hides packages (PIP_ONLY_BINARY), or wait a little, {AGAIN}",
    "packages": "the package index lacks a package for this Python: try Python 3.11 to 3.14, "
    "64 bit, and an up-to-date package index",
    "stopped": "it was stopped half-way: run the same command again and let it finish; if it stops "
    "of itself, close other programs, as memory may be short",
    "unknown": "run the same command again; if it fails once more, the log says why",
}
ONLY_FETCHED = "proxy_login blocked proxy clock signin certificate credentials busy index_setting"
BEFORE_WRITING = (*ONLY_FETCHED.split(), "slow", "network", "index")
ATTEMPT = re.compile(  # to fetch something; it may have been made again, and with success
    r"(?s)Retrying \(Retry\(.{0,1500}?': /\S*|Could not fetch URL .{0,1500}? - skipping|"
    r"Retrying \(Retry\([^\n]*|Transient request failure[^\n]*(\n +Caused by[^\n]*)*"
)
NOISE = re.compile(r'\x1b\[[\d;]*m|File "[^"\n]*", line \d+[^\n]*\n[^\n]*|[\s│]+')


def explain(log: str) -> str:
    """The cause a log tells of: a key of ADVICE."""
    log = log[-100000:]
    attempts = [found.group().replace("\n", "") for found in ATTEMPT.finditer(log)]
    named = re.findall(r"requirement ([\w.-]+).*from versions: (?:none)?\)", log)[-1:]
    final = "|".join(["total=0", "Could not fetch", *(f"/{re.escape(name)}/" for name in named)])
    given_up = [one for one in attempts if re.search(final, one)]
    told = NOISE.sub(" ", ATTEMPT.sub(" ", log))[-20000:]
    if re.match(LEFT_OFF, log.rstrip().rpartition("\n")[2]):
        attempts = ["cancelled by user"]
    steps = ((SIGNS, [told]), (SIGNS, given_up), (VAGUE, [told]), ({**SIGNS, **VAGUE}, attempts))
    pairs = ((cause, sign, texts) for signs, texts in steps for cause, sign in signs.items())
    return next((c for c, sign, texts in pairs if re.search(sign, "".join(texts[-1:]))), "unknown")
