"""What every answer of the console carries, and who may open a page."""

from typing import Any, Final

from balcao.users.rules import UserRole

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline, nothing from elsewhere, in nobody's frame; `data:` for the small pictures of the UI kit's sheet."""
SECURITY: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
OPEN: Final[dict[str, Any]] = {"console": frozenset()}
"""The `opt` of what is shown to people who are not logged in."""
STAFF: Final[dict[str, Any]] = {"console": frozenset(UserRole)}
"""The `opt` of a page for everybody who is logged in."""
ADMINS: Final[dict[str, Any]] = {"console": frozenset({UserRole.ADMIN})}
"""The `opt` of a page for administrators."""
