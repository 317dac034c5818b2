CREATE TABLE staff_profiles (
    tenant_id uuid NOT NULL,
    member_id uuid PRIMARY KEY,
    live_orders_limit smallint CHECK (live_orders_limit BETWEEN 1 AND 100),
    divisions text[] NOT NULL DEFAULT '{}',  -- what the booster may climb to; empty: everything
    is_ranked boolean NOT NULL DEFAULT true,
    payout_sealed bytea,
    payout_pending_sealed bytea,
    payout_pending_from timestamptz,
    FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
