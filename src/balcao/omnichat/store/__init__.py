"""The SQL of OmniChat."""
