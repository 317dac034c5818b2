-- Everything that leaves: written in the business transaction, delivered by the worker.
-- Rows of one lane leave in order of position. `params` holds ids and words, rendered when it is sent.
CREATE TABLE outbound_messages (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    position bigint GENERATED ALWAYS AS IDENTITY,
    channel text NOT NULL CHECK (channel IN ('discord')),
    lane text NOT NULL,
    kind text NOT NULL,
    subject_id uuid,
    purpose text,
    recipient_member_id uuid,
    params jsonb NOT NULL DEFAULT '{}',
    coalesces boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN
        ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'cancelled', 'unknown')),
    attempt_count integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    attempted_at timestamptz,
    finished_at timestamptz,
    nonce text NOT NULL,
    provider_channel_id bigint,
    provider_message_id bigint,
    error text,
    created_at timestamptz NOT NULL,
    CHECK ((purpose IS NULL) <> (recipient_member_id IS NULL)),
    FOREIGN KEY (tenant_id, recipient_member_id) REFERENCES members (tenant_id, id)
);

CREATE INDEX outbound_lane ON outbound_messages (tenant_id, lane, position)
    WHERE state IN ('queued', 'sending', 'unknown');
CREATE INDEX outbound_pending ON outbound_messages (state, due_at) WHERE state IN ('queued', 'sending', 'unknown');
CREATE INDEX outbound_failed ON outbound_messages (id) WHERE state = 'failed';
CREATE INDEX outbound_provider ON outbound_messages (provider_message_id) WHERE provider_message_id IS NOT NULL;
CREATE UNIQUE INDEX outbound_coalesced ON outbound_messages (tenant_id, kind, subject_id)
    WHERE state = 'queued' AND coalesces;

-- Where a standing card lives, so that it is edited and not posted again.
CREATE TABLE posted_cards (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    channel_id bigint NOT NULL,
    message_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, kind, subject_id)
);
