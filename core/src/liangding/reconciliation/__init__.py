"""Reconciliation (对账): our settlements against the platform's, every difference with its cause and one safe action.

``lines`` has the rows as both sides keep them, ``comparing`` finds what differs, ``causes`` says why and what may be
done, ``reconciling`` asks the platform (3201, 3202), ``report`` puts it on paper.
"""
