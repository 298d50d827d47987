#!/bin/sh
# RabbitMQ's container starts so: the image knows no password by file, and without one its administrator gets a known one.
set -eu

secret=${EVENTSEC_SECRETS:-/run/secrets}/rabbitmq_password
if [ ! -r "$secret" ] || [ -z "$(tr -d '[:space:]' <"$secret")" ]; then
    echo "start.sh: $secret is empty, or user $(id -u) cannot read it. Mend it; the container tries again by itself." >&2
    exit 1
fi
RABBITMQ_DEFAULT_PASS=$(cat "$secret")
export RABBITMQ_DEFAULT_PASS
exec docker-entrypoint.sh rabbitmq-server
