"""From facts to value rows and entries."""
