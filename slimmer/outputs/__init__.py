"""Where an artifact goes: the zip, and files that appear whole or not at all."""
