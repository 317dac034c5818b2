-- What is said between one contact and one of the shop's numbers. `state` says who answers.
CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    number integer NOT NULL,  -- gapless per tenant; people say C-12
    contact_id uuid NOT NULL,
    account_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'bot' CHECK (state IN ('bot', 'human', 'closed')),
    owner_id uuid,  -- the member it is assigned to
    human_until timestamptz,  -- the agent is silent until then
    handoff_reason text NOT NULL DEFAULT '',
    snoozed_until timestamptz,
    reply_channel_id text,  -- the identifier the provider last delivered, answered to as it came
    last_inbound_at timestamptz,  -- by the provider's clock; opens the 24 h window
    last_inbound_provider_id text,
    last_outbound_at timestamptz,
    last_human_at timestamptz,
    last_activity_at timestamptz NOT NULL,
    free_entry_until timestamptz,  -- 72 h after an ad that was answered within 24 h
    referred_at timestamptz,
    greeted_at timestamptz,  -- the assistant's disclosure was sent
    -- The agent's turn: the last inbound message that was answered, since when the next one waits, when it is due.
    answered_position bigint NOT NULL DEFAULT 0,
    waiting_since timestamptz,
    turn_due_at timestamptz,
    turn_id uuid,  -- the newest turn; an older one may not answer any more
    guided jsonb NOT NULL DEFAULT '{}',  -- where the guided menu stands
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    UNIQUE (tenant_id, number),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES channel_accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES members (tenant_id, id),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX conversations_one_live ON conversations (tenant_id, contact_id, account_id) WHERE state <> 'closed';
CREATE INDEX conversations_of ON conversations (tenant_id, contact_id, last_activity_at DESC);
CREATE INDEX conversations_by_state ON conversations (tenant_id, state, last_activity_at DESC);
CREATE INDEX conversations_silent ON conversations (tenant_id, human_until) WHERE state = 'human';
CREATE INDEX conversations_due ON conversations (turn_due_at) WHERE turn_due_at IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (tenant_id, snoozed_until) WHERE snoozed_until IS NOT NULL;

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    account_id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    direction text NOT NULL CHECK (direction IN ('in', 'out', 'note')),
    author text NOT NULL CHECK (author IN ('contact', 'agent', 'member', 'phone', 'system')),
    author_member_id uuid,
    author_label text NOT NULL DEFAULT '',
    kind text NOT NULL,
    body text NOT NULL DEFAULT '',  -- text, caption, or title of what was chosen
    content jsonb NOT NULL DEFAULT '{}',  -- what has no column: place, cards, options, template, errors
    provider_id text,  -- wamid
    reply_to_provider_id text,
    reactions jsonb NOT NULL DEFAULT '{}',  -- who (contact, shop) -> emoji
    state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'queued', 'sent', 'delivered', 'read',
        'played', 'failed', 'cancelled', 'unknown', 'noted')),
    error text,
    turn_id uuid,
    discord_message_id bigint,  -- the staff message a note came from
    is_history boolean NOT NULL DEFAULT false,
    sent_at timestamptz NOT NULL,  -- by the provider's clock for what came in
    edited_at timestamptz,
    deleted_at timestamptz,
    earlier jsonb NOT NULL DEFAULT '[]',  -- texts before edits
    command_key text,
    created_at timestamptz NOT NULL,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES channel_accounts (tenant_id, id)
);
CREATE INDEX messages_of ON messages (conversation_id, position DESC);
CREATE UNIQUE INDEX messages_provider ON messages (account_id, provider_id) WHERE provider_id IS NOT NULL;
CREATE UNIQUE INDEX messages_command ON messages (tenant_id, command_key) WHERE command_key IS NOT NULL;
CREATE UNIQUE INDEX messages_noted ON messages (tenant_id, discord_message_id) WHERE discord_message_id IS NOT NULL;

-- Files of messages. The bytes lie under the data folder at `path`; here is what they are.
CREATE TABLE media (
    message_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    provider_media_id text NOT NULL DEFAULT '',
    mime text NOT NULL,
    sha256 text NOT NULL DEFAULT '',  -- base64, as the provider says
    file_name text NOT NULL DEFAULT '',
    size_bytes bigint,
    path text,
    is_voice boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'stored', 'refused', 'lost')),
    error text,
    transcript text,
    is_transcript_sure boolean,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id)
);

-- Statuses and reactions that came before the message they are about.
CREATE TABLE early_news (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    account_id uuid NOT NULL,
    provider_id text NOT NULL,
    kind text NOT NULL,
    news jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (account_id, provider_id, kind)
);

-- What was done with a conversation, append-only: taken over, closed, opted out, ... One row per command.
CREATE TABLE conversation_events (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    actor_member_id uuid,
    actor_label text NOT NULL,
    command_key text NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (conversation_id, command_key, kind),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);

CREATE TABLE canned_answers (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text NOT NULL CHECK (name = lower(name) AND length(name) BETWEEN 1 AND 32),
    body text NOT NULL CHECK (length(body) BETWEEN 1 AND 1000),
    PRIMARY KEY (tenant_id, name)
);
