#!/bin/sh
# The image's entry point: on Lambda the runtime itself, elsewhere AWS's emulator around it.
set -eu

if [ -z "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
  exec /usr/local/bin/aws-lambda-rie "$0" "$@"
fi
exec node /app/runtime.mjs "$@"
