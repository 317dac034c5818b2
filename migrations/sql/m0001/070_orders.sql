-- A tariff version is immutable; a change is a new version, and an order names the one it was completed under.
CREATE TABLE tariff_versions (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    game text NOT NULL CHECK (length(game) BETWEEN 1 AND 60),
    version integer NOT NULL,
    currency text NOT NULL,  -- of its amounts: a shop that changes its currency starts a new table
    created_by uuid,
    created_at timestamptz NOT NULL,
    UNIQUE (tenant_id, game, version),
    UNIQUE (tenant_id, id)
);

CREATE TABLE tariff_lines (
    tenant_id uuid NOT NULL,
    version_id uuid NOT NULL,
    division text NOT NULL CHECK (division = upper(trim(division)) AND length(division) BETWEEN 1 AND 12),
    position smallint NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    margin_minor bigint NOT NULL CHECK (margin_minor >= 0 AND margin_minor <= price_minor),
    points integer NOT NULL DEFAULT 2 CHECK (points >= 0),
    PRIMARY KEY (version_id, division),
    FOREIGN KEY (tenant_id, version_id) REFERENCES tariff_versions (tenant_id, id)
);

CREATE TABLE orders (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    code integer NOT NULL,
    state text NOT NULL CHECK (state IN
        ('draft', 'open', 'claimed', 'paused', 'completed', 'abandoned', 'cancelled', 'banned')),
    customer_name text NOT NULL CHECK (length(customer_name) BETWEEN 1 AND 80),
    game text NOT NULL CHECK (length(game) BETWEEN 1 AND 60),
    start_division text NOT NULL CHECK (length(start_division) BETWEEN 1 AND 40),
    target_division text NOT NULL CHECK (length(target_division) BETWEEN 1 AND 12),
    account text NOT NULL DEFAULT '' CHECK (length(account) <= 80),
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    currency text NOT NULL,
    deadline_at timestamptz,
    extension_days integer NOT NULL DEFAULT 0 CHECK (extension_days >= 0),
    notes text NOT NULL DEFAULT '' CHECK (length(notes) <= 1000),
    is_ranked boolean NOT NULL DEFAULT true,  -- the order counts for the ranking
    tracking_url text CHECK (tracking_url ~ '^https?://' AND length(tracking_url) <= 500),
    tracked_at timestamptz,  -- when the first tracking link came
    progress_division text,
    progress_win_rate_bp integer CHECK (progress_win_rate_bp BETWEEN 0 AND 10000),
    progressed_at timestamptz,
    booster_id uuid,
    claimed_at timestamptz,
    final_division text,
    win_rate_bp integer CHECK (win_rate_bp BETWEEN 0 AND 10000),
    tariff_version_id uuid,
    points integer,
    pot_order_minor bigint NOT NULL DEFAULT 0 CHECK (pot_order_minor >= 0),  -- what each bonus put into the pot
    pot_win_rate_minor bigint NOT NULL DEFAULT 0 CHECK (pot_win_rate_minor >= 0),
    completion_entry_id uuid UNIQUE REFERENCES journal_entries (id),
    finished_at timestamptz,
    closed_on date,  -- the business day it was completed, abandoned or banned on
    command_key text NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    UNIQUE (tenant_id, code),
    UNIQUE (tenant_id, command_key),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, booster_id) REFERENCES members (tenant_id, id),
    FOREIGN KEY (tenant_id, tariff_version_id) REFERENCES tariff_versions (tenant_id, id),
    CHECK (state NOT IN ('claimed', 'paused', 'completed') OR booster_id IS NOT NULL),
    CHECK (state <> 'open' OR booster_id IS NULL),
    CHECK ((state = 'completed') = (completion_entry_id IS NOT NULL)),
    CHECK (state <> 'completed' OR (final_division IS NOT NULL AND win_rate_bp IS NOT NULL AND closed_on IS NOT NULL))
);
CREATE UNIQUE INDEX orders_account_once ON orders (tenant_id, lower(account))
    WHERE account <> '' AND state IN ('draft', 'open', 'claimed', 'paused');
CREATE INDEX orders_by_state ON orders (tenant_id, state, code);
CREATE INDEX orders_of_booster ON orders (tenant_id, booster_id, state, code) WHERE booster_id IS NOT NULL;
CREATE INDEX orders_closed ON orders (tenant_id, closed_on) INCLUDE (state, claimed_at, finished_at)
    WHERE closed_on IS NOT NULL;

-- Append-only history: who, when, from, to, why.
CREATE TABLE order_events (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,  -- changes of one order come one after the other
    transition text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    reason text NOT NULL DEFAULT '',
    details jsonb NOT NULL DEFAULT '{}',
    actor_member_id uuid,
    actor_label text NOT NULL,
    command_key text NOT NULL,
    at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id),
    UNIQUE (order_id, command_key)
);
CREATE INDEX order_events_by_order ON order_events (order_id, position);
