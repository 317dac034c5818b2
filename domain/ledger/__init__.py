"""The journal: double entry in integer minor units, append-only, corrected only by reversing."""
