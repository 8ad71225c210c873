"""Settings in Slack: what is in force, and windows in which admins change it."""
