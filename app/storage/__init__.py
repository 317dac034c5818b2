"""Where the data lives: the embedded server, migrations, and what a healthy database looks like."""
