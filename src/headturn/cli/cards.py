"""The verbs of the loader: offload, card."""
