"""The rules of OmniChat."""
