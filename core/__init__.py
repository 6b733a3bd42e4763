"""Storeboard's core: all a plugin needs to begin is ``hookimpl`` from here and ``core.contracts``."""

import pluggy

PROJECT = "storeboard"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
