"""Tests of slimmer.ecosystems.ruby."""
