-- What the shop says about its assistant.
CREATE TABLE agent_settings (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    is_on boolean NOT NULL DEFAULT true,
    persona text NOT NULL DEFAULT '' CHECK (length(persona) <= 500),
    scope text NOT NULL DEFAULT '' CHECK (length(scope) <= 2000),
    privacy_url text NOT NULL DEFAULT '' CHECK (length(privacy_url) <= 300),
    silence_hours smallint NOT NULL DEFAULT 24 CHECK (silence_hours BETWEEN 1 AND 720),
    reopen_hours smallint NOT NULL DEFAULT 72 CHECK (reopen_hours BETWEEN 0 AND 2160),
    turn_token_limit integer NOT NULL DEFAULT 20000 CHECK (turn_token_limit > 0),
    contact_day_token_limit integer NOT NULL DEFAULT 100000 CHECK (contact_day_token_limit > 0),
    tenant_day_token_limit integer NOT NULL DEFAULT 3000000 CHECK (tenant_day_token_limit > 0),
    tenant_day_cost_limit_micros bigint NOT NULL DEFAULT 20000000 CHECK (tenant_day_cost_limit_micros >= 0)
);

-- Every turn with its trace: reproducible, and what the day's budget is counted from.
CREATE TABLE agent_turns (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    number integer NOT NULL,  -- gapless per conversation: one counter for the shop would make its turns wait for each other
    state text NOT NULL CHECK (state IN ('running', 'replied', 'handed_off', 'silenced', 'superseded', 'failed')),
    job_key text NOT NULL,
    upto_position bigint NOT NULL,
    model text NOT NULL DEFAULT '',
    prompt_version text NOT NULL DEFAULT '',
    input_tokens integer NOT NULL DEFAULT 0,
    output_tokens integer NOT NULL DEFAULT 0,
    cost_micros bigint NOT NULL DEFAULT 0,
    trace jsonb NOT NULL DEFAULT '{}',
    started_at timestamptz NOT NULL,
    alive_at timestamptz NOT NULL,  -- when its process last said that it is at work
    finished_at timestamptz,
    UNIQUE (conversation_id, number),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);

-- Tokens and money per day, of each contact (its id) and of the shop, which is the sum of several rows ('shop:0', ...):
-- in one, all the shop's turns would wait for each other.
CREATE TABLE agent_usage (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    scope text NOT NULL,
    used_on date NOT NULL,
    turn_count integer NOT NULL DEFAULT 0,
    token_count bigint NOT NULL DEFAULT 0,
    cost_micros bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, scope, used_on)
);
