"""One module per area; each function draws the kinds it is marked with (`@draws`)."""
