"""Data that an operator may edit."""
