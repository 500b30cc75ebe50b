"""The machine that flows run on: declared steps that survive their process, questions to people, kept states."""
