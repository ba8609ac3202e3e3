"""What a function sees around it: the mounts and the environment of Lambda, as values.

Sources: the AWS Lambda Developer Guide, pages "Defined runtime environment variables",
"Configure ephemeral storage" and "Layers" for the paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

USER, GROUP = 993, 990  # sbx_user1051, whom functions run as
TMP_BYTES = 512 * 1024 * 1024  # of /tmp, unless a function asks for more
OPEN_FILES = 1024
PROCESSES = 1024  # with threads, "Lambda quotas"

LAYERS, FUNCTION, RUNTIME, LANGUAGE = "/opt", "/var/task", "/var/runtime", "/var/lang"
PASSWD = (
    f"root:x:0:0:root:/root:/bin/sh\nsbx_user1051:x:{USER}:{GROUP}::/home/sbx_user1051:/bin/sh\n"
)
GROUPS = f"root:x:0:\nsbx_user1051:x:{GROUP}:\n"

HOST_NAMES = ("sandbox.localdomain", "sandbox")  # where extensions listen
HOSTS = f"\n127.0.0.1 {' '.join(HOST_NAMES)}\n"

# Of the machine's /etc: what the loader, the resolver, clocks and TLS need, and nothing else.
ETC = (
    *("ca-certificates", "ca-certificates.conf", "crypto-policies", "pki", "ssl"),
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "os-release"),
    *("host.conf", "nsswitch.conf", "protocols", "resolv.conf", "services"),
)
ROOT = ("bin", "lib", "lib32", "lib64", "libx32", "sbin", "usr")

# What of the environment extensions do not get, "Extensions API"; they may search the same paths.
NOT_FOR_EXTENSIONS = frozenset(
    {
        *("AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_ADDRESS"),
        *("_AWS_XRAY_DAEMON_PORT", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "_HANDLER"),
    }
)
SEARCH_PATHS = frozenset({"PATH", "LD_LIBRARY_PATH"})


class Mount(NamedTuple):
    """One thing that is put at ``place``: a bind of ``source``, or something made.

    ``bind`` is read-only, and ``own`` may be written.

    ``link`` is a symbolic link to ``source``, ``tmp`` an empty folder that can be written,
    ``empty`` one that cannot; ``nothing`` covers a file.
    """

    kind: Literal["bind", "own", "link", "tmp", "empty", "nothing", "proc", "dev"]
    place: str
    source: str = ""


def rootfs(
    host: Sequence[Mount],
    hidden: Sequence[Mount],
    own: Mapping[str, str],
    program: Sequence[Mount] = (),
) -> tuple[Mount, ...]:
    """Return all mounts in order: the machine's, what of it is hidden, and the function's own.

    ``own`` says what lies at /opt, /var/task and /var/runtime; ``program`` is what starts it.
    """
    return (
        *host,
        *hidden,
        Mount("proc", "/proc"),
        Mount("dev", "/dev"),
        Mount("tmp", "/tmp"),  # noqa: S108 - the function's own
        *(Mount("bind", place, source) for place, source in sorted(own.items())),
        *program,
    )


def environment(
    *, handler: str, memory_bytes: int, runtime: str, where: Mapping[str, str]
) -> dict[str, str]:
    """Return Lambda's environment variables, but for the address of the Runtime API.

    ``where`` says where /opt, /var/task and /var/runtime are for the function, which is
    elsewhere where there is no sandbox.
    """
    opt, task, var = where[LAYERS], where[FUNCTION], where[RUNTIME]
    name = "slim-verify"
    variables = {
        "AWS_ACCESS_KEY_ID": name,  # no one's; so that nobody looks for the machine's own
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_bytes // 2**20),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "1980/01/01/[$LATEST]0",
        "AWS_REGION": "eu-central-1",
        "AWS_SECRET_ACCESS_KEY": name,
        "AWS_SESSION_TOKEN": name,
        "LAMBDA_RUNTIME_DIR": var,
        "LAMBDA_TASK_ROOT": task,
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": f"/lib64:/usr/lib64:{var}:{var}/lib:{task}:{task}/lib:{opt}/lib",
        "PATH": f"/usr/local/bin:/usr/bin:/bin:{opt}/bin",
        "TZ": ":UTC",
        "_HANDLER": handler,
    }
    if runtime and not runtime.startswith("provided"):  # which do not define it
        variables["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{runtime}"
    return variables
