"""Evidence: what must hold where a rule matches before it drops anything.

A name is no evidence. The words that packs may use stand in ``words.py``; each names a check, a
function over a tree, the first bytes of its files, and what a rule matched.
"""
