"""The model behind a port, and the adapters that reach one."""
