"""The bot under violence: whole processes, a real database, the playground's Slack in a storm. Nothing may be lost."""
