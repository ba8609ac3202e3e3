"""The nouns of slim, all immutable: what was found, decided and made.

Nothing in here reads or writes anything; every other module speaks in these values.
"""
