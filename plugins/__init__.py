"""Plugins that ship with Storeboard, found by their entry points like any other."""
