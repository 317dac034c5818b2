"""What is said with a contact, who holds the conversation, and what leaves it."""
