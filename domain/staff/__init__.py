"""People who work here: roles by name, limits and skills, where their pay goes."""
