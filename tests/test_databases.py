"""Where a journal's database may be: several hosts that stand by for each other, a pooler before it."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import attrs
import psycopg
import pytest
from sqlalchemy import make_url

from liangding.catalogue.postgres import PostgresShelf
from liangding.config.addresses import with_password, without_secrets
from liangding.config.bulk import JobSettings
from liangding.errors import ConfigurationError
from liangding.jobs.all import movers_of
from liangding.journal.engines import database_url, libpq_url, open_engine
from liangding.journal.store import JournalUnavailable
from support import rig_for
from world.clusters import Pooler

TWO = "postgresql://liangding@first:5433,second/base?sslmode=require"


def test_several_hosts_are_those_that_stand_by_for_each_other() -> None:
    """The one that is written to is asked, however the address is rendered on the way."""
    rendered = with_password(TWO, "a:b@c")
    assert libpq_url(rendered).startswith("postgresql://liangding:a%3Ab%40c@first:5433,second/base?")
    told = psycopg.conninfo.conninfo_to_dict(libpq_url(rendered))
    assert told == {
        "user": "liangding", "password": "a:b@c", "host": "first,second", "port": "5433,", "dbname": "base",
        "sslmode": "require", "target_session_attrs": "read-write",
    }  # fmt: skip
    assert "a%3Ab" not in without_secrets(rendered)
    any_of_them = database_url(TWO + "&target_session_attrs=any")
    assert any_of_them.query["target_session_attrs"] == "any"
    opened = [open_engine(TWO, Path(), reading=reading) for reading in (False, True)]
    assert [engine.url.query["target_session_attrs"] for engine in opened] == ["read-write", "primary"]
    named = open_engine("postgresql+psycopg2://liangding@first:5433/base", Path())
    assert {engine.dialect.driver for engine in (*opened, named)} == {"psycopg"}, "the one that is installed with us"
    one = "postgresql://liangding@first:5433/base"
    assert libpq_url(one) == database_url(one).render_as_string() == one


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u@h:port/base", "postgresql://u@h:1:2/base", "postgresql://u@h:1,k:port/base",
        "postgresql://u@h,/base", "no address",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_said(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"postgresql://用户@主机/库"):
        database_url(address)


def test_a_database_that_knows_no_letters_keeps_them(tmp_path: Path, postgresql_url: str) -> None:
    """SQL_ASCII, as a database is that was made without a locale: Chinese goes in and comes back."""
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS letters")
        connection.execute(
            "CREATE DATABASE letters ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    url = make_url(postgresql_url).set(database="letters").render_as_string(hide_password=False)
    with rig_for(tmp_path, journal=url) as rig:
        rig.settle(key="B1")
        rig.runtime.journal.report("exported", {"reason": "厂商看报错"})
        assert [event.detail["reason"] for event in rig.runtime.journal.reports(0.0)] == ["厂商看报错"]
        assert rig.runtime.journal.verify() == []
    shelf = PostgresShelf(url)
    assert shelf.standing("1301").rows == 0
    shelf.close()


# -- a pooler ----------------------------------------------------------------------------------------------------------

ROLE = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"}


@pytest.fixture
def base(postgresql_url: str) -> Iterator[str]:
    """A database whose role has nothing set; what the test sets is gone afterwards."""
    try:
        yield postgresql_url
    finally:
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute("ALTER ROLE postgres RESET ALL")


def pooler(url: str, mode: str, **settings: str) -> Pooler:
    folder = Path(tempfile.mkdtemp(prefix="pooler"))
    folder.chmod(0o755)
    return Pooler(folder / mode, url, mode, **settings)


@pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="pgbouncer is not installed")
@pytest.mark.parametrize("settings", [{}, {"ignore_startup_parameters": "options"}], ids=["as it comes", "ignoring"])
@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_behind_a_pooler(tmp_path: Path, base: str, mode: str, settings: dict[str, str]) -> None:
    """What the role has to be set to is said at the start; then settlements of several persons at once are whole."""
    for name in ("refused", "served"):
        (tmp_path / name).mkdir()
    before = pooler(base, mode, **settings)
    try:
        with pytest.raises(JournalUnavailable) as refused, rig_for(tmp_path / "refused", journal=before.url):
            pass
        assert all(f"SET {name} = " in refused.value.remedy for name in ROLE)
    finally:
        before.stop()
    with psycopg.connect(base, autocommit=True) as connection:
        for name, value in ROLE.items():
            connection.execute(f"ALTER ROLE postgres SET {name} = '{value}'".encode())
    # Three connections to the database for all that a process has: prepared statements would meet others' there.
    few = {"default_pool_size": "3"} if mode == "transaction" else {}
    after = pooler(base, mode, **settings, **few)
    try:
        with rig_for(tmp_path / "served", journal=after.url) as rig:
            people = [rig.person(case) for case in ("local", "retired", "civil_servant")]
            threads = [
                threading.Thread(target=lambda p=person: [rig.settle(p, key=f"{p.case}{n}") for n in range(8)])
                for person in people
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(rig.standing()) == rig.sent("2102") == 24
            assert rig.settle(people[0], key=f"{people[0].case}0").recorded
            assert rig.runtime.journal.verify() == []
            rig.runtime.deployment = attrs.evolve(rig.deployment, jobs=JobSettings(mover="procrastinate"))
            with pytest.raises(ConfigurationError, match="procrastinate 不能经连接池"):
                movers_of([rig.runtime])
        shelf = PostgresShelf(after.url)
        assert len({shelf.standing("1301").rows for _ in range(8)}) == 1, "what others left there, time and again"
        shelf.close()
    finally:
        after.stop()
