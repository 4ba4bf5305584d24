"""What stores offer: products with their prices and stock: searched, listed, taken off the shelves."""
