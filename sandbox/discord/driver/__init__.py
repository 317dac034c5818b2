"""What a person's Discord client does, and what it refuses to do."""
