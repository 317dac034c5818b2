-- The outbox learns a second channel: messages of a conversation, in Discord's thread or on WhatsApp.
ALTER TABLE outbound_messages
    DROP CONSTRAINT outbound_messages_channel_check,
    ADD CONSTRAINT outbound_messages_channel_check CHECK (channel IN ('discord', 'whatsapp')),
    ADD COLUMN conversation_id uuid,
    ADD COLUMN provider_ref text,  -- the provider's own id where it is no number: wamid
    ADD COLUMN unknown_since timestamptz,  -- the attempt whose outcome is not known
    ADD COLUMN resent_count smallint NOT NULL DEFAULT 0,  -- sendings after one whose outcome stayed unknown
    ADD CONSTRAINT outbound_conversation FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES conversations (tenant_id, id);
DO $$
DECLARE
    target_check text;
BEGIN
    SELECT conname INTO STRICT target_check FROM pg_constraint
    WHERE conrelid = 'outbound_messages'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%purpose%';
    EXECUTE format('ALTER TABLE outbound_messages DROP CONSTRAINT %I', target_check);
END $$;
ALTER TABLE outbound_messages ADD CONSTRAINT outbound_has_one_target
    CHECK (num_nonnulls(purpose, recipient_member_id, conversation_id) = 1);
CREATE UNIQUE INDEX outbound_ref ON outbound_messages (tenant_id, provider_ref) WHERE provider_ref IS NOT NULL;
CREATE INDEX posted_cards_in ON posted_cards (tenant_id, channel_id);

-- Lanes are found in the outbox itself now: no job leads to them any more.
DELETE FROM pgqueuer WHERE entrypoint IN ('outbox.deliver_lane', 'outbox.sweep');

-- What waits is found along its lane; one index less to write at each of a message's steps.
DROP INDEX outbound_pending;
