"""A real runtime to slim: brings Debian's Erlang/OTP and Elixir as a Lambda layer."""
