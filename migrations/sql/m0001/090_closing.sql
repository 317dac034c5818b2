-- A Z report: numbered without gaps, one per business day, immutable, chained to the one before.
CREATE TABLE day_closes (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    number integer NOT NULL,
    business_on date NOT NULL,
    journal_from bigint,  -- first and last journal number it covers; NULL on a day without entries
    journal_to bigint,
    report jsonb NOT NULL,
    closed_by uuid,
    closed_by_label text NOT NULL,
    closed_at timestamptz NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, number),
    UNIQUE (tenant_id, business_on),
    FOREIGN KEY (tenant_id, business_on) REFERENCES closed_days (tenant_id, business_on),
    CHECK ((journal_from IS NULL) = (journal_to IS NULL))
);
