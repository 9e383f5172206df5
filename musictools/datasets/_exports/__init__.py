"""Exports of the fictional label: one file a format, written from public descriptions."""
