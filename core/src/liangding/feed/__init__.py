"""What happened, for those who would else have to ask again and again: a sequence of it, and a webhook."""
