"""The pages that the menu leads to."""

from typing import Final, NamedTuple

from balcao.users.rules import UserRole

ALL: Final = frozenset(UserRole)


class NavItem(NamedTuple):
    """A line of the menu: where it leads, its picture (a symbol of `icons.svg`), both names, and for whom it is."""

    path: str
    icon: str
    pt: str
    en: str
    roles: frozenset[UserRole] = ALL


NAV: Final = (
    NavItem("/console", "board", "Painel", "Board"),
    NavItem("/console/orders", "orders", "Pedidos", "Orders"),
    NavItem("/console/picking", "picking", "Separação", "Picking"),
    NavItem("/console/catalogue", "catalog", "Catálogo", "Catalogue"),
    NavItem("/console/freight", "freight", "Frete", "Freight"),
    NavItem("/console/integrations", "integrations", "Integrações", "Integrations", frozenset({UserRole.ADMIN})),
    NavItem("/console/dashboard", "dashboard", "Indicadores", "Dashboard", frozenset({UserRole.ADMIN})),
)


def nav_for(role: UserRole) -> list[NavItem]:
    """The lines for a user of this role."""
    return [item for item in NAV if role in item.roles]
