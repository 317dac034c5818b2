-- Double entry in integer minor units. Debits are positive, credits negative; an entry sums to zero.
CREATE TABLE ledger_accounts (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    kind text NOT NULL CHECK (kind IN ('customer_receivable', 'company_income', 'booster_payable', 'pot',
                                       'wallet_net', 'wallet_pot', 'adjustments')),
    reference text NOT NULL DEFAULT '',  -- member id for booster_payable, month (2026-11) for pot
    currency text NOT NULL,
    balance_minor bigint NOT NULL DEFAULT 0,  -- derived by trigger from postings; `books check` rebuilds it
    UNIQUE (tenant_id, kind, reference, currency),
    UNIQUE (tenant_id, id, currency)
);

CREATE TABLE journal_entries (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    seq bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('completion', 'adjustment', 'fine', 'reversal', 'payroll',
                                       'pot_settlement', 'pot_dissolution')),
    subject_id uuid NOT NULL,  -- the order, or the payroll run
    currency text NOT NULL,
    business_on date NOT NULL,
    reverses_id uuid UNIQUE REFERENCES journal_entries (id),
    reason text NOT NULL DEFAULT '',
    command_key text NOT NULL,
    actor_member_id uuid,
    actor_label text NOT NULL,
    recorded_at timestamptz NOT NULL,
    UNIQUE (tenant_id, seq),
    UNIQUE (tenant_id, command_key),
    UNIQUE (tenant_id, id, currency),
    CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL))
);
CREATE INDEX journal_by_day ON journal_entries (tenant_id, business_on);
CREATE INDEX journal_by_subject ON journal_entries (tenant_id, subject_id);

CREATE TABLE postings (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    line smallint NOT NULL,
    account_id uuid NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    PRIMARY KEY (entry_id, line),
    FOREIGN KEY (tenant_id, entry_id, currency) REFERENCES journal_entries (tenant_id, id, currency),
    FOREIGN KEY (tenant_id, account_id, currency) REFERENCES ledger_accounts (tenant_id, id, currency)
);
CREATE INDEX postings_by_account ON postings (account_id, entry_id) INCLUDE (amount_minor);

CREATE FUNCTION entry_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid := CASE TG_TABLE_NAME WHEN 'postings' THEN to_jsonb(NEW) ->> 'entry_id' ELSE to_jsonb(NEW) ->> 'id' END;
    total bigint;
    line_count integer;
BEGIN
    SELECT coalesce(sum(amount_minor), 0), count(*) INTO total, line_count FROM postings WHERE entry_id = checked;
    IF total <> 0 OR line_count < 2 THEN
        RAISE EXCEPTION 'journal entry % has % lines that sum to %', checked, line_count, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_balanced';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER entry_is_balanced AFTER INSERT ON journal_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION entry_is_balanced();
CREATE CONSTRAINT TRIGGER posting_is_balanced AFTER INSERT ON postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION entry_is_balanced();

CREATE FUNCTION add_to_balance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE ledger_accounts SET balance_minor = balance_minor + NEW.amount_minor WHERE id = NEW.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER add_to_balance AFTER INSERT ON postings FOR EACH ROW EXECUTE FUNCTION add_to_balance();

-- A closed business day takes no more entries: what comes after belongs to the next day.
CREATE TABLE closed_days (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    business_on date NOT NULL,
    PRIMARY KEY (tenant_id, business_on)
);
