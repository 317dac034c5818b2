-- The person an order is for, where they wrote to us: they hear how it goes.
ALTER TABLE orders
    ADD COLUMN contact_id uuid,
    ADD CONSTRAINT orders_contact FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id);
CREATE INDEX orders_of_contact ON orders (tenant_id, contact_id, code) WHERE contact_id IS NOT NULL;
