"""The full body of an order: every field of the two documented bodies, and no secret."""

import json
from typing import Any

import pytest

from balcao.tenants.rules import Role
from tests.doors.shop import ADDRESS, COMMERCE, EXAMPLE, ORDERS, Api, b64, key_of, lines, nfe, path_of
from tests.verbs.shop import STORE

CURRENT = """
id createDate externalId sellerOrderId orderPackageId channel friendlyCode cpfPickUp cpfInvoice invoiceUrl dealerCode
feeAmount bonusAmount isDelivery isCvvValidated maxPickUpTime orderNote plp status
buyer: bonusCustomerId cpf stateInscription documentType phoneNumber fullName email cnpj companyName address
buyer.address: street number complement neighborhood cep city state latitude longitude fullAddress
seller: pointSaleId fullName email cnpj address workingHours integrationConfig
seller.address: street number complement neighborhood cep city state latitude longitude fullAddress
deliveryAddress: street number complement neighborhood cep city state latitude longitude fullAddress
freight: deliveryTime reference description amount
paymentInfo: amount quantityInstallments paymentMethod
paymentInfo.paymentMethod: info brand type modality id
paymentList[]: amount quantityInstallments paymentMethod
paymentList[].paymentMethod: info brand type modality id
invoice: key number serieNumber totalAmount xmlUrl fileUrl issuanceDate
items[]: quantity unitPrice subTotalAmount totalAmount sku isGift coupon
items[].sku: code name attributes product
customData[]: key value
"""
"""The body that the reference documents now, object by object."""

OLDER = """
id createDate externalId channel friendlyCode cpfPickUp cpfInvoice invoiceUrl dealerCode feeAmount isDelivery
isCvvValidated maxPickUpTime status hasFeeInstallment maxInstallmentsWithTax discountAmount subTotalAmount freightAmount
totalWithoutFeeAmount totalAmount
buyer: cpf phoneNumber deviceToken imageUrl gender dateOfBirth address
buyer.address: street city state zipCode country
invoice: key number serieNumber totalAmount xmlUrl fileUrl issuanceDate
seller: cnpj companyName pointSaleId whatsappPhoneNumber isEcommerce gatewayId credentialsString distance address
seller.address: street city state zipCode country
freight: deliveryTime calculationKey description amount
deliveryAddress: street city state zipCode country
paymentInfo: externalOrderId isCaptured isAuthorized acquirerMessage amount quantityInstallments paymentMethod
paymentInfo.paymentMethod: type brand cardHolderName cardLastDigits
items[]: quantity sku unitPrice totalAmount
items[].sku: code productName productDescription
steps[]: description status createDate
actionLogs[]: displayMessage internalMessage issuer type createDate
buttons[]: type url label
"""
"""The body of the reference's older example."""

POLLED = """
id createDate lastUpdate externalId sellerOrderId channel status orderNote plp isDelivery dealerCode
voucher: code
items[]: code barcode quantity unitPrice totalAmount
"""
"""What the reference names in the list that a point of sale polls."""

SECRETS = {"apiKey": "sk_live_9f8e7d", "token": "tok_55aa", "credentialsString": "user:hunter2"}


def fields(documented: str) -> list[str]:
    """Each documented field by its whole path."""
    found: list[str] = []
    prefix = ""
    for line in documented.strip().splitlines():
        place, colon, names = line.partition(": ")
        prefix = f"{place}." if colon else prefix
        found += [f"{prefix}{name}" for name in (names if colon else line).split()]
    return found


def missing(document: Any, path: str) -> bool:
    """Whether the field is absent; a list must have an element, and every element the field."""
    step, _, rest = path.partition(".")
    name = step.removesuffix("[]")
    if not isinstance(document, dict) or name not in document:
        return True
    inner = document[name]
    if not rest:
        return False
    return not inner or any(missing(each, rest) for each in (inner if step.endswith("[]") else [inner]))


async def furnish_secrets(api: Api) -> None:
    body = {
        "address": {"street": "Av. Paulista", "number": "1", "neighborhood": "Bela Vista", "cep": "01310100",
                    "city": "São Paulo", "state": "SP"},
        "company_name": "Loja Ltda", "email": "loja@example.com", "whatsapp_phone_number": "+5511999998888",
        "integration_config": SECRETS, "credentials_string": SECRETS["credentialsString"],
        "working_hours": [{"weekday": 1, "opens": "09:00", "closes": "18:00"}],
    }  # fmt: skip
    async with api.db.transaction() as tx:
        await tx.execute("UPDATE seller SET body = $1 WHERE cnpj = $2", body, STORE)


@pytest.fixture
async def full(api: Api) -> dict[str, Any]:
    """An order of which everything is known."""
    await furnish_secrets(api)
    order_id = await api.placed(
        Voucher={"Code": "V"},
        CustomData=[{"Key": "k", "Value": "v"}],
        CpfPickUp="52998224725",
        OrderNote="note",
        Buyer={**EXAMPLE["Buyer"], "Gender": 1, "DateOfBirth": "1990-01-01", "DeviceToken": "d", "BonusCustomerId": "b",
               "ImageUrl": "https://example.com/me.jpg"},
        DeliveryAddress={**ADDRESS, "Complement": "fundos"},
        PaymentList=[
            {"Amount": 11, "AcquirerMessage": "ok", "AcquirerApprovalCode": "1", "QuantityInstallments": 2,
             "ExternalOrderId": "EXT", "PaymentMethod": {"Type": 1, "Brand": "Visa", "CardLastDigits": "1234"}}],
    )  # fmt: skip
    await api.done("PUT", path_of(order_id, "payment"), {"nsu": "1"})
    xml = nfe("11.00")
    await api.done("PUT", path_of(order_id, "invoicedetails"), {"xmlString": b64(xml), "sellerOrderId": "ERP-1"})
    await api.done("PUT", path_of(order_id, "trackings"), {"trackingCode": "BR1", "plp": "PLP-1"})
    return await api.order(order_id)


@pytest.mark.parametrize("documented", [CURRENT, OLDER, POLLED], ids=["current", "older", "polled"])
async def test_every_documented_field_is_there(full: dict[str, Any], documented: str) -> None:
    assert len(fields(documented)) > 10
    assert [path for path in fields(documented) if missing(full, path)] == []


async def test_what_the_fields_say(full: dict[str, Any]) -> None:
    assert (full["status"], full["statusName"], full["canonicalStatusName"]) == (20, "InvoiceCreated", "InvoiceCreated")
    assert (full["sellerOrderId"], full["plp"], full["voucher"]) == ("ERP-1", "PLP-1", {"code": "V"})
    assert full["customData"] == [{"key": "k", "value": "v"}]
    buyer = full["buyer"]
    assert (buyer["documentType"], buyer["gender"], buyer["dateOfBirth"]) == (1, 1, "1990-01-01")
    assert (buyer["deviceToken"], buyer["bonusCustomerId"], buyer["imageUrl"]) == (
        "d", "b", "https://example.com/me.jpg",
    )  # fmt: skip
    assert (buyer["address"]["cep"], buyer["address"]["zipCode"], buyer["address"]["country"]) == (
        "04321130", "04321130", "BR",
    )  # fmt: skip
    seller = full["seller"]
    assert (seller["companyName"], seller["whatsappPhoneNumber"]) == ("Loja Ltda", "+5511999998888")
    assert seller["address"]["fullAddress"] == "Av. Paulista, 1, Bela Vista, São Paulo - SP, 01310-100"
    assert seller["workingHours"] == [{"weekday": 1, "opens": "09:00", "closes": "18:00"}]
    payment = full["paymentInfo"]
    assert payment == full["paymentList"][0]
    assert (payment["amount"], payment["quantityInstallments"], payment["externalOrderId"]) == (11, 2, "EXT")
    assert (payment["paymentStatus"], payment["isCaptured"], payment["isAuthorized"]) == (2, True, True)
    method = payment["paymentMethod"]
    assert (method["type"], method["info"], method["brand"], method["cardLastDigits"]) == (
        1, "Credit Card", "Visa", "1234",
    )  # fmt: skip
    item = full["items"][0]
    assert (item["code"], item["sku"]["code"], item["sku"]["productName"]) == ("1", "1", "Camiseta")
    assert (item["quantity"], item["unitPrice"], item["subTotalAmount"], item["totalAmount"]) == (1, 19.9, 19.9, 9.9)


async def test_steps_and_logs_tell_the_history(full: dict[str, Any]) -> None:
    assert [(step["status"], step["description"]) for step in full["steps"]] == [
        (1, "Aguardando pagamento / Awaiting payment"),
        (2, "Pago / Paid"),
        (20, "Nota fiscal emitida / Invoice issued"),
    ]
    assert {log["type"] for log in full["actionLogs"]} == {"Status", "Payment", "Invoice", "Label"}
    assert all(log["issuer"].split(":")[0] in {"channel", "admin"} for log in full["actionLogs"])
    at = [step["createDate"] for step in full["steps"]]
    assert at == sorted(at)
    assert all(len(text) == 27 and text.endswith("Z") for text in at)
    assert full["lastUpdate"] > full["createDate"]


async def test_no_secret_comes_out(api: Api, full: dict[str, Any]) -> None:
    assert (full["seller"]["integrationConfig"], full["seller"]["credentialsString"]) == (None, None)
    for path in (
        path_of(full["id"]),
        ORDERS,
        f"{COMMERCE}/sellers/{STORE}/orders",
        path_of(full["id"], "invoicedetails"),
    ):
        text = (await api.get(path)).text
        assert [secret for secret in SECRETS.values() if secret in text] == []
        assert [word for word in ("secret", "password", "hunter2", "integration_config") if word in text.lower()] == []


async def test_numbers_are_numbers(api: Api, full: dict[str, Any]) -> None:
    for name in ("totalAmount", "subTotalAmount", "freightAmount", "feeAmount", "bonusAmount", "discountAmount"):
        assert isinstance(full[name], int | float), name
    assert full["invoice"]["totalAmount"] == 11
    raw = (await api.get(path_of(full["id"]))).text
    assert json.loads(raw)["items"][0]["unitPrice"] == 19.9
    assert '"unitPrice":19.9,' in raw


async def test_the_invoices_addresses_are_ours(api: Api, full: dict[str, Any]) -> None:
    invoice = full["invoice"]
    base = f"{api.client.base_url}/order-files/qaapp/{full['id']}/"
    assert invoice["xmlUrl"].partition("?")[0] == f"{base}xml_{invoice['key']}.xml"
    assert invoice["fileUrl"].partition("?")[0] == f"{base}file_{invoice['key']}.pdf"
    assert full["invoiceUrl"] == invoice["fileUrl"]
    assert full["invoices"] == [invoice]


async def test_every_address_of_one_order(api: Api) -> None:
    order_id = await api.invoiced(Items=lines(s1=2))
    await api.done("PUT", path_of(order_id, "status"), {"status": "Separate", "sellerOrderId": "ERP 1/2"})
    order = await api.order(order_id)
    external, code = order["externalId"], order["friendlyCode"]
    assert order["sellerOrderId"] == "ERP 1/2"
    for path in (
        path_of(external),
        path_of(order_id.upper()),
        path_of("external", external),
        f"{COMMERCE}/externalId/orders/{external}",
        path_of("orderNumber", external),
        path_of("orderNumber", code),
        path_of("orderNumber", code.lower()),
        path_of("sellerOrderId", "ERP 1/2"),
    ):
        for variant in (path, path + "/", path.removeprefix("/cp")):
            answer = await api.get(variant)
            assert (answer.status_code, answer.json() | {"buttons": order["buttons"]}) == (200, order), variant


BUTTONS: dict[Role, tuple[list[str] | None, ...]] = {
    # placed, paid, invoiced, shipped; None: this role does not see the order
    Role.CHANNEL: (["Pay", "Cancel"], ["Cancel"], ["Cancel"], []),
    Role.ERP: (
        ["PendingCreatePreOrder", "PreOrderCreated", "PendingUpdate", "Cancel"],
        ["Invoice", "PendingApproval", "ApprovedExternal", "Processing", "Separate", "PendingUpdate", "Cancel"],
        ["Ship", "Label", "Separate", "Finalized", "PendingUpdate", "Cancel"],
        ["Label", "Finalized"],
    ),
    Role.CARRIER: (None, None, ["Label"], ["Label", "Finalized"]),
}


async def test_buttons_are_what_this_caller_may_do_now(api: Api) -> None:
    orders = [await api.placed(), await api.paid(), await api.invoiced(), await api.shipped()]
    for role, expected in BUTTONS.items():
        bound = {"carrier": "SEDEX"} if role is Role.CARRIER else {}
        answers = [await api.get(path_of(order_id), role=role, bound=bound) for order_id in orders]
        shown = [
            [button["type"] for button in answer.json()["buttons"]] if answer.status_code == 200 else None
            for answer in answers
        ]
        assert shown == list(expected), role
    for button in (await api.order(orders[1]))["buttons"]:
        assert button["url"].startswith(f"{api.client.base_url}{ORDERS}/{orders[1]}/")
        assert button["label"].count(" / ") == 1


async def test_keys_of_the_sample_notes_differ() -> None:
    assert key_of(nfe()) != key_of(nfe())
