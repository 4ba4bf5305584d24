"""What stores offer: products with their prices and their stock, searched, listed, counted up, taken off the shelves."""
