"""Approvers: plugins that ask a person about a call. Give them to a guard as `plugins`."""
