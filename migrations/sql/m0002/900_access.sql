-- Row-level security on the new tables, and what each role may do with them.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['channel_accounts', 'inbound_events', 'message_templates', 'contacts',
        'contact_identifiers', 'contact_merges', 'contact_consents', 'conversations', 'messages', 'media', 'early_news',
        'conversation_events', 'canned_answers', 'leads', 'lead_events', 'agent_settings', 'agent_turns',
        'agent_usage']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY tenant_only ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', protected);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON channel_accounts, message_templates, contacts, contact_identifiers, contact_merges,
    conversations, messages, media, leads, agent_settings, agent_turns, agent_usage TO guildhall_app;
GRANT SELECT, INSERT ON contact_consents, conversation_events, lead_events TO guildhall_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON canned_answers, early_news TO guildhall_app;
GRANT SELECT, UPDATE, DELETE ON inbound_events TO guildhall_app;
GRANT DELETE ON message_templates, contact_identifiers TO guildhall_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA guildhall TO guildhall_app;

-- Which lanes of the outbox are due, whoever wrote into them.
GRANT SELECT (lane, position, attempted_at) ON outbound_messages TO guildhall_router;

-- The router also answers "whose number is this?" and keeps what webhooks bring, for any tenant; it sees in which
-- lanes something waits and since when, and nothing of what they say.
GRANT SELECT (id, tenant_id, provider, app, phone_number_id, waba_id, app_secret_sealed, verify_token_sealed)
    ON channel_accounts TO guildhall_router;
GRANT INSERT (id, tenant_id, account_id, kind, lane, dedup_key, item, state, received_at) ON inbound_events TO guildhall_router;
GRANT SELECT (id, tenant_id, account_id, lane, dedup_key, state, received_at) ON inbound_events TO guildhall_router;
CREATE POLICY routing ON channel_accounts FOR SELECT TO guildhall_router USING (true);
CREATE POLICY routing ON inbound_events FOR SELECT TO guildhall_router USING (true);
-- Which turns of the assistant are due, whoever wrote to whom.
GRANT SELECT (id, tenant_id, turn_due_at) ON conversations TO guildhall_router;
CREATE POLICY routing ON conversations FOR SELECT TO guildhall_router USING (true);
CREATE POLICY accepting ON inbound_events FOR INSERT TO guildhall_router WITH CHECK (state = 'new');
