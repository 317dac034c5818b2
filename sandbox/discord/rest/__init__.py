"""The HTTP half of Discord: one module per resource."""
