"""What Ruby's tools write."""
