"""The Graph API: what a business may ask of WhatsApp over HTTP."""
