"""Tests of slimmer.ecosystems.php."""
