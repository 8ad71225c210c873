"""Is it set up right? Pure checks over what was asked of the settings, the database, Slack and Sendoso."""
