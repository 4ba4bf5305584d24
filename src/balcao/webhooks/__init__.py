"""Webhooks: what happened, sent to addresses that asked for it, by the Standard Webhooks specification."""
