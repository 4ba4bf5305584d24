"""Categories and products: every colour and size of a product is a SKU with a barcode of its own."""

from dataclasses import dataclass, field
from decimal import Decimal

from stdnum import ean

from sample.draw import chance, draw
from sample.facts import Record, cells, read_facts

OFFERS = "OFERTAS"
IMAGES = "https://imagens.example"


@dataclass(frozen=True)
class Product:
    """A product as its line and its family say it; `offered` products carry a former price."""

    code: str
    reference: str
    name: str
    brand: str
    price: Decimal
    colours: list[str]
    material: str
    sizes: list[str]
    family: Record
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def box_cm(self) -> list[int]:
        """Height, length and width, packed."""
        own = self.keys.get("box")
        return [int(side) for side in own.split("x")] if own else list(self.family["box_cm"])

    @property
    def offered(self) -> bool:
        return self.code != "1" and chance(f"offer/{self.code}", 25)


def read_categories() -> list[Record]:
    """The tree, parents before children, in the documented fields and `parentCode`."""
    lines = [cells(line) for line in read_facts("categories")["categories"]]
    return [
        {"code": code, "name": name, "description": text, "isActive": True, "order": order}
        | ({"parentCode": parent} if parent else {})
        for order, (code, name, parent, text) in enumerate(lines, 1)
    ]


def read_products() -> list[Product]:
    """Every product of every family, in the order they are written."""
    facts = read_facts("catalogue")
    return [
        _product(family, number, line, facts["sizes"])
        for family in facts["families"]
        for number, line in enumerate(family["products"], 1)
    ]


def _product(family: Record, number: int, line: str, sizes: dict[str, list[str]]) -> Product:
    name, brand, price, colours, material, *rest = cells(line)
    keys = dict(word.split("=") for part in rest for word in part.split())
    return Product(
        code=keys.get("code", str(family["first"] + 10 * number)),
        reference=f"{family['prefix']}-{number:03}",
        name=name,
        brand=brand,
        price=Decimal(price),
        colours=[colour.strip() for colour in colours.split(",")],
        material=material,
        sizes=sizes[keys["sizes"] if "sizes" in keys else family["sizes"]],
        family=family,
        keys=keys,
    )


def product_record(product: Product, categories: dict[str, str], colours: dict[str, list[str]]) -> Record:
    """The product in the documented shape, with its SKUs, images and categories (contract, section 6)."""
    family = product.family
    height, length, width = product.box_cm
    codes: list[str] = [family["category"]] + ([OFFERS] if product.offered else [])
    return {
        "code": product.code,
        "referenceCode": product.reference,
        "auxCode": f"QRS{product.code:0>6}",
        "name": product.name,
        "complementaryName": product.material,
        "description": f"{product.name}, da {product.brand}. {family['text']}",
        "brand": product.brand,
        "keywords": ", ".join([*family["keywords"], product.brand.lower()]),
        "height": height,
        "lenght": length,
        "width": width,
        "weight": Decimal(product.keys.get("kg", str(family["weight_kg"]))),
        "isActive": "off" not in product.keys,
        "pickupOnly": "pickup" in product.keys,
        "categories": [{"code": code, "name": categories[code], "isActive": True} for code in codes],
        "images": _images(product, colours),
        "skus": _skus(product, colours),
    }


def _images(product: Product, colours: dict[str, list[str]]) -> list[Record]:
    names = [f"{product.code}-{colours[colour][0].lower()}" for colour in product.colours]
    names.append(f"{product.code}-detalhe")
    return [{"order": order, "imageUrl": f"{IMAGES}/produtos/{name}.jpg"} for order, name in enumerate(names, 1)]


def _skus(product: Product, colours: dict[str, list[str]]) -> list[Record]:
    variants = [(colour, size) for colour in product.colours for size in product.sizes or [""]]
    return [
        _sku(product, colour, size, {"number": number, "of": len(variants), "colour": colours[colour]})
        for number, (colour, size) in enumerate(variants, 1)
    ]


def _sku(product: Product, colour: str, size: str, place: Record) -> Record:
    """A product of a single SKU lends it its own code, so that product "1" has SKU "1"."""
    short, paint = place["colour"]
    suffix = size.replace("/", "").replace(" ", "").upper()
    title = "Voltagem" if size.endswith(" V") else "Tamanho"
    attributes = [{"type": "Color", "title": "Cor", "value": paint, "label": colour, "order": 1}]
    if size:
        attributes.append({"type": "Dropdown", "title": title, "value": size, "label": size, "order": 2})
    material = product.material
    attributes.append({"type": "Text", "title": "Material", "value": material, "label": material, "order": 3})
    return {
        "code": product.code if place["of"] == 1 else f"{product.code}-{place['number']:02}",
        "name": " ".join(part for part in (product.name, colour, size) if part),
        "isActive": True,
        "barcode": _barcode(product.code, place["number"]),
        "auxCode": "-".join(part for part in (product.reference, short, suffix) if part),
        "minStock": 2 + draw(f"minimum/{product.code}", 4),
        "Attributes": attributes,
    }


def _barcode(product_code: str, number: int) -> str:
    """An EAN-13 with the prefix 2, which GS1 keeps for use inside a company: nobody else's product has it."""
    digits = f"2{product_code:0>8}{number:03}"
    return digits + ean.calc_check_digit(digits)
