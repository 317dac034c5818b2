CREATE TABLE payroll_runs (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    number integer NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'approved', 'paid', 'locked', 'refused')),
    preview_hash text NOT NULL,
    currency text NOT NULL,
    total_minor bigint NOT NULL CHECK (total_minor > 0),
    member_count integer NOT NULL,
    order_count integer NOT NULL,
    entry_id uuid UNIQUE REFERENCES journal_entries (id),
    approved_by uuid NOT NULL,
    approved_at timestamptz NOT NULL,
    paid_by uuid,
    paid_at timestamptz,
    locked_at timestamptz,
    command_key text NOT NULL,
    UNIQUE (tenant_id, number),
    UNIQUE (tenant_id, command_key),
    UNIQUE (tenant_id, id),
    CHECK ((state IN ('paid', 'locked')) = (entry_id IS NOT NULL))
);
-- One run at a time waits between Approve and Pay.
CREATE UNIQUE INDEX payroll_one_approved ON payroll_runs (tenant_id) WHERE state = 'approved';

-- One line per journal entry that moved a booster's payable; `is_live` falls when the run is refused.
CREATE TABLE payroll_lines (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    member_id uuid NOT NULL,
    entry_id uuid NOT NULL REFERENCES journal_entries (id),
    order_id uuid,
    kind text NOT NULL,
    amount_minor bigint NOT NULL,
    is_live boolean NOT NULL DEFAULT true,
    PRIMARY KEY (run_id, member_id, entry_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES payroll_runs (tenant_id, id),
    FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
-- The same earning is paid once, whatever runs at the same time.
CREATE UNIQUE INDEX payroll_line_once ON payroll_lines (entry_id, member_id) WHERE is_live;

CREATE TABLE payroll_disputes (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    member_id uuid NOT NULL,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    raised_at timestamptz NOT NULL,
    UNIQUE (run_id, member_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES payroll_runs (tenant_id, id),
    FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
