"""Landing: what comes over the network, from APIs, databases and webhooks, as files that sources read."""
