"""Settings: one reader of slim.toml and [tool.slim] for all commands."""
