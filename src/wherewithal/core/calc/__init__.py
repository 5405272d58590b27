"""Recompute a stated case for an auditor, by the same core code, storing nothing."""
