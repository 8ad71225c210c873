"""A small Sendoso on loopback: its list of sends, its OAuth, its webhooks, and what can go wrong with them."""

from bot.playground.sendoso.routes import routes
from bot.playground.sendoso.state import SendosoState

__all__ = ["SendosoState", "routes"]
