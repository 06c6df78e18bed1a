"""Modules that a runtime has without any requirement: the standard library by version, and AWS's.

The names are ``sys.stdlib_module_names`` of CPython 3.10 to 3.13. Versions 3.8 and 3.9 do not have
it: theirs come from the differences of their libraries to 3.10's. 3.14 is 3.13 with the changes in
its notes: https://docs.python.org/3/whatsnew/3.14.html
"""

from functools import cache

_FIRST = (
    "__future__ _abc _ast _asyncio _bisect _blake2 _bootlocale _bz2 _codecs _codecs_cn "
    "_codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections "
    "_collections_abc _compat_pickle _compression _contextvars _crypt _csv _ctypes _curses "
    "_curses_panel _datetime _dbm _decimal _dummy_thread _elementtree _frozen_importlib "
    "_frozen_importlib_external _functools _gdbm _hashlib _heapq _imp _io _json _locale "
    "_lsprof _lzma _markupbase _md5 _msi _multibytecodec _multiprocessing _opcode _operator "
    "_osx_support _overlapped _pickle _posixshmem _posixsubprocess _py_abc _pydecimal _pyio "
    "_queue _random _scproxy _sha1 _sha256 _sha3 _sha512 _signal _sitebuiltins _socket "
    "_sqlite3 _sre _ssl _stat _statistics _string _strptime _struct _symtable _thread "
    "_threading_local _tkinter _tracemalloc _uuid _warnings _weakref _weakrefset _winapi abc "
    "aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb "
    "binascii binhex bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code "
    "codecs codeop collections colorsys compileall concurrent configparser contextlib "
    "contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal "
    "difflib dis distutils doctest dummy_threading email encodings ensurepip enum errno "
    "faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc "
    "genericpath getopt getpass gettext glob grp gzip hashlib heapq hmac html http idlelib "
    "imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 "
    "linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder "
    "msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode "
    "operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil "
    "platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr "
    "pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter "
    "runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib "
    "sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat "
    "statistics string stringprep struct subprocess sunau symbol symtable sys sysconfig "
    "syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit "
    "tkinter token tokenize trace traceback tracemalloc tty turtle turtledemo types typing "
    "unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg "
    "winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib"
)
_ADDED = {
    "3.9": "_aix_support _bootsubprocess _peg_parser _zoneinfo graphlib zoneinfo",
    "3.11": "_tokenize _typing tomllib",
    "3.12": "_pydatetime _pylong _sha2",
    "3.13": (
        "_android_support _colorize _interpchannels _interpqueues _interpreters _ios_support "
        "_opcode_metadata _pyrepl _suggestions _sysconfig _wmi"
    ),
    "3.14": (
        "_ast_unparse _hmac _py_warnings _remote_debugging _types _zstd annotationlib compression"
    ),
}
_REMOVED = {
    "3.9": "_dummy_thread dummy_threading",
    "3.10": "_bootlocale _peg_parser formatter parser symbol",
    "3.11": "binhex",
    "3.12": "_bootsubprocess _sha256 _sha512 asynchat asyncore distutils imp smtpd",
    "3.13": (
        "_crypt _msi aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib "
        "ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib"
    ),
}
# Submodules that are younger than their package.
_YOUNGER = {
    "asyncio.taskgroups": "3.11",
    "concurrent.interpreters": "3.14",
    "importlib.resources.abc": "3.11",
    "pathlib.types": "3.14",
    "string.templatelib": "3.14",
    "wsgiref.types": "3.11",
}
# In the list on every system, but missing on Linux.
# https://docs.python.org/3/library/windows.html
_ELSEWHERE = frozenset("_overlapped _scproxy _winapi _wmi msilib msvcrt nt winreg winsound".split())

# What is in the runtime's own folder, /var/runtime and its site-packages: the SDK with all that it
# requires, and the client that calls the handler. AWS decides the versions.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html (Runtime-included SDK versions)
RUNTIME_MODULES = frozenset(
    "awslambdaric boto3 botocore dateutil jmespath s3transfer simplejson six snapshot_restore_py "
    "urllib3".split()
)
RUNTIME_DISTRIBUTIONS = frozenset(
    "awslambdaric boto3 botocore jmespath python-dateutil s3transfer simplejson six "
    "snapshot-restore-py urllib3".split()
)


def has(name: str, minor: str) -> bool:
    """Return whether the standard library of a Python version has a module, on Linux.

    Args:
        name: dotted; a submodule counts as there unless the version is known to lack it.
        minor: such as ``3.13``.
    """
    top = name.partition(".")[0]
    if _key(_YOUNGER.get(name, minor)) > _key(minor):
        return False
    return top == "__main__" or (top in names(minor) and top not in _ELSEWHERE)


@cache
def names(minor: str) -> frozenset[str]:
    """Return the names of the top-level modules of a Python version, on every system."""
    modules = set(_FIRST.split())
    for version in sorted({*_ADDED, *_REMOVED}, key=_key):
        if _key(version) <= _key(minor):
            modules -= {*_REMOVED.get(version, "").split()}
            modules |= {*_ADDED.get(version, "").split()}
    return frozenset(modules)


def remark(name: str, minor: str) -> str:
    """Return a remark on a module that another version or system has; empty where none does."""
    top = name.partition(".")[0]
    if name in _YOUNGER and top in names(minor):
        return f"in the standard library since Python {_YOUNGER[name]}"
    for version, added in _ADDED.items():
        if top in added.split() and _key(version) > _key(minor):
            return f"in the standard library since Python {version}"
    for version, removed in _REMOVED.items():
        if top in removed.split() and _key(version) <= _key(minor):
            return f"out of the standard library since Python {version}"
    if top in names(minor) & _ELSEWHERE:
        return "in the standard library, but not on Linux"
    return ""


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
