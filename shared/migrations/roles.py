"""Making a role where it is missing, or saying who must."""

_ENSURE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)) THEN
        RAISE EXCEPTION 'role "{role}" is missing and "%" may not create roles; as an administrator run: '
            'CREATE ROLE {role} NOLOGIN;', current_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    CREATE ROLE {role} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Roles belong to the cluster: another database's migration made it a moment ago.
    NULL;
END
$$
"""


def ensure_role(role: str) -> str:
    """The statement that makes a role NOLOGIN where it is missing; whoever deploys gives it a login.

    Where the migrating login may not create roles it fails with 42501 and the SQL an administrator runs.
    """
    return _ENSURE.format(role=role)
