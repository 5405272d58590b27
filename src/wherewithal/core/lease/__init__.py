"""Leases of a lessee (IFRS 16, ASC 842): terms, present values, what is due by a day, and changes."""
