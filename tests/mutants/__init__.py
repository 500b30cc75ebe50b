"""Mutations of the money core: does a test notice? ``make mutants`` draws a sample and runs the tests against each."""
