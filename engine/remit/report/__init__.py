"""What happened in conversations, as one page that a person can hand to an auditor."""
