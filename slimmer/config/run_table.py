"""The rows of the table of options that say how a function is run."""

from __future__ import annotations

from slimmer.config.option import RUN, Option
from slimmer.config.path_values import JsonOf, PathOf, Role
from slimmer.config.values import Ratio, Seconds, Switch, Text, Texts, Whole, one_of

SANDBOXES = ("bwrap", "unshare", "docker", "podman", "none")  # see slimmer/verify/sandboxes.py

RUN_TABLE = (
    Option(
        "--expect",
        JsonOf("FILE|JSON", multiple=True, role=Role.IN),
        "What to expect in the answer: keys that it leaves out may be anything. One for each "
        "event, in the same order: a JSON file, JSON itself, or -.",
        param="expected",
        group=RUN,
    ),
    Option(
        "--expect-exact",
        Switch(),
        "Each answer must be what --expect says, with no other keys.",
        group=RUN,
    ),
    Option(
        "--against",
        PathOf("ORIGINAL", role=Role.IN),
        "The original of the last layer, or of the function if there is no layer: a folder or "
        "a zip. It runs in the same way, and the answers must be equal.",
        group=RUN,
    ),
    Option(
        "--ignore",
        Texts("PLACE"),
        "A place of the answers that is not compared with the original's, such as .body.time or "
        ".items[*].id. Repeatable.",
        param="ignored",
        group=RUN,
    ),
    Option(
        "--runtime",
        Text("NAME", default=""),
        "python3.X, nodejsX.x or javaX. Any other runtime starts bootstrap.  "
        "[default: the target's]",
        group=RUN,
    ),
    Option(
        "--starts",
        Whole("N", least=0, most=1000, default=0),
        "Measure so many fresh starts, in turn with the original.  [default: 0]",
    ),
    Option(
        "--max-init-cpu",
        Seconds("SECONDS", most=900),
        "Fail if the median CPU of init is above this. Without --starts, 5 are measured.",
        param="max_init_cpu_s",
        is_setting=True,
    ),
    Option(
        "--max-init-ratio",
        Ratio("RATIO", most=1000),
        "Fail if the median ratio of init's CPU to the original's is above this. Needs --against.",
        is_setting=True,
    ),
    Option("--handler", Text("NAME", default=""), "The handler, such as app.handler.", group=RUN),
    Option(
        "--interpreter",
        PathOf("PROGRAM", role=Role.IN),
        "The Python, Node.js or Java that runs the function.  [default: the one that is found]",
        group=RUN,
    ),
    Option(
        "--client",
        PathOf("DIR", role=Role.IN),
        "The folder that holds AWS's client of the runtime.  [default: the one that is found]",
        group=RUN,
    ),
    Option(
        "--timeout",
        Seconds("SECONDS", most=900, default=30.0),
        "The time limit of each event.  [default: 30]",
        param="timeout_s",
        group=RUN,
    ),
    Option(
        "--memory",
        Whole("MIB", least=1, most=10240, default=1024),
        "The memory limit in MiB, as Lambda counts it.  [default: 1024]",
        param="memory_mib",
        group=RUN,
    ),
    Option(
        "--env",
        Texts("NAME=VALUE"),
        "An environment variable of the function. Repeatable.",
        group=RUN,
    ),
    Option(
        "--sandbox",
        one_of("sandbox", SANDBOXES),
        "What isolates the function from this machine.  [default: the first that works here, but "
        "no container]",
        group=RUN,
    ),
    Option(
        "--image",
        Text("IMAGE", default=""),
        "The image of the container, with --sandbox docker or podman.",
        group=RUN,
    ),
    Option(
        "--client-context",
        PathOf("FILE", role=Role.IN),
        "The JSON of the client context that comes with each event.",
        group=RUN,
    ),
    Option(
        "--cognito-identity",
        PathOf("FILE", role=Role.IN),
        "The JSON of the Amazon Cognito identity that comes with each event: cognitoIdentityId "
        "and cognitoIdentityPoolId.",
        group=RUN,
    ),
)
