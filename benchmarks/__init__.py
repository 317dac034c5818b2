"""What the performance figures are measured with: each beside its yardstick, in the same run."""
