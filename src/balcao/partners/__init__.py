"""Outside systems: how each is called, one file a system."""
