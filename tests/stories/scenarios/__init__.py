"""The stories themselves, by what they are about."""
