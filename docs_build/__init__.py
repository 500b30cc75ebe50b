"""The reference documentation, generated from the declarations whenever the site is built.

MkDocs calls :mod:`docs_build.hooks`. What is described comes from :mod:`docs_build.declared` and
:mod:`docs_build.messages`, how it looks from the templates beside them; :mod:`docs_build.pages` says which pages
there are.
"""
