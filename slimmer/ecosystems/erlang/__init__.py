"""Erlang/OTP and Elixir: applications, boot files and calls between modules."""
