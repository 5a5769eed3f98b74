"""Benchmarks: one file per promise of docs/performance.md."""
