"""The pages of fixed assets."""
