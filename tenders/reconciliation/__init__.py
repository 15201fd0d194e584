"""Match the names of others with the institutions and companies of the site (Reconciliation Service API 0.2)."""
