"""The process and nothing else: settings, composition, command line, web server, worker, clock, health."""
