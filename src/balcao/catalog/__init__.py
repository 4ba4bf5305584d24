"""What is sold: categories, products, their SKUs and prices."""
