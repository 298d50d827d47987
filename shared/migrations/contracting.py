"""What a migration says when it takes away what older code uses."""

from shared.migrations.head import NEEDS


def code_must_know(revision: str) -> str:
    """The statement that stops code which does not know that revision: it is no longer ready on this schema.

    `upgrade` names the revision whose code first did without what goes; `downgrade` names what was needed before, or
    is `code_may_know_any`.
    """
    return f"""
        INSERT INTO process_controls (key, value) VALUES ('{NEEDS}', jsonb_build_object('revision', '{revision}'))
        ON CONFLICT (key) DO UPDATE SET value = excluded.value
    """  # noqa: S608 - names of our own


def code_may_know_any() -> str:
    """The statement that lets any older code work on the schema again."""
    return f"DELETE FROM process_controls WHERE key = '{NEEDS}'"  # noqa: S608 - a constant
