"""What a conversation has come to: what was said, what is void, which settings are in force."""
