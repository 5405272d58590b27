"""What may be done, and which roles may do it.

A permission is a word such as `stock.receive`; a role is a set of them; a user has roles in a company; a token narrows
them to its scopes, which are permissions too.
"""

from dataclasses import dataclass

from wherewithal.core.words import join, say
from wherewithal.kit.errors import Forbidden, Problem

PERMISSIONS: dict[str, str] = {
    "items.read": say("see items, lots and units"),
    "items.write": say("keep items, lots and units"),
    "parties.read": say("see suppliers and customers"),
    "parties.write": say("keep suppliers and customers"),
    "stock.read": say("see stock, locations and moves"),
    "stock.receive": say("receive goods and take returns from customers"),
    "stock.issue": say("issue goods and return them to suppliers"),
    "stock.transfer": say("transfer goods and record production"),
    "stock.adjust": say("correct quantities and keep locations"),
    "stock.scrap": say("scrap goods"),
    "stock.reserve": say("reserve goods"),
    "stock.reverse": say("reverse and amend moves"),
    "costing.write": say("set costing methods, standard costs, prices, landed costs and write-downs"),
    "assets.read": say("see the register of assets and where they are"),
    "assets.write": say("keep assets, their classes, books and cost centres"),
    "assets.custody": say("move assets, check them out and in, book and count them"),
    "assets.record": say("record what happens to the value of assets"),
    "assets.depreciate": say("post and take back depreciation runs"),
    "ledger.read": say("see entries, balances and values"),
    "ledger.post": say("post and reverse manual entries, keep exchange rates"),
    "ledger.close": say("close, reopen and lock periods"),
    "ledger.setup": say("keep books, accounts and the account map"),
    "people.manage": say("keep members, roles and tokens"),
    "company.manage": say("change the company"),
    "import.run": say("import files"),
    "verify.run": say("run the checks of the books"),
    "audit.read": say("see the audit trail"),
    "views.share": say("share saved views of lists with everybody"),
}

READ = frozenset({"items.read", "parties.read", "stock.read", "assets.read"})
ASSETS = frozenset({"assets.write", "assets.custody", "assets.record", "assets.depreciate"})
READ_ALL = READ | {"ledger.read", "audit.read", "verify.run"}

ROLES: dict[str, frozenset[str]] = {
    "administrator": frozenset(PERMISSIONS),
    "warehouse": READ
    | {
        "stock.receive",
        "stock.issue",
        "stock.transfer",
        "stock.adjust",
        "stock.scrap",
        "stock.reserve",
        "assets.custody",
    },
    "buyer": READ
    | {"items.write", "parties.write", "stock.receive", "stock.reserve", "import.run", "views.share"},
    "planner": READ | {"items.write", "stock.transfer", "stock.reserve", "views.share"},
    "asset_accountant": READ
    | ASSETS
    | {"ledger.read", "ledger.post", "costing.write", "verify.run", "import.run", "views.share"},
    "maintenance": READ | {"stock.issue", "stock.transfer", "stock.reserve", "assets.custody"},
    "controller": READ_ALL
    | ASSETS
    | {
        "items.write",
        "parties.write",
        "stock.adjust",
        "stock.scrap",
        "stock.reverse",
        "costing.write",
        "ledger.post",
        "ledger.close",
        "ledger.setup",
        "import.run",
        "views.share",
    },
    "auditor": READ_ALL,
}

ROLE_TITLES: dict[str, str] = {
    "administrator": say("Administrator"),
    "warehouse": say("Warehouse"),
    "buyer": say("Buyer"),
    "planner": say("Planner"),
    "asset_accountant": say("Asset accountant"),
    "maintenance": say("Maintenance"),
    "controller": say("Controller"),
    "auditor": say("Auditor (read only)"),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, in which company, with which roles. `scopes` None: not narrowed by a token."""

    user_id: int
    company_id: int
    roles: frozenset[str]
    scopes: frozenset[str] | None = None

    @property
    def permissions(self) -> frozenset[str]:
        granted = frozenset[str]().union(*(ROLES.get(role, frozenset()) for role in self.roles))
        return granted if self.scopes is None else granted & self.scopes


def allowed(actor: Actor, permission: str) -> bool:
    assert permission in PERMISSIONS, f"there is no permission {permission}"
    return permission in actor.permissions


def require(actor: Actor, permission: str) -> None:
    """Raise Forbidden, naming who may, unless the actor is allowed."""
    if allowed(actor, permission):
        return
    meaning = PERMISSIONS[permission]
    if actor.scopes is not None and permission not in actor.scopes:
        message = say(
            "This token may not {meaning}: it lacks the scope {permission}.",
            meaning=meaning,
            permission=permission,
        )
    else:
        roles = join([ROLE_TITLES[role] for role in roles_with(permission)], ", ")
        message = say("You may not {meaning}. These roles may: {roles}.", meaning=meaning, roles=roles)
    raise Forbidden(Problem("", "permission", message, value=permission))


def roles_with(permission: str) -> list[str]:
    """The roles that have the permission."""
    return [role for role, granted in ROLES.items() if permission in granted]
