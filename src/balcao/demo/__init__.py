"""The demo: a sample shop on a server of its own, and whole orders played through the public API by their parties."""

from balcao.demo.play import run_demo

__all__ = ["run_demo"]
