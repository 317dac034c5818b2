"""What code checks in a model's reply before anybody reads it."""
