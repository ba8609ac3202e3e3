"""The packages that a zip holds as a bill of materials: CycloneDX 1.6, as JSON.

The form and its rules are the library's of the CycloneDX project. The same zip gives the same
bytes: the serial number comes of the zip's digest, and there is no time in it.
"""

from __future__ import annotations

import json
import uuid

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from slimmer import __version__
from slimmer.build.report import Report
from slimmer.build.ships import ShippedPackage

_LONGEST = 200  # of a licence's name; some packages put the whole text there
_URLS = {"pypi", "npm"}  # the kinds whose package URL names and versions alone make


def bill(report: Report) -> str:
    """Return the bill of materials of the zip of a report."""
    artifact = report.artifact
    digest = artifact.sha256 if artifact else ""
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"sha256:{digest}"))
    bom.metadata.component = Component(
        name=artifact.name if artifact else "nothing",
        type=ComponentType.APPLICATION,
        bom_ref="zip",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)] if artifact else [],
    )
    bom.metadata.tools.components.add(
        Component(name="slim", version=__version__, type=ComponentType.APPLICATION)
    )
    for package in report.ships.packages if report.ships else ():
        bom.components.add(_component(package))
    bom.register_dependency(bom.metadata.component, bom.components)
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    del document["metadata"]["timestamp"]
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def _component(package: ShippedPackage) -> Component:
    group, slash, name = package.name.rpartition("/")
    said = package.licence if len(package.licence) <= _LONGEST else ""
    is_known = package.kind in _URLS
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        group=group if slash else None,
        version=package.version,
        bom_ref=package.path,
        licenses=[LicenseFactory().make_from_string(said)] if said else [],
        purl=PackageURL(package.kind, group or None, name, package.version) if is_known else None,
        properties=[Property(name="slim:path", value=package.path)],
    )
