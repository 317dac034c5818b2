CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    guild_id bigint UNIQUE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    zone text NOT NULL CHECK (length(zone) BETWEEN 1 AND 60),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    locale text NOT NULL CHECK (locale IN ('en', 'es', 'fr', 'pt-BR')),
    cutoff_hour smallint NOT NULL DEFAULT 6 CHECK (cutoff_hour BETWEEN 0 AND 23),
    order_bonus_minor bigint NOT NULL CHECK (order_bonus_minor >= 0),
    win_rate_bonus_minor bigint NOT NULL CHECK (win_rate_bonus_minor >= 0),
    win_rate_threshold_bp integer NOT NULL DEFAULT 6000 CHECK (win_rate_threshold_bp BETWEEN 0 AND 10000),
    low_win_rate_fine_percent smallint NOT NULL DEFAULT 0 CHECK (low_win_rate_fine_percent BETWEEN 0 AND 100),
    no_link_fine_percent smallint NOT NULL DEFAULT 0 CHECK (no_link_fine_percent BETWEEN 0 AND 100),
    second_person_above_minor bigint CHECK (second_person_above_minor >= 0),
    live_orders_limit smallint NOT NULL DEFAULT 3 CHECK (live_orders_limit BETWEEN 1 AND 100),
    payout_hold_hours smallint NOT NULL DEFAULT 24 CHECK (payout_hold_hours BETWEEN 0 AND 720),
    answered_steps text[] NOT NULL DEFAULT '{}',  -- steps of the set-up that somebody has answered
    created_at timestamptz NOT NULL
);

CREATE TABLE members (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    discord_user_id bigint NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'left')),
    locale text CHECK (locale IN ('en', 'es', 'fr', 'pt-BR')),  -- as Discord last said; direct messages use it
    joined_at timestamptz NOT NULL,
    UNIQUE (tenant_id, discord_user_id),
    UNIQUE (tenant_id, id)
);

-- Roles given to a person by name, and roles that come with a Discord role.
CREATE TABLE member_roles (
    tenant_id uuid NOT NULL,
    member_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'dispatcher', 'seller', 'booster', 'viewer')),
    PRIMARY KEY (member_id, role),
    FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);

CREATE TABLE role_bindings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    discord_role_id bigint NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'dispatcher', 'seller', 'booster', 'viewer')),
    PRIMARY KEY (tenant_id, role)
);

CREATE TABLE channel_bindings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    purpose text NOT NULL CHECK (purpose IN
        ('orders', 'log', 'ranking', 'red_alerts', 'payroll', 'close', 'leads', 'conversations')),
    channel_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, purpose)
);

-- Purposes without a channel, whose messages go to the log channel; told once.
CREATE TABLE channel_fallbacks (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    purpose text NOT NULL,
    PRIMARY KEY (tenant_id, purpose)
);
