"""Tenants, their sales channels (order pipelines) and the credentials that act for them."""
