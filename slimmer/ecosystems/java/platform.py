"""Which classes Java itself has, whatever its version, and which Lambda's runtimes for Java bring.

Sources: the packages of JDK 11 to 25 (API documentation, "All Packages"); the packages that left
with Java 11 (JEP 320) count as missing. AWS Lambda's documentation, "Define Lambda function handler
in Java" and "Using the Lambda SnapStart runtime hooks".
"""

from __future__ import annotations

from typing import Final

_JAVA: Final = (
    *("java/", "jdk/", "sun/", "com/sun/", "netscape/javascript/"),
    *("org/ietf/jgss/", "org/jcp/xml/dsig/", "org/w3c/dom/", "org/xml/sax/"),
)
_JAVAX: Final = (
    *("accessibility", "annotation/processing", "crypto", "imageio", "lang/model", "management"),
    *("naming", "net", "print", "rmi/ssl", "script", "security", "smartcardio", "sound", "sql"),
    *("swing", "tools", "transaction/xa", "xml/catalog", "xml/crypto", "xml/datatype"),
    *("xml/namespace", "xml/parsers", "xml/stream", "xml/transform", "xml/validation"),
    "xml/xpath",
)
_STARTS: Final = (*_JAVA, *(f"javax/{package}/" for package in _JAVAX), "javax/xml/XMLConstants")
_LAMBDA: Final = "com/amazonaws/services/lambda/runtime/"
_APART: Final = (f"{_LAMBDA}events/", f"{_LAMBDA}tests/")  # which functions bring themselves
_HOOKS: Final = "org/crac/"


def is_of_java(name: str) -> bool:
    """Return whether a class, as ``a/b/C``, is in a package of Java's own."""
    return name.startswith(_STARTS)


def is_of_lambda(name: str) -> bool:
    """Return whether Lambda's runtimes for Java have a class, as ``a/b/C``."""
    return name.startswith((_LAMBDA, _HOOKS)) and not name.startswith(_APART)
