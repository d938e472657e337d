"""Orchestration: reads sources, writes results."""
