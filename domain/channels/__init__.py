"""Channel accounts (WhatsApp numbers) and what their webhooks brought in."""
