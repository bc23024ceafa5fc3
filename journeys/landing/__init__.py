"""Landing: what comes over the network, as files that sources read."""
