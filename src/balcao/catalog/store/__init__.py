"""The catalogue's SQL: categories, products, SKUs, prices, and the facts that orders and quotes ask for."""
