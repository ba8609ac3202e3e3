"""The modules of Python's own library, by version.

Source: CPython 3.8 to 3.14, as the package stdlibs 2026.9.3 lists what their sources have. Modules
that only test Python itself are left out.
"""

from __future__ import annotations

_FIRST, _LAST = 8, 14  # the minor versions that the tables cover

#: The modules that all of these versions have.
_ALWAYS = (
    "__future__ _abc _ast _asyncio _bisect _blake2 _bz2 _codecs _codecs_cn _codecs_hk "
    "_codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections _collections_abc "
    "_compat_pickle _contextvars _csv _ctypes _ctypes_test _curses _curses_panel _datetime _dbm "
    "_decimal _elementtree _frozen_importlib _frozen_importlib_external _functools _gdbm _hashlib "
    "_heapq _imp _io _json _locale _lsprof _lzma _markupbase _md5 _multibytecodec "
    "_multiprocessing _opcode _operator _osx_support _overlapped _pickle _posixshmem "
    "_posixsubprocess _py_abc _pydecimal _pyio _queue _random _scproxy _sha1 _sha3 _signal "
    "_sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct "
    "_symtable _thread _threading_local _tkinter _tracemalloc _uuid _warnings _weakref "
    "_weakrefset _winapi abc antigravity argparse array ast asyncio atexit base64 bdb binascii "
    "bisect builtins bz2 cProfile calendar cmath cmd code codecs codeop collections colorsys "
    "compileall concurrent configparser contextlib contextvars copy copyreg csv ctypes curses "
    "dataclasses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno "
    "faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath "
    "getopt getpass gettext glob grp gzip hashlib heapq hmac html http idlelib imaplib importlib "
    "inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox marshal "
    "math mimetypes mmap modulefinder msvcrt multiprocessing netrc nt ntpath nturl2path numbers "
    "opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib "
    "posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat "
    "queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select "
    "selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 sre_compile "
    "sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable sys "
    "sysconfig syslog tabnanny tarfile tempfile termios textwrap this threading time timeit "
    "tkinter token tokenize trace traceback tracemalloc tty turtle turtledemo types typing "
    "unicodedata unittest urllib uuid venv warnings wave weakref webbrowser winreg winsound "
    "wsgiref xml xmlrpc zipapp zipfile zipimport zlib "
)
#: The other modules, with the first and the last minor version that has each.
_SOME = {
    "_aix_support": (9, 14),
    "_android_support": (13, 14),
    "_apple_support": (13, 14),
    "_ast_unparse": (14, 14),
    "_bootlocale": (8, 9),
    "_bootsubprocess": (9, 11),
    "_colorize": (13, 14),
    "_compression": (8, 13),
    "_crypt": (8, 12),
    "_dummy_thread": (8, 8),
    "_hmac": (14, 14),
    "_interpchannels": (13, 14),
    "_interpqueues": (13, 14),
    "_interpreters": (13, 14),
    "_ios_support": (13, 14),
    "_msi": (8, 12),
    "_opcode_metadata": (13, 14),
    "_peg_parser": (9, 9),
    "_py_warnings": (14, 14),
    "_pydatetime": (12, 14),
    "_pylong": (12, 14),
    "_pyrepl": (13, 14),
    "_remote_debugging": (14, 14),
    "_sha2": (12, 14),
    "_sha256": (8, 11),
    "_sha512": (8, 11),
    "_suggestions": (13, 14),
    "_sysconfig": (13, 14),
    "_tokenize": (11, 14),
    "_types": (14, 14),
    "_typing": (11, 14),
    "_wmi": (12, 14),
    "_xxinterpchannels": (12, 12),
    "_xxsubinterpreters": (8, 12),
    "_zoneinfo": (9, 14),
    "_zstd": (14, 14),
    "aifc": (8, 12),
    "annotationlib": (14, 14),
    "asynchat": (8, 11),
    "asyncore": (8, 11),
    "audioop": (8, 12),
    "binhex": (8, 10),
    "cgi": (8, 12),
    "cgitb": (8, 12),
    "chunk": (8, 12),
    "compression": (14, 14),
    "crypt": (8, 12),
    "distutils": (8, 11),
    "dummy_threading": (8, 8),
    "formatter": (8, 9),
    "graphlib": (9, 14),
    "imghdr": (8, 12),
    "imp": (8, 11),
    "lib2to3": (8, 12),
    "mailcap": (8, 12),
    "msilib": (8, 12),
    "nis": (8, 12),
    "nntplib": (8, 12),
    "ossaudiodev": (8, 12),
    "parser": (8, 9),
    "pipes": (8, 12),
    "smtpd": (8, 11),
    "sndhdr": (8, 12),
    "spwd": (8, 12),
    "sunau": (8, 12),
    "symbol": (8, 9),
    "telnetlib": (8, 12),
    "tomllib": (11, 14),
    "uu": (8, 12),
    "xdrlib": (8, 12),
    "zoneinfo": (9, 14),
}


def standard_library(version: str) -> frozenset[str]:
    """Return the modules at the top of the library of a Python such as ``3.12``.

    Of a version that is not known, such as "", all that any version has.
    """
    major, _, minor = version.partition(".")
    known = major == "3" and minor.isdigit() and _FIRST <= int(minor) <= _LAST
    some = (n for n, (first, last) in _SOME.items() if not known or first <= int(minor) <= last)
    return frozenset((*_ALWAYS.split(), *some))
