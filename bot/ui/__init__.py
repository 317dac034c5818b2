"""Cards, forms and text: pure functions from DTOs to Discord's components."""
