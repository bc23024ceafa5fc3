"""Who did it: identifiers, the vault, merges and refusals."""
