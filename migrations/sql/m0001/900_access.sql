-- Row-level security, forced on every table with a tenant, and what the application role may do.
-- The application owns nothing. Append-only tables grant neither UPDATE nor DELETE.
DO $$
DECLARE
    protected text;
BEGIN
    FOR protected IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relnamespace = 'guildhall'::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY tenant_only ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', protected);
    END LOOP;
END $$;
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON tenants USING (id = current_tenant()) WITH CHECK (id = current_tenant());

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA guildhall FROM PUBLIC;
GRANT USAGE ON SCHEMA guildhall TO guildhall_app, guildhall_router;
GRANT EXECUTE ON FUNCTION current_tenant(), next_number(text), hold_number(text), audit_hash(bytea, bigint, timestamptz, uuid, text,
    text, text, jsonb) TO guildhall_app;
GRANT EXECUTE ON FUNCTION current_tenant() TO guildhall_router;

GRANT SELECT, INSERT, UPDATE ON tenants, members, outbound_messages, staff_profiles, orders, payroll_runs,
    channel_bindings, posted_cards, role_bindings TO guildhall_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON member_roles, pgqueuer, pgqueuer_log, pgqueuer_schedules,
    pgqueuer_statistics TO guildhall_app;
GRANT SELECT, INSERT, UPDATE ON process_notes TO guildhall_app;
GRANT DELETE ON clock_slots, channel_fallbacks, role_bindings, channel_bindings, posted_cards TO guildhall_app;
GRANT SELECT, INSERT ON audit_log, journal_entries, postings, ledger_accounts, tariff_versions, tariff_lines,
    order_events, payroll_lines, payroll_disputes, day_closes, closed_days, clock_slots, channel_fallbacks TO guildhall_app;
GRANT UPDATE (is_live) ON payroll_lines TO guildhall_app;
GRANT SELECT ON counters, audit_heads, unpaid_earnings TO guildhall_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA guildhall TO guildhall_app;

-- The router answers "which tenant is this?" and "how old is the oldest waiting row?", and sees nothing else.
GRANT SELECT (id, guild_id, zone, cutoff_hour, locale) ON tenants TO guildhall_router;
GRANT SELECT (id, tenant_id, state, due_at, provider_message_id) ON outbound_messages TO guildhall_router;
CREATE POLICY routing ON tenants FOR SELECT TO guildhall_router USING (true);
CREATE POLICY routing ON outbound_messages FOR SELECT TO guildhall_router USING (true);
