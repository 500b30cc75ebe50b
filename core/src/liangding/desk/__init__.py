"""The desk's view of a person: visits, settlements, fees, registrations, accumulators, put together from the platform's
queries. What a query does not answer is said, and hides nothing of the others.

Personal data is the purpose here: it is in the views, and nowhere else (no log, no file).
"""

from .looking import NoPerson, Search, dictionary, person, visits
from .views import Failure, PersonView, Section, Sums, VisitsView, VisitView

__all__ = [
    "Failure",
    "NoPerson",
    "PersonView",
    "Search",
    "Section",
    "Sums",
    "VisitView",
    "VisitsView",
    "dictionary",
    "person",
    "visits",
]
