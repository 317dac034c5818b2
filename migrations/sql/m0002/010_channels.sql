-- A number that customers write to. Its secrets are sealed; `app` is the last word of the webhook's address,
-- shared by the numbers of one app at the provider.
CREATE TABLE channel_accounts (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    provider text NOT NULL CHECK (provider IN ('meta')),
    app text NOT NULL CHECK (app ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    phone_number_id text NOT NULL CHECK (phone_number_id ~ '^[0-9]{1,40}$'),
    waba_id text CHECK (waba_id ~ '^[0-9]{1,40}$'),  -- learned from the first webhook where it was not given
    display_phone text NOT NULL DEFAULT '' CHECK (length(display_phone) <= 40),
    access_token_sealed bytea NOT NULL,
    app_secret_sealed bytea NOT NULL,
    verify_token_sealed bytea NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'stopped')),  -- stopped: the token was refused
    stopped_reason text,
    throughput_mps smallint NOT NULL DEFAULT 80 CHECK (throughput_mps BETWEEN 1 AND 1000),  -- 20 beside the phone app
    last_inbound_at timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (provider, phone_number_id),
    UNIQUE (tenant_id, id)
);
CREATE INDEX channel_accounts_by_app ON channel_accounts (provider, app);

-- One row per item of a webhook, written before the 200. A repetition stops at the unique key.
CREATE TABLE inbound_events (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,  -- message, status, echo, ... or unknown
    lane text NOT NULL,  -- items of one lane are taken one after the other: one person, or the account
    dedup_key text NOT NULL,
    item jsonb NOT NULL,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'ignored', 'unknown', 'failed')),
    attempt_count smallint NOT NULL DEFAULT 0,
    error text,
    received_at timestamptz NOT NULL,
    finished_at timestamptz,
    UNIQUE (account_id, dedup_key),
    FOREIGN KEY (tenant_id, account_id) REFERENCES channel_accounts (tenant_id, id)
);
CREATE INDEX inbound_events_waiting ON inbound_events (account_id, lane, position) WHERE state = 'new';
CREATE INDEX inbound_events_finished ON inbound_events (tenant_id, finished_at) WHERE finished_at IS NOT NULL;

-- Message templates as the provider knows them.
CREATE TABLE message_templates (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    language text NOT NULL,  -- the provider's code: es, pt_BR, en_US
    status text NOT NULL,
    category text NOT NULL,
    body text NOT NULL DEFAULT '',
    parameters text[] NOT NULL DEFAULT '{}',  -- names, or 1, 2, 3
    components jsonb NOT NULL DEFAULT '[]',
    synced_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, name, language),
    FOREIGN KEY (tenant_id, account_id) REFERENCES channel_accounts (tenant_id, id)
);
