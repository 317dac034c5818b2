"""The pump that takes what webhooks stored."""
