"""One module a vendor: from a file of that vendor to canonical records."""
