"""slim: makes runtimes and packages fit AWS Lambda, explained, safe and deterministic."""

__version__ = "0.1.0"
