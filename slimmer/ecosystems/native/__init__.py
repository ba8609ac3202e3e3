"""Native code: programs and shared libraries, what they need and where they load."""
