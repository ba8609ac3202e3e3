#!/bin/sh
# The image's entry point: on Lambda the runtime itself, elsewhere AWS's emulator around it.
set -eu

if [ -z "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
  exec /usr/local/bin/aws-lambda-rie "$0" "$@"
fi
export HOME=/tmp
export _HANDLER="${_HANDLER:-$1}"
exec elixir -pa /var/task/ebin --no-halt -e "LambdaRuntime.main()"
