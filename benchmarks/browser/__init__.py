"""Driving Chromium by its own protocol, and reading from it what happened."""
