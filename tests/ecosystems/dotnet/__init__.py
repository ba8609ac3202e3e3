"""Tests of slimmer.ecosystems.dotnet."""
