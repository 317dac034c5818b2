"""What customers hear about their orders."""
