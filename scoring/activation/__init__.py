"""Activation: what each destination should hold, what it was sent, and the sending."""
