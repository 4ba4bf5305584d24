"""The freight's SQL: tables, what they charge at a CEP, and the offers that were kept."""
