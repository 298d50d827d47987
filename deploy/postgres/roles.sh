#!/bin/sh
# The services' own logins, which the migrations give their rights. Postgres' entrypoint runs it on the first start;
# run again it gives them the passwords that the secrets hold now.
set -eu

for service in ingest indexer api; do
    psql -v ON_ERROR_STOP=1 -v role="eventsec_$service" -v file="/run/secrets/postgres_${service}_password" \
        --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat :file`
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role')
\gexec
ALTER ROLE :"role" LOGIN PASSWORD :'password';
SQL
done
