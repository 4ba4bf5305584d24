"""The example request of the reference that this API follows, and the same with one price changed."""

from typing import Final

EXTERNAL_ID: Final = "NEOMODE-1"
EXAMPLE: Final = """\
{
"ClientId": "qaapp",
"Channel": "ecommerce",
"ExternalId": "NEOMODE-1",
"Seller": { "Cnpj": "04109169000135" },
"Buyer": {
"Cpf": "55570403906",
"Email": "[email protected]",
"FullName": "Implantacao Neomode",
"PhoneNumber": "41999999999",
"Address": {
"ZipCode": "04321130",
"Street": "Rua Farjalla Koraicho",
"Number": "654",
"Neighborhood": "Vila Parque Jabaquara",
"City": "São Paulo",
"State": "SP"
}
},
"DeliveryAddress": {
"ZipCode": "04321130",
"Street": "Rua Farjalla Koraicho",
"Number": "654",
"Neighborhood": "Vila Parque Jabaquara",
"City": "São Paulo",
"State": "SP"
},
"Items": [
{
"SkuCode": "1",
"ProductCode": "1",
"Quantity": 1,
"UnitPrice": 19.9,
"DiscountPrice": 10
}
],
"IsDelivery": true,
"Freight": {
"Amount": 1.1,
"DeliveryTime": 1,
"Reference": "SEDEX",
"Description": "SEDEX",
"CalculationKey": null
},
"PaymentList": [ {
"Amount": 21,
"PaymentMethod": {
"Type": 7
}
}]
}
""".encode()
"""To the letter, the address that a web page once garbled included: clients were written from it."""

CHANGED: Final = EXAMPLE.replace(b'"UnitPrice": 19.9', b'"UnitPrice": 29.9')
"""Another order under the same number: refused."""
