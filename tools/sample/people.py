"""Stores, shoppers and channels: documents get their check digits here."""

from decimal import Decimal

from stdnum.br import cnpj, cpf

from sample.facts import Record, cells, read_facts

COMPANY = "Lojas Quaresmeira S.A."
ADDRESS = ("street", "number", "complement", "neighborhood", "cep", "city", "state")


def read_stores() -> list[Record]:
    """The stores in the fields of the contract's section 5, and `courier`, which only the freight table needs."""
    facts = read_facts("stores")
    return [_store(store, facts) for store in facts["stores"]]


def _store(store: Record, facts: Record) -> Record:
    latitude, longitude = (Decimal(degrees) for degrees in store["at"])
    place = {"latitude": latitude, "longitude": longitude}
    address = {name: store[name] for name in ADDRESS if name in store}
    return {
        "cnpj": store["cnpj12"] + cnpj.calc_check_digits(store["cnpj12"]),
        "pointSaleId": store["pointSaleId"],
        "name": store["name"],
        "companyName": store.get("companyName", COMPANY),
        "fullName": f"Lojas {store['name']}",
        "email": f"{store['pointSaleId'].lower()}@quaresmeira.example",
        "phoneNumber": store["phone"],
        "whatsappPhoneNumber": f"+55{store['phone']}",
        "address": address | {"country": "BR"} | place,
        **place,
        "workingHours": [_hours(line) for line in facts["hours"][store["hours"]]],
        "holidays": _holidays(facts["national_holidays"], store["holidays"]),
        "isActive": store.get("isActive", True),
        "isEcommerce": store.get("isEcommerce", False),
        "pickupEnabled": store.get("pickupEnabled", True),
        "deliveryEnabled": store.get("deliveryEnabled", True),
        "handlingDays": store["handlingDays"],
        "safetyStock": store["safetyStock"],
        "priority": store["priority"],
        "courier": store.get("courier", []),
    }


def _hours(line: str) -> Record:
    weekday, opens, closes = line.split()
    return {"weekday": int(weekday), "opens": opens, "closes": closes}


def _holidays(national: list[str], local: list[str]) -> list[str]:
    years = sorted({day[:4] for day in national})
    return sorted({*national, *(f"{year}-{day}" for year in years for day in local)})


def read_shoppers() -> list[Record]:
    """The shoppers as an order's `Buyer`, ready to be sent (contract, section 3.1)."""
    return [_shopper(*cells(line)) for line in read_facts("shoppers")["shoppers"]]


def _shopper(name: str, digits: str, mailbox: str, phone: str, born: str, *rest: str) -> Record:
    cep, street, number, complement, neighborhood, city, state, *company = rest
    if company:
        who = {"Cnpj": digits + cnpj.calc_check_digits(digits), "CompanyName": company[0]}
    else:
        who = {"Cpf": _complete_cpf(digits), "DateOfBirth": born}
    address = {"ZipCode": cep, "Street": street, "Number": number}
    if complement:
        address["Complement"] = complement
    address |= {"Neighborhood": neighborhood, "City": city, "State": state}
    contact = {"Email": f"{mailbox}@exemplo.example", "FullName": name, "PhoneNumber": phone}
    return who | contact | {"Address": address}


def _complete_cpf(digits: str) -> str:
    """The one CPF that begins with these nine digits."""
    return next(whole for check in range(100) if cpf.is_valid(whole := f"{digits}{check:02}"))


def read_channels() -> list[Record]:
    """Each channel with all its settings written out."""
    facts = read_facts("channels")
    return [{"name": channel["name"]} | facts["defaults"] | channel for channel in facts["channels"]]
