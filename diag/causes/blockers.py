"""Calls that block, and what to use in their place on an event loop."""

import ast
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from diag.causes.calls import assignments, called, dotted, number, origin, receiver
from diag.source import Module, own_nodes

SLEEP = "`await asyncio.sleep(...)` gives way meanwhile"
HTTP = "an asynchronous client (httpx.AsyncClient, aiohttp) gives way meanwhile"
PROCESS = "`await asyncio.create_subprocess_exec(...)` and its `communicate()` give way meanwhile"
SOCKET = "`asyncio.open_connection`, or the loop's `sock_recv`, `sock_sendall` and `sock_connect`, give way meanwhile"
NAMES = "`await loop.getaddrinfo(...)` gives way meanwhile"
THREAD = "`await asyncio.to_thread(...)` waits for it in a thread"
CORE = "`await asyncio.to_thread(...)` runs it aside if it is native code that lets go of the GIL, a process pool in any case"
PIECES = "do it in smaller pieces, or in a process pool (`await loop.run_in_executor(pool, ...)`)"
PATTERN = "bound the input and use a pattern that does not backtrack, or run it in a process pool"
DATABASE = "an asynchronous driver (asyncpg, psycopg's AsyncConnection, aiosqlite, motor) gives way meanwhile"
FILE = "`await asyncio.to_thread(...)` or aiofiles waits for the file in a thread"
LOCK = "asyncio's own Lock, Event and Condition give way while they wait"
QUEUE = "`asyncio.Queue` gives way while it waits"
FUTURE = "`await asyncio.wrap_future(...)` gives way until a thread's future is done"

FUNCTIONS: tuple[tuple[str, str], ...] = (
    (SLEEP, "time.sleep"),
    (HTTP, "requests urllib.request urllib3 http.client httplib2 pycurl"),
    (HTTP, "httpx.get httpx.post httpx.put httpx.patch httpx.delete httpx.request httpx.Client"),
    (PROCESS, "subprocess os.system os.popen os.wait os.waitpid commands sh pexpect"),
    (SOCKET, "socket.create_connection select ssl.get_server_certificate"),
    (NAMES, "socket.getaddrinfo socket.gethostbyname socket.gethostbyaddr socket.getfqdn socket.getnameinfo"),
    (CORE, "hashlib bcrypt argon2 passlib crypt scrypt nacl cryptography rsa"),
    (CORE, "zlib gzip bz2 lzma zstandard brotli lz4 snappy zipfile tarfile"),
    (CORE, "numpy scipy pandas polars sklearn torch PIL cv2 skimage"),
    (
        PIECES,
        "json simplejson orjson ujson pickle marshal yaml toml tomllib csv xml lxml bs4 msgpack copy.deepcopy",
    ),
    (PATTERN, "re regex"),
    (
        DATABASE,
        "sqlite3 psycopg2 psycopg pymysql MySQLdb mysql cx_Oracle oracledb pyodbc pymongo redis peewee",
    ),
    (FILE, "open os.fsync os.walk os.listdir glob shutil pathlib linecache fileinput tempfile"),
    (
        THREAD,
        "input getpass smtplib ftplib imaplib poplib telnetlib paramiko boto3 botocore ldap3 kubernetes docker",
    ),
    (FUTURE, "concurrent.futures.wait concurrent.futures.as_completed"),
)
"""What blocks, by its full name: a function, or a module with all that is in it."""

METHODS: tuple[tuple[str, str, str], ...] = (
    (SOCKET, "recv recvfrom recv_into recvmsg accept sendall makefile connect_ex do_handshake", ""),
    (SOCKET, "connect", r"sock|^s$"),
    (PROCESS, "communicate", ""),
    (LOCK, "acquire", ""),
    (LOCK, "wait", r"event|ready|cond|barrier|lock|done|started|finished|stop"),
    (PROCESS, "wait", r"proc|child|popen|^p$"),
    (FUTURE, "result", ""),
    (QUEUE, "get put", r"queue|^q$|_q$|inbox|mailbox|channel"),
    (DATABASE, "execute executemany executescript fetchall fetchone fetchmany commit callproc", ""),
    (DATABASE, "query", r"db|conn|session|cursor|database"),
    (FILE, "read readlines readline readinto read_text read_bytes write_text write_bytes", ""),
    (HTTP, "urlopen getresponse", ""),
    (HTTP, "get post put patch delete request", r"session|http|client|^s$"),
    (CORE, "hashpw checkpw verify_password hash_password derive compress decompress extractall", ""),
    (CORE, "hash verify", r"pwd|passw|hash|crypt|argon|context"),
    (
        CORE,
        "read_csv read_excel read_parquet to_csv to_excel to_parquet thumbnail resize fit predict transform",
        "",
    ),
    (
        PATTERN,
        "findall finditer fullmatch sub split match search",
        r"pattern|regex|_re$|^re_|_rx$|[A-Z]+_RE$",
    ),
)
"""What blocks, by the name of a method and a pattern for what it is called on; "" for anything."""

_BY_NAME: Mapping[str, str] = {name: advice for advice, names in FUNCTIONS for name in names.split()}

_BY_METHOD: Mapping[str, tuple[tuple[str, str], ...]] = {
    name: tuple((advice, owner) for advice, names, owner in METHODS if name in names.split())
    for name in {name for _, names, _ in METHODS for name in names.split()}
}


def by_name(module: Module, call: ast.Call) -> str:
    """Give the advice for a function that is known by its full name, or for a method of what such a one gave; or ""."""
    advice = _named(origin(module, call.func))
    if advice or not isinstance(call.func, ast.Attribute):
        return advice
    owner = call.func.value
    if isinstance(owner, ast.Call):
        return _named(origin(module, owner.func))
    return next(
        (found for value in _values(module, dotted(owner)) if (found := _named(origin(module, value)))), ""
    )


def by_method(call: ast.Call) -> str:
    """Give the advice for a method that is known by its name and what it is called on; or ""."""
    if not isinstance(call.func, ast.Attribute):
        return ""
    name, owner = called(call), receiver(call).rpartition(".")[2]
    if name == "join":
        return THREAD if _joins(call) else ""
    keyed = (
        name == "get" and bool(call.args) and not _is_flag(call.args[0])
    )  # of a dict that is called a queue
    for advice, like in _BY_METHOD.get(name, ()):
        if re.search(like, owner, re.IGNORECASE) and not (keyed and advice == QUEUE):
            return advice
    return ""


def _named(name: str) -> str:
    """Give the advice for a full name, or for the nearest of the modules that it is in."""
    while name:
        if name in _BY_NAME:
            return _BY_NAME[name]
        name = name.rpartition(".")[0]
    return ""


def _values(module: Module, name: str) -> Iterable[ast.expr]:
    """Give the functions whose results a name is bound to, anywhere in the module, by `with` as well."""
    return _bound(module).get(name, ()) if name else ()


@lru_cache(maxsize=64)
def _bound(module: Module) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for function in module.functions:
        nodes = own_nodes(function.node)
        given = [(name, value) for name, value, _ in assignments(nodes)]
        items = (item for node in nodes if isinstance(node, ast.With) for item in node.items)
        given += [(dotted(item.optional_vars), item.context_expr) for item in items]
        for name, value in given:
            if isinstance(value, ast.Call):
                found.setdefault(name, []).append(value.func)
    return found


def _joins(call: ast.Call) -> bool:
    """Whether it waits for a thread or process, other than the `join` of strings and paths."""
    timed = any(keyword.arg == "timeout" for keyword in call.keywords)
    named = not isinstance(call.func, ast.Attribute) or bool(dotted(call.func.value))
    return named and (timed or not call.args or number(call.args[0]) is not None)


def _is_flag(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)
