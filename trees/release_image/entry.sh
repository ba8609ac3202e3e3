#!/bin/sh
# The image's entry point: on Lambda the release itself, elsewhere AWS's emulator around it.
set -eu

if [ -z "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
  exec /usr/local/bin/aws-lambda-rie "$0" "$@"
fi
export HOME=/tmp RELEASE_TMP=/tmp RELEASE_DISTRIBUTION=none
exec /app/bin/mix_app "$@"
