"""The way to each part of the integrations, with what needs a look."""

from collections.abc import Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from balcao.base.paging import PageParameters, ask_page
from balcao.doors.console.headers import ADMINS
from balcao.doors.console.integrations.fields import HERE
from balcao.doors.console.visit import View
from balcao.freight.find import list_carriers, list_tables
from balcao.imports.report import list_batches
from balcao.imports.rules.model import BATCH_SORTS, BatchFilter
from balcao.omnichat.find import list_integrations
from balcao.tenants.channels import list_channels
from balcao.tenants.credentials import list_credentials
from balcao.webhooks.find import list_webhooks


@get("/integrations", opt=ADMINS)
async def show_overview(visit: View) -> Response[bytes]:
    """Credentials, channels, webhooks, OmniChat, batches and freight tables: how many there are, what fails."""
    newest = ask_page(PageParameters(per_page=5), BATCH_SORTS, ascending=False)
    async with visit.db.read() as tx:
        credentials = await list_credentials(tx, visit.tenant)
        return visit.page(
            "integrations/overview.html",
            here=HERE,
            active=sum(each.revoked_us is None for each in credentials),
            channels=await list_channels(tx, visit.tenant),
            webhooks=await list_webhooks(tx, visit.tenant),
            omnichat=await list_integrations(tx, visit.tenant),
            batches=await list_batches(tx, visit.tenant, BatchFilter(), newest),
            carriers=await list_carriers(tx, visit.tenant),
            tables=await list_tables(tx, visit.tenant),
        )


routes: Sequence[HTTPRouteHandler] = (show_overview,)
