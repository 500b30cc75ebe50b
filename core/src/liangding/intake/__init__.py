"""Business that comes otherwise than by HTTP: files in a folder, tables, views of a database."""
