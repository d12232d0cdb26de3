"""What is judged: the model of a conversation, and readers for the formats it comes in."""
