"""The configuration after Slack has given a channel another id. Pure."""

from __future__ import annotations

from bot.config.document import Document


def moved(document: Document, old: str, new: str) -> Document:
    """The same document with `new` wherever it names the channel `old`; a budget that `new` has already stays."""
    if old == new:
        return document
    here = {"channel": new}
    budgets = {new if name == old else name: one for name, one in document.budgets.items() if name != old or (
        new not in document.budgets
    )}
    return document.model_copy(update={
        "routes": tuple(one.model_copy(update=here) if one.channel == old else one for one in document.routes),
        "digests": tuple(one.model_copy(update=here) if one.channel == old else one for one in document.digests),
        "budgets": budgets,
        "policies": {name: policy.model_copy(update={
            "escalate": tuple(
                step.model_copy(update=here) if step.channel == old else step for step in policy.escalate
            ),
        }) for name, policy in document.policies.items()},
    })
