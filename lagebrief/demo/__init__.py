"""The bundled example weeks: made-up items of summer 2025 and the loopback web that serves them."""
