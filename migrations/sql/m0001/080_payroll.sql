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
    division text,  -- of the order, as it was approved
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
    command_key text NOT NULL,
    raised_at timestamptz NOT NULL,
    UNIQUE (run_id, member_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES payroll_runs (tenant_id, id),
    FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);

-- What waits to be paid: one row per journal entry that moved a booster's payable, until a run that holds it is
-- paid. The journal writes it and payment takes it away, so reading what is owed costs what is owed, and not
-- what was ever paid. It carries no amount: amounts are the journal's.
CREATE TABLE unpaid_earnings (
    tenant_id uuid NOT NULL,
    member_id uuid NOT NULL,
    entry_id uuid NOT NULL REFERENCES journal_entries (id),
    PRIMARY KEY (tenant_id, member_id, entry_id),
    FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);

CREATE FUNCTION earning_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO unpaid_earnings (tenant_id, member_id, entry_id)
    SELECT NEW.tenant_id, a.reference::uuid, NEW.entry_id
    FROM ledger_accounts a JOIN journal_entries e ON e.id = NEW.entry_id
    WHERE a.id = NEW.account_id AND a.kind = 'booster_payable' AND e.kind <> 'payroll'
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER earning_waits AFTER INSERT ON postings FOR EACH ROW EXECUTE FUNCTION earning_waits();

CREATE FUNCTION earnings_paid() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM unpaid_earnings u USING payroll_lines l
    WHERE l.run_id = NEW.id AND l.is_live
      AND u.tenant_id = l.tenant_id AND u.member_id = l.member_id AND u.entry_id = l.entry_id;
    RETURN NULL;
END $$;
CREATE TRIGGER earnings_paid AFTER UPDATE OF state ON payroll_runs FOR EACH ROW
    WHEN (NEW.state = 'paid' AND OLD.state <> 'paid') EXECUTE FUNCTION earnings_paid();
