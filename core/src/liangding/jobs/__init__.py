"""What goes on behind a deployment at work."""
