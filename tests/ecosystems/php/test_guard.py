"""What PHP's servers and tools are dropped for, and who takes them back."""

from __future__ import annotations

import pytest

from slimmer.ecosystems.context import Deployment
from tests.support.decide import decide, kept
from tests.support.natives import Zip

FPM, CGI, PEAR = "sbin/php-fpm", "bin/php-cgi", "share/php/PEAR.php"
PHP = b"\x7fELF php-fpm php-cgi PEAR.php"
TREE = {
    "bin/php": PHP,
    FPM: b"\x7fELF",
    CGI: b"\x7fELF",
    "bin/phpize": b"#!/bin/sh\n",
    PEAR: b"<?php\n",
    "share/php/PEAR/Config.php": b"<?php require 'PEAR.php';\n",
    "etc/php-fpm.conf": b"pid = run/php-fpm.pid\n",
}


def test_what_no_own_file_names_is_dropped() -> None:
    files = {**TREE, "bootstrap": b"#!/bin/sh\nexec /opt/bin/php /var/task/run.php\n"}
    assert not kept(decide(files, guards=("php",))) & {FPM, CGI, PEAR, "bin/phpize"}


@pytest.mark.parametrize(
    ("path", "text", "stays"),
    [
        ("bootstrap", b"exec php-fpm --nodaemonize", FPM),
        ("bootstrap", b"\x7fELF\0\0/opt/bin/php-cgi\0", CGI),
        ("src/Fpm.php", b"new Process(['php-fpm'])", FPM),
        ("src/old.php", b"<?php require_once 'PEAR.php';", PEAR),
    ],
)
def test_what_an_own_file_names_comes_back(path: str, text: bytes, stays: str) -> None:
    found = kept(decide({**TREE, path: text}, guards=("php",)))
    assert found & {FPM, CGI, PEAR} == {stays}


def test_what_a_function_beside_the_layer_names_comes_back() -> None:
    function = Zip("function.zip", {"bootstrap": b"exec php-fpm\n"})
    deployment = Deployment(siblings=(function,))
    assert FPM in kept(decide(TREE, guards=("php",), deployment=deployment))


def test_without_a_program_of_php_nothing_is_dropped() -> None:
    files = dict.fromkeys(TREE, b"#!/bin/sh\n")
    assert set(files) <= kept(decide(files, guards=("php",)))
