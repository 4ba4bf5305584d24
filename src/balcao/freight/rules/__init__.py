"""The freight's pure rules: tables and their brackets, carts and shelves, options, packages and combinations."""
