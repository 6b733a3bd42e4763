"""The rules of logistics, pure: what carriers' words mean, what is an exception, what freight should cost."""
