"""The outside world on loopback: Discord, the simulated company, and faults; imports nothing of ours."""
