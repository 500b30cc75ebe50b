"""广州: national transactions as Guangzhou's systems send them, a module for each chapter.

From the data classes of one vendor's systems at work in the city, not from a public table. A node that Guangzhou names
otherwise keeps its attribute (``data``) and changes its key (``mdtrtinfo``), so that code over the typed messages
serves both. Transactions with an A were not seen; they stay national.
"""
