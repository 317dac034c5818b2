-- Which files wait for a number, when it can be asked for them again: few, among all that were ever sent.
CREATE INDEX media_waiting ON media (tenant_id, account_id) WHERE state = 'waiting';
