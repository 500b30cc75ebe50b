"""The local HTTP API, for hospital and pharmacy software in any language."""
