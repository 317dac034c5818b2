-- A person who writes to the shop. Several identifiers, one row; a merge keeps the older one.
CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text NOT NULL DEFAULT '' CHECK (length(name) <= 80),  -- as the person calls themselves; never trusted
    locale text CHECK (locale IN ('en', 'es', 'fr', 'pt-BR')),
    opted_out_at timestamptz,
    blocked_at timestamptz,
    blocked_by uuid,
    merged_into uuid,
    created_at timestamptz NOT NULL,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, merged_into) REFERENCES contacts (tenant_id, id)
);

CREATE TABLE contact_identifiers (
    tenant_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('wa_id', 'bsuid', 'parent_bsuid', 'username', 'phone', 'discord')),
    value text NOT NULL CHECK (length(value) BETWEEN 1 AND 160),  -- as the provider delivered it
    match_key text NOT NULL,  -- what it is recognised by: number:<digits>, user:<id>, username:..., discord:...
    contact_id uuid NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, value),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
);
CREATE INDEX contact_identifiers_of ON contact_identifiers (tenant_id, contact_id);
CREATE INDEX contact_identifiers_match ON contact_identifiers (tenant_id, match_key);

-- Two rows that turned out to be one person, what showed it, and what was moved, so that it can be undone.
CREATE TABLE contact_merges (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    kept_id uuid NOT NULL,
    merged_id uuid NOT NULL,
    evidence jsonb NOT NULL,
    moved jsonb NOT NULL,
    actor_label text NOT NULL,
    at timestamptz NOT NULL,
    undone_at timestamptz,
    FOREIGN KEY (tenant_id, kept_id) REFERENCES contacts (tenant_id, id),
    FOREIGN KEY (tenant_id, merged_id) REFERENCES contacts (tenant_id, id)
);
CREATE INDEX contact_merges_of ON contact_merges (tenant_id, merged_id);
CREATE INDEX contact_merges_into ON contact_merges (tenant_id, kept_id);

-- What a person asked for with which words, and what a blocked one tried: kept for ever.
CREATE TABLE contact_consents (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('opt_out', 'opt_in', 'marketing_out', 'marketing_in', 'blocked')),
    words text NOT NULL,
    provider_id text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
);
CREATE INDEX contact_consents_of ON contact_consents (tenant_id, contact_id, at);
CREATE UNIQUE INDEX contact_consents_once ON contact_consents (tenant_id, kind, provider_id) WHERE provider_id <> '';
