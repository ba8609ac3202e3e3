"""Settings for every test."""

from __future__ import annotations

from hypothesis import settings

# A slow machine is no failed test: how long something takes is measured in bench/.
settings.register_profile("slim", deadline=None)
settings.load_profile("slim")
