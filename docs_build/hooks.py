"""MkDocs hooks: the generated pages join the written ones, and the navigation."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import jieba  # type: ignore[import-untyped]
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

# MkDocs loads this file by its path, whatever the command was started with.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs_build.pages import navigation, pages
from docs_build.provinces import provinces
from docs_build.searching import let_last_words_count

# The search plugin cuts Chinese into words with it where it is there, and says nothing where it is not.
jieba.setLogLevel(logging.WARNING)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the generated pages into the navigation, after the written ones."""
    config.nav = [*(config.nav or []), *navigation(provinces())]
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the generated pages to the site's sources."""
    for page in pages(provinces()):
        files.append(File.generated(config, page.path, content=page.text))
    return files


def on_post_build(*, config: MkDocsConfig) -> None:
    """Mend the search for Chinese words."""
    let_last_words_count(Path(config.site_dir))
