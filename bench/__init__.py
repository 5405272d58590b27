"""Benchmarks: one file for each question. Every figure is a ratio to a limit measured in the same run."""
