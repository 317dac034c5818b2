"""Every text a person can see, in four languages, and how values are put into it."""
