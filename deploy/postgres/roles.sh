#!/bin/sh
# The services' own logins, which the migrations give their rights. Postgres' entrypoint runs it on the first start;
# run again it gives them the passwords that the secrets hold now.
set -eu

secrets=${EVENTSEC_SECRETS:-/run/secrets}

# All of them first: psql would take a file that it cannot read for an empty password, and Postgres that for none.
for service in ingest indexer api; do
    secret="$secrets/postgres_${service}_password"
    if [ ! -r "$secret" ] || [ -z "$(tr -d '[:space:]' <"$secret")" ]; then
        echo "roles.sh: $secret is empty, or user $(id -u) cannot read it. Mend it, then run this again:" \
            "docker compose exec postgres sh /docker-entrypoint-initdb.d/10-roles.sh" >&2
        exit 1
    fi
done

for service in ingest indexer api; do
    psql -v ON_ERROR_STOP=1 -v role="eventsec_$service" -v file="$secrets/postgres_${service}_password" \
        --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat :file`
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role')
\gexec
ALTER ROLE :"role" LOGIN PASSWORD :'password';
SQL
done
