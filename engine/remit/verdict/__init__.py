"""What was decided about a step and why."""
