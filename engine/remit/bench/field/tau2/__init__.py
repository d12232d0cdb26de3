"""The desks of tau2-bench and tau-bench: what the pack `remit.tau2` makes of tasks and of runs."""
