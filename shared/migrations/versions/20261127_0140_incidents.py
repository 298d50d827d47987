"""Incidents, and everything that hangs on them."""

from collections.abc import Sequence

from alembic import op

revision: str = "d5e8f2a61c07"
down_revision: str | None = "c4d7e18a2f95"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = {
    "incident_templates": """
        CREATE TABLE incident_templates (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            name text NOT NULL,
            description text DEFAULT '' NOT NULL,
            title text DEFAULT '' NOT NULL,
            summary text DEFAULT '' NOT NULL,
            severity integer,
            tlp text,
            pap text,
            tags text[] DEFAULT '{}'::text[] NOT NULL,
            tasks jsonb DEFAULT '[]'::jsonb NOT NULL,
            fields jsonb DEFAULT '[]'::jsonb NOT NULL,
            created_by_id uuid,
            retired_at timestamptz,
            revision bigint DEFAULT 1 NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_templates PRIMARY KEY (id),
            CONSTRAINT ck_incident_templates_tlp
                CHECK (tlp IN ('clear', 'green', 'amber', 'amber+strict', 'red')),
            CONSTRAINT ck_incident_templates_pap CHECK (pap IN ('clear', 'green', 'amber', 'red')),
            CONSTRAINT ck_incident_templates_severity CHECK (severity BETWEEN 1 AND 5),
            CONSTRAINT fk_incident_templates_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incident_templates_created_by_id_users
                FOREIGN KEY (created_by_id) REFERENCES users (id)
        )
    """,
    "incidents": """
        CREATE TABLE incidents (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            number bigint NOT NULL,
            title text NOT NULL,
            severity smallint NOT NULL,
            status text DEFAULT 'open' NOT NULL,
            verdict text,
            reason text,
            assignee_id uuid,
            reporter_id uuid,
            reviewer_id uuid,
            closed_by_id uuid,
            tlp text DEFAULT 'amber' NOT NULL,
            pap text DEFAULT 'amber' NOT NULL,
            restricted boolean DEFAULT false NOT NULL,
            legal_hold boolean DEFAULT false NOT NULL,
            summary text DEFAULT '' NOT NULL,
            tags text[] DEFAULT '{}'::text[] NOT NULL,
            techniques text[] DEFAULT '{}'::text[] NOT NULL,
            fields jsonb DEFAULT '{}'::jsonb NOT NULL,
            alerts_count integer DEFAULT 0 NOT NULL,
            received_at timestamptz NOT NULL,
            occurred_at timestamptz,
            detected_at timestamptz,
            acknowledged_at timestamptz,
            contained_at timestamptz,
            eradicated_at timestamptz,
            recovered_at timestamptz,
            resolved_at timestamptz,
            closed_at timestamptz,
            template_id uuid,
            merged_into_id uuid,
            before_merge text,
            revision bigint DEFAULT 1 NOT NULL,
            version bigint DEFAULT 1 NOT NULL,
            created_at timestamptz DEFAULT date_trunc('milliseconds', now()) NOT NULL,
            updated_at timestamptz DEFAULT date_trunc('milliseconds', now()) NOT NULL,
            CONSTRAINT pk_incidents PRIMARY KEY (id),
            CONSTRAINT uq_incidents_organization_id_number UNIQUE (organization_id, number),
            CONSTRAINT ck_incidents_status
                CHECK (status IN ('open', 'investigating', 'contained', 'on_hold', 'resolved', 'closed', 'merged')),
            CONSTRAINT ck_incidents_verdict
                CHECK (verdict IN ('true_positive', 'benign_positive', 'false_positive', 'undetermined')),
            CONSTRAINT ck_incidents_tlp
                CHECK (tlp IN ('clear', 'green', 'amber', 'amber+strict', 'red')),
            CONSTRAINT ck_incidents_pap CHECK (pap IN ('clear', 'green', 'amber', 'red')),
            CONSTRAINT ck_incidents_severity CHECK (severity BETWEEN 1 AND 5),
            CONSTRAINT ck_incidents_summary CHECK (char_length(summary) <= 50000),
            CONSTRAINT ck_incidents_red_is_restricted CHECK (tlp <> 'red' OR restricted),
            CONSTRAINT ck_incidents_merged CHECK ((status = 'merged') = (merged_into_id IS NOT NULL)),
            CONSTRAINT ck_incidents_closed
                CHECK ((status = 'closed') = (verdict IS NOT NULL AND closed_at IS NOT NULL)),
            CONSTRAINT fk_incidents_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incidents_assignee_id_users FOREIGN KEY (assignee_id) REFERENCES users (id),
            CONSTRAINT fk_incidents_reporter_id_users FOREIGN KEY (reporter_id) REFERENCES users (id),
            CONSTRAINT fk_incidents_reviewer_id_users FOREIGN KEY (reviewer_id) REFERENCES users (id),
            CONSTRAINT fk_incidents_closed_by_id_users FOREIGN KEY (closed_by_id) REFERENCES users (id),
            CONSTRAINT fk_incidents_template_id_incident_templates
                FOREIGN KEY (template_id) REFERENCES incident_templates (id),
            CONSTRAINT fk_incidents_merged_into_id_incidents
                FOREIGN KEY (merged_into_id) REFERENCES incidents (id)
        )
    """,
    "incident_counters": """
        CREATE TABLE incident_counters (
            organization_id uuid NOT NULL,
            last bigint NOT NULL,
            CONSTRAINT pk_incident_counters PRIMARY KEY (organization_id),
            CONSTRAINT fk_incident_counters_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id)
        )
    """,
    "incident_members": """
        CREATE TABLE incident_members (
            incident_id uuid NOT NULL,
            user_id uuid NOT NULL,
            added_by_id uuid,
            broke_glass boolean DEFAULT false NOT NULL,
            reason text,
            created_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_members PRIMARY KEY (incident_id, user_id),
            CONSTRAINT fk_incident_members_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id) ON DELETE CASCADE,
            CONSTRAINT fk_incident_members_user_id_users FOREIGN KEY (user_id) REFERENCES users (id),
            CONSTRAINT fk_incident_members_added_by_id_users
                FOREIGN KEY (added_by_id) REFERENCES users (id)
        )
    """,
    "incident_pauses": """
        CREATE TABLE incident_pauses (
            id uuid NOT NULL,
            incident_id uuid NOT NULL,
            kind text NOT NULL,
            started_at timestamptz NOT NULL,
            ended_at timestamptz,
            CONSTRAINT pk_incident_pauses PRIMARY KEY (id),
            CONSTRAINT ck_incident_pauses_kind CHECK (kind IN ('hold', 'review')),
            CONSTRAINT ck_incident_pauses_ends CHECK (ended_at >= started_at),
            CONSTRAINT fk_incident_pauses_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id) ON DELETE CASCADE
        )
    """,
    "incident_watches": """
        CREATE TABLE incident_watches (
            incident_id uuid NOT NULL,
            due_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_watches PRIMARY KEY (incident_id),
            CONSTRAINT fk_incident_watches_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id) ON DELETE CASCADE
        )
    """,
    "incident_alerts": """
        CREATE TABLE incident_alerts (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            alert_id uuid NOT NULL,
            origin_id uuid,
            linked_by_id uuid,
            linked_by_name text NOT NULL,
            reason text,
            rule text,
            rule_version text,
            created_at timestamptz DEFAULT now() NOT NULL,
            unlinked_at timestamptz,
            unlinked_by_id uuid,
            CONSTRAINT pk_incident_alerts PRIMARY KEY (id),
            CONSTRAINT fk_incident_alerts_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incident_alerts_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_alerts_alert_id_alerts FOREIGN KEY (alert_id) REFERENCES alerts (id),
            CONSTRAINT fk_incident_alerts_origin_id_incidents
                FOREIGN KEY (origin_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_alerts_linked_by_id_users
                FOREIGN KEY (linked_by_id) REFERENCES users (id),
            CONSTRAINT fk_incident_alerts_unlinked_by_id_users
                FOREIGN KEY (unlinked_by_id) REFERENCES users (id)
        )
    """,
    "incident_events": """
        CREATE TABLE incident_events (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            event_id uuid NOT NULL,
            event_kind text NOT NULL,
            alert_id uuid,
            origin_id uuid,
            picked_by_id uuid,
            picked boolean DEFAULT false NOT NULL,
            time timestamptz NOT NULL,
            received_at timestamptz NOT NULL,
            sensor_id uuid NOT NULL,
            body bytea NOT NULL,
            sha256 bytea NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_events PRIMARY KEY (id),
            CONSTRAINT uq_incident_events_incident_id_event_id UNIQUE (incident_id, event_id),
            CONSTRAINT ck_incident_events_event_kind CHECK (event_kind IN ('alert', 'telemetry')),
            CONSTRAINT ck_incident_events_sha256 CHECK (octet_length(sha256) = 32),
            CONSTRAINT fk_incident_events_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incident_events_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_events_alert_id_alerts FOREIGN KEY (alert_id) REFERENCES alerts (id),
            CONSTRAINT fk_incident_events_origin_id_incidents
                FOREIGN KEY (origin_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_events_picked_by_id_users
                FOREIGN KEY (picked_by_id) REFERENCES users (id)
        )
    """,
    "incident_following": """
        CREATE TABLE incident_following (
            alert_id uuid NOT NULL,
            organization_id uuid NOT NULL,
            followed_count bigint DEFAULT 0 NOT NULL,
            due_at timestamptz DEFAULT now() NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_following PRIMARY KEY (alert_id),
            CONSTRAINT fk_incident_following_alert_id_alerts
                FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE,
            CONSTRAINT fk_incident_following_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id)
        )
    """,
    "incident_observables": """
        CREATE TABLE incident_observables (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            observable_id uuid NOT NULL,
            origin_id uuid,
            added_by_id uuid,
            ioc boolean DEFAULT false NOT NULL,
            in_alerts boolean DEFAULT false NOT NULL,
            verdict text DEFAULT 'unknown' NOT NULL,
            tlp text,
            tags text[] DEFAULT '{}'::text[] NOT NULL,
            note text DEFAULT '' NOT NULL,
            revision bigint DEFAULT 1 NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_observables PRIMARY KEY (id),
            CONSTRAINT uq_incident_observables_incident_id_observable_id UNIQUE (incident_id, observable_id),
            CONSTRAINT ck_incident_observables_verdict
                CHECK (verdict IN ('malicious', 'suspicious', 'benign', 'unknown')),
            CONSTRAINT ck_incident_observables_tlp
                CHECK (tlp IN ('clear', 'green', 'amber', 'amber+strict', 'red')),
            CONSTRAINT ck_incident_observables_note CHECK (char_length(note) <= 2000),
            CONSTRAINT fk_incident_observables_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incident_observables_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_observables_observable_id_observables
                FOREIGN KEY (observable_id) REFERENCES observables (id),
            CONSTRAINT fk_incident_observables_origin_id_incidents
                FOREIGN KEY (origin_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_observables_added_by_id_users
                FOREIGN KEY (added_by_id) REFERENCES users (id)
        )
    """,
    "incident_tasks": """
        CREATE TABLE incident_tasks (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            origin_id uuid,
            title text NOT NULL,
            description text DEFAULT '' NOT NULL,
            phase text DEFAULT '' NOT NULL,
            status text DEFAULT 'open' NOT NULL,
            required boolean DEFAULT false NOT NULL,
            position integer DEFAULT 0 NOT NULL,
            due_at timestamptz,
            assignee_id uuid,
            created_by_id uuid,
            done_by_id uuid,
            done_at timestamptz,
            revision bigint DEFAULT 1 NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_tasks PRIMARY KEY (id),
            CONSTRAINT ck_incident_tasks_status
                CHECK (status IN ('open', 'in_progress', 'done', 'cancelled')),
            CONSTRAINT ck_incident_tasks_description CHECK (char_length(description) <= 20000),
            CONSTRAINT fk_incident_tasks_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incident_tasks_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_tasks_origin_id_incidents
                FOREIGN KEY (origin_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_tasks_assignee_id_users
                FOREIGN KEY (assignee_id) REFERENCES users (id),
            CONSTRAINT fk_incident_tasks_created_by_id_users
                FOREIGN KEY (created_by_id) REFERENCES users (id),
            CONSTRAINT fk_incident_tasks_done_by_id_users FOREIGN KEY (done_by_id) REFERENCES users (id)
        )
    """,
    "incident_notes": """
        CREATE TABLE incident_notes (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            origin_id uuid,
            author_id uuid,
            author_name text NOT NULL,
            body text NOT NULL,
            mentions uuid[] DEFAULT '{}'::uuid[] NOT NULL,
            revision bigint DEFAULT 1 NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_notes PRIMARY KEY (id),
            CONSTRAINT ck_incident_notes_body CHECK (char_length(body) <= 20000),
            CONSTRAINT fk_incident_notes_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incident_notes_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_notes_origin_id_incidents
                FOREIGN KEY (origin_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_notes_author_id_users FOREIGN KEY (author_id) REFERENCES users (id)
        )
    """,
    "incident_note_versions": """
        CREATE TABLE incident_note_versions (
            note_id uuid NOT NULL,
            revision bigint NOT NULL,
            author_id uuid,
            author_name text NOT NULL,
            body text NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_note_versions PRIMARY KEY (note_id, revision),
            CONSTRAINT fk_incident_note_versions_note_id_incident_notes
                FOREIGN KEY (note_id) REFERENCES incident_notes (id) ON DELETE CASCADE,
            CONSTRAINT fk_incident_note_versions_author_id_users
                FOREIGN KEY (author_id) REFERENCES users (id)
        )
    """,
    "incident_summary_versions": """
        CREATE TABLE incident_summary_versions (
            incident_id uuid NOT NULL,
            revision bigint NOT NULL,
            author_id uuid,
            author_name text NOT NULL,
            body text NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_summary_versions PRIMARY KEY (incident_id, revision),
            CONSTRAINT fk_incident_summary_versions_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id) ON DELETE CASCADE,
            CONSTRAINT fk_incident_summary_versions_author_id_users
                FOREIGN KEY (author_id) REFERENCES users (id)
        )
    """,
    "incident_entries": """
        CREATE TABLE incident_entries (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            origin_id uuid,
            kind text NOT NULL,
            occurred_at timestamptz NOT NULL,
            message text NOT NULL,
            details jsonb DEFAULT '{}'::jsonb NOT NULL,
            author_id uuid,
            author_name text NOT NULL,
            coalesce_key text,
            count bigint DEFAULT 0 NOT NULL,
            removed_at timestamptz,
            revision bigint DEFAULT 1 NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_entries PRIMARY KEY (id),
            CONSTRAINT ck_incident_entries_message CHECK (char_length(message) <= 4000),
            CONSTRAINT fk_incident_entries_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incident_entries_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_entries_origin_id_incidents
                FOREIGN KEY (origin_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_entries_author_id_users FOREIGN KEY (author_id) REFERENCES users (id)
        )
    """,
    "incident_reviews": """
        CREATE TABLE incident_reviews (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            verdict text NOT NULL,
            reason text NOT NULL,
            comment text DEFAULT '' NOT NULL,
            requested_by_id uuid,
            requested_by_name text NOT NULL,
            reviewer_id uuid,
            decision text,
            decision_comment text DEFAULT '' NOT NULL,
            decided_by_id uuid,
            decided_by_name text,
            decided_at timestamptz,
            created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_reviews PRIMARY KEY (id),
            CONSTRAINT ck_incident_reviews_verdict
                CHECK (verdict IN ('true_positive', 'benign_positive', 'false_positive', 'undetermined')),
            CONSTRAINT ck_incident_reviews_decision
                CHECK (decision IN ('approved', 'sent_back', 'withdrawn')),
            CONSTRAINT ck_incident_reviews_decided CHECK ((decision IS NULL) = (decided_at IS NULL)),
            CONSTRAINT fk_incident_reviews_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incident_reviews_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_reviews_requested_by_id_users
                FOREIGN KEY (requested_by_id) REFERENCES users (id),
            CONSTRAINT fk_incident_reviews_reviewer_id_users
                FOREIGN KEY (reviewer_id) REFERENCES users (id),
            CONSTRAINT fk_incident_reviews_decided_by_id_users
                FOREIGN KEY (decided_by_id) REFERENCES users (id)
        )
    """,
    "incident_links": """
        CREATE TABLE incident_links (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            other_id uuid NOT NULL,
            relation text NOT NULL,
            created_by_id uuid,
            created_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_incident_links PRIMARY KEY (id),
            CONSTRAINT uq_incident_links_incident_id_other_id_relation UNIQUE (incident_id, other_id, relation),
            CONSTRAINT ck_incident_links_relation
                CHECK (relation IN ('related', 'duplicate_of', 'caused_by', 'split_from', 'recurrence_of')),
            CONSTRAINT ck_incident_links_two CHECK (incident_id <> other_id),
            CONSTRAINT fk_incident_links_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_incident_links_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_links_other_id_incidents
                FOREIGN KEY (other_id) REFERENCES incidents (id),
            CONSTRAINT fk_incident_links_created_by_id_users
                FOREIGN KEY (created_by_id) REFERENCES users (id)
        )
    """,
    "evidence": """
        CREATE TABLE evidence (
            id uuid NOT NULL,
            organization_id uuid NOT NULL,
            incident_id uuid NOT NULL,
            origin_id uuid,
            name text NOT NULL,
            size bigint NOT NULL,
            sha256 bytea NOT NULL,
            media_type text NOT NULL,
            description text DEFAULT '' NOT NULL,
            added_by_id uuid,
            removed_at timestamptz,
            revision bigint DEFAULT 1 NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_evidence PRIMARY KEY (id),
            CONSTRAINT ck_evidence_size CHECK (size >= 0),
            CONSTRAINT ck_evidence_sha256 CHECK (octet_length(sha256) = 32),
            CONSTRAINT ck_evidence_description CHECK (char_length(description) <= 2000),
            CONSTRAINT fk_evidence_organization_id_organizations
                FOREIGN KEY (organization_id) REFERENCES organizations (id),
            CONSTRAINT fk_evidence_incident_id_incidents
                FOREIGN KEY (incident_id) REFERENCES incidents (id),
            CONSTRAINT fk_evidence_origin_id_incidents FOREIGN KEY (origin_id) REFERENCES incidents (id),
            CONSTRAINT fk_evidence_added_by_id_users FOREIGN KEY (added_by_id) REFERENCES users (id)
        )
    """,
    "evidence_custody": """
        CREATE TABLE evidence_custody (
            id uuid NOT NULL,
            evidence_id uuid NOT NULL,
            action text NOT NULL,
            actor_id uuid,
            actor_name text NOT NULL,
            address text,
            details jsonb DEFAULT '{}'::jsonb NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_evidence_custody PRIMARY KEY (id),
            CONSTRAINT ck_evidence_custody_action
                CHECK (action IN ('uploaded', 'downloaded', 'verified', 'found_changed', 'found_missing', 'described',
                                  'moved', 'removed')),
            CONSTRAINT fk_evidence_custody_evidence_id_evidence
                FOREIGN KEY (evidence_id) REFERENCES evidence (id) ON DELETE CASCADE,
            CONSTRAINT fk_evidence_custody_actor_id_users FOREIGN KEY (actor_id) REFERENCES users (id)
        )
    """,
}

INDEXES = (
    "CREATE UNIQUE INDEX uq_incident_templates_name ON incident_templates (organization_id, lower(name))",
    "CREATE INDEX ix_incidents_assignee_id ON incidents (assignee_id) WHERE status IN ('open', "
    "'investigating', 'contained', 'on_hold')",
    "CREATE INDEX ix_incidents_closed_at ON incidents (organization_id, closed_at) WHERE status = 'closed'",
    "CREATE INDEX ix_incidents_created ON incidents (organization_id, created_at, id)",
    "CREATE INDEX ix_incidents_merged_into_id ON incidents (merged_into_id) WHERE merged_into_id IS NOT NULL",
    "CREATE INDEX ix_incidents_queue ON incidents (organization_id, severity DESC, updated_at DESC, id) "
    "WHERE status IN ('open', 'investigating', 'contained', 'on_hold')",
    "CREATE INDEX ix_incidents_restricted ON incidents (organization_id) WHERE restricted",
    "CREATE INDEX ix_incidents_updated ON incidents (organization_id, updated_at, id)",
    "CREATE INDEX ix_incident_members_user_id ON incident_members (user_id, incident_id)",
    "CREATE INDEX ix_incident_pauses_incident_id ON incident_pauses (incident_id, started_at)",
    "CREATE UNIQUE INDEX uq_incident_pauses_running ON incident_pauses (incident_id, kind) WHERE ended_at IS NULL",
    "CREATE INDEX ix_incident_alerts_alert_id ON incident_alerts (alert_id)",
    "CREATE INDEX ix_incident_alerts_incident_id ON incident_alerts (incident_id, id)",
    "CREATE INDEX ix_incident_alerts_origin_id ON incident_alerts (origin_id) WHERE origin_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_incident_alerts_open ON incident_alerts (alert_id) WHERE unlinked_at IS NULL",
    "CREATE INDEX ix_incident_events_alert_id ON incident_events (alert_id, time)",
    "CREATE INDEX ix_incident_events_origin_id ON incident_events (origin_id) WHERE origin_id IS NOT NULL",
    "CREATE INDEX ix_incident_events_time ON incident_events (incident_id, time, event_id)",
    "CREATE INDEX ix_incident_following_due_at ON incident_following (due_at)",
    "CREATE INDEX ix_incident_observables_observable_id ON incident_observables (observable_id)",
    "CREATE INDEX ix_incident_observables_origin_id ON incident_observables (origin_id) WHERE origin_id IS NOT NULL",
    "CREATE INDEX ix_incident_tasks_assignee_id ON incident_tasks (assignee_id) WHERE status IN ('open', "
    "'in_progress')",
    "CREATE INDEX ix_incident_tasks_incident_id ON incident_tasks (incident_id, position, id)",
    "CREATE INDEX ix_incident_tasks_origin_id ON incident_tasks (origin_id) WHERE origin_id IS NOT NULL",
    "CREATE INDEX ix_incident_notes_incident_id ON incident_notes (incident_id, id)",
    "CREATE INDEX ix_incident_notes_origin_id ON incident_notes (origin_id) WHERE origin_id IS NOT NULL",
    "CREATE INDEX ix_incident_entries_occurred_at ON incident_entries (incident_id, occurred_at, id)",
    "CREATE INDEX ix_incident_entries_origin_id ON incident_entries (origin_id) WHERE origin_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_incident_entries_coalesce_key ON incident_entries (incident_id, "
    "coalesce_key) WHERE coalesce_key IS NOT NULL",
    "CREATE INDEX ix_incident_reviews_incident_id ON incident_reviews (incident_id, id)",
    "CREATE UNIQUE INDEX uq_incident_reviews_undecided ON incident_reviews (incident_id) WHERE decision IS NULL",
    "CREATE INDEX ix_incident_links_other_id ON incident_links (other_id)",
    "CREATE INDEX ix_evidence_incident_id ON evidence (incident_id, id)",
    "CREATE INDEX ix_evidence_origin_id ON evidence (origin_id) WHERE origin_id IS NOT NULL",
    "CREATE INDEX ix_incident_watches_due_at ON incident_watches (due_at)",
    "CREATE INDEX ix_evidence_custody_evidence_id ON evidence_custody (evidence_id, id)",
)

# More has come on a linked alert, which is soon enough to be followed once in five seconds, or it has been linked: then
# what it counts already is nothing new. Whoever locks both locks alerts first, and these rows last.
FOLLOW = """
CREATE FUNCTION follow_alert() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_linked bool := new.incident_id IS DISTINCT FROM old.incident_id;
BEGIN
    INSERT INTO public.incident_following AS f (alert_id, organization_id, followed_count, due_at)
    VALUES (new.id, new.organization_id, CASE WHEN is_linked THEN new.count ELSE old.count END,
            CASE WHEN is_linked THEN now() ELSE now() + interval '5 seconds' END)
    ON CONFLICT (alert_id) DO UPDATE
        SET followed_count = CASE WHEN old.incident_id IS NULL THEN excluded.followed_count ELSE f.followed_count END,
            due_at = least(f.due_at, excluded.due_at)
        WHERE is_linked;
    RETURN NULL;
END $$
"""
FOLLOWED = """
CREATE TRIGGER follow_alert AFTER UPDATE OF count, incident_id ON alerts FOR EACH ROW
WHEN (new.incident_id IS NOT NULL
      AND (new.count <> old.count OR new.incident_id IS DISTINCT FROM old.incident_id))
EXECUTE FUNCTION follow_alert()
"""

TOUCHED = (
    "incident_observables", "incident_tasks", "incident_notes", "incident_entries", "incident_reviews",
    "incident_templates", "evidence",
)  # fmt: skip

APPEND, EDIT = "SELECT, INSERT", "SELECT, INSERT, UPDATE"
ALL = "SELECT, INSERT, UPDATE, DELETE"
GRANTS = {
    "eventsec_api": {
        "incident_templates": EDIT,
        "incidents": EDIT,
        "incident_counters": EDIT,
        "incident_members": ALL,
        "incident_pauses": EDIT,
        "incident_watches": ALL,
        "incident_alerts": EDIT,
        "incident_events": ALL,
        "incident_following": ALL,
        "incident_observables": ALL,
        "incident_tasks": ALL,
        "incident_notes": EDIT,
        "incident_note_versions": APPEND,
        "incident_summary_versions": APPEND,
        "incident_entries": EDIT,
        "incident_reviews": EDIT,
        "incident_links": "SELECT, INSERT, DELETE",
        "evidence": EDIT,
        "evidence_custody": APPEND,
    },
    "eventsec_indexer": {
        "incidents": "SELECT, UPDATE",
        "incident_members": "SELECT",
        "incident_pauses": "SELECT",
        "incident_alerts": "SELECT",
        "incident_events": ALL,
        "incident_following": ALL,
        "incident_observables": EDIT,
        "incident_notes": "SELECT",
        "incident_entries": EDIT,
    },
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*TABLES.values(), *INDEXES):
        op.execute(statement)
    op.execute("ALTER TABLE organizations ADD COLUMN revision bigint NOT NULL DEFAULT 1")
    # A foreign key to be: there was no incident yet, and every alert names none.
    op.execute(
        "ALTER TABLE alerts ADD CONSTRAINT fk_alerts_incident_id_incidents "
        "FOREIGN KEY (incident_id) REFERENCES incidents (id) NOT VALID"
    )
    op.execute("CREATE TRIGGER raise_version BEFORE UPDATE ON incidents FOR EACH ROW EXECUTE FUNCTION raise_version()")
    for table in TOUCHED:
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )
    op.execute(FOLLOW)
    op.execute("REVOKE ALL ON FUNCTION follow_alert() FROM PUBLIC")
    op.execute(FOLLOWED)
    for role, tables in GRANTS.items():
        for table, privileges in tables.items():
            op.execute(f"GRANT {privileges} ON {table} TO {role}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER follow_alert ON alerts")
    op.execute("DROP FUNCTION follow_alert()")
    op.execute("ALTER TABLE organizations DROP COLUMN revision")
    op.execute("UPDATE alerts SET incident_id = NULL WHERE incident_id IS NOT NULL")
    op.execute("ALTER TABLE alerts DROP CONSTRAINT fk_alerts_incident_id_incidents")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
