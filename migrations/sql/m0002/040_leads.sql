-- A wish on its way to becoming an order; created by a person's first message.
CREATE TABLE leads (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    number integer NOT NULL,  -- gapless per tenant; people say L-7
    contact_id uuid NOT NULL,
    stage text NOT NULL DEFAULT 'new' CHECK (stage IN ('new', 'contacted', 'interested', 'negotiation', 'won', 'lost')),
    owner_id uuid,
    source text NOT NULL DEFAULT 'whatsapp' CHECK (source IN ('whatsapp', 'ad', 'post', 'manual')),
    referral jsonb NOT NULL DEFAULT '{}',  -- of the ad, kept on first touch
    wish text NOT NULL DEFAULT '' CHECK (length(wish) <= 500),
    start_division text CHECK (length(start_division) <= 40),
    target_division text CHECK (length(target_division) <= 12),
    quoted_minor bigint,
    quoted_currency text,
    tags text[] NOT NULL DEFAULT '{}',
    lost_reason text NOT NULL DEFAULT '',
    ended_at timestamptz,  -- when it was won or lost
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (tenant_id, number),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES members (tenant_id, id),
    CHECK ((stage IN ('won', 'lost')) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX leads_one_live ON leads (tenant_id, contact_id) WHERE stage NOT IN ('won', 'lost');
CREATE INDEX leads_by_stage ON leads (tenant_id, stage, updated_at DESC, number DESC);
CREATE INDEX leads_of_owner ON leads (tenant_id, owner_id, stage, updated_at DESC, number DESC)
    WHERE owner_id IS NOT NULL;
CREATE INDEX leads_of ON leads (tenant_id, contact_id, number DESC);

-- Append-only: stages, owners, notes, tags, and ads after the first.
CREATE TABLE lead_events (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CHECK (kind IN ('created', 'stage', 'owner', 'note', 'tag', 'wish', 'referral')),
    text text NOT NULL DEFAULT '' CHECK (length(text) <= 1000),
    details jsonb NOT NULL DEFAULT '{}',
    actor_member_id uuid,
    actor_label text NOT NULL,
    command_key text NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (lead_id, command_key, kind),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
);
CREATE INDEX lead_events_of ON lead_events (lead_id, position);
