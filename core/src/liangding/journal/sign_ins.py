"""Who is signed in: a sign_no for each operator, shared by all processes."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, select

from .store import Tx
from .subjects import SIGN_IN
from .tables import sign_ins
from .writing import Writer

_OF = select(sign_ins.c.sign_no, sign_ins.c.signed_at).where(
    and_(sign_ins.c.institution == bindparam("institution"), sign_ins.c.operator == bindparam("operator"))
)


class SignIns:
    """The operators' numbers."""

    def __init__(self, writer: Writer, institution: str | None = None) -> None:
        self._writer = writer
        self._institution = institution
        self._store = writer.store

    def get(self, institution: str, operator: str) -> tuple[str, float] | None:
        """The operator's sign_no and when it was given, if the operator is signed in."""
        if self._institution not in (None, institution):
            return None
        found = self._store.fetch(_OF, {"institution": institution, "operator": operator})
        return (found[0]["sign_no"], found[0]["signed_at"]) if found and found[0]["sign_no"] else None

    def keep(self, institution: str, operator: str, sign_no: str | None, at: float) -> None:
        """Remember a sign_no; None forgets it."""
        where = and_(sign_ins.c.institution == institution, sign_ins.c.operator == operator)

        def work(tx: Tx) -> None:
            before = tx.execute(select(sign_ins.c.version).where(where)).first()
            version = 1 if before is None else (before.version or 0) + 1
            row = {
                "institution": institution, "operator": operator, "sign_no": sign_no or "", "signed_at": at,
                "version": version,
            }  # fmt: skip
            if before is None:
                tx.execute(sign_ins.insert(), row)
            else:
                tx.execute(sign_ins.update().where(where).values(row))
            self._writer.keep(tx, SIGN_IN, row)

        self._store.write(work)
