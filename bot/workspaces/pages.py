"""The pages that people see while they install the app: plain HTML, data in, a page out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#1d2433;"
    "background:#fff}a.button{display:inline-block;padding:.6rem 1.2rem;background:#23395b;color:#fff;"
    "border-radius:.4rem;text-decoration:none}code{background:#eef1f6;padding:.1rem .3rem}dt{font-weight:600}"
    "dd{margin:0 0 .5rem}@media(prefers-color-scheme:dark){body{color:#e8ecf4;background:#12161f}"
    "code{background:#2a3140}a{color:#9cc2ff}a.button{background:#9cc2ff;color:#12161f}}"
)
DENIED = "You did not allow it, and nothing was installed."
STRANGE = (
    "This is not an installation that was begun in this browser within the last ten minutes, or it is done already. "
    "Nothing was changed."
)
UNREACHED = "Slack could not be reached just now, and nothing was installed."
REFUSED = "Slack did not complete the installation (“{code}”), and nothing was changed."
WHY = {
    "bad_client_secret": "Whoever runs this Sendwatch must set SLACK_CLIENT_SECRET to that of the Slack app.",
    "invalid_client_id": "Whoever runs this Sendwatch must set SLACK_CLIENT_ID to that of the Slack app.",
    "bad_redirect_uri": "Whoever runs this Sendwatch must add its address to the Redirect URLs of the Slack app.",
    "invalid_code": "That code has been used up or has run out; please begin again.",
    "code_already_used": "That code has been used up; please begin again.",
}
"""Slack's errors that a person can do something about, and what."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page, its status, and what else its answer carries."""

    title: str
    body: str
    status: HTTPStatus = HTTPStatus.OK
    cookie: str = field(default="", repr=False)

    @property
    def html(self) -> str:
        """The whole document."""
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
            f"<body><main><h1>{escape(self.title)}</h1>{self.body}</main></body></html>"
        )


def ask(url: str, scopes: Mapping[str, str], cookie: str) -> Page:
    """What the app is, what it asks for and why, and the link to Slack."""
    asked = "".join(f"<dt><code>{escape(scope)}</code></dt><dd>{escape(why)}</dd>" for scope, why in scopes.items())
    return Page(title="Add Sendwatch to Slack", cookie=cookie, body=(
        "<p>Sendwatch follows the gifts that your team sends with Sendoso: it answers where a send is, and posts one "
        "calm message when one needs somebody.</p>"
        f'<p><a class="button" href="{escape(url)}">Add to Slack</a></p>'
        "<p>Slack then asks you to allow this, and the link is good for ten minutes:</p>"
        f"<dl>{asked}</dl>"
        "<p>What it learns stays in a database of your workspace alone. If you take the app out of Slack again, its "
        "token is deleted at once.</p>"
    ))


def done(name: str, team_id: str, *, is_organisation: bool) -> Page:
    """What to do next."""
    where = escape(name or team_id)
    whole = (
        "<p>It is installed for the whole organisation. Add it to the workspaces that shall have it (Slack's "
        "organisation settings); each has its own sends, alerts and settings.</p>" if is_organisation else ""
    )
    return Page(title="Sendwatch is installed", body=(
        f"<p>Sendwatch is in <strong>{where}</strong> now, and you are one of its admins.</p>{whole}<ol>"
        "<li>In Slack, open the channel in which you want alerts and type <code>/invite @Sendwatch</code>. The first "
        "channel that it is invited to becomes the channel for alerts; until then they come to you.</li>"
        "<li>Connect your workspace's Sendoso account: type <code>/sends settings sendoso</code> in Slack, and fill in "
        "its access. OAuth's three fields last; an access token alone ends after two hours.</li>"
        "<li>Type <code>/sends help</code> to see what it can do.</li></ol>"
    ))


def failed(sentence: str, status: HTTPStatus, code: str = "") -> Page:
    """Why nothing was installed, and a way to begin again."""
    why = WHY.get(code, "")
    return Page(title="Sendwatch was not installed", status=status, body=(
        f"<p>{escape(sentence)}</p>{f'<p>{escape(why)}</p>' if why else ''}"
        '<p><a href="/slack/install">Begin again</a></p>'
    ))
