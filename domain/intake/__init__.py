"""Takes what came in: finds the person, keeps the message, starts what follows."""
