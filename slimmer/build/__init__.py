"""A build: a decision becomes a plan, contents, a zip and a report."""
