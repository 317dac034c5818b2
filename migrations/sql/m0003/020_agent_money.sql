-- Millionths of a US dollar for one answer, and for one contact's day; the shop's day has its limit already.
ALTER TABLE agent_settings
    ADD COLUMN turn_cost_limit_micros bigint NOT NULL DEFAULT 200000 CHECK (turn_cost_limit_micros >= 0),
    ADD COLUMN contact_day_cost_limit_micros bigint NOT NULL DEFAULT 1000000
        CHECK (contact_day_cost_limit_micros >= 0);
