"""Names every background job and every clock slot, and says which use case each one is."""
