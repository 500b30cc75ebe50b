"""Who is signed in: a sign_no for each operator, shared by all processes."""

from __future__ import annotations

from sqlalchemy import and_, select

from .store import Store, Tx
from .tables import sign_ins


class SignIns:
    """The operators' numbers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, institution: str, operator: str) -> tuple[str, float] | None:
        """The operator's sign_no and when it was given, if the operator is signed in."""
        where = and_(sign_ins.c.institution == institution, sign_ins.c.operator == operator)
        query = select(sign_ins.c.sign_no, sign_ins.c.signed_at).where(where)
        row = self._store.read(lambda c: c.execute(query).first())
        return None if row is None else (row.sign_no, row.signed_at)

    def keep(self, institution: str, operator: str, sign_no: str | None, at: float) -> None:
        """Remember a sign_no; None forgets it."""
        where = and_(sign_ins.c.institution == institution, sign_ins.c.operator == operator)

        def work(tx: Tx) -> None:
            tx.execute(sign_ins.delete().where(where))
            if sign_no is not None:
                row = {"institution": institution, "operator": operator, "sign_no": sign_no, "signed_at": at}
                tx.execute(sign_ins.insert(), row)

        self._store.write(work)
