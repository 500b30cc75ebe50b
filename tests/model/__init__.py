"""A model of the money core beside its code, explored whole by a model checker."""
