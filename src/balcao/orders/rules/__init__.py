"""The order's pure rules: statuses and the lifecycle, totals, payments, invoices, who may see and do what."""
