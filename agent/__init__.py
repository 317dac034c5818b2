"""The GPT agent: model adapters, tools, the turn, its gates and its prompts."""
