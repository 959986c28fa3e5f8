"""Checks number lists of any size: reads sheets, works in processes of its own, writes reports."""
