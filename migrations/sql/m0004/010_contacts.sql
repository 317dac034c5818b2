-- When the provider last said that nobody receives messages under an identifier, and with which words. Whoever writes,
-- or gets a message after all, clears it.
ALTER TABLE contact_identifiers
    ADD COLUMN unreachable_at timestamptz,
    ADD COLUMN unreachable_why text CHECK (length(unreachable_why) <= 300),
    ADD CONSTRAINT contact_identifiers_unreachable_check CHECK ((unreachable_at IS NULL) = (unreachable_why IS NULL));
CREATE INDEX contact_identifiers_unreachable ON contact_identifiers (tenant_id, contact_id)
    WHERE unreachable_at IS NOT NULL;
-- Few say STOP: whose conversations wait for people is asked often.
CREATE INDEX contacts_opted_out ON contacts (tenant_id) WHERE opted_out_at IS NOT NULL;
