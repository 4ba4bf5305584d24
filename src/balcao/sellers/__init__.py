"""The tenant's stores: where stock lies, who invoices, where buyers collect."""
