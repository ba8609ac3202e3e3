"""The rows of the table of options that say what a build writes, and in which form."""

from __future__ import annotations

from slimmer.config.option import Option
from slimmer.config.path_values import FileOrFolderOf, Role
from slimmer.config.values import Choice, Switch, Text, Whole
from slimmer.model.forms import FORMS

OUTPUT_TABLE = (
    Option(
        "--split",
        Whole("N", default=1, least=1, most=5),
        "Part the zip into at most N layers, FILE-1.zip and so on, each small enough to be sent "
        "without S3 where that can be. Units stay whole.",
        param="split",
    ),
    Option(
        "-o --output",
        FileOrFolderOf("FILE", role=Role.OUT),
        "The zip to write, or another form: an image to FILE.tar, a folder to DIR/.  [default: "
        "TREE's name.zip, in this folder or beside TREE]",
    ),
    Option(
        "--form",
        Choice("|".join(FORMS), what="form", choices=lambda: FORMS),
        "What to write. zip; image: a tar for docker load, podman load and skopeo; layout: an OCI "
        "layout in a folder; folder: the tree itself.  [default: as --output is called]",
    ),
    Option(
        "--base-layers",
        Whole("N", default=0, least=0, most=127),
        "Keep the lowest N layers of an image as they are, byte for byte, and put the rest into "
        "one more.  [default: 0, one layer in all]",
        param="base_count",
    ),
    Option(
        "--rootfs",
        Switch(),
        "TREE is the root of an image's file system, as a stage of a Dockerfile copies it: an "
        "absolute link means TREE, and --entry names what is started.",
    ),
    Option(
        "--tag",
        Text("NAME", default=""),
        "What an image is called, such as app:slim.  [default: its own name with -slim]",
    ),
)
