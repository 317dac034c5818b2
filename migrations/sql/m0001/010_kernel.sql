-- The tenant of this transaction; NULL when none is set, and then every policy shows no row.
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

-- Gapless numbers per tenant (order codes, journal, closes, payroll runs). The row stays locked until the
-- transaction ends, so numbers are in commit order.
CREATE TABLE counters (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

CREATE FUNCTION next_number(counter text) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
    BEGIN ATOMIC
        INSERT INTO counters AS c (tenant_id, name, value) VALUES (current_tenant(), counter, 1)
        ON CONFLICT (tenant_id, name) DO UPDATE SET value = c.value + 1
        RETURNING value;
    END;

-- Waits for, then holds, a counter until the transaction ends: whoever numbers with it stands still.
CREATE FUNCTION hold_number(counter text) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
    BEGIN ATOMIC
        INSERT INTO counters AS c (tenant_id, name, value) VALUES (current_tenant(), counter, 0)
        ON CONFLICT (tenant_id, name) DO UPDATE SET value = c.value
        RETURNING value;
    END;

-- One row per run of a clock slot; whoever inserts it enqueues the job.
CREATE TABLE clock_slots (
    tenant_id uuid NOT NULL,
    job text NOT NULL,
    slot_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, job, slot_at)
);
