"""The judge of evidence: asks the checks of a rule's words, once for each place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from slimmer.inputs.base import ReadPart
from slimmer.model.rules import Rule
from slimmer.model.tree import Tree
from slimmer.paths import parents
from slimmer.rules.evidence.surroundings import Found, Surroundings, Unit
from slimmer.rules.evidence.words import WORDS


class Proof(NamedTuple):
    """What was found where a rule matched, in the order of its words.

    It ends with the first word that does not hold.
    """

    rule: Rule
    found: tuple[tuple[str, Found], ...]

    @property
    def holds(self) -> bool:
        """Whether all of the evidence is there."""
        return all(found.holds for _, found in self.found)


class Judge:
    """Says whether a rule's evidence is there; what it was asked is remembered."""

    def __init__(self, tree: Tree, read: ReadPart, owners: Mapping[str, str]):
        """Take a tree, what reads a part of a file, and who owns each path."""
        self._at = Surroundings(tree, read, owners)
        self._proofs: dict[str, dict[tuple[str, str], Proof]] = {}

    def __call__(self, rule: Rule, path: str, root: str) -> bool:
        """Return whether the evidence of a rule holds for what it matches at a path.

        ``root`` is that of the rule's pack.
        """
        known = self._proofs.setdefault(path, {})
        proof = known.get(_key(rule))
        if proof is None:
            unit = Unit(path, self._at.tree.by_path[path].kind, root)
            proof = known[_key(rule)] = Proof(rule, tuple(self._found(rule.evidence, unit)))
        return proof.holds

    def _found(self, words: Iterable[str], unit: Unit) -> Iterable[tuple[str, Found]]:
        for word in words:
            found = WORDS[word].check(self._at, unit)
            yield word, found
            if not found.holds:
                return

    def proof_of(self, rule: Rule, path: str) -> Proof | None:
        """Return what proved a drop: of the path, or of the folder that the rule matched."""
        proofs = (self._proofs.get(p, {}).get(_key(rule)) for p in (path, *parents(path)))
        return next((proof for proof in proofs if proof is not None and proof.holds), None)

    def unproven(self, path: str) -> list[tuple[str, Proof]]:
        """Return the places, a path and the folders above, at which evidence was not there."""
        places = (path, *parents(path))
        proofs = ((place, p) for place in places for p in self._proofs.get(place, {}).values())
        return [(place, proof) for place, proof in proofs if not proof.holds]


def _key(rule: Rule) -> tuple[str, str]:
    """Return what tells rules apart whose component may be called by another name."""
    return rule.place, rule.pattern
