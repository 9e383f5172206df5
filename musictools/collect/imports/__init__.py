"""Readers of files that people download: one small room a format."""
