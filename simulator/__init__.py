"""A subscription business whose truth is known, and the vendor exports that it leaves behind."""
